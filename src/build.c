/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/build.h"

#include <mpi.h>
#include <stdio.h>
#include <string.h>

#ifdef __clang__
const char *const bs_build_compiler = __VERSION__;
#else
const char *const bs_build_compiler = "gcc " __VERSION__;
#endif
const char *const bs_build_type = BS_BUILD_TYPE;
const char *const bs_build_flags = BS_BUILD_FLAGS;

void bs_build_mpi(char *text, size_t room)
{
  char all[MPI_MAX_LIBRARY_VERSION_STRING];
  int length;
  MPI_Get_library_version(all, &length);
  snprintf(text, room, "%.*s", (int)strcspn(all, ",\n"), all);
}
