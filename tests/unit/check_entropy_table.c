/* SPDX-License-Identifier: BSD-3-Clause */
/* The table against MPFR, entry by entry, and its bits against a digest that
 * holds on every machine. */
#include "src/entropy_table.h"
#include "src/exact_math.h"
#include "src/mem.h"
#include "tests/unit/mpfr_double.h"
#include "tests/unit/unit.h"

#include <math.h>
#include <omp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

enum { N_MAX = 1000000, SLOW_N_MAX = 10000000 };

static double *ln, *xlogx;

static void table_make(size_t n_max, bs_weka version)
{
  ck_assert_int_eq(bs_mem_alloc(n_max + 1, sizeof *ln, &ln), BS_OK);
  ck_assert_int_eq(bs_mem_alloc(n_max + 1, sizeof *xlogx, &xlogx), BS_OK);
  bs_entropy_table_fill(n_max, version, ln, xlogx);
}

static void table_free(void)
{
  bs_mem_free(&ln);
  bs_mem_free(&xlogx);
}

/* ln and xlogx (natural units) and Weka 3.6's bits, by MPFR with one rounding
 * per operation. */
static void entries_are_right(size_t n_max)
{
  double *bits;
  mpfr_t l, h, ln2;
  ck_assert_int_eq(bs_mem_alloc(n_max + 1, sizeof *bits, &bits), BS_OK);
  bs_entropy_table_fill(n_max, BS_WEKA_36, NULL, bits);
  mpfr_inits(l, h, ln2, (mpfr_ptr)0);
  mpfr_const_log2(ln2, MPFR_RNDN);
  ck_assert(ln[0] == 0 && xlogx[0] == 0 && bits[0] == 0);
  for (size_t k = 1; k <= n_max; k++) {
    mpfr_log_ui(l, k, MPFR_RNDN);
    ck_assert_msg(ln[k] == mpfr_get_d(l, MPFR_RNDN), "ln %zu", k);
    mpfr_mul_ui(h, l, k, MPFR_RNDN);
    ck_assert_msg(xlogx[k] == mpfr_get_d(h, MPFR_RNDN), "%zu ln %zu", k, k);
    mpfr_div(h, h, ln2, MPFR_RNDN);
    ck_assert_msg(bits[k] == mpfr_get_d(h, MPFR_RNDN), "%zu log2 %zu", k, k);
  }
  mpfr_clears(l, h, ln2, (mpfr_ptr)0);
  bs_mem_free(&bits);
}

START_TEST(every_entry_to_a_million_is_what_mpfr_rounds_to)
{
  table_make(N_MAX, BS_WEKA_38);
  entries_are_right(N_MAX);
  table_free();
}
END_TEST

START_TEST(every_entry_to_ten_million_is_what_mpfr_rounds_to)
{
  table_make(SLOW_N_MAX, BS_WEKA_38);
  entries_are_right(SLOW_N_MAX);
  table_free();
}
END_TEST

START_TEST(logarithms_are_within_an_ulp_of_the_c_library)
{
  table_make(N_MAX, BS_WEKA_38);
  for (size_t k = 1; k <= N_MAX; k++) {
    const double theirs = log((double)k);
    ck_assert(ln[k] == theirs || ln[k] == nextafter(theirs, ln[k]));
  }
  table_free();
}
END_TEST

START_TEST(logarithms_of_large_counts_are_right)
{
  const double edges[] = {0x1p31, 0x1p32, 0x1p53};
  uint64_t state = 1;
  for (int i = 0; i < 100000; i++) {
    const double k = i < 3 ? edges[i] - 1
                           : (double)(1 + (next_bits(&state) >> (12 + i % 30)));
    ck_assert(bs_exact_log(k) == mpfr_double_log(k));
  }
}
END_TEST

