/* SPDX-License-Identifier: BSD-3-Clause */
/** \file rar5.h
 * The checksums a RAR 5 archive holds of its members.
 */
#ifndef BS_RAR5_H
#define BS_RAR5_H
#include <stdbool.h>
#include <stdint.h>

/** Find the CRC-32 that an archive states for a member, by the layout of RAR 5
 * that its maker publishes ("RAR 5.0 archive format").
 * \return  False where the file is no such archive, or states none. */
bool bs_rar5_crc(const char *path, const char *member, uint32_t *crc);

#endif /* BS_RAR5_H */
