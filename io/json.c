/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/json.h"

#include "src/mem.h"
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

json_t *bs_json_real(double value)
{
  return isfinite(value) ? json_real(value) : json_null();
}

bool bs_json_is_text(const char *text)
{
  json_t *json = json_string(text);
  json_decref(json);
  return json != NULL;
}

json_t *bs_json_bytes(const char *text)
{
  if (bs_json_is_text(text))
    return json_string(text);
  char *shown = malloc(4 * strlen(text) + 1), *to = shown;
  if (shown == NULL)
    return NULL;
  for (; *text != '\0'; text++)
    if ((unsigned char)*text >= 0x80)
      to += sprintf(to, "\\x%02X", (unsigned char)*text);
    else
      to += sprintf(to, *text == '\\' ? "\\\\" : "%c", *text);
  json_t *json = json_stringn(shown, (size_t)(to - shown));
  free(shown);
  return json;
}

json_t *bs_json_names(char *const *name, int count)
{
  json_t *list = json_array();
  for (int i = 0; i < count; i++)
    json_array_append_new(list, json_string(name[i]));
  return list;
}

bs_status bs_json_write(const json_t *value, const char *path)
{
  char *text = json_dumps(value, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
  if (text == NULL)
    return bs_fail(BS_ERR_RESOURCE, "out of memory writing %s", path);
  if (strcmp(path, "-") == 0) {
    int bad = puts(text) < 0 || fflush(stdout) != 0;
    free(text);
    return bad ? bs_fail(BS_ERR_RESOURCE, "cannot write to standard output: %s",
                         strerror(errno))
               : BS_OK;
  }
  char part[4096];
  bs_status st = BS_OK;
  if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part) {
    free(text);
    return bs_fail(BS_ERR_INPUT, "path too long: %s", path);
  }
  FILE *file = fopen(part, "w");
  bool good = file != NULL;
  good = good && fputs(text, file) >= 0 && fputc('\n', file) != EOF;
  good = good && fflush(file) == 0 && fsync(fileno(file)) == 0;
  if (file != NULL)
    good = fclose(file) == 0 && good;
  good = good && rename(part, path) == 0;
  if (!good) {
    st = bs_fail(BS_ERR_RESOURCE, "cannot write %s: %s", path, strerror(errno));
    if (file != NULL)
      remove(part);
  }
  free(text);
  return st;
}
