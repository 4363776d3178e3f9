/* SPDX-License-Identifier: BSD-3-Clause */
/* Linked into the program, makes it one with another MPI library. */
#include <mpi.h>
#include <string.h>

int MPI_Get_library_version(char *version, int *length)
{
  strcpy(version, "Other MPI v9.9, for a test");
  *length = (int)strlen(version);
  return MPI_SUCCESS;
}
