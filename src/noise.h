/* SPDX-License-Identifier: BSD-3-Clause */
/** \file noise.h
 * Random numbers with the same bits on every machine.
 */
#ifndef BS_NOISE_H
#define BS_NOISE_H
#include <stdint.h>

/** A stream of random numbers: splitmix64 (Steele, Lea, Flood, "Fast splittable
 * pseudorandom number generators", OOPSLA 2014). */
typedef struct bs_noise {
  uint64_t state;
} bs_noise;

/** The stream that belongs to a seed and two numbers of the caller's. */
bs_noise bs_noise_start(uint64_t seed, uint64_t a, uint64_t b);
/** 64 random bits. */
uint64_t bs_noise_bits(bs_noise *noise);
/** Uniform in [0, 1), in steps of 2^-53. */
double bs_noise_uniform(bs_noise *noise);
/** Uniform whole number from \a low to \a high, both included. */
int64_t bs_noise_between(bs_noise *noise, int64_t low, int64_t high);
/** Exponential with the given mean: the wait for an event without memory. */
double bs_noise_exponential(bs_noise *noise, double mean);
/** Nearly normal with mean 0 and deviation 1, within [-6, 6]. */
double bs_noise_normal(bs_noise *noise);
/** Number of trials up to the first success, at least 1, of the given mean. */
int64_t bs_noise_geometric(bs_noise *noise, double mean);

#endif /* BS_NOISE_H */
