/* SPDX-License-Identifier: BSD-3-Clause */
/* --features and --drop: order, and what is refused. */
#include "src/features.h"
#include "src/mem.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

static char *names[] = {"a_mean", "a_std", "b_mean", "b_std", "c"};
enum { D = 5 };

/* Chosen columns as text, "0,2,", or the error. */
static const char *choose(const char *spec, const char *drop)
{
  static char text[512];
  int *columns, count;
  bs_status st =
      bs_features_select(MPI_COMM_SELF, spec, drop, names, D, &columns, &count);
  if (st != BS_OK) {
    ck_assert_ptr_null(columns);
    snprintf(text, sizeof text, "%d: %.480s", st, bs_error_text());
    return text;
  }
  text[0] = '\0';
  for (int k = 0; k < count; k++)
    snprintf(text + strlen(text), 16, "%d,", columns[k]);
  bs_mem_free(&columns);
  return text;
}

START_TEST(choices_come_in_the_order_of_the_file)
{
  ck_assert_str_eq(choose(NULL, NULL), "0,1,2,3,4,");
  ck_assert_str_eq(choose("all", NULL), "0,1,2,3,4,");
  ck_assert_str_eq(choose("c,b_mean,a_mean", NULL), "0,2,4,");
  ck_assert_str_eq(choose("all", "*_std"), "0,2,4,");
  ck_assert_str_eq(choose(NULL, "a_*,c"), "2,3,");
  ck_assert_str_eq(choose("b_std,a_std", "[a]*"), "3,");
}
END_TEST

START_TEST(files_of_names_are_read)
{
  char path[] = "/tmp/botsieve-features-XXXXXX", spec[64];
  int fd = mkstemp(path);
  ck_assert_int_ge(fd, 0);
  FILE *file = fdopen(fd, "w");
  fputs("# two of them\r\nb_std, c # and\n\n  \r\n", file);
  fclose(file);
  snprintf(spec, sizeof spec, "@%s", path);
  ck_assert_str_eq(choose(spec, NULL), "3,4,");
  remove(path);
  ck_assert_ptr_nonnull(strstr(choose(spec, NULL), "3: cannot read /tmp"));
}
END_TEST

START_TEST(wrong_choices_are_named)
{
  ck_assert_str_eq(choose("a_mean,x", NULL),
                   "2: option --features: the data have no feature 'x'");
  ck_assert_str_eq(choose("c,a_mean,c", NULL),
                   "2: option --features: feature 'c' is named twice");
  ck_assert_str_eq(choose("c,,a_mean", NULL),
                   "2: option --features: an empty name in 'c,,a_mean'");
  ck_assert_str_eq(choose("table1", NULL),
                   "2: the study's Table I: the data have no feature "
                   "'MI_dir_L0.1_mean'");
  ck_assert_str_eq(choose("all", "z*"),
                   "2: option --drop: no feature matches 'z*'");
  ck_assert_str_eq(choose("c", "c"), "2: no feature is left to work with");
}
END_TEST

int main(int argc, char **argv)
{
  const bs_unit_test tests[] = {
      BS_UNIT(choices_come_in_the_order_of_the_file),
      BS_UNIT(files_of_names_are_read),
      BS_UNIT(wrong_choices_are_named),
  };
  MPI_Init(&argc, &argv);
  setenv("CK_FORK", "no", 1); /* MPI does not survive a fork */
  int code = bs_unit_run("features", tests, sizeof tests / sizeof *tests);
  MPI_Finalize();
  return code;
}
