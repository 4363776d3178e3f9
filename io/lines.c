/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/lines.h"

#include "io/unpack.h"
#include "src/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STEP = 1 << 16 };

struct bs_lines {
  const bs_source_file *file;
  int fd;             /* plain files */
  bs_unpack *unpack;  /* packed files */
  uint64_t next, end; /* plain: start of the next block of line starts */
  char *buffer;       /* (room) */
  size_t room;
  size_t rest, rest_length; /* packed: what follows the last whole line */
  bool ended, cut;
};

static bs_status changed(const bs_source_file *file)
{
  return bs_fail(BS_ERR_INPUT, "%s: the file changed while it was read",
                 file->show);
}

static bs_status open_plain(bs_lines *l)
{
  struct stat now;
  l->fd = open(l->file->path, O_RDONLY | O_CLOEXEC);
  if (l->fd < 0 || fstat(l->fd, &now) != 0)
    return bs_fail(BS_ERR_INPUT, "cannot read %s: %s", l->file->show,
                   strerror(errno));
  if ((uint64_t)now.st_size != l->file->size)
    return changed(l->file);
  return BS_OK;
}

/* Memory for a block, once for all files: fresh pages cost more than reading.
 */
static bs_status create(bs_lines **lines)
{
  bs_lines *l;
  BS_TRY(bs_mem_zalloc(1, sizeof *l, &l));
  l->fd = -1;
  l->room = (size_t)BS_BLOCK_BYTES + BS_MAX_LINE + STEP + 1;
  bs_status st = bs_mem_alloc(l->room, 1, &l->buffer);
  *lines = l;
  return st;
}

static void close_file(bs_lines *l)
{
  if (l->fd >= 0)
    close(l->fd);
  l->fd = -1;
  bs_unpack_close(&l->unpack);
}

bs_status bs_lines_open(const bs_source_file *file, uint64_t begin,
                        uint64_t end, bs_lines **lines)
{
  bs_status st = *lines == NULL ? create(lines) : BS_OK;
  bs_lines *l = *lines;
  if (st == BS_OK) {
    close_file(l);
    l->file = file;
    l->next = begin;
    l->end = end;
    l->rest = l->rest_length = 0;
    l->ended = l->cut = false;
    st = file->packing == BS_PLAIN
             ? open_plain(l)
             : bs_unpack_open(file->path, file->member, file->show, &l->unpack);
  }
  if (st != BS_OK)
    bs_lines_close(lines);
  return st;
}

/* All of [from, from + length) of the file: it was that long when found. */
static bs_status read_all(bs_lines *l, char *to, size_t length, uint64_t from)
{
  while (length > 0) {
    ssize_t got = pread(l->fd, to, length, (off_t)from);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return bs_fail(BS_ERR_INPUT, "cannot read %s: %s", l->file->show,
                     strerror(errno));
    if (got == 0)
      return changed(l->file);
    to += got;
    length -= (size_t)got;
    from += (uint64_t)got;
  }
  return BS_OK;
}

/* Read on behind a block until its last line is whole. */
static bs_status finish_line(bs_lines *l, size_t *length, uint64_t position)
{
  size_t line = 0;
  while (position < l->file->size && l->buffer[*length - 1] != '\n') {
    uint64_t left = l->file->size - position;
    size_t step = left < STEP ? (size_t)left : STEP;
    BS_TRY(read_all(l, l->buffer + *length, step, position));
    char *end = memchr(l->buffer + *length, '\n', step);
    if (end != NULL) {
      *length = (size_t)(end - l->buffer) + 1;
      return BS_OK;
    }
    *length += step;
    position += step;
    line += step;
    if (line > BS_MAX_LINE) {
      l->cut = true;
      return BS_OK;
    }
  }
  return BS_OK;
}

/* Lines that start in the next block of bytes. The byte before it is read too:
 * only if it ends a line does one start with the block. */
static bs_status next_plain(bs_lines *l, const char **text, size_t *length)
{
  *length = 0;
  while (*length == 0 && l->next < l->end && !l->cut) {
    uint64_t begin = l->next;
    uint64_t end =
        l->end - begin > BS_BLOCK_BYTES ? begin + BS_BLOCK_BYTES : l->end;
    bool first = begin == l->file->data_begin;
    uint64_t from = first ? begin : begin - 1;
    size_t have = (size_t)(end - from);
    BS_TRY(read_all(l, l->buffer, have, from));
    char *start = l->buffer;
    if (!first) {
      start = memchr(l->buffer, '\n', have);
      start = start == NULL ? l->buffer + have : start + 1;
    }
    l->next = end;
    if (start == l->buffer + have)
      continue; /* no line starts here */
    BS_TRY(finish_line(l, &have, end));
    *text = start;
    *length = (size_t)(l->buffer + have - start);
  }
  return BS_OK;
}

/* Fill the buffer behind what is left over, up to a whole line. */
static bs_status next_packed(bs_lines *l, const char **text, size_t *length)
{
  size_t have = l->rest_length, got, whole = 0;
  memmove(l->buffer, l->buffer + l->rest, have);
  *length = 0;
  while (!l->ended && whole == 0) {
    while (!l->ended && have < BS_BLOCK_BYTES) {
      BS_TRY(bs_unpack_read(l->unpack, l->buffer + have, BS_BLOCK_BYTES - have,
                            &got));
      l->ended = got == 0;
      have += got;
    }
    whole = have;
    while (whole > 0 && l->buffer[whole - 1] != '\n')
      whole--;
    if (whole == 0 && have >= BS_MAX_LINE)
      l->cut = l->ended = true;
  }
  if (l->ended)
    whole = have;
  *text = l->buffer;
  *length = whole;
  l->rest = whole;
  l->rest_length = have - whole;
  return BS_OK;
}

bs_status bs_lines_next(bs_lines *l, const char **text, size_t *length)
{
  return l->unpack != NULL ? next_packed(l, text, length)
                           : next_plain(l, text, length);
}

bool bs_lines_cut(const bs_lines *lines)
{
  return lines->cut;
}

void bs_lines_close(bs_lines **lines)
{
  if (*lines == NULL)
    return;
  close_file(*lines);
  bs_mem_free(&(*lines)->buffer);
  bs_mem_free(lines);
}
