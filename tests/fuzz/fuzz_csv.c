/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes as CSV: header and rows are taken or refused, memory stays sound,
 * and a value that is taken is finite and what strtod says. */
#include "io/datafile.h"
#include "io/pieces.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void free_fields(char **field, int count)
{
  for (int j = 0; j < count; j++)
    free(field[j]);
  free(field);
}

/* strtod of a field's text must be the value, where the field is plain. */
static void check_value(const char *p, const char *end, double x)
{
  char text[4096];
  size_t length = 0;
  for (; p < end && *p != ',' && length + 1 < sizeof text; p++)
    text[length++] = *p;
  text[length] = '\0';
  if (memchr(text, '"', length) != NULL || (p < end && *p != ','))
    return;
  if (!isfinite(x) || memcmp(&x, &(double){strtod(text, NULL)}, sizeof x) != 0)
    abort();
}

static void parse_rows(const bs_row_format *format, const char *next,
                       const char *limit, double *x)
{
  bs_row_error error;
  char name[BS_MAX_NAME];
  const char *end;
  for (const char *p = next; (end = bs_line_end(&next, limit)) != NULL;
       p = next) {
    uint16_t y = 0;
    int length = bs_row_class(format, p, end, name, sizeof name, &error);
    if (length >= 0)
      bs_names_add((bs_names *)format->classes, name, (size_t)length, NULL);
    if (bs_line_is_blank(p, end, false))
      continue;
    bool good = bs_row_parse(format, p, end, x, &y, &error);
    if (good && (length < 0 || y >= format->classes->count))
      abort();
    if (good && format->class_column > 0)
      check_value(p, end, x[0]);
    if (!good && (error.column < 0 || error.text[0] == '\0'))
      abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *next = (const char *)data, *limit = next + size;
  bs_row_error error;
  char **field = NULL;
  int count = 0;
  const char *p = next, *end = bs_line_end(&next, limit);
  if (end == NULL)
    return 0;
  if (bs_row_split(p, end, &field, &count, &error) == BS_OK) {
    bs_names names = BS_NAMES_NONE, classes = BS_NAMES_NONE;
    for (int j = 0; j < count; j++)
      bs_names_add(&names, field[j], strlen(field[j]), NULL);
    double *x = malloc((size_t)count * sizeof *x);
    bs_row_format format = {.columns = count,
                            .class_column = count - 1,
                            .classes = &classes,
                            .names = &names};
    if (names.count == count)
      parse_rows(&format, next, limit, x);
    free(x);
    bs_names_free(&names);
    bs_names_free(&classes);
  }
  free_fields(field, count);
  return 0;
}
