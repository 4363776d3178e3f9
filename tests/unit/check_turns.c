/* SPDX-License-Identifier: BSD-3-Clause */
/* Turns of the threads of a rank: the checksum takes in all rows in their
 * order, whoever is late. */
#include "io/convert_turns.h"
#include "src/mem.h"
#include "tests/unit/unit.h"

#include <omp.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { PIECES = 12, ROWS = 5, COLUMNS = 3, THREADS = 2 };

static double value[PIECES * ROWS * COLUMNS];
static bs_piece piece[PIECES];
static bs_pieces pieces = {.count = PIECES, .piece = piece};
static int index_of[PIECES];
static bs_datafile facts = {.n = PIECES * ROWS, .d = COLUMNS};
static char path[64];

static void make_pieces(void)
{
  for (int i = 0; i < PIECES; i++) {
    piece[i] = (bs_piece){.rows = ROWS};
    index_of[i] = i;
  }
  for (int i = 0; i < PIECES * ROWS * COLUMNS; i++)
    value[i] = i * 0.37;
}

static void sleep_a_little(void)
{
  nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
}

static void pass(bs_turns *turns, int k)
{
  bs_room *room = bs_turns_room(turns);
  const double *x = &value[k * ROWS * COLUMNS];
  const bs_slab slab = {.first = (uint64_t)k * ROWS, .rows = ROWS, .x = x};
  for (size_t rows = 1; rows < ROWS; rows++)
    bs_turns_advance(turns, k, x, rows);
  bs_turns_pass(turns, k, room, &slab);
}

/* All of them, the pieces of the late thread last; returns the digits. */
static void pass_all(bs_turns *turns, int late)
{
#pragma omp parallel num_threads(THREADS)
  {
    const int self = omp_get_thread_num();
    ck_assert_int_eq(omp_get_num_threads(), THREADS);
    if (self == late)
      sleep_a_little();
    for (int k = self; k < PIECES; k += THREADS)
      pass(turns, k);
  }
  bs_turns_finish(turns);
}

static bs_checksum *start_sum(void)
{
  bs_checksum *sum;
  ck_assert_int_eq(bs_checksum_create(NULL, 0, NULL, 0, &sum), BS_OK);
  return sum;
}

START_TEST(rows_are_summed_in_their_order)
{
  char wanted[17], digits[17];
  bs_checksum *sum = start_sum();
  bs_checksum_values(sum, value, PIECES * ROWS * COLUMNS);
  bs_checksum_digits(sum, wanted);
  bs_checksum_destroy(&sum);
  for (int late = 0; late < THREADS; late++) {
    const bs_first_fault none = BS_NO_FAULT;
    bs_rows_task task = {.comm = MPI_COMM_SELF,
                         .threads = THREADS,
                         .pieces = &pieces,
                         .facts = &facts};
    bs_turns *turns;
    sum = start_sum();
    ck_assert_int_eq(
        bs_writer_create(MPI_COMM_SELF, path, &facts, 0, &task.writer), BS_OK);
    ck_assert_int_eq(
        bs_turns_create(&task, PIECES, index_of, &none, sum, &turns), BS_OK);
    pass_all(turns, late);
    ck_assert(bs_turns_good(turns));
    bs_checksum_digits(sum, digits);
    ck_assert_str_eq(digits, wanted);
    bs_turns_destroy(&turns);
    bs_writer_abandon(&task.writer);
    bs_checksum_destroy(&sum);
  }
}
END_TEST

/* A thread that has the piece all others wait for is not left without room by
 * them. */
START_TEST(nobody_takes_the_room_of_the_first)
{
  const bs_first_fault failed = {.piece = 0};
  const bs_rows_task task = {.comm = MPI_COMM_SELF,
                             .threads = THREADS,
                             .pieces = &pieces,
                             .facts = &facts};
  bs_checksum *sum = start_sum();
  bs_turns *turns;
  ck_assert_int_eq(
      bs_turns_create(&task, PIECES, index_of, &failed, sum, &turns), BS_OK);
#pragma omp parallel num_threads(THREADS)
  {
    if (omp_get_thread_num() == 0) {
      sleep_a_little();
      pass(turns, 0);
    } else {
      for (int k = 1; k < PIECES; k++)
        pass(turns, k);
    }
  }
  bs_turns_finish(turns);
  ck_assert(!bs_turns_good(turns));
  bs_turns_destroy(&turns);
  bs_checksum_destroy(&sum);
}
END_TEST

int main(int argc, char **argv)
{
  const bs_unit_test tests[] = {BS_UNIT(rows_are_summed_in_their_order),
                                BS_UNIT(nobody_takes_the_room_of_the_first)};
  setenv("CK_FORK", "no", 1); /* MPI does not survive a fork */
  int provided;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &provided);
  char folder[] = "/tmp/botsieve-turns-XXXXXX";
  if (mkdtemp(folder) == NULL)
    return EXIT_FAILURE;
  snprintf(path, sizeof path, "%s/out.h5", folder);
  make_pieces();
  const int code = bs_unit_run("turns", tests, sizeof tests / sizeof *tests);
  rmdir(folder);
  MPI_Finalize();
  return code;
}
