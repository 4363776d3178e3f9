/* SPDX-License-Identifier: BSD-3-Clause */
/* The extractor on streams worked out by hand. */
#include "src/decay.h"
#include "src/extractor.h"
#include "tests/unit/unit.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Columns: first of a block, and of a window in it. */
enum { MI = 0, H = 15, HH = 30, JIT = 65, HPHP = 80 };
enum { WEIGHT, MEAN, SPREAD, MAGNITUDE, RADIUS, COVARIANCE, PCC };
static int single(int block, int window, int statistic)
{
  return block + 3 * window + statistic;
}
static int pair(int block, int window, int statistic)
{
  return block + 7 * window + statistic;
}

static bs_extractor *extractor;
static double row[BS_FEATURES];

static void begin(void)
{
  ck_assert_int_eq(bs_extractor_create(3600, &extractor), BS_OK);
}

static void end(void)
{
  bs_extractor_destroy(&extractor);
  ck_assert_ptr_null(extractor);
}

static bs_packet packet(double time, uint32_t from, uint32_t to, int length)
{
  return (bs_packet){.time = time,
                     .src_mac = from,
                     .dst_mac = to,
                     .src_ip = from,
                     .dst_ip = to,
                     .src_port = 1000,
                     .dst_port = 1000,
                     .length = (uint32_t)length};
}

static void insert(bs_packet p)
{
  ck_assert_int_eq(bs_extractor_insert(extractor, &p, row), BS_OK);
}

static void near(double got, double want)
{
  ck_assert_double_eq_tol(got, want, 1e-12 * fmax(1, fabs(want)));
}

START_TEST(first_packet_is_all_there_is)
{
  begin();
  insert(packet(1505913529.5, 1, 2, 98));
  for (int k = 0; k < BS_WINDOWS; k++) {
    ck_assert(row[single(MI, k, WEIGHT)] == 1);
    ck_assert(row[single(H, k, MEAN)] == 98);
    ck_assert(row[single(MI, k, SPREAD)] == 0);
    ck_assert(row[pair(HH, k, MAGNITUDE)] == 98);
    ck_assert(row[pair(HPHP, k, COVARIANCE)] == 0);
    ck_assert(row[single(JIT, k, WEIGHT)] == 1);
    ck_assert(row[single(JIT, k, MEAN)] == 1505913529.5);
    ck_assert(row[single(JIT, k, SPREAD)] == 0);
  }
  end();
}
END_TEST

/* The second row of Ennio_Doorbell/gafgyt_attacks/tcp.csv has the weights
 * 1.0289777701416771 (L5) and 1.4925076635633543 (L1) for a gap of 1.021782 s,
 * and 42409096.08873 and 5.0139491207e17 among its gaps: base 2, and the Unix
 * time for a first gap. With base e the L1 weight would be 1.36. */
START_TEST(second_packet_decays_in_base_two)
{
  const double gap = 1.021782;
  begin();
  insert(packet(1505913529.300918, 1, 2, 98));
  insert(packet(1505913529.300918 + gap, 1, 2, 98));
  ck_assert_double_eq_tol(row[single(MI, 0, WEIGHT)], 1.0289777701, 1e-7);
  ck_assert_double_eq_tol(row[single(MI, 2, WEIGHT)], 1.4925076636, 1e-7);
  ck_assert_double_eq_tol(row[single(MI, 4, WEIGHT)], 1.9929425689, 1e-7);
  ck_assert_double_eq_tol(row[single(JIT, 0, MEAN)] / 42409096.08873, 1, 1e-6);
  ck_assert_double_eq_tol(row[single(JIT, 2, SPREAD)] / 5.0139491207e17, 1,
                          1e-6);
  end();
}
END_TEST

