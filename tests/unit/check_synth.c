/* SPDX-License-Identifier: BSD-3-Clause */
/* Simulated files: what must hold whatever the traffic's parameters are. */
#include "src/mem.h"
#include "src/synth.h"
#include "src/traffic.h"
#include "tests/unit/unit.h"

#include <math.h>
#include <string.h>

enum { BENIGN, COMBO, JUNK, SCAN, TCP, UDP, ACK, MSCAN, SYN, MUDP, PLAIN };
enum { DANMINI = 0, PHILIPS = 3, PT_737E = 4, PT_838 = 5, DEVICES = 9 };

/* (rows, 115) of a file, to be freed. */
static double *simulate(int device, int attack, size_t rows, uint64_t seed)
{
  bs_synth *synth;
  double *x;
  ck_assert_int_eq(bs_mem_alloc(rows * BS_FEATURES, sizeof *x, &x), BS_OK);
  ck_assert_int_eq(bs_synth_create(device, attack, rows, seed, &synth), BS_OK);
  /* In uneven blocks, which must not matter. */
  for (size_t i = 0, block = 1; i < rows; i += block, block = block * 2 + 1) {
    if (block > rows - i)
      block = rows - i;
    ck_assert_int_eq(bs_synth_rows(synth, block, x + i * BS_FEATURES), BS_OK);
  }
  bs_synth_destroy(&synth);
  return x;
}

static bool equal(const double *a, const double *b, size_t rows)
{
  return memcmp(a, b, rows * BS_FEATURES * sizeof *a) == 0;
}

START_TEST(every_file_is_finite_and_follows_its_seed)
{
  enum { ROWS = 400 };
  for (int device = 0; device < DEVICES; device++)
    for (int attack = BENIGN; attack <= PLAIN; attack++) {
      double *x = simulate(device, attack, ROWS, 1);
      double *again = simulate(device, attack, ROWS, 1);
      double *other = simulate(device, attack, ROWS, 2);
      ck_assert(equal(x, again, ROWS));
      ck_assert(!equal(x, other, ROWS));
      int finite = 0;
      for (int i = 0; i < ROWS * BS_FEATURES; i++)
        finite += isfinite(x[i]);
      ck_assert_int_eq(finite, ROWS * BS_FEATURES);
      bs_mem_free(&x);
      bs_mem_free(&again);
      bs_mem_free(&other);
    }
}
END_TEST

START_TEST(weights_and_frames_are_possible)
{
  enum { ROWS = 1500 };
  for (int attack = BENIGN; attack <= PLAIN; attack++) {
    double *x = simulate(PT_737E, attack, ROWS, 1);
    for (int i = 0; i < ROWS; i++) {
      const double *row = x + i * BS_FEATURES;
      for (int k = 0; k < BS_WINDOWS; k++) {
        ck_assert_double_ge(row[3 * k], 1);               /* weight */
        ck_assert_double_ge(row[3 * k + 1], 60 - 1e-6);   /* shortest frame */
        ck_assert_double_le(row[3 * k + 1], 1514 + 1e-6); /* longest */
        ck_assert_double_ge(row[30 + 7 * k + 3] + 1e-6, row[30 + 7 * k + 1]);
        /* Gaps have the weight of their channel, but for the last bits. */
        ck_assert_double_eq_tol(row[65 + 3 * k] / row[30 + 7 * k], 1, 1e-12);
      }
      if (attack != BENIGN) /* one MAC has one IP: the H block is MI_dir's */
        ck_assert_int_eq(memcmp(row, row + 15, 15 * sizeof *row), 0);
    }
    bs_mem_free(&x);
  }
}
END_TEST

/* PT_737E and PT_838 were captured together, Danmini with Philips; Gafgyt's
 * flood is one for all. */
