/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/comm.h"

#include <stdio.h>
#include <string.h>

int bs_comm_rank(MPI_Comm comm)
{
  int rank;
  BS_MPI(MPI_Comm_rank(comm, &rank));
  return rank;
}

int bs_comm_size(MPI_Comm comm)
{
  int size;
  BS_MPI(MPI_Comm_size(comm, &size));
  return size;
}

bs_status bs_agree(MPI_Comm comm, bs_status local)
{
  int rank = bs_comm_rank(comm), size = bs_comm_size(comm);
  int mine = local == BS_OK ? size : rank, first;
  BS_MPI(MPI_Allreduce(&mine, &first, 1, MPI_INT, MPI_MIN, comm));
  if (first == size)
    return BS_OK;
  struct {
    int code;
    char text[BS_ERROR_TEXT];
  } error;
  memset(&error, 0, sizeof error);
  if (rank == first) {
    error.code = (int)local;
    strcpy(error.text, bs_error_text());
  }
  BS_MPI(MPI_Bcast(&error, (int)sizeof error, MPI_BYTE, first, comm));
  return bs_fail((bs_status)error.code, "%s", error.text);
}

void bs_mpi_fatal(int code, const char *call, const char *file, int line)
{
  char text[MPI_MAX_ERROR_STRING] = "unknown error";
  int rank = -1, length;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Error_string(code, text, &length);
  fprintf(stderr, "[rank %d] fatal: %s: %s (%s:%d)\n", rank, call, text, file,
          line);
  MPI_Abort(MPI_COMM_WORLD, BS_ERR_RUNTIME);
}
