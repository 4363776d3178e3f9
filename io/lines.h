/* SPDX-License-Identifier: BSD-3-Clause */
/** \file lines.h
 * The text of an input file, as blocks of whole lines, in bounded memory.
 */
#ifndef BS_LINES_H
#define BS_LINES_H
#include "io/source.h"
#include "src/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The longest line taken: more is not a line of numbers but something else,
 * and must not fill the memory. */
enum { BS_MAX_LINE = 8 << 20 };

/** Most bytes of a block. */
enum { BS_LINES_MOST = BS_MAX_LINE + (1 << 18) };

/** An open range of text. */
typedef struct bs_lines bs_lines;

/** Open the lines of \a file that start in [begin, end) of its text; for
 * packed files the range must be the whole text, 0 .. UINT64_MAX, and starts
 * before the header. Not collective.
 * \param [in,out] lines  NULL, or what was opened before, whose memory is used
 *                        again. See bs_lines_close; NULL on failure.
 */
bs_status bs_lines_open(const bs_source_file *file, uint64_t begin,
                        uint64_t end, bs_lines **lines);
/** The next block: whole lines, with their line ends but perhaps for the last
 * of the file. A line longer than BS_MAX_LINE is cut there and ends the text.
 * \param [out] text    Valid until the next call; starts no line twice.
 * \param [out] length  Bytes; 0 at the end.
 * \return  BS_OK; BS_ERR_INPUT where the file cannot be read, is damaged, or
 *          has changed since it was found.
 */
bs_status bs_lines_next(bs_lines *lines, const char **text, size_t *length);
/** Where in its file the last block began; plain files. */
uint64_t bs_lines_place(const bs_lines *lines);
/** True once the text has been cut inside a line that is too long. */
bool bs_lines_cut(const bs_lines *lines);
/** Close and set to NULL; NULL is a no-op. */
void bs_lines_close(bs_lines **lines);

#endif /* BS_LINES_H */
