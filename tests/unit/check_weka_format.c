/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers as Weka 3.6.14, 3.8.7 and Java print them. */
#include "src/weka_format.h"
#include "tests/unit/unit.h"

#include <math.h>

static char text[BS_NUMBER_TEXT];

START_TEST(fixed_numbers_of_36_round_the_scaled_double)
{
  static const struct {
    double x;
    int decimals;
    const char *want;
  } cases[] = {
      {96, 4, "96"},
      {0.155, 4, "0.155"},
      {33.333333333333336, 4, "33.3333"},
      {0.1235, 3, "0.124"},
      {-1e-9, 6, "0"},
      {-0.5, 0, "-1"},
      {2.5, 0, "3"},
      {0.0005, 3, "0.001"},
      {1e15, 6, "1.0E15"},
      {9e12, 6, "9000000000000"},
      {-12.3456785, 6, "-12.345679"},
      {9.9999996, 6, "10"},
      {0, 3, "0"},
      {NAN, 4, "NaN"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bs_format_fixed(BS_WEKA_36, cases[i].x, cases[i].decimals, text);
    ck_assert_str_eq(text, cases[i].want);
  }
}
END_TEST

START_TEST(fixed_numbers_of_38_round_the_exact_value)
{
  static const struct {
    double x;
    int decimals;
    const char *want;
  } cases[] = {
      {96, 4, "96"},
      {0.1235, 3, "0.123"},
      {0.15, 1, "0.1"},
      {0.25, 1, "0.3"},
      {2.5, 0, "3"},
      {-2.5, 0, "-3"},
      {0.0005, 3, "0.001"},
      {-1e-9, 6, "-0"},
      {-0.0, 6, "-0"},
      {0.99995, 4, "1"},
      {999.99996, 4, "1000"},
      {1.00005, 4, "1.0001"},
      {1e15, 6, "1000000000000000"},
      {0x1p70, 6, "1180591620717411300000"},
      {123456789012345680.0, 3, "123456789012345680"},
      {NAN, 4, "NaN"},
      {-INFINITY, 4, "-\xe2\x88\x9e"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bs_format_fixed(BS_WEKA_38, cases[i].x, cases[i].decimals, text);
    ck_assert_str_eq(text, cases[i].want);
  }
}
END_TEST

START_TEST(aligned_numbers_keep_the_point_in_place)
{
  static const struct {
    double x;
    int width, decimals;
    const char *want;
  } cases[] = {
      {96, 12, 4, "     96     "},
      {0.155, 12, 4, "      0.155 "},
      {7.8704880013, 12, 4, "      7.8705"},
      {1234567.5, 12, 4, "1234567.5   "},
      {12345678.5, 12, 4, "12345678.5"},
      {-3, 12, 4, "     -3     "},
      {1e30, 12, 4, "1.0E30"},
      {5, 4, 4, "5"},
      {5, 4, 0, "   5"},
      {NAN, 12, 4, "    NaN     "},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bs_format_aligned(BS_WEKA_36, cases[i].x, cases[i].width, cases[i].decimals,
                      text);
    ck_assert_str_eq(text, cases[i].want);
  }
}
END_TEST

START_TEST(padded_numbers_round_the_shortest_digits)
{
  static const struct {
    double x;
    const char *want;
  } cases[] = {
      {0, "0.000"},         {1, "1.000"},       {0.1235, "0.124"},
      {0.0005, "0.001"},    {0.00049, "0.000"}, {0.9995, "1.000"},
      {-1e-9, "-0.000"},    {1e-20, "0.000"},   {12.5, "12.500"},
      {0.1 + 0.2, "0.300"}, {NAN, "NaN"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bs_format_padded(cases[i].x, 3, text);
    ck_assert_str_eq(text, cases[i].want);
  }
}
END_TEST

START_TEST(java_numbers_have_the_shortest_digits)
{
  static const struct {
    double x;
    const char *want;
  } cases[] = {
      {50, "50.0"},
      {1e7, "1.0E7"},
      {9999999, "9999999.0"},
      {9.999e-4, "9.999E-4"},
      {1e-3, "0.001"},
      {0, "0.0"},
      {-0.0, "-0.0"},
      {0.1, "0.1"},
      {2.91421512e-9, "2.91421512E-9"},
      {1e23, "1.0E23"},
      {2e-3, "0.002"},
      {1.0 / 3, "0.3333333333333333"},
      {100, "100.0"},
      {1e22, "1.0E22"},
      {-1.5e300, "-1.5E300"},
      {0x1p-1074, "4.9E-324"},
      {1.7976931348623157e308, "1.7976931348623157E308"},
      /* The closest 16 digits, ..801, lie below this power of two and read back
       * to the double before it; those next above are it. */
      {0x1p-44, "5.684341886080802E-14"},
      {2e23, "2.0E23"},
      {0x1p-1022, "2.2250738585072014E-308"},
      {9007199254740992.0, "9.007199254740992E15"},
      {NAN, "NaN"},
      {INFINITY, "Infinity"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bs_format_java(cases[i].x, text);
    ck_assert_str_eq(text, cases[i].want);
  }
}
END_TEST

START_TEST(java_numbers_read_back)
{
  for (int e = -1074; e < 1024; e++) {
    for (int k = 0; k < 3; k++) {
      double x = ldexp(1, e);
      x = k == 0 ? x : nextafter(x, k == 1 ? 0 : INFINITY);
      bs_format_java(x, text);
      ck_assert(strtod(text, NULL) == x);
    }
  }
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(fixed_numbers_of_36_round_the_scaled_double),
      BS_UNIT(fixed_numbers_of_38_round_the_exact_value),
      BS_UNIT(aligned_numbers_keep_the_point_in_place),
      BS_UNIT(padded_numbers_round_the_shortest_digits),
      BS_UNIT(java_numbers_have_the_shortest_digits),
      BS_UNIT(java_numbers_read_back),
  };
  return bs_unit_run("weka_format", tests, sizeof tests / sizeof *tests);
}
