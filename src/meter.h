/* SPDX-License-Identifier: BSD-3-Clause */
/** \file meter.h
 * Where a process's time goes besides computing: seconds inside MPI calls and
 * inside calls that read and write files, and the bytes of those. Counted by
 * BS_MPI (comm.h) and by io/metered.c; any thread may count, so seconds are
 * those of threads.
 */
#ifndef BS_METER_H
#define BS_METER_H
#include <stdint.h>

/** What is counted apart. */
typedef enum bs_meter_kind {
  BS_METER_MPI,
  BS_METER_READ,
  BS_METER_WRITE,
  BS_METER_LAST
} bs_meter_kind;

/** Totals since the process started. */
typedef struct bs_meters {
  double seconds[BS_METER_LAST];
  uint64_t bytes[BS_METER_LAST]; /**< none are counted for MPI */
} bs_meters;

/** Seconds of a clock that never goes back, from any start. */
double bs_clock(void);

/** Count what began at \a begun (bs_clock) and ends now. Any thread. */
void bs_meter_add(bs_meter_kind kind, double begun, uint64_t bytes);

/** The totals now. Any thread. */
bs_meters bs_meters_now(void);

#endif /* BS_METER_H */
