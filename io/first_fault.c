/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/first_fault.h"

#include "src/comm.h"
#include <string.h>

void bs_fault_note(bs_first_fault *fault, int piece, bs_status st)
{
  if (st == BS_OK)
    return;
#pragma omp critical(bs_fault)
  if (piece < fault->piece) {
    fault->status = st;
    strcpy(fault->text, bs_error_text());
#pragma omp atomic write
    fault->piece = piece;
  }
}

bool bs_fault_before(const bs_first_fault *fault, int piece)
{
  int first;
#pragma omp atomic read
  first = fault->piece;
  return first < piece;
}

bs_status bs_fault_agree(MPI_Comm comm, const bs_first_fault *fault)
{
  bs_status st = fault->piece == INT_MAX
                     ? BS_OK
                     : bs_fail(fault->status, "%s", fault->text);
  return bs_agree_first(comm, st, fault->piece);
}

bs_status bs_agree_first(MPI_Comm comm, bs_status local, int piece)
{
  struct {
    int piece, rank;
  } mine = {local == BS_OK ? INT_MAX : piece, bs_comm_rank(comm)}, first;
  BS_MPI(MPI_Allreduce(&mine, &first, 1, MPI_2INT, MPI_MINLOC, comm));
  if (first.piece == INT_MAX && local == BS_OK)
    return bs_agree(comm, local);
  /* Only the first one speaks up. */
  return bs_agree(comm, mine.rank == first.rank ? local : BS_OK);
}
