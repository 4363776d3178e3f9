/* SPDX-License-Identifier: BSD-3-Clause */
/** \file read_at.h
 * Reading from a place of a file.
 */
#ifndef BS_READ_AT_H
#define BS_READ_AT_H
#include <stddef.h>
#include <stdint.h>

/** Read \a bytes from \a at on. Any thread; the descriptor's own place stays.
 * \return  Bytes read: fewer at the end of the file, then errno is 0, or where
 *          reading fails, then errno says why. */
size_t bs_read_at(int fd, void *to, size_t bytes, uint64_t at);

#endif /* BS_READ_AT_H */
