/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/weka_format.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Digits d[0] d[1] .. of a positive number 0.d0d1d2.. * 10^point. */
typedef struct decimal {
  char digit[32];
  int count;
  int point;
} decimal;

/* Keep the first `count` digits, fewer than none being none, and add one to the
 * last of them if `up`. */
static void cut_digits(decimal *d, int count, bool up)
{
  int i = count < 0 ? 0 : count;
  d->digit[i] = '\0';
  d->count = i;
  if (i == 0 && !up)
    d->point = 0;
  while (up && i-- > 0) {
    up = d->digit[i] == '9';
    d->digit[i] = up ? '0' : (char)(d->digit[i] + 1);
  }
  if (up) { /* all nines, or no digit at all */
    d->digit[0] = '1';
    d->digit[1] = '\0';
    d->count = 1;
    d->point++;
  }
}

/* Read |x| as `length` significant digits, correctly rounded (glibc is exact);
 * `up` adds one to the last of them. Returns whether they read back to x. */
static bool digits_of(double x, int length, bool up, decimal *out)
{
  char text[64];
  int exponent;
  snprintf(text, sizeof text, "%.*e", length - 1, x);
  char *e = strchr(text, 'e');
  sscanf(e + 1, "%d", &exponent);
  int count = 0;
  for (const char *p = text; p < e; p++)
    if (*p != '.')
      out->digit[count++] = *p;
  out->point = exponent + 1;
  cut_digits(out, count, up);
  char back[64];
  snprintf(back, sizeof back, "0.%se%d", out->digit, out->point);
  return strtod(back, NULL) == x;
}

/* The shortest digits that read back to x > 0, at least two of them, the
 * closest to x of that length; without trailing zeros. Below a power of two
 * doubles are denser, so there the digits next above may read back although the
 * closest ones, below x, do not. */
static void shortest(double x, decimal *out)
{
  int exponent;
  const bool power = frexp(x, &exponent) == 0.5;
  for (int length = 2; length <= 17; length++)
    if (digits_of(x, length, false, out) ||
        (power && digits_of(x, length, true, out)))
      break;
  while (out->count > 1 && out->digit[out->count - 1] == '0')
    out->digit[--out->count] = '\0';
}

/* Append digits first .. last - 1 counted from the first one; zeros outside. */
static char *put_digits(char *p, const decimal *d, int first, int last)
{
  for (int i = first; i < last; i++)
    *p++ = i >= 0 && i < d->count ? d->digit[i] : '0';
  return p;
}

/* Write d without exponent and with all its decimals, at least `decimals`. */
static char *put_plain(char *p, const decimal *d, int decimals)
{
  int after = d->count - d->point;
  if (after < decimals)
    after = decimals;
  if (d->point > 0)
    p = put_digits(p, d, 0, d->point);
  else
    *p++ = '0';
  if (after > 0) {
    *p++ = '.';
    p = put_digits(p, d, d->point, d->point + after);
  }
  *p = '\0';
  return p;
}

static bool not_finite(double x, const char *infinity, char *text)
{
  if (isfinite(x))
    return false;
  if (isnan(x))
    strcpy(text, "NaN");
  else
    sprintf(text, "%s%s", x < 0 ? "-" : "", infinity);
  return true;
}

void bs_format_java(double x, char text[BS_NUMBER_TEXT])
{
  if (not_finite(x, "Infinity", text))
    return;
  decimal d;
  char *p = text;
  if (signbit(x))
    *p++ = '-';
  x = fabs(x);
  if (x == 0) {
    strcpy(p, "0.0");
    return;
  }
  shortest(x, &d);
  if (x >= 1e-3 && x < 1e7) {
    put_plain(p, &d, 1);
    return;
  }
  const int exponent = d.point - 1;
  d.point = 1;
  p = put_plain(p, &d, 1);
  sprintf(p, "E%d", exponent);
}

/* Cut trailing zeros after the point, and the point if nothing follows. */
static void trim(char *text)
{
  if (strchr(text, '.') == NULL)
    return;
  size_t length = strlen(text);
  while (text[length - 1] == '0')
    length--;
  if (text[length - 1] == '.')
    length--;
  text[length] = '\0';
}

