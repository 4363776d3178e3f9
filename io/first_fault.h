/* SPDX-License-Identifier: BSD-3-Clause */
/** \file first_fault.h
 * Which piece of the input failed first in row order, where threads and ranks
 * meet faults in any order.
 */
#ifndef BS_FIRST_FAULT_H
#define BS_FIRST_FAULT_H
#include "src/status.h"
#include <limits.h>
#include <mpi.h>
#include <stdbool.h>

/** Shared by the threads of a rank: an error's text is its thread's own. */
typedef struct bs_first_fault {
  int piece; /**< index, INT_MAX as long as there is none */
  bs_status status;
  char text[BS_ERROR_TEXT];
} bs_first_fault;
#define BS_NO_FAULT                                                            \
  {                                                                            \
    .piece = INT_MAX                                                           \
  }

/** Note the outcome of a piece, with the calling thread's error text. */
void bs_fault_note(bs_first_fault *fault, int piece, bs_status st);
/** Has a piece before this one failed? */
bool bs_fault_before(const bs_first_fault *fault, int piece);
/** Agree on the first of all ranks. Collective; one thread calls it. */
bs_status bs_fault_agree(MPI_Comm comm, const bs_first_fault *fault);
/** The same, of a rank that stopped at its first fault.
 * \param [in] piece  Where the caller failed; ignored if \a local is BS_OK. */
bs_status bs_agree_first(MPI_Comm comm, bs_status local, int piece);

#endif /* BS_FIRST_FAULT_H */
