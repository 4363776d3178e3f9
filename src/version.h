/* SPDX-License-Identifier: BSD-3-Clause */
/** \file version.h
 * The one place the version lives; CMake reads it from here.
 */
#ifndef BS_VERSION_H
#define BS_VERSION_H

#define BS_VERSION_MAJOR 0
#define BS_VERSION_MINOR 1
#define BS_VERSION_PATCH 0
#define BS_VERSION "0.1.0"

#endif /* BS_VERSION_H */
