/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/meter.h"

#include <stdatomic.h>
#include <time.h>

static _Atomic uint64_t nanoseconds[BS_METER_LAST], moved[BS_METER_LAST];

double bs_clock(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void bs_meter_add(bs_meter_kind kind, double begun, uint64_t bytes)
{
  const double seconds = bs_clock() - begun;
  atomic_fetch_add_explicit(&nanoseconds[kind], (uint64_t)(seconds * 1e9),
                            memory_order_relaxed);
  atomic_fetch_add_explicit(&moved[kind], bytes, memory_order_relaxed);
}

bs_meters bs_meters_now(void)
{
  bs_meters now;
  for (int i = 0; i < BS_METER_LAST; i++) {
    now.seconds[i] = 1e-9 * (double)atomic_load_explicit(&nanoseconds[i],
                                                         memory_order_relaxed);
    now.bytes[i] = atomic_load_explicit(&moved[i], memory_order_relaxed);
  }
  return now;
}
