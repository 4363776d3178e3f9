/* SPDX-License-Identifier: BSD-3-Clause */
/** \file build.h
 * How this program was made, and what it runs with.
 */
#ifndef BS_BUILD_H
#define BS_BUILD_H
#include <stddef.h>

/** Compiler with its version; CMake's build type; the flags given by it. */
extern const char *const bs_build_compiler, *const bs_build_type,
                                                *const bs_build_flags;

/** Name and version of the MPI library that is loaded, as "Open MPI v4.1.4".
 * Works before MPI_Init. */
void bs_build_mpi(char *text, size_t room);

#endif /* BS_BUILD_H */
