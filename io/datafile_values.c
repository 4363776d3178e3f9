/* SPDX-License-Identifier: BSD-3-Clause */
/* sync_file_range is Linux's own. */
#define _GNU_SOURCE
#include "io/datafile_values.h"

#include "io/datafile_create.h"
#include "io/h5.h"
#include "src/comm.h"
#include "src/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GROUP = 8 }; /* columns turned over at once: a line of the cache */

struct bs_values {
  const bs_datafile *facts;
  char *path;
  int fd;
  uint64_t chunk_rows, started; /* bands on their way to the disk */
  uint64_t x, set[BS_ROW_SETS]; /* where the datasets start in the file */
};

/* ---- Where values belong. */

static uint64_t chunk_bytes(const bs_values *v)
{
  return v->chunk_rows * sizeof(double);
}

/* The chunks of a band of rows lie one behind the other, a chunk a column. */
static uint64_t band_at(const bs_values *v, uint64_t band)
{
  return v->x + band * (uint64_t)v->facts->d * chunk_bytes(v);
}

/* X must lie as bs_datafile_create promises. */
static bool find_x(bs_values *v, hid_t h5)
{
  const hsize_t shape[2] = {v->facts->n, (hsize_t)v->facts->d};
  const hsize_t chunk[2] = {v->chunk_rows, 1};
  haddr_t begin = 0;
  hsize_t bytes = 0;
  hid_t set = H5Dopen2(h5, "X", H5P_DEFAULT);
  const bool good = set >= 0 &&
                    bs_h5_chunks_in_order(set, shape, chunk, &begin, &bytes) &&
                    bytes == chunk_bytes(v);
  v->x = begin;
  if (set >= 0)
    H5Dclose(set);
  return good;
}

static bool find_set(bs_values *v, hid_t h5, int k)
{
  hid_t set = H5Dopen2(h5, bs_row_set[k].path, H5P_DEFAULT);
  haddr_t at = set < 0 ? HADDR_UNDEF : H5Dget_offset(set);
  if (set >= 0)
    H5Dclose(set);
  v->set[k] = at;
  return at != HADDR_UNDEF;
}

/* The first cause on HDF5's stack, which goes from there to the call. */
static herr_t note_cause(unsigned n, const H5E_error2_t *error, void *text)
{
  if (n == 0)
    snprintf(text, BS_ERROR_TEXT, "%s", error->desc);
  return 0;
}

static bs_status cannot_open(const char *path)
{
  char cause[BS_ERROR_TEXT] = "HDF5 gives no reason";
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, note_cause, cause);
  return bs_fail(BS_ERR_RESOURCE, "cannot open %s: %s", path, cause);
}

