/* SPDX-License-Identifier: BSD-3-Clause */
/** \file unpack.h
 * Reading compressed files and members of archives, through libarchive.
 */
#ifndef BS_UNPACK_H
#define BS_UNPACK_H
#include "src/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What the first bytes of a file say about it. */
typedef enum bs_magic {
  BS_MAGIC_OTHER,
  BS_MAGIC_COMPRESSED, /**< gzip, xz, zstd, bzip2 */
  BS_MAGIC_ARCHIVE,    /**< zip, RAR5, 7z */
  BS_MAGIC_RAR4        /**< which libarchive reads wrongly */
} bs_magic;

/** Look at the first bytes of a file. BS_ERR_INPUT where it cannot be read.
 * \param [in] show  What messages call it. */
bs_status bs_magic_of(const char *path, const char *show, bs_magic *magic);
/** Does the name end like a (perhaps compressed) tar archive? */
bool bs_is_tar_name(const char *name);

/** An open packed text. */
typedef struct bs_unpack bs_unpack;

/** Open a compressed file (member NULL), or a member of an archive.
 * \param [in] show  What messages call it.
 */
bs_status bs_unpack_open(const char *path, const char *member, const char *show,
                         bs_unpack **out);
/** Read up to \a room bytes; *got is 0 at the end only. BS_ERR_INPUT where the
 * file is damaged or cut short. */
bs_status bs_unpack_read(bs_unpack *u, char *to, size_t room, size_t *got);
void bs_unpack_close(bs_unpack **u);

/** Call \a visit for every file member of an archive, until it fails. A member
 * whose path leads outside the archive is BS_ERR_INPUT. */
bs_status bs_unpack_list(const char *path, const char *show,
                         bs_status (*visit)(void *context, const char *member),
                         void *context);

#endif /* BS_UNPACK_H */
