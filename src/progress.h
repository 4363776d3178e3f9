/* SPDX-License-Identifier: BSD-3-Clause */
/** \file progress.h
 * How far a long piece of work is. Every rank counts what it has done in memory
 * that its node shares, without waiting for anybody; a thread of rank 0, which
 * never calls MPI, adds up the counts of its node and tells of them in the log.
 * Ranks elsewhere are dealt the same work, so that their part is taken to be as
 * far. Results can't depend on it. One per process, as the log.
 */
#ifndef BS_PROGRESS_H
#define BS_PROGRESS_H
#include "src/shared.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Make room for the counts and start the thread. Where there is no room,
 * nothing is told. Collective over the node.
 * \param [in] tells  On rank 0 of the job. \a node must outlive the progress.
 */
void bs_progress_open(const bs_node *node, bool tells);
/** End the thread. Collective over the node. */
void bs_progress_close(void);

/** Begin a piece of work. Not collective; one thread of each rank that takes
 * part calls it. One piece at a time: a new one ends the last.
 * \param [in] what   What is done, as in "training"; ranks that work on the
 *                    same say the same.
 * \param [in] unit   What is counted, as in "trees"; a literal.
 * \param [in] units  How many there are for this rank, 0 if others count.
 * \param [in] cost   What they cost in all, in any unit; the time left is
 *                    reckoned from it. */
void bs_progress_begin(const char *what, const char *unit, uint64_t units,
                       uint64_t cost);
/** Some units are done, of that cost. Any thread; no system call. */
void bs_progress_add(uint64_t units, uint64_t cost);
/** The piece of work is done, by all ranks. */
void bs_progress_end(void);

/** When the log was last told of progress. */
typedef struct bs_pace {
  double time; /**< seconds */
  double part; /**< 0 .. 1, of the work */
} bs_pace;

/** Is a line due? If so *last moves on. Not sooner than \a interval seconds
 * after the last, and then for 5 % more or six intervals: at intervals of 10 s,
 * no hour has more than 360 lines. */
bool bs_progress_due(bs_pace *last, double interval, double now, double part);

/** "12 s", "3 min", "2.5 h". */
void bs_progress_time(double seconds, char *text, size_t room);

#endif /* BS_PROGRESS_H */
