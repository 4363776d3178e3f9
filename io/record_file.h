/* SPDX-License-Identifier: BSD-3-Clause */
/** \file record_file.h
 * A file of records, each a key and bytes, that is either whole or refused:
 *   "BSRECS01", identity, sequence, bytes of the records (64 bits each);
 *   the records: length of the key (32 bits), bytes (64 bits), key, bytes;
 *   XXH3-64 (seed 0) of all before.
 * Numbers are little-endian. Nothing here is collective.
 */
#ifndef BS_RECORD_FILE_H
#define BS_RECORD_FILE_H
#include "src/pack.h"
#include "src/status.h"
#include <stdbool.h>
#include <stdint.h>

/** Bytes before the first record. */
enum { BS_RECORD_HEADER = 32 };

/** XXH3-64 of some bytes. */
uint64_t bs_bytes_hash(const void *data, size_t bytes);

/** Append a record. */
void bs_record_add(bs_pack *records, const char *key, const void *data,
                   size_t bytes);

/** The next record of \a from; key is copied, data points into \a from. */
bool bs_record_next(bs_unpack *from, char *key, size_t room, const char **data,
                    size_t *bytes);

/** Write a file so that under \a path there is all of it or what was there
 * before, also after a power failure: to path.part, flushed, renamed, and the
 * folder flushed.
 * \return BS_OK or BS_ERR_RESOURCE; then no path.part is left. */
bs_status bs_file_replace(const char *path, const void *data, size_t bytes);

/** Bring the folder that a file is in to the disk: there a new file or a rename
 * is safe. False, and errno, where that fails. */
bool bs_folder_flush(const char *path);

/** Write records by bs_file_replace. */
bs_status bs_record_file_write(const char *path, uint64_t identity,
                               uint64_t sequence, const bs_pack *records);

/** Read a whole file and check it.
 * \param [out] data  The records, see bs_mem_free; NULL on failure.
 * \return  BS_OK, BS_ERR_RESOURCE, or BS_ERR_INPUT where it is not whole or of
 *          another identity. */
bs_status bs_record_file_read(const char *path, uint64_t identity,
                              uint64_t *sequence, char **data, size_t *bytes);

#endif /* BS_RECORD_FILE_H */
