/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/checkpoint.h"

#include "io/checkpoint_internal.h"
#include "io/record_file.h"
#include "src/comm.h"
#include "src/mem.h"
#include "src/stop.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Writing may take one part of so many of the time. */
#define COST_SHARE 50
/* Units that wait to be written, at most. */
#define MOST_PENDING ((size_t)256 << 20)

enum { KEY_ROOM = 64 };

/* Where the last run has left something: rank 0. */
typedef struct entry {
  char key[KEY_ROOM], file[KEY_ROOM + 16];
  uint64_t sequence;
  size_t bytes;
  long offset;
} entry;

struct bs_checkpoint {
  MPI_Comm comm;
  int rank, lock;
  bs_checkpoint_options options;
  bs_keep keep;
  uint64_t identity, sequence; /* of the last state */
  entry *entry;                /* by key, those of higher sequence first */
  size_t entries, room;
  char first[KEY_ROOM]; /* first key of those pending */
  bs_pack pending;      /* records of this rank not yet written */
  double next_write, next_state, synced; /* seconds since the last state */
  size_t files, bytes;                   /* written by this rank */
  double seconds;                        /* that took */
  bool warned, open, found; /* found: files of an earlier run, read or not */
};

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void tell(const bs_checkpoint *c, const char *line)
{
  c->options.log(c->options.context, line);
}

/* ---- Writing. */

/* Once: the run can do without, and a full disk may empty again. */
static void warn(bs_checkpoint *c)
{
  char line[BS_ERROR_TEXT + 100];
  if (c->warned)
    return;
  c->warned = true;
  snprintf(line, sizeof line,
           "WARNING: checkpoint: %s; going on, and trying again later",
           bs_error_text());
  tell(c, line);
}

/* Returns the seconds it took. A failure is none of the run, whose own error
 * text, if there is one, stays. */
static double write_records(bs_checkpoint *c, const char *name,
                            const char *suffix, uint64_t sequence,
                            const bs_pack *records)
{
  char path[4096], text[BS_ERROR_TEXT];
  const double begun = now();
  strcpy(text, bs_error_text());
  if (bs_folder_path(path, sizeof path, c->options.folder, name, suffix) !=
          BS_OK ||
      bs_record_file_write(path, c->identity, sequence, records) != BS_OK) {
    warn(c);
    bs_fail(BS_OK, "%s", text);
  }
  const double seconds = now() - begun;
  c->files++;
  c->bytes += records->bytes;
  c->seconds += seconds;
  return seconds;
}

static void flush_pending(bs_checkpoint *c)
{
  if (c->pending.bytes > 0) {
    const double cost = write_records(c, c->first, ".units", 0, &c->pending);
    c->next_write = now() + COST_SHARE * cost;
  }
  bs_pack_clear(&c->pending);
}

static void put(void *store, const char *key, const bs_pack *part)
{
  bs_checkpoint *c = store;
#pragma omp critical(bs_checkpoint_put)
  {
    if (c->pending.bytes == 0)
      snprintf(c->first, sizeof c->first, "%s", key);
    if (!part->failed)
      bs_record_add(&c->pending, key, part->data, part->bytes);
    if (now() >= c->next_write || c->pending.bytes > MOST_PENDING)
      flush_pending(c);
  }
}

static bool sync_data(void *store, int fd)
{
  bs_checkpoint *c = store;
  const double begun = now();
  const bool good = fdatasync(fd) == 0;
  const double seconds = now() - begun;
  c->synced += seconds;
  c->seconds += seconds;
  return good;
}

static bool due(void *store)
{
  const bs_checkpoint *c = store;
  double next;
#pragma omp atomic read
  next = c->next_state;
  return now() >= next;
}

static void save(void *store, const char *key, const bs_pack *state)
{
  bs_checkpoint *c = store;
  bs_pack record = {0};
  c->sequence++;
  bs_record_add(&record, key, state->data, state->bytes);
  record.failed = record.failed || state->failed;
  const double cost =
      write_records(c, key, c->sequence % 2 == 0 ? ".state0" : ".state1",
                    c->sequence, &record);
  const double wait = COST_SHARE * (cost + c->synced);
  c->synced = 0;
#pragma omp atomic write
  c->next_state = now() + (wait > c->options.every ? wait : c->options.every);
  bs_pack_clear(&record);
}

/* ---- Finding what is there: rank 0. */

static int by_key(const void *a, const void *b)
{
  const entry *x = a, *y = b;
  const int order = strcmp(x->key, y->key);
  if (order != 0)
    return order;
  return x->sequence < y->sequence ? 1 : x->sequence > y->sequence ? -1 : 0;
}

static bs_status add_entry(bs_checkpoint *c, const entry *e)
{
  if (c->entries == c->room) {
    const size_t room = 2 * c->room + 64;
    entry *list = realloc(c->entry, room * sizeof *list);
    if (list == NULL)
      return bs_fail(BS_ERR_RESOURCE, "out of memory: checkpoint");
    c->entry = list;
    c->room = room;
  }
  c->entry[c->entries++] = *e;
  return BS_OK;
}

