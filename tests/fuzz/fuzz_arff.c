/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes as ARFF: header and rows are taken or refused, memory stays sound,
 * and what is taken is finite and of a declared class. */
#include "io/arff.h"
#include "io/pieces.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse_rows(const bs_row_format *format, const char *next,
                       const char *limit, double *x)
{
  bs_row_error error;
  const char *end;
  for (const char *p = next; (end = bs_line_end(&next, limit)) != NULL;
       p = next) {
    uint16_t y = 0;
    if (bs_line_is_blank(p, end, true))
      continue;
    if (bs_row_parse(format, p, end, x, &y, &error)) {
      if (y >= format->classes->count)
        abort();
      for (int j = 0; j + 1 < format->columns; j++)
        if (!isfinite(x[j]))
          abort();
    } else if (error.column < 0 || error.text[0] == '\0') {
      abort();
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *next = (const char *)data, *limit = next + size, *end;
  bs_row_error error;
  bs_arff arff;
  bs_status st = BS_OK;
  memset(&arff, 0, sizeof arff);
  for (const char *p = next;
       st == BS_OK && !arff.data && (end = bs_line_end(&next, limit)) != NULL;
       p = next)
    st = bs_arff_line(&arff, p, end, &error);
  int class_column =
      st == BS_OK && arff.data ? bs_arff_class(&arff, NULL, &error) : -1;
  if (class_column >= 0) {
    double *x = malloc((size_t)arff.count * sizeof *x);
    bs_row_format format = {.arff = true,
                            .columns = arff.count,
                            .class_column = class_column,
                            .classes = &arff.values[class_column],
                            .names = &arff.names};
    parse_rows(&format, next, limit, x);
    free(x);
  }
  bs_arff_free(&arff);
  return 0;
}
