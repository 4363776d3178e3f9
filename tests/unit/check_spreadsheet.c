/* SPDX-License-Identifier: BSD-3-Clause */
/* What a spreadsheet leaves of a number. */
#include "src/spreadsheet.h"
#include "tests/unit/unit.h"

START_TEST(eleven_characters_are_kept)
{
  static const double cases[][2] = {
      {0, 0},
      {66, 66},
      {1.0, 1},
      {2.9999736451234, 2.999973645},
      {606.29592964321, 606.2959296},
      {139547.92231234, 139547.9223},
      {0.4820662571234, 0.482066257},
      {-0.0371659384321, -0.037165938},
      {0.000373089123, 0.000373089},
      {0.00001551234, 1.55e-05},
      {3.6948e-07, 3.69e-07},
      {-4.9234e-26, -4.92e-26},
      {1505657229.4321, 1505657229},
      {62275214128.4, 62275214128.0},
      {349465123456.7, 349465000000.0},
      {8015790123456789.0, 8015790000000000.0},
      {5.64321e17, 5.64e17},
      {9.9999999999, 10},
      {99999.999999, 100000},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    ck_assert_msg(bs_spreadsheet_round(cases[i][0]) == cases[i][1],
                  "%.17g became %.17g, not %.17g", cases[i][0],
                  bs_spreadsheet_round(cases[i][0]), cases[i][1]);
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {BS_UNIT(eleven_characters_are_kept)};
  return bs_unit_run("spreadsheet", tests, 1);
}