START_TEST(one_stream_by_hand)
{
  /* Half a second apart: 5 * 0.5 = 2.5 halvings in L5. */
  const double g = 0.17677669529663687;
  begin();
  insert(packet(100, 1, 2, 60));
  insert(packet(100.5, 1, 2, 120));
  double w = 1 + g, mean = (60 * g + 120) / w;
  double variance = (3600 * g + 14400) / w - mean * mean;
  near(row[single(MI, 0, WEIGHT)], w);
  near(row[single(MI, 0, MEAN)], mean);
  ck_assert_double_eq_tol(row[single(MI, 0, SPREAD)], variance, 1e-9);
  ck_assert_double_eq_tol(row[pair(HH, 0, SPREAD)], sqrt(variance), 1e-9);
  near(row[pair(HH, 0, MAGNITUDE)], mean); /* nobody answers */
  ck_assert_double_eq_tol(row[pair(HH, 0, RADIUS)], variance, 1e-9);
  near(row[single(JIT, 0, MEAN)], (100 * g + 0.5) / w);
  /* The packet at the same time: no decay, and a gap of 0. */
  insert(packet(100.5, 1, 2, 120));
  near(row[single(MI, 0, WEIGHT)], 2 + g);
  near(row[single(JIT, 0, MEAN)], (100 * g + 0.5) / (2 + g));
  end();
}
END_TEST

START_TEST(two_streams_by_hand)
{
  /* A 100, B 60, A 200, B 80, a second apart; window L1 halves each second. */
  begin();
  insert(packet(10, 1, 2, 100));
  insert(packet(11, 2, 1, 60));
  near(row[pair(HH, 2, MAGNITUDE)], sqrt(60. * 60 + 100. * 100));
  ck_assert(row[pair(HH, 2, COVARIANCE)] == 0); /* residuals are 0 */
  insert(packet(12, 1, 2, 200));
  double mean_a = (100 * 0.25 + 200) / 1.25;
  double res_a = 200 - mean_a;
  insert(packet(13, 2, 1, 80));
  double mean_b = (60 * 0.25 + 80) / 1.25, res_b = 80 - mean_b;
  double var_a = (10000 * 0.25 + 40000) / 1.25 - mean_a * mean_a;
  double var_b = (3600 * 0.25 + 6400) / 1.25 - mean_b * mean_b;
  double sum = 2 * res_b * (res_a * 0.5); /* A's is a second old */
  double covariance = sum / (1.25 * 0.5 + 1.25);
  near(row[pair(HH, 2, MEAN)], mean_b);
  near(row[pair(HH, 2, MAGNITUDE)], sqrt(mean_a * mean_a + mean_b * mean_b));
  near(row[pair(HH, 2, RADIUS)], sqrt(var_a * var_a + var_b * var_b));
  near(row[pair(HH, 2, COVARIANCE)], covariance);
  near(row[pair(HH, 2, PCC)], covariance / sqrt(var_a * var_b));
  /* A's own gaps know nothing of B. */
  insert(packet(14, 1, 2, 200));
  near(row[single(JIT, 2, WEIGHT)], 1.3125);
  near(row[single(JIT, 2, MEAN)], (10. / 16 + 2. / 4 + 2) / 1.3125);
  /* The sum decays by two seconds for A and one for B. */
  mean_a = (100 * 0.0625 + 200 * 0.25 + 200) / 1.3125;
  sum = sum * 0.25 * 0.5 + 2 * (200 - mean_a) * (res_b * 0.5);
  near(row[pair(HH, 2, COVARIANCE)], sum / (1.3125 + 1.25 * 0.5));
  end();
}
END_TEST

/* In Ennio_Doorbell/gafgyt_attacks/tcp.csv the device pings its router once a
 * second, 98 bytes each way; then it asks for an address, 60 bytes each way,
 * and pings on. The gaps follow from the weights, the covariances (L1) are
 * those of the four pings after. */
START_TEST(covariance_is_that_of_published_rows)
{
  const double gap[] = {0.0944, 1.0935, 1.0339, 1.0302};
  const double published[] = {44.217, 51.242, 21.540, 7.2049};
  const double answer = 0.0007;
  double t = 1505913529;
  begin();
  for (int i = 0; i < 40; i++, t += 1.02) {
    insert(packet(t, 1, 2, 98));
    insert(packet(t + answer, 2, 1, 98));
  }
  t += 0.9276 - 1.02;
  insert(packet(t, 1, 2, 60));
  insert(packet(t + answer, 2, 1, 60));
  for (int i = 0; i < 4; i++) {
    t += gap[i];
    insert(packet(t, 1, 2, 98));
    ck_assert_double_eq_tol(row[pair(HH, 2, COVARIANCE)] / published[i], 1,
                            0.005);
    insert(packet(t + answer, 2, 1, 98));
  }
  end();
}
END_TEST

