/* SPDX-License-Identifier: BSD-3-Clause */
/** \file cpus.h
 * Sets of the processors of a node.
 */
#ifndef BS_CPUS_H
#define BS_CPUS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** As many as the C library's cpu_set_t has. */
enum { BS_CPUS_MOST = 1024 };

/** CPU i is in the set if bit i % 64 of word i / 64 is 1. */
typedef struct bs_cpus {
  uint64_t word[BS_CPUS_MOST / 64];
} bs_cpus;

/** Number of CPUs in the set. */
int bs_cpus_count(const bs_cpus *set);
/** Have two sets a CPU in common? */
bool bs_cpus_meet(const bs_cpus *a, const bs_cpus *b);
bool bs_cpus_equal(const bs_cpus *a, const bs_cpus *b);
/** Add those of \a other to \a set. */
void bs_cpus_join(bs_cpus *set, const bs_cpus *other);
/** The set as Linux lists it, "0-3,8"; cut off with "..." where there is no
 * room. \a room is at least 16. */
void bs_cpus_text(const bs_cpus *set, char *text, size_t room);
/** The set of such a list, which may end in white space; what is no list ends
 * it. */
void bs_cpus_parse(const char *text, bs_cpus *set);

#endif /* BS_CPUS_H */