static void fixed_36(double x, int decimals, char *text)
{
  double scale = 1; /* exact up to 10^22 */
  for (int i = 0; i < decimals; i++)
    scale *= 10;
  const double scaled = x * scale;
  if (!(fabs(scaled) < 0x1p63)) {
    bs_format_java(x, text);
    return;
  }
  const int64_t rounded = (int64_t)(fabs(scaled) + 0.5);
  char digits[BS_DECIMALS_MAX + 32];
  /* At least one digit before the point. */
  int count =
      snprintf(digits, sizeof digits, "%0*" PRId64, decimals + 1, rounded);
  sprintf(text, "%s%.*s.%s", scaled < 0 && rounded > 0 ? "-" : "",
          count - decimals, digits, digits + count - decimals);
  trim(text);
}

/* Add one to the last digit of a plain decimal text, carrying over the point;
 * text[0] must be a 0 put there for the carry. */
static void increment(char *text, size_t length)
{
  while (length-- > 0) {
    if (text[length] == '.')
      continue;
    if (text[length] != '9') {
      text[length]++;
      return;
    }
    text[length] = '0';
  }
}

/* Round |x| half up to the given decimals by its exact expansion, which has at
 * most 1,074 of them. */
static void round_exactly(double x, int decimals, char *text)
{
  char all[1500];
  snprintf(all, sizeof all, "0%.1074f", x);
  char *cut = strchr(all, '.') + 1 + decimals;
  const bool up = *cut >= '5';
  if (decimals == 0)
    cut--;
  *cut = '\0';
  if (up)
    increment(all, (size_t)(cut - all));
  strcpy(text, all[0] == '0' ? all + 1 : all);
}

static void fixed_38(double x, int decimals, char *text)
{
  if (not_finite(x, "\xe2\x88\x9e", text))
    return;
  if (signbit(x))
    *text++ = '-';
  x = fabs(x);
  decimal d = {"0", 1, 1};
  if (x > 0)
    shortest(x, &d);
  /* Java lays out the shortest digits; only where these have to be cut does it
   * look at the exact value. */
  if (d.count - d.point <= decimals)
    put_plain(text, &d, 0);
  else
    round_exactly(x, decimals, text);
  trim(text);
}

void bs_format_fixed(bs_weka weka, double x, int decimals,
                     char text[BS_NUMBER_TEXT])
{
  if (weka == BS_WEKA_36)
    fixed_36(x, decimals, text);
  else
    fixed_38(x, decimals, text);
}

/* Characters, not bytes: the sign of infinity is one character. */
static int characters(const char *text, const char *end)
{
  int count = 0;
  for (; text < end; text++)
    count += ((unsigned char)*text & 0xc0) != 0x80;
  return count;
}

void bs_format_aligned(bs_weka weka, double x, int width, int decimals,
                       char text[BS_NUMBER_TEXT])
{
  char bare[BS_NUMBER_TEXT];
  bs_format_fixed(weka, x, decimals, bare);
  const char *end = bare + strlen(bare), *point = strchr(bare, '.');
  const int before = characters(bare, point != NULL ? point : end);
  const int lead = width - decimals - (decimals > 0) - before;
  const int trail = width - lead - characters(bare, end);
  if (decimals >= width || strchr(bare, 'E') != NULL || lead < 0) {
    strcpy(text, bare);
    return;
  }
  memset(text, ' ', (size_t)lead);
  strcpy(text + lead, bare);
  text += lead + (end - bare);
  memset(text, ' ', (size_t)trail);
  text[trail] = '\0';
}

void bs_format_padded(double x, int decimals, char text[BS_NUMBER_TEXT])
{
  if (not_finite(x, "Infinity", text))
    return;
  if (signbit(x))
    *text++ = '-';
  x = fabs(x);
  decimal d = {"0", 1, 1};
  if (x > 0)
    shortest(x, &d);
  const int keep = d.point + decimals;
  if (keep < d.count) {
    const bool up = keep >= 0 && d.digit[keep] >= '5';
    cut_digits(&d, keep, up);
  }
  put_plain(text, &d, decimals);
}
