/* SPDX-License-Identifier: BSD-3-Clause */
/* The parser alone: every line of some files, from memory to doubles.
 *
 *   bench_parse [REPEATS] FILE.csv...
 *
 * Prints bytes, seconds of processor time (best, mean, worst of the repeats)
 * and the rate of the best. Checks its answer: every run must give the same sum
 * of the values' bits, and the first is compared with strtod. */
#include "io/pieces.h"
#include "io/row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct text {
  char *bytes;
  size_t length;
} text;

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static text read_file(const char *path)
{
  FILE *file = fopen(path, "rb");
  text t = {NULL, 0};
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
    perror(path);
    exit(1);
  }
  t.length = (size_t)ftell(file);
  t.bytes = malloc(t.length + 1);
  rewind(file);
  if (t.bytes == NULL || fread(t.bytes, 1, t.length, file) != t.length) {
    perror(path);
    exit(1);
  }
  t.bytes[t.length] = '\0';
  fclose(file);
  return t;
}

static int count_columns(const text *t)
{
  int columns = 1;
  for (const char *p = t->bytes; *p != '\n' && *p != '\0'; p++)
    columns += *p == ',';
  return columns;
}

/* Sum of the values' bits; strtod reads them where \a slow. */
static uint64_t parse(const text *t, int columns, double *x, bool slow)
{
  bs_row_format format = {.columns = columns, .class_column = -1};
  const char *next = t->bytes, *limit = t->bytes + t->length, *end;
  uint64_t sum = 0;
  bs_line_end(&next, limit); /* the header */
  for (const char *p = next; (end = bs_line_end(&next, limit)) != NULL;
       p = next) {
    bs_row_error error;
    uint16_t y;
    char *q = (char *)p;
    for (int j = 0; slow && j < columns; j++, q++)
      x[j] = strtod(q, &q);
    if (!slow && !bs_row_parse(&format, p, end, x, &y, &error)) {
      fprintf(stderr, "column %d: %s\n", error.column, error.text);
      exit(1);
    }
    for (int j = 0; j < columns; j++) {
      uint64_t bits;
      memcpy(&bits, &x[j], sizeof bits);
      sum += bits;
    }
  }
  return sum;
}

static uint64_t parse_all(const text *texts, int files, int columns, double *x,
                          bool slow)
{
  uint64_t sum = 0;
  for (int i = 0; i < files; i++)
    sum += parse(&texts[i], columns, x, slow);
  return sum;
}

int main(int argc, char **argv)
{
  int repeats = argc > 1 ? atoi(argv[1]) : 0, first = repeats > 0 ? 2 : 1;
  int files = argc - first;
  if (files < 1) {
    fprintf(stderr, "usage: bench_parse [REPEATS] FILE.csv...\n");
    return 2;
  }
  repeats = repeats > 0 ? repeats : 5;
  text *texts = malloc((size_t)files * sizeof *texts);
  double bytes = 0, best = 1e30, worst = 0, total = 0;
  for (int i = 0; i < files; i++) {
    texts[i] = read_file(argv[first + i]);
    bytes += (double)texts[i].length;
  }
  int columns = count_columns(texts);
  double *x = malloc((size_t)columns * sizeof *x);
  uint64_t wanted = parse_all(texts, files, columns, x, true);
  for (int r = 0; r < repeats; r++) {
    double t = now();
    if (parse_all(texts, files, columns, x, false) != wanted) {
      fprintf(stderr, "the values are not strtod's\n");
      return 1;
    }
    t = now() - t;
    best = t < best ? t : best;
    worst = t > worst ? t : worst;
    total += t;
  }
  printf("%.1f MB, %.3f s best, %.3f s mean, %.3f s worst of %d, %.0f MB/s\n",
         bytes / 1e6, best, total / repeats, worst, repeats,
         bytes / best / 1e6);
  for (int i = 0; i < files; i++)
    free(texts[i].bytes);
  free(texts);
  free(x);
  return 0;
}
