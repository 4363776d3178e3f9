/* SPDX-License-Identifier: BSD-3-Clause */
/* memrchr is GNU's own. */
#define _GNU_SOURCE
#include "io/lines.h"

#include "io/read_at.h"
#include "io/unpack.h"
#include "src/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Read at once: stays in the cache until it is parsed. Of what follows a range
 * only the rest of its last line is wanted. */
enum { STEP = BS_LINES_MOST - BS_MAX_LINE, TAIL = 1 << 12 };

struct bs_lines {
  const bs_source_file *file;
  int fd;            /* plain files */
  bs_unpack *unpack; /* packed files */
  uint64_t at, end;  /* plain: read up to here; lines start before the end */
  char *buffer;      /* (BS_LINES_MOST) */
  size_t rest, rest_length; /* what follows the last whole line */
  bool inside; /* the text so far is of a line of the range before */
  bool ended, cut;
};

static bs_status open_plain(bs_lines *l)
{
  struct stat now;
  l->fd = open(l->file->path, O_RDONLY | O_CLOEXEC);
  if (l->fd < 0 || fstat(l->fd, &now) != 0)
    return bs_fail(BS_ERR_INPUT, "cannot read %s: %s", l->file->show,
                   strerror(errno));
  if ((uint64_t)now.st_size != l->file->size)
    return bs_source_changed(l->file);
  return BS_OK;
}

/* Memory for a block, once for all files: fresh pages cost more than reading.
 */
static bs_status create(bs_lines **lines)
{
  bs_lines *l;
  BS_TRY(bs_mem_zalloc(1, sizeof *l, &l));
  l->fd = -1;
  bs_status st = bs_mem_alloc(BS_LINES_MOST, 1, &l->buffer);
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
    /* Only if the byte before it ends a line does one start with a range. */
    l->inside = file->packing == BS_PLAIN && begin != file->data_begin;
    l->at = l->inside ? begin - 1 : begin;
    l->end = end;
    l->rest = l->rest_length = 0;
    l->ended = begin == end;
    l->cut = false;
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
  if (bs_read_at(l->fd, to, length, from) == length)
    return BS_OK;
  if (errno == 0)
    return bs_source_changed(l->file);
  return bs_fail(BS_ERR_INPUT, "cannot read %s: %s", l->file->show,
                 strerror(errno));
}

/* Some more text; none at its end. */
static bs_status read_more(bs_lines *l, char *to, size_t *got)
{
  if (l->unpack != NULL)
    return bs_unpack_read(l->unpack, to, STEP, got);
  bool behind = l->at >= l->end;
  uint64_t left = (behind ? l->file->size : l->end) - l->at;
  size_t most = behind ? TAIL : STEP;
  *got = left < most ? (size_t)left : most;
  BS_TRY(read_all(l, to, *got, l->at));
  l->at += *got;
  return BS_OK;
}

/* Pass over what is of a line of the range before: its bytes left. */
static size_t skip_line(bs_lines *l, size_t have)
{
  char *end = memchr(l->buffer, '\n', have);
  size_t left = end == NULL ? 0 : have - (size_t)(end + 1 - l->buffer);
  l->inside = end == NULL;
  memmove(l->buffer, l->buffer + have - left, left);
  return left;
}

/* Bytes up to the last line end, of the first that is behind the range; those
 * seen before have none. */
static size_t find_whole(const char *text, size_t seen, size_t have,
                         bool behind)
{
  const char *end = behind ? memchr(text + seen, '\n', have - seen)
                           : memrchr(text + seen, '\n', have - seen);
  return end == NULL ? 0 : (size_t)(end + 1 - text);
}

bs_status bs_lines_next(bs_lines *l, const char **text, size_t *length)
{
  size_t have = l->rest_length, seen = have, whole = 0, got;
  memmove(l->buffer, l->buffer + l->rest, have);
  for (; !l->ended && whole == 0; seen = have) {
    bool behind = l->at >= l->end;
    BS_TRY(read_more(l, l->buffer + have, &got));
    have += got;
    if (l->inside)
      have = skip_line(l, have);
    whole = find_whole(l->buffer, seen, have, behind);
    l->cut = whole == 0 && have >= BS_MAX_LINE;
    if (l->cut || got == 0)
      whole = have;
    l->ended =
        l->cut || got == 0 ||
        (behind ? whole > 0 : l->at >= l->end && (l->inside || whole == have));
  }
  *text = l->buffer;
  *length = whole;
  l->rest = whole;
  l->rest_length = have - whole;
  return BS_OK;
}

uint64_t bs_lines_place(const bs_lines *lines)
{
  return lines->at - lines->rest - lines->rest_length;
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
