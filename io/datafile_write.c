/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/datafile_write.h"

#include "io/datafile_create.h"
#include "io/datafile_facts.h"
#include "io/datafile_pack.h"
#include "io/datafile_values.h"
#include "io/record_file.h"
#include "io/unfinished.h"
#include "src/comm.h"
#include "src/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct bs_writer {
  MPI_Comm comm;
  char *path, *part, *packed;
  const bs_datafile *facts;
  int deflate;
  bs_values *values;   /* while they are written */
  bs_unfinished *kept; /* or NULL */
};

/* ---- Making room. */

static bs_status copy_path(bs_writer *w, const char *path)
{
  size_t length = strlen(path) + sizeof ".packed.part";
  w->path = strdup(path);
  w->part = malloc(length);
  w->packed = malloc(length);
  if (w->path == NULL || w->part == NULL || w->packed == NULL)
    return bs_fail(BS_ERR_RESOURCE, "out of memory");
  snprintf(w->part, length, "%s.part", path);
  snprintf(w->packed, length, "%s.packed.part", path);
  return BS_OK;
}

static void free_writer(bs_writer **writer)
{
  bs_writer *w = *writer;
  if (w == NULL)
    return;
  bs_unfinished_free(&w->kept);
  free(w->path);
  free(w->part);
  free(w->packed);
  bs_mem_free(writer);
}

void bs_writer_abandon(bs_writer **writer)
{
  bs_writer *w = *writer;
  if (w == NULL)
    return;
  bs_values_abandon(&w->values);
  BS_MPI(MPI_Barrier(w->comm));
  if (bs_comm_rank(w->comm) == 0) {
    unlink(w->part);
    if (w->deflate > 0)
      unlink(w->packed);
  }
  free_writer(writer);
}

static void leave(bs_writer **writer)
{
  bs_writer *w = *writer;
  if (w->values != NULL)
    bs_unfinished_leave(w->kept, bs_values_descriptor(w->values));
  bs_values_abandon(&w->values);
  if (bs_comm_rank(w->comm) == 0 && w->deflate > 0)
    unlink(w->packed);
  free_writer(writer);
}

static bs_status create_on_root(const bs_writer *w)
{
  struct stat info;
  errno = 0;
  if (stat(w->path, &info) == 0 && !S_ISREG(info.st_mode))
    return bs_fail(BS_ERR_RESOURCE, "cannot write %s: not a regular file",
                   w->path);
  return bs_datafile_create(w->part, w->facts);
}

bs_status bs_writer_create(MPI_Comm comm, const char *path,
                           const bs_datafile *facts, int deflate,
                           bs_writer **out)
{
  return bs_writer_create_kept(comm, path, facts, deflate, NULL, 0, out);
}

bs_status bs_writer_create_kept(MPI_Comm comm, const char *path,
                                const bs_datafile *facts, int deflate,
                                const bs_keep *keep, int units, bs_writer **out)
{
  bs_writer *w = NULL;
  *out = NULL;
  bs_status st = bs_mem_zalloc(1, sizeof *w, &w);
  if (st == BS_OK) {
    w->comm = comm;
    w->facts = facts;
    w->deflate = deflate;
    st = copy_path(w, path);
  }
  BS_GO(st, bs_agree(comm, st));
  if (keep != NULL)
    BS_GO(st,
          bs_unfinished_find(comm, keep, w->part, units, NULL, NULL, &w->kept));
  if (bs_comm_rank(comm) == 0 && bs_writer_taken(w) == 0)
    st = create_on_root(w);
  BS_GO(st, bs_agree(comm, st));
  if (keep != NULL && bs_writer_taken(w) == 0)
    st = bs_unfinished_start(comm, w->kept);
  if (st == BS_OK)
    st = bs_values_open(comm, w->part, facts, &w->values);
  *out = w;
  if (st != BS_OK && bs_writer_taken(w) > 0)
    leave(out);
  else if (st != BS_OK)
    bs_writer_abandon(out);
  return st;
done:
  free_writer(&w);
  return st;
}

/* ---- Values. */

bs_status bs_writer_put(bs_writer *w, const bs_slab *slab)
{
  return slab->rows == 0 ? BS_OK : bs_values_put(w->values, slab);
}

void bs_writer_reached(bs_writer *w, const bs_slab *slab)
{
  bs_values_reached(w->values, slab);
}

int bs_writer_taken(const bs_writer *w)
{
  return w->kept == NULL ? 0 : bs_unfinished_taken(w->kept);
}

bool bs_writer_has(const bs_writer *w, int unit)
{
  return w->kept != NULL && bs_unfinished_has(w->kept, unit);
}

bs_status bs_writer_done(bs_writer *w, int unit)
{
  return w->kept == NULL ? BS_OK
                         : bs_unfinished_done(w->kept, unit, 0,
                                              bs_values_descriptor(w->values));
}

static bs_status keep_units(bs_writer *w)
{
  return w->kept == NULL || w->values == NULL
             ? BS_OK
             : bs_unfinished_save(w->kept, bs_values_descriptor(w->values));
}

bs_status bs_writer_close(bs_writer *w)
{
  BS_TRY(bs_agree(w->comm, keep_units(w)));
  return bs_agree(w->comm, bs_values_close(&w->values));
}

/* Pieces seldom end where chunks do, so compression waits until all values are
 * there: a chunk is then compressed once. */
bs_status bs_writer_pack(bs_writer *w)
{
  if (w->deflate == 0)
    return BS_OK;
  bool root = bs_comm_rank(w->comm) == 0;
  bs_status st =
      root ? bs_datafile_create_packed(w->packed, w->facts, w->deflate, w->part)
           : BS_OK;
  BS_TRY(bs_agree(w->comm, st));
  BS_TRY(bs_pack_x(w->comm, w->part, w->packed, w->facts->n, w->facts->d,
                   bs_chunk_rows(w->facts->n)));
  if (root && w->kept != NULL)
    st = bs_unfinished_end(w->kept);
  if (root && st == BS_OK && rename(w->packed, w->part) != 0)
    st = bs_cannot_write(w->part);
  return bs_agree(w->comm, st);
}

const char *bs_writer_path(const bs_writer *writer)
{
  return writer->part;
}

/* ---- The end. */

bool bs_writer_give_up(bs_writer **writer, bs_status st)
{
  const bool goes_on =
      *writer != NULL && (*writer)->kept != NULL && bs_unfinished_goes_on(st);
  goes_on ? leave(writer) : bs_writer_abandon(writer);
  return goes_on;
}

static bs_status finish_on_root(const bs_writer *w, const bs_origin *origin)
{
  if (w->kept != NULL && w->deflate == 0)
    BS_TRY(bs_unfinished_end(w->kept));
  BS_TRY(bs_datafile_put_facts(w->part, w->facts, origin));
  errno = 0;
  int fd = open(w->part, O_RDONLY | O_CLOEXEC);
  bool good = fd >= 0 && fsync(fd) == 0;
  if (fd >= 0)
    good = close(fd) == 0 && good;
  if (!good || rename(w->part, w->path) != 0)
    return bs_cannot_write(w->path);
  bs_folder_flush(w->path); /* it is there, whatever that says */
  return BS_OK;
}

bs_status bs_writer_finish(bs_writer **writer, const bs_origin *origin)
{
  bs_writer *w = *writer;
  bs_status st = BS_OK;
  if (bs_comm_rank(w->comm) == 0)
    st = finish_on_root(w, origin);
  BS_TRY(bs_agree(w->comm, st));
  free_writer(writer);
  return BS_OK;
}
