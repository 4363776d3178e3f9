/* SPDX-License-Identifier: BSD-3-Clause */
/* getrandom is no part of POSIX. */
#define _DEFAULT_SOURCE
#include "io/unfinished.h"

#include "io/datafile_create.h"
#include "src/comm.h"
#include "src/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MARK = 16 }; /* bytes */

struct bs_unfinished {
  const bs_keep *keep;
  const char *path;
  int rank, units, taken;
  char mark[MARK];
  uint64_t *done; /* (units) 0, or once done bytes as told + 1 */
  int fault;      /* errno of the first failure to get to the disk, or 0 */
};

/* ---- The mark; rank 0. */

/* The last bytes of the file, or none. */
static void read_mark(bs_unfinished *u)
{
  struct stat info;
  int fd = open(u->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* or a pipe */
  if (fd < 0)
    return;
  if (fstat(fd, &info) != 0 || info.st_size < MARK ||
      pread(fd, u->mark, MARK, info.st_size - MARK) != MARK)
    memset(u->mark, 0, MARK);
  close(fd);
}

static bool is_ours(const bs_unfinished *u)
{
  bs_unfinished found = {.path = u->path};
  read_mark(&found);
  return memcmp(found.mark, u->mark, MARK) == 0;
}

/* Put the mark behind the file, or take it off. */
static bs_status set_mark(const bs_unfinished *u, bool on)
{
  struct stat info;
  errno = 0;
  int fd = open(u->path, O_WRONLY | O_CLOEXEC);
  bool good = fd >= 0 && fstat(fd, &info) == 0;
  if (on)
    good = good && pwrite(fd, u->mark, MARK, info.st_size) == MARK;
  else
    good = good && ftruncate(fd, info.st_size - MARK) == 0;
  good = good && fsync(fd) == 0;
  bs_status st = good ? BS_OK : bs_cannot_write(u->path);
  if (fd >= 0)
    close(fd);
  return st;
}

/* ---- Finding. */

/* A state is of one rank of an earlier run. Units are dealt to the first ranks
 * first: those behind as many as there are units have done none. */
static void state_key(int rank, char key[32])
{
  snprintf(key, 32, "units%d", rank);
}

static bs_status read_state(bs_unfinished *u, int rank, bool *other)
{
  char key[32], *data;
  size_t bytes;
  state_key(rank, key);
  BS_TRY(u->keep->get(u->keep->store, key, &data, &bytes));
  bs_unpack from = {data, bytes};
  char mark[MARK];
  uint64_t done;
  if (data != NULL && bytes == MARK + (size_t)u->units * sizeof done &&
      bs_unpack_take(&from, mark, MARK) && memcmp(mark, u->mark, MARK) == 0)
    for (int i = 0; i < u->units; i++) {
      bs_unpack_take(&from, &done, sizeof done);
      u->done[i] = done != 0 ? done : u->done[i];
    }
  else
    *other = *other || data != NULL;
  bs_mem_free(&data);
  return BS_OK;
}

static bs_status find_units(bs_unfinished *u, bs_unfinished_there there,
                            const void *context)
{
  static const char none[MARK];
  char line[4300];
  bool other = false;
  read_mark(u);
  for (int i = 0; i < u->units; i++)
    BS_TRY(read_state(u, i, &other));
  if (memcmp(u->mark, none, MARK) == 0)
    memset(u->done, 0, (size_t)u->units * sizeof *u->done);
  for (int i = 0; i < u->units; i++) {
    if (u->done[i] != 0 && there != NULL && !there(context, i, u->done[i] - 1))
      u->done[i] = 0;
    u->taken += u->done[i] != 0;
  }
  if (u->taken > 0)
    snprintf(line, sizeof line, "checkpoint: %d of %d parts of %s taken over",
             u->taken, u->units, u->path);
  else if (other)
    snprintf(line, sizeof line,
             "WARNING: checkpoint: %s is not the file it speaks of; all of it "
             "is done again",
             u->path);
  else
    return BS_OK;
  u->keep->say(u->keep->store, line);
  return BS_OK;
}

bs_status bs_unfinished_find(MPI_Comm comm, const bs_keep *keep,
                             const char *path, int units,
                             bs_unfinished_there there, const void *context,
                             bs_unfinished **out)
{
  bs_unfinished *u = NULL;
  *out = NULL;
  bs_status st = bs_mem_zalloc(1, sizeof *u, &u);
  if (st == BS_OK) {
    u->keep = keep;
    u->path = path;
    u->rank = bs_comm_rank(comm);
    u->units = units;
    st = bs_mem_zalloc((size_t)units, sizeof *u->done, &u->done);
  }
  BS_GO(st, bs_agree(comm, st));
  if (u->rank == 0)
    st = find_units(u, there, context);
  BS_GO(st, bs_agree(comm, st));
  BS_MPI(MPI_Bcast(u->mark, MARK, MPI_BYTE, 0, comm));
  BS_MPI(MPI_Bcast(&u->taken, 1, MPI_INT, 0, comm));
  BS_MPI(MPI_Bcast(u->done, units, MPI_UINT64_T, 0, comm));
done:
  if (st != BS_OK)
    bs_unfinished_free(&u);
  *out = u;
  return st;
}

void bs_unfinished_free(bs_unfinished **file)
{
  if (*file != NULL)
    bs_mem_free(&(*file)->done);
  bs_mem_free(file);
}

/* ---- Writing. */

int bs_unfinished_taken(const bs_unfinished *u)
{
  return u->taken;
}

bs_status bs_unfinished_start(MPI_Comm comm, bs_unfinished *u)
{
  bs_status st = BS_OK;
  if (u->rank == 0)
    st = getrandom(u->mark, MARK, 0) == MARK
             ? set_mark(u, true)
             : bs_fail(BS_ERR_RUNTIME, "no random bytes: %s", strerror(errno));
  BS_TRY(bs_agree(comm, st));
  BS_MPI(MPI_Bcast(u->mark, MARK, MPI_BYTE, 0, comm));
  return BS_OK;
}

static uint64_t read_done(const bs_unfinished *u, int unit)
{
  uint64_t done;
#pragma omp atomic read
  done = u->done[unit];
  return done;
}

bool bs_unfinished_has(const bs_unfinished *u, int unit)
{
  return read_done(u, unit) != 0;
}

/* A unit counts only once it is on the disk. The system tells of a failure just
 * once, so it is remembered: nothing that was not kept before counts. */
bs_status bs_unfinished_save(bs_unfinished *u, int fd)
{
  char key[32];
  bs_pack state = {0};
  bs_pack_add(&state, u->mark, MARK);
  for (int i = 0; i < u->units; i++) {
    const uint64_t done = read_done(u, i);
    bs_pack_add(&state, &done, sizeof done);
  }
  state_key(u->rank, key);
  if (u->fault == 0 && !u->keep->sync(u->keep->store, fd))
    u->fault = errno;
  if (u->fault == 0)
    u->keep->save(u->keep->store, key, &state);
  bs_pack_clear(&state);
  errno = u->fault;
  return u->fault == 0 ? BS_OK : bs_cannot_write(u->path);
}

bs_status bs_unfinished_done(bs_unfinished *u, int unit, uint64_t bytes, int fd)
{
  bs_status st = BS_OK;
#pragma omp atomic write
  u->done[unit] = bytes + 1;
  if (!u->keep->due(u->keep->store))
    return BS_OK;
#pragma omp critical(bs_unfinished)
  if (u->keep->due(u->keep->store))
    st = bs_unfinished_save(u, fd);
  return st;
}

void bs_unfinished_leave(bs_unfinished *u, int fd)
{
  char text[BS_ERROR_TEXT];
  strcpy(text, bs_error_text());
  bs_unfinished_save(u, fd);
  bs_fail(BS_OK, "%s", text);
}

bool bs_unfinished_goes_on(bs_status st)
{
  return st == BS_STOPPED || st == BS_ERR_RESOURCE;
}

bs_status bs_unfinished_end(bs_unfinished *u)
{
  return is_ours(u) ? set_mark(u, false)
                    : bs_fail(BS_ERR_RESOURCE, "another run has begun %s anew",
                              u->path);
}