START_TEST(devices_of_a_capture_share_its_packets)
{
  enum { ROWS = 2000 };
  static const int pairs[][3] = {{PT_737E, PT_838, MUDP},
                                 {DANMINI, PHILIPS, ACK},
                                 {DANMINI, PT_737E, TCP}};
  for (int i = 0; i < 3; i++) {
    double *a = simulate(pairs[i][0], pairs[i][2], ROWS, 1);
    double *b = simulate(pairs[i][1], pairs[i][2], ROWS, 1);
    ck_assert(equal(a, b, ROWS));
    bs_mem_free(&a);
    bs_mem_free(&b);
  }
  double *a = simulate(DANMINI, ACK, ROWS, 1);
  double *b = simulate(PT_737E, ACK, ROWS, 1);
  ck_assert(!equal(a, b, ROWS));
  bs_mem_free(&a);
  bs_mem_free(&b);
}
END_TEST

START_TEST(forged_sources_are_new_each_time)
{
  enum { ROWS = 20000 };
  double *x = simulate(PT_737E, TCP, ROWS, 1);
  int fresh = 0, epoch = 0;
  for (int i = 0; i < ROWS; i++) {
    const double *row = x + i * BS_FEATURES;
    fresh += row[12] == 1 && row[1] == 60; /* MI_dir_L0.01_weight, L5_mean */
    epoch += row[66] > 1.5059e9 && row[66] < 1.506e9; /* HH_jit_L5_mean */
  }
  bs_mem_free(&x);
  ck_assert_int_gt(fresh, ROWS * 99 / 100);
  ck_assert_int_gt(epoch, ROWS * 99 / 100);
}
END_TEST

START_TEST(a_stretch_of_the_camera_s_quiet_days_comes_twice)
{
  enum { ROWS = 1000, LAST = 130 };
  double *x = simulate(PT_737E, BENIGN, ROWS, 1);
  ck_assert(equal(x, x + (ROWS - LAST) * BS_FEATURES, LAST));
  ck_assert(!equal(x, x + LAST * BS_FEATURES, LAST));
  bs_mem_free(&x);
}
END_TEST

/* Sockets in use for minutes, and minutes of absence from which the weights
 * start anew. */
START_TEST(the_camera_has_sessions_and_is_away_at_times)
{
  enum { ROWS = 20000, HEAD = 100 };
  double *x = simulate(PT_737E, BENIGN, ROWS, 1);
  int busy = 0, back = 0;
  for (int i = HEAD; i < ROWS; i++) {
    const double *row = x + i * BS_FEATURES;
    busy += row[108] > 12; /* HpHp_L0.01_weight */
    back += row[12] < 10;  /* MI_dir_L0.01_weight */
  }
  bs_mem_free(&x);
  ck_assert_int_gt(busy, ROWS / 20);
  ck_assert_int_gt(back, 10);
}
END_TEST

START_TEST(packets_come_in_time_and_own_ones_are_the_device_s)
{
  for (int attack = BENIGN; attack <= PLAIN; attack++) {
    bs_traffic *traffic;
    bs_packet p;
    double before = 0;
    int own_count = 0;
    bool own;
    ck_assert_int_eq(bs_traffic_create(PT_737E, attack, 1, &traffic), BS_OK);
    for (int i = 0; i < 20000; i++) {
      ck_assert_int_eq(bs_traffic_next(traffic, &p, &own), BS_OK);
      if (p.time < before || p.length < 60 || p.length > 1514 ||
          (own && p.src_mac != 1))
        ck_abort_msg("packet %d of attack %d", i, attack);
      before = p.time;
      own_count += own;
    }
    ck_assert_int_gt(own_count, 5000);
    bs_traffic_destroy(&traffic);
    ck_assert_ptr_null(traffic);
  }
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(every_file_is_finite_and_follows_its_seed),
      BS_UNIT(weights_and_frames_are_possible),
      BS_UNIT(devices_of_a_capture_share_its_packets),
      BS_UNIT(forged_sources_are_new_each_time),
      BS_UNIT(a_stretch_of_the_camera_s_quiet_days_comes_twice),
      BS_UNIT(the_camera_has_sessions_and_is_away_at_times),
      BS_UNIT(packets_come_in_time_and_own_ones_are_the_device_s),
  };
  return bs_unit_run("synth", tests, sizeof tests / sizeof *tests);
}
