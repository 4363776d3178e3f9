/* SPDX-License-Identifier: BSD-3-Clause */
/** \file unit.h
 * The same few lines around every Check program.
 */
#ifndef BS_UNIT_H
#define BS_UNIT_H
#include <check.h>
#include <stddef.h>
#include <stdlib.h>

typedef struct bs_unit_test {
  const TTest *test;
} bs_unit_test;
#define BS_UNIT(name)                                                          \
  {                                                                            \
    name                                                                       \
  }

/** Run the tests as one suite; returns the exit code of main. */
static inline int bs_unit_run(const char *name, const bs_unit_test *tests,
                              size_t count)
{
  Suite *suite = suite_create(name);
  TCase *tcase = tcase_create(name);
  tcase_set_timeout(tcase, 100);
  for (size_t i = 0; i < count; i++)
    tcase_add_test(tcase, tests[i].test);
  suite_add_tcase(suite, tcase);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif /* BS_UNIT_H */
