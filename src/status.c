/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/status.h"

#include <stdarg.h>
#include <stdio.h>

static _Thread_local char error_text[BS_ERROR_TEXT];

bs_status bs_fail(bs_status code, const char *format, ...)
{
  /* Formatted aside first: an argument may be the old text itself. */
  char text[BS_ERROR_TEXT];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  size_t i = 0;
  for (; text[i] != '\0'; i++) {
    unsigned char ch = (unsigned char)text[i];
    error_text[i] = (ch < 0x20 || ch == 0x7f) ? '?' : text[i];
  }
  error_text[i] = '\0';
  return code;
}

const char *bs_error_text(void)
{
  return error_text;
}