static bs_status find_all(bs_values *v)
{
  hid_t h5 = H5Fopen(v->path, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (h5 < 0)
    return cannot_open(v->path);
  bool good = find_x(v, h5);
  for (int k = 0; k < BS_ROW_SETS && good; k++)
    good = !bs_row_set_used(v->facts, k) || find_set(v, h5, k);
  H5Fclose(h5);
  return good ? BS_OK
              : bs_fail(BS_ERR_RUNTIME, "%s: HDF5 laid it out otherwise",
                        v->path);
}

/* ---- Opening, closing. */

/* For writing only: nothing is ever read back into a page that another node
 * writes, too. */
static bs_status open_file(bs_values *v)
{
  errno = 0;
  v->fd = open(v->path, O_WRONLY | O_CLOEXEC);
  return v->fd < 0 ? bs_cannot_write(v->path) : BS_OK;
}

void bs_values_abandon(bs_values **values)
{
  bs_values *v = *values;
  if (v == NULL)
    return;
  if (v->fd >= 0)
    close(v->fd);
  free(v->path);
  bs_mem_free(values);
}

bs_status bs_values_open(MPI_Comm comm, const char *path,
                         const bs_datafile *facts, bs_values **out)
{
  bs_values *v = NULL;
  *out = NULL;
  bs_status st = bs_mem_zalloc(1, sizeof *v, &v);
  if (st == BS_OK) {
    *v = (bs_values){facts, strdup(path), -1, bs_chunk_rows(facts->n), 0,
                     0,     {0}};
    if (v->path == NULL)
      st = bs_fail(BS_ERR_RESOURCE, "out of memory");
  }
  if (st == BS_OK && bs_comm_rank(comm) == 0)
    st = find_all(v);
  BS_GO(st, bs_agree(comm, st));
  BS_MPI(MPI_Bcast(&v->x, 1, MPI_UINT64_T, 0, comm));
  BS_MPI(MPI_Bcast(v->set, BS_ROW_SETS, MPI_UINT64_T, 0, comm));
  st = bs_agree(comm, open_file(v));
done:
  if (st != BS_OK)
    bs_values_abandon(&v);
  *out = v;
  return st;
}

int bs_values_descriptor(const bs_values *values)
{
  return values->fd;
}

bs_status bs_values_close(bs_values **values)
{
  bs_values *v = *values;
  if (v == NULL)
    return BS_OK;
  errno = 0;
  bool good = fsync(v->fd) == 0;
  good = close(v->fd) == 0 && good;
  v->fd = -1;
  bs_status st = good ? BS_OK : bs_cannot_write(v->path);
  bs_values_abandon(values);
  return st;
}

/* ---- Writing. */

static bs_status write_at(const bs_values *v, const void *from, size_t bytes,
                          uint64_t at)
{
  const char *p = from;
  while (bytes > 0) {
    ssize_t done = pwrite(v->fd, p, bytes, (off_t)at);
    if (done < 0 && errno == EINTR)
      continue;
    if (done <= 0)
      return bs_cannot_write(v->path);
    p += done;
    bytes -= (size_t)done;
    at += (uint64_t)done;
  }
  return BS_OK;
}

/* Columns j .. j+count-1 of x (rows, d) to columns (count, rows). The rows of
 * the next tile are fetched meanwhile: they lie too far apart for the machine
 * to foresee. */
static void turn(const double *x, size_t rows, size_t d, size_t j, size_t count,
                 double *columns)
{
  enum { TILE = 16 };
  for (size_t i = 0; i < rows; i += TILE) {
    size_t end = rows - i < TILE ? rows : i + TILE;
    for (size_t r = end; r < rows && r < end + TILE; r++) {
      __builtin_prefetch(&x[r * d + j]);
      __builtin_prefetch(&x[r * d + j + count - 1]);
    }
    for (size_t k = 0; k < count; k++)
      for (size_t r = i; r < end; r++)
        columns[k * rows + r] = x[r * d + j + k];
  }
}

/* X of rows of one band. \a columns: (rows, GROUP). */
static bs_status put_x(const bs_values *v, const bs_slab *s, double *columns)
{
  const size_t d = (size_t)v->facts->d;
  const uint64_t at = band_at(v, s->first / v->chunk_rows) +
                      s->first % v->chunk_rows * sizeof(double);
  for (size_t j = 0; j < d; j += GROUP) {
    const size_t count = d - j < GROUP ? d - j : GROUP;
    turn(s->x, s->rows, d, j, count, columns);
    for (size_t k = 0; k < count; k++)
      BS_TRY(write_at(v, columns + k * s->rows, s->rows * sizeof(double),
                      at + (j + k) * chunk_bytes(v)));
  }
  return BS_OK;
}

static bs_status put_set(const bs_values *v, int set, const bs_slab *s,
                         const void *column)
{
  size_t bytes = bs_row_set[set].bytes;
  return write_at(v, column, s->rows * bytes, v->set[set] + s->first * bytes);
}

/* Provenance: but for row_in_file the same for a whole slab.
 * \a column: (rows), in any of its types. */
static bs_status put_provenance(const bs_values *v, const bs_slab *s,
                                uint64_t *column)
{
  const bs_file_part *part = &v->facts->part[s->part];
  for (size_t i = 0; i < s->rows; i++)
    column[i] = s->first + i;
  BS_TRY(put_set(v, BS_SET_ROWS, s, column));
  for (size_t i = 0; i < s->rows; i++)
    column[i] -= part->first;
  BS_TRY(put_set(v, BS_SET_ROW_IN_FILE, s, column));
  uint32_t *id = (uint32_t *)column;
  for (size_t i = 0; i < s->rows; i++)
    id[i] = (uint32_t)s->part;
  BS_TRY(put_set(v, BS_SET_FILE_ID, s, id));
  if (!v->facts->nbaiot)
    return BS_OK;
  uint16_t *device = (uint16_t *)column;
  for (size_t i = 0; i < s->rows; i++)
    device[i] = (uint16_t)part->device;
  BS_TRY(put_set(v, BS_SET_DEVICE, s, device));
  memset(column, part->attack, s->rows);
  return put_set(v, BS_SET_ATTACK, s, column);
}

static bs_status put_band(const bs_values *v, const bs_slab *s, double *columns)
{
  BS_TRY(put_x(v, s, columns));
  BS_TRY(put_set(v, BS_SET_Y, s, s->y));
  return put_provenance(v, s, (uint64_t *)columns);
}

bs_status bs_values_put(const bs_values *v, const bs_slab *s)
{
  const size_t most = s->rows < v->chunk_rows ? s->rows : v->chunk_rows;
  double *columns;
  bs_status st = BS_OK;
  errno = 0;
  BS_TRY(bs_mem_alloc(most * GROUP, sizeof *columns, &columns));
  bs_slab part = *s;
  for (size_t left = s->rows; left > 0 && st == BS_OK; left -= part.rows) {
    const uint64_t room = v->chunk_rows - part.first % v->chunk_rows;
    part.rows = left < room ? left : (size_t)room;
    st = put_band(v, &part, columns);
    part.first += part.rows;
    part.x += part.rows * (size_t)v->facts->d;
    part.y += part.rows;
  }
  bs_mem_free(&columns);
  return st;
}

/* How many bands to see to now. Of the ranks of a node one is enough, and
 * others would wait for it: of bands 0, 2, 4, ... it is the rank whose rows end
 * the band, of 1, 3, 5, ... the one whose rows begin the next, since pieces are
 * dealt in turns. The others, which may be on other nodes, come by a band
 * later. */
static uint64_t bands_due(const bs_values *v, const bs_slab *slab)
{
  const uint64_t begun = slab->first / v->chunk_rows;
  const uint64_t ended = (slab->first + slab->rows) / v->chunk_rows;
  const bool ends = ended > begun && ended % 2 != 0;
  const bool begins = slab->first % v->chunk_rows == 0 && begun % 2 == 0;
  if (ends || (begins && ended == begun))
    return ended;
  return ended > 0 ? ended - 1 : 0;
}

/* Only to be early: what fails here fails again at the end. */
static void start_writing(const bs_values *v, uint64_t from, uint64_t to)
{
  sync_file_range(v->fd, (off_t)from, (off_t)(to - from),
                  SYNC_FILE_RANGE_WRITE);
}

void bs_values_reached(bs_values *v, const bs_slab *slab)
{
  const uint64_t due = bands_due(v, slab);
  if (due <= v->started)
    return;
  start_writing(v, band_at(v, v->started), band_at(v, due));
  for (int k = 0; k < BS_ROW_SETS; k++) {
    const uint64_t bytes = v->chunk_rows * bs_row_set[k].bytes;
    if (bs_row_set_used(v->facts, k))
      start_writing(v, v->set[k] + v->started * bytes, v->set[k] + due * bytes);
  }
  v->started = due;
}
