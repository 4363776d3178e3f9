/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/progress.h"

#include "tests/unit/unit.h"
#include <string.h>

/* Lines of an hour in which `part(seconds)` of the work is done. */
static int lines_of_an_hour(double (*part)(double))
{
  bs_pace last = {0, 0};
  int lines = 0;
  for (double now = 0; now < 3600; now += 0.5)
    lines += bs_progress_due(&last, 10, now, part(now));
  return lines;
}

static double steady(double now)
{
  return now / 3600;
}
static double stuck(double now)
{
  (void)now;
  return 0;
}
/* Many short pieces of work, one after the other. */
static double many(double now)
{
  return now / 7 - (double)(int)(now / 7);
}

START_TEST(an_hour_has_few_lines)
{
  const int some = lines_of_an_hour(steady), none = lines_of_an_hour(stuck);
  const int most = lines_of_an_hour(many);
  ck_assert_msg(some >= 20 && some <= 80, "%d", some);
  ck_assert_msg(none >= 55 && none <= 60, "%d", none);
  ck_assert_msg(most >= 60 && most <= 360, "%d", most);
}
END_TEST

START_TEST(a_line_comes_for_five_percent_or_six_intervals)
{
  bs_pace last = {100, 0.5};
  ck_assert(!bs_progress_due(&last, 10, 109.9, 0.9));
  ck_assert(!bs_progress_due(&last, 10, 110, 0.54));
  ck_assert(bs_progress_due(&last, 10, 110, 0.56));
  ck_assert(!bs_progress_due(&last, 10, 169.9, 0.57));
  ck_assert(bs_progress_due(&last, 10, 170, 0.57));
  ck_assert(bs_progress_due(&last, 10, 180, 0.01)); /* the next piece */
}
END_TEST

static void time_is(double seconds, const char *want)
{
  char text[24];
  bs_progress_time(seconds, text, sizeof text);
  ck_assert_str_eq(text, want);
}

START_TEST(times_have_two_digits_or_three)
{
  time_is(0.4, "0 s");
  time_is(99, "99 s");
  time_is(600, "10 min");
  time_is(7200, "2.0 h");
}
END_TEST

START_TEST(counting_without_a_room_does_nothing)
{
  bs_progress_begin("x", "things", 3, 3);
  bs_progress_add(1, 1);
  bs_progress_end();
  bs_progress_close();
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(an_hour_has_few_lines),
      BS_UNIT(a_line_comes_for_five_percent_or_six_intervals),
      BS_UNIT(times_have_two_digits_or_three),
      BS_UNIT(counting_without_a_room_does_nothing),
  };
  return bs_unit_run("progress", tests, sizeof tests / sizeof *tests);
}