/* What one file holds; one that is not whole is told of. */
static bs_status index_file(void *context, const char *name)
{
  bs_checkpoint *c = context;
  entry e = {.offset = 0};
  char path[4096], line[BS_ERROR_TEXT + 100], *data;
  const char *at;
  size_t bytes;
  c->found = true;
  BS_TRY(bs_folder_path(path, sizeof path, c->options.folder, name, ""));
  bs_status st =
      strlen(name) >= sizeof e.file
          ? bs_fail(BS_ERR_INPUT, "%s is not of this program", path)
          : bs_record_file_read(path, c->identity, &e.sequence, &data, &bytes);
  if (st == BS_ERR_INPUT) {
    snprintf(line, sizeof line,
             "WARNING: checkpoint: %s; what it held is done again",
             bs_error_text());
    tell(c, line);
    return BS_OK;
  }
  BS_TRY(st);
  strcpy(e.file, name);
  if (e.sequence > c->sequence)
    c->sequence = e.sequence;
  bs_unpack from = {data, bytes};
  while (st == BS_OK &&
         bs_record_next(&from, e.key, sizeof e.key, &at, &e.bytes)) {
    e.offset = BS_RECORD_HEADER + (at - data);
    st = add_entry(c, &e);
  }
  bs_mem_free(&data);
  return st;
}

static bs_status read_entry(const bs_checkpoint *c, const entry *e, char **data)
{
  char path[4096];
  BS_TRY(bs_folder_path(path, sizeof path, c->options.folder, e->file, ""));
  BS_TRY(bs_mem_alloc(e->bytes, 1, data));
  FILE *file = fopen(path, "rb");
  const bool good = file != NULL && fseek(file, e->offset, SEEK_SET) == 0 &&
                    fread(*data, 1, e->bytes, file) == e->bytes;
  if (file != NULL)
    fclose(file);
  if (good)
    return BS_OK;
  bs_mem_free(data);
  return bs_fail(BS_ERR_RUNTIME, "cannot read %s any more", path);
}

static bs_status get(void *store, const char *key, char **data, size_t *bytes)
{
  const bs_checkpoint *c = store;
  size_t low = 0, high = c->entries;
  *data = NULL;
  *bytes = 0;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (strcmp(c->entry[middle].key, key) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == c->entries || strcmp(c->entry[low].key, key) != 0)
    return BS_OK;
  *bytes = c->entry[low].bytes;
  return read_entry(c, &c->entry[low], data);
}

static void say(void *store, const char *line)
{
  const bs_checkpoint *c = store;
  if (c->rank == 0)
    tell(c, line);
}

/* ---- Open and close. */

static bs_status open_folder(bs_checkpoint *c)
{
  const char *folder = c->options.folder;
  char line[4096];
  BS_TRY(bs_folder_lock(folder, &c->lock));
  BS_TRY(bs_folder_manifest(folder, c->options.about, &c->identity));
  BS_TRY(bs_folder_list(folder, index_file, c));
  if (c->entries > 0)
    qsort(c->entry, c->entries, sizeof *c->entry, by_key);
  snprintf(line, sizeof line, "checkpoint %s: %s", folder,
           c->entries > 0 ? "going on from an earlier run" : "a new one");
  tell(c, line);
  return BS_OK;
}

/* A rank whose node does not see the folder could neither write nor stop. */
static bs_status check_sight(const bs_checkpoint *c)
{
  char path[4096];
  BS_TRY(bs_folder_path(path, sizeof path, c->options.folder, "manifest.json",
                        ""));
  if (access(path, R_OK) == 0 && access(c->options.folder, W_OK) == 0)
    return BS_OK;
  return bs_fail(BS_ERR_RESOURCE,
                 "checkpoint folder %s is not seen by rank %d: %s; it must be "
                 "on a file system that all nodes share",
                 c->options.folder, c->rank, strerror(errno));
}

bs_status bs_checkpoint_open(MPI_Comm comm,
                             const bs_checkpoint_options *options,
                             bs_checkpoint **out)
{
  char path[4096];
  bs_checkpoint *c;
  bs_status st = bs_agree(comm, bs_mem_zalloc(1, sizeof **out, out));
  if (st != BS_OK) {
    bs_mem_free(out);
    return st;
  }
  c = *out;
  c->comm = comm;
  c->rank = bs_comm_rank(comm);
  c->lock = -1;
  c->options = *options;
  c->keep = (bs_keep){c, put, save, due, get, say, sync_data};
  c->next_state = now() + options->every;
  st = c->rank == 0 ? open_folder(c) : BS_OK;
  BS_GO(st, bs_agree(comm, st));
  BS_MPI(MPI_Bcast(&c->identity, 1, MPI_UINT64_T, 0, comm));
  BS_MPI(MPI_Bcast(&c->sequence, 1, MPI_UINT64_T, 0, comm));
  BS_GO(st, bs_agree(comm, check_sight(c)));
  st = bs_folder_path(path, sizeof path, options->folder, "stop", "");
  BS_GO(st, bs_agree(comm, st));
  bs_stop_spread(path);
  c->open = true;
done:
  if (st != BS_OK)
    bs_checkpoint_close(out, false);
  return st;
}

const bs_keep *bs_checkpoint_keep(const bs_checkpoint *checkpoint)
{
  return checkpoint == NULL ? NULL : &checkpoint->keep;
}

void bs_checkpoint_close(bs_checkpoint **checkpoint, bool finished)
{
  bs_checkpoint *c = *checkpoint;
  if (c == NULL)
    return;
  bs_stop_spread(NULL);
  if (!finished)
    flush_pending(c);
  if (c->files > 0 && c->rank == 0) {
    char line[120];
    snprintf(line, sizeof line,
             "checkpoint: %zu files, %.3f MB written in %.3f s by rank 0",
             c->files, (double)c->bytes / 1e6, c->seconds);
    tell(c, line);
  }
  int holds = c->found || c->files > 0;
  BS_MPI(MPI_Allreduce(MPI_IN_PLACE, &holds, 1, MPI_INT, MPI_LOR, c->comm));
  if (c->rank == 0 && (finished || (c->open && !holds)))
    bs_folder_remove(c->options.folder);
  if (c->lock >= 0)
    close(c->lock);
  free(c->entry);
  bs_pack_clear(&c->pending);
  bs_mem_free(checkpoint);
}