START_TEST(any_split_over_ranges_and_threads_gives_the_same_bits)
{
  const size_t n = 20000, bytes = (n + 1) * sizeof *ln;
  double *l, *h;
  ck_assert_int_eq(bs_mem_alloc(n + 1, sizeof *l, &l), BS_OK);
  ck_assert_int_eq(bs_mem_alloc(n + 1, sizeof *h, &h), BS_OK);
  table_make(n, BS_WEKA_36);
  for (int threads = 1; threads <= 5; threads++) {
    memset(l, 0xff, bytes), memset(h, 0xff, bytes);
    omp_set_num_threads(threads);
    bs_entropy_table_fill(n, BS_WEKA_36, l, h);
    ck_assert(memcmp(l, ln, bytes) == 0 && memcmp(h, xlogx, bytes) == 0);
  }
  for (size_t step = 1; step <= n; step = step * 7 + 2) {
    memset(l, 0xff, bytes), memset(h, 0xff, bytes);
    for (size_t lo = 0; lo <= n; lo += step) {
      const size_t hi = n + 1 - lo < step ? n + 1 : lo + step;
      bs_entropy_table_fill_range(lo, hi, BS_WEKA_36, l, NULL);
      bs_entropy_table_fill_range(lo, hi, BS_WEKA_36, NULL, h);
    }
    ck_assert(memcmp(l, ln, bytes) == 0 && memcmp(h, xlogx, bytes) == 0);
  }
  table_free();
  bs_mem_free(&l);
  bs_mem_free(&h);
}
END_TEST

START_TEST(a_fill_ends_at_n_max)
{
  const size_t ends[] = {0, 1, 4094, 4095, 4096, 4097, 8191, 8192};
  double l[8194], h[8194];
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    const size_t n = ends[i];
    for (size_t k = 0; k < 8194; k++)
      l[k] = h[k] = -1;
    bs_entropy_table_fill(n, BS_WEKA_38, l, h);
    ck_assert(l[0] == 0 && h[0] == 0);
    ck_assert(n == 0 || l[n] == bs_exact_log((double)n));
    ck_assert(n == 0 || h[n] == (double)n * l[n]);
    ck_assert(l[n + 1] == -1 && h[n + 1] == -1);
  }
}
END_TEST

/* Digests of tables that the tests above proved entry by entry (little-endian
 * doubles, k = 0 .. 1,000,000). This test also runs with the C library told to
 * do without fused multiply-add. */
START_TEST(the_bits_are_those_of_every_other_machine)
{
  const size_t bytes = (N_MAX + 1) * sizeof *ln;
  table_make(N_MAX, BS_WEKA_38);
  ck_assert_uint_eq(XXH3_64bits(ln, bytes), UINT64_C(0xec2ace6a49a2735b));
  ck_assert_uint_eq(XXH3_64bits(xlogx, bytes), UINT64_C(0x581f5f9406a3e61d));
  table_free();
  table_make(N_MAX, BS_WEKA_36);
  ck_assert_uint_eq(XXH3_64bits(ln, bytes), UINT64_C(0xec2ace6a49a2735b));
  ck_assert_uint_eq(XXH3_64bits(xlogx, bytes), UINT64_C(0x03fd267602c84af1));
  table_free();
}
END_TEST

int main(void)
{
  const bs_unit_test entries[] = {
      BS_UNIT(every_entry_to_a_million_is_what_mpfr_rounds_to),
      BS_UNIT(logarithms_are_within_an_ulp_of_the_c_library),
      BS_UNIT(logarithms_of_large_counts_are_right),
      BS_UNIT(any_split_over_ranges_and_threads_gives_the_same_bits),
      BS_UNIT(a_fill_ends_at_n_max),
  };
  const bs_unit_test bits[] = {
      BS_UNIT(the_bits_are_those_of_every_other_machine),
  };
  const bs_unit_test slow[] = {
      BS_UNIT(every_entry_to_ten_million_is_what_mpfr_rounds_to),
  };
  const char *only = getenv("CK_RUN_SUITE"); /* what Check itself heeds */
  const bool slow_only =
      only != NULL && strcmp(only, "entropy_table_slow") == 0;
  const bool slow_too = getenv("BOTSIEVE_SLOW_TESTS") != NULL;
  if (slow_only && !slow_too) {
    puts("skipped: takes a minute; set BOTSIEVE_SLOW_TESTS to run it");
    return 77;
  }
  mpfr_like_double();
  int code =
      bs_unit_run("entropy_table", entries, sizeof entries / sizeof *entries);
  code |= bs_unit_run("entropy_table_bits", bits, 1);
  if (slow_only)
    code |= bs_unit_run("entropy_table_slow", slow, 1);
  mpfr_free_cache();
  return code;
}
