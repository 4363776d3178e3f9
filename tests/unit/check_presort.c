/* SPDX-License-Identifier: BSD-3-Clause */
/* Sorted columns: order, and that ranks and reaches allow a cut between two
 * values exactly where J48 does, whatever rows lie between them. */
#include "kernels/lists.h"
#include "src/presort.h"
#include "tests/unit/draw.h"
#include "tests/unit/unit.h"

#include <mpi.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 150000, COLUMNS = 4 };

static bs_node node;
static double *x;

/* Rank of every sorted position. */
static void find_ranks(const bs_sorted_column *c, size_t n, uint32_t *rank)
{
  for (size_t p = 0; p < n; p++)
    rank[p] = (p == 0 ? 0 : rank[p - 1]) + (c->step[p / 64] >> (p % 64) & 1);
}

static bool allowed(const bs_sorted_column *c, const double *column,
                    const uint32_t *rank, size_t p, size_t q)
{
  bool want = column[c->order[p]] + 1e-5 < column[c->order[q]];
  return bs_reach_allows(c->reach, rank[p], rank[q]) == want;
}

/* False if anything is wrong with a sorted column. */
static bool check_column(const bs_sorted_column *c, const double *column,
                         size_t n, bs_draw *d)
{
  uint32_t *rank = malloc(n * sizeof *rank);
  find_ranks(c, n, rank);
  bool good = rank[n - 1] + 1 == c->ranks;
  for (size_t p = 1; p < n; p++) {
    uint32_t a = c->order[p - 1], b = c->order[p];
    good = good && (column[a] < column[b] || (column[a] == column[b] && a < b));
    good = good && allowed(c, column, rank, p - 1, p);
  }
  for (int i = 0; i < 20000; i++) {
    size_t p = draw_below(d, (uint32_t)n);
    size_t q = p + draw_below(d, (uint32_t)(n - p));
    if (i % 2 == 0) /* near ones too */
      q = p + draw_below(d, 20) < n ? p + draw_below(d, 20) % (n - p) : q;
    good = good && (p == q || allowed(c, column, rank, p, q));
  }
  free(rank);
  return good;
}

/* Presort COLUMNS columns of x; a rank's verdict counts for all. */
static void expect_sorted(size_t n, bs_draw *d, const char *what, bool *far)
{
  bs_dataset data = {.n = n, .d = COLUMNS, .x = x};
  bs_presort *presort;
  int good = 1;
  ck_assert_int_eq(bs_presort_create(MPI_COMM_WORLD, &node, &data, 2, &presort),
                   BS_OK);
  for (int j = 0; j < COLUMNS; j++) {
    const bs_sorted_column *c = &presort->sorted[presort->column[j]];
    good = good && check_column(c, x + (size_t)j * n, n, d);
    *far = *far || c->reach.far != NULL;
  }
  bs_presort_destroy(&presort);
  MPI_Allreduce(MPI_IN_PLACE, &good, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
  ck_assert_msg(good, "%s, n = %zu", what, n);
}

START_TEST(ranks_allow_the_cuts_that_values_allow)
{
  static const size_t sizes[] = {1, 2, 3, 63, 64, 65, 200, 1000, 5000};
  bs_draw d = 1;
  bool far = false;
  char what[64];
  for (int kind = 0; kind < DRAW_KINDS; kind++)
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
      size_t n = sizes[s];
      for (int j = 0; j < COLUMNS; j++)
        draw_column(&d, j == 0 ? kind : (int)draw_below(&d, DRAW_KINDS), n,
                    x + (size_t)j * n);
      memcpy(x + n, x, n * sizeof *x); /* a duplicate */
      snprintf(what, sizeof what, "kind %d", kind);
      expect_sorted(n, &d, what, &far);
    }
  ck_assert(!far);
}
END_TEST

/* More ranks within a gap than 16 bits count, and just as many. */
START_TEST(crowds_within_a_gap_are_told_apart)
{
  static const double steps[] = {1e-10, 1e-5 / 65535, 1e-5 / 65536,
                                 1e-5 / 65537};
  bs_draw d = 2;
  bool far = false;
  size_t n = MOST_ROWS;
  for (int j = 0; j < COLUMNS; j++)
    for (size_t i = 0; i < n; i++)
      x[(size_t)j * n + i] = (double)(i * 7919 % n) * steps[j];
  expect_sorted(n, &d, "crowds", &far);
  ck_assert(far);
}
END_TEST

int main(int argc, char **argv)
{
  MPI_Init(&argc, &argv);
  bs_node_create(MPI_COMM_WORLD, &node);
  x = malloc((size_t)MOST_ROWS * COLUMNS * sizeof *x);
  const bs_unit_test tests[] = {
      BS_UNIT(ranks_allow_the_cuts_that_values_allow),
      BS_UNIT(crowds_within_a_gap_are_told_apart),
  };
  setenv("CK_FORK", "no", 1); /* MPI does not survive a fork */
  int code = bs_unit_run("presort", tests, sizeof tests / sizeof *tests);
  free(x);
  bs_node_destroy(&node);
  MPI_Finalize();
  return code;
}
