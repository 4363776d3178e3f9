/* SPDX-License-Identifier: BSD-3-Clause */
/** \file stop.h
 * Being told to stop: by SIGUSR1 or SIGTERM, by a time limit, or by another
 * rank that was told. Work that can go on later asks at its safe points.
 */
#ifndef BS_STOP_H
#define BS_STOP_H
#include "src/status.h"
#include <mpi.h>
#include <stdbool.h>

/** Seconds of "[DD-]HH:MM:SS" or "SECONDS". \return BS_OK or BS_ERR_USAGE. */
bs_status bs_stop_parse(const char *text, double *seconds);

/** From now on note the signals instead of dying of them. Once per process.
 * \param [in] seconds  Time limit from now, of the wall clock; 0: none. */
void bs_stop_catch(double seconds);

/** Tell all ranks through a file: who is told to stop makes it, the others look
 * for it twice a second.
 * \param [in] path  Where all ranks see it; NULL: no longer. */
void bs_stop_spread(const char *path);

/** Is this process to stop? Any thread may ask, and often: most calls cost one
 * reading of a clock. */
bool bs_stop_wanted(void);

/** BS_STOPPED with its text if this process is to stop, else BS_OK. */
bs_status bs_stop_check(void);

#endif /* BS_STOP_H */