START_TEST(keys_tell_streams_apart)
{
  begin();
  insert(packet(10, 1, 2, 100));
  bs_packet other = packet(10, 1, 2, 100);
  other.src_mac = 77; /* another MAC with this IP */
  insert(other);
  ck_assert(row[single(MI, 0, WEIGHT)] == 1);
  ck_assert(row[single(H, 0, WEIGHT)] == 2);
  other.dst_port = 5; /* another socket of the channel */
  insert(other);
  ck_assert(row[pair(HH, 0, WEIGHT)] == 3);
  ck_assert(row[pair(HPHP, 0, WEIGHT)] == 1);
  other.by_mac = true; /* no IP: sockets are MACs */
  insert(other);
  ck_assert(row[pair(HH, 0, WEIGHT)] == 4);
  ck_assert(row[pair(HPHP, 0, WEIGHT)] == 1);
  other.dst_ip = 3; /* another channel */
  insert(other);
  ck_assert(row[pair(HH, 0, WEIGHT)] == 1);
  ck_assert(row[pair(HPHP, 0, WEIGHT)] == 2);
  ck_assert(row[single(H, 0, WEIGHT)] == 5);
  end();
}
END_TEST

START_TEST(constant_lengths_leave_rounding_noise)
{
  /* The real files show |S2/w - mean^2| of 1e-13 .. 1e-10 for them, never a
   * true spread. */
  begin();
  double largest = 0;
  for (int i = 0; i < 2000; i++) {
    insert(packet(1505913529 + 0.0017 * i, 1, 2, 74));
    for (int k = 0; k < BS_WINDOWS; k++)
      largest = fmax(largest, row[single(MI, k, SPREAD)]);
    ck_assert_int_eq(memcmp(row + MI, row + H, 15 * sizeof *row), 0);
  }
  ck_assert_double_gt(largest, 0);
  ck_assert_double_lt(largest, 1e-9);
  end();
}
END_TEST

START_TEST(long_silence_keeps_the_partner)
{
  begin();
  insert(packet(10, 2, 1, 60));
  insert(packet(11, 2, 1, 60));
  insert(packet(12, 1, 2, 100));
  for (int i = 1; i <= 50; i++)
    insert(packet(12 + 1e5 * i, 1, 2, 100));
  for (int k = 0; k < BS_WINDOWS; k++) {
    near(row[pair(HH, k, MAGNITUDE)], sqrt(100. * 100 + 60. * 60));
    ck_assert(isfinite(row[pair(HH, k, COVARIANCE)]));
    near(row[pair(HH, k, WEIGHT)], 1);
  }
  end();
}
END_TEST

START_TEST(a_lone_packet_is_forgotten)
{
  begin();
  insert(packet(10, 1, 2, 60));
  insert(packet(10, 3, 4, 60));
  insert(packet(11, 3, 4, 60));
  insert(packet(10 + 3601, 1, 2, 60));
  ck_assert(row[single(JIT, 4, WEIGHT)] == 1);
  insert(packet(11 + 3601, 3, 4, 60));
  ck_assert_double_gt(row[single(JIT, 4, WEIGHT)], 1);
  /* Many strangers: the table is built anew, and loses none that counts. */
  for (uint32_t i = 0; i < 5000; i++)
    insert(packet(4000 + 0.01 * i, 100 + i, 2, 60));
  insert(packet(4051, 1, 2, 60));
  ck_assert_double_gt(row[single(MI, 4, WEIGHT)], 1.04);
  end();
}
END_TEST

START_TEST(powers_are_close)
{
  for (double x = 0; x < 1100; x += 0.0137) {
    double want = exp2(-x);
    if (x < 1021)
      ck_assert_double_eq_tol(bs_exp2_minus(x), want, 5e-16 * want);
  }
  ck_assert(bs_exp2_minus(0) == 1);
  ck_assert(bs_exp2_minus(3) == 0.125);
  ck_assert(bs_exp2_minus(1e300) == 0);
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(first_packet_is_all_there_is),
      BS_UNIT(second_packet_decays_in_base_two),
      BS_UNIT(one_stream_by_hand),
      BS_UNIT(two_streams_by_hand),
      BS_UNIT(covariance_is_that_of_published_rows),
      BS_UNIT(keys_tell_streams_apart),
      BS_UNIT(constant_lengths_leave_rounding_noise),
      BS_UNIT(long_silence_keeps_the_partner),
      BS_UNIT(a_lone_packet_is_forgotten),
      BS_UNIT(powers_are_close),
  };
  return bs_unit_run("extractor", tests, sizeof tests / sizeof *tests);
}
