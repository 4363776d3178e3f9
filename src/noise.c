/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/noise.h"

#include "src/exact_math.h"

static uint64_t mix(uint64_t z)
{
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

uint64_t bs_noise_bits(bs_noise *noise)
{
  noise->state += 0x9e3779b97f4a7c15U;
  return mix(noise->state);
}

bs_noise bs_noise_start(uint64_t seed, uint64_t a, uint64_t b)
{
  bs_noise noise = {mix(seed + 0x9e3779b97f4a7c15U)};
  noise.state = mix(noise.state + a);
  noise.state = mix(noise.state + b);
  return noise;
}

double bs_noise_uniform(bs_noise *noise)
{
  return (double)(bs_noise_bits(noise) >> 11) * 0x1p-53;
}

int64_t bs_noise_between(bs_noise *noise, int64_t low, int64_t high)
{
  /* The bias of the remainder is below 2^-32 for the ranges used here. */
  return low + (int64_t)(bs_noise_bits(noise) % (uint64_t)(high - low + 1));
}

double bs_noise_exponential(bs_noise *noise, double mean)
{
  return -mean * bs_exact_log(1 - bs_noise_uniform(noise));
}

double bs_noise_normal(bs_noise *noise)
{
  double sum = -6;
  for (int i = 0; i < 12; i++)
    sum += bs_noise_uniform(noise);
  return sum;
}

int64_t bs_noise_geometric(bs_noise *noise, double mean)
{
  if (mean <= 1)
    return 1;
  double u = 1 - bs_noise_uniform(noise);
  return 1 + (int64_t)(bs_exact_log(u) / bs_exact_log(1 - 1 / mean));
}
