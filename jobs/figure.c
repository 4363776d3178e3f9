/* SPDX-License-Identifier: BSD-3-Clause */
#include "jobs/figure.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

bs_status bs_figure_begin(bs_figure *f, const char *dir, const char *name,
                          const char *title, double width, double height)
{
  *f = (bs_figure){0};
  if (snprintf(f->path, sizeof f->path, "%s/%s", dir, name) >=
      (int)sizeof f->path - 8)
    return bs_fail(BS_ERR_USAGE, "option --output: the path is too long");
  /* Class names may hold anything. */
  for (char *p = f->path + strlen(dir) + 1; *p != '\0'; p++)
    if ((unsigned char)*p < 0x80 && !isalnum((unsigned char)*p) &&
        strchr("._-", *p) == NULL)
      *p = '_';
  snprintf(f->part, sizeof f->part, "%s.csv.part", f->path);
  f->svg = bs_svg_create(width, height, title);
  if (f->svg == NULL)
    return bs_fail(BS_ERR_RESOURCE, "out of memory: figures");
  f->csv = fopen(f->part, "w");
  if (f->csv == NULL) {
    bs_svg_destroy(&f->svg);
    return bs_fail(BS_ERR_RESOURCE, "cannot write %s: %s", f->part,
                   strerror(errno));
  }
  bs_svg_text(f->svg, width / 2, 22, 15, BS_SVG_MIDDLE, 0, title);
  return BS_OK;
}

bs_status bs_figure_end(bs_figure *f)
{
  char path[4200];
  bool good =
      fflush(f->csv) == 0 && !ferror(f->csv) && fsync(fileno(f->csv)) == 0;
  good = fclose(f->csv) == 0 && good;
  snprintf(path, sizeof path, "%s.csv", f->path);
  bs_status st = BS_OK;
  if (!good || rename(f->part, path) != 0) {
    st = bs_fail(BS_ERR_RESOURCE, "cannot write %s: %s", path, strerror(errno));
    remove(f->part);
  }
  snprintf(path, sizeof path, "%s.svg", f->path);
  if (st == BS_OK)
    st = bs_svg_write(f->svg, path);
  bs_svg_destroy(&f->svg);
  return st;
}

void bs_figure_field(FILE *csv, const char *text)
{
  if (strpbrk(text, ",\"\n") == NULL) {
    fputs(text, csv);
    return;
  }
  fputc('"', csv);
  for (; *text != '\0'; text++) {
    if (*text == '"')
      fputc('"', csv);
    fputc(*text, csv);
  }
  fputc('"', csv);
}

void bs_figure_drop(bs_figure *f)
{
  if (f->svg == NULL)
    return;
  bs_svg_destroy(&f->svg);
  fclose(f->csv);
  remove(f->part);
}
