/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/datafile_write.h"

#include "io/datafile_pack.h"
#include "io/h5.h"
#include "io/nbaiot.h"
#include "src/comm.h"
#include "src/mem.h"
#include "src/version.h"
#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <hdf5_hl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
  CHUNK_ROWS = 65536, /* at most; 512 KiB a column */
  GROUP = 16,         /* columns turned over at once */
  SLACK = 1 << 20     /* room for names and attributes */
};

/* Datasets with a value per row, beside X. */
enum {
  SET_Y,
  SET_ROWS,
  SET_ROW_IN_FILE,
  SET_FILE_ID,
  SET_DEVICE,
  SET_ATTACK,
  SETS
};

static const char *const set_path[SETS] = {
    "y", "rows", "row/row_in_file", "row/file_id", "row/device", "row/attack"};
static const char *const set_name[SETS] = {
    "class of the row under the default labels",
    "number of the row, 0 is the first",
    "row in its input file, 0 is the first below the header",
    "input file of the row: index in /file/name",
    "device of the row: index in /device_name",
    "attack of the row: index in /attack_name"};
static const size_t set_bytes[SETS] = {2, 8, 8, 4, 2, 1};

struct bs_writer {
  MPI_Comm comm;
  char *path, *part, *packed;
  const bs_datafile *facts;
  int deflate;
  hid_t h5, x, set[SETS];
  double *group;    /* (GROUP, rows) columns of a slab */
  uint64_t *column; /* (rows) provenance, in any of its types */
  size_t rows;      /* room of the two */
};

static hid_t set_type(int set, bool memory)
{
  switch (set_bytes[set]) {
  case 1:
    return memory ? H5T_NATIVE_UINT8 : H5T_STD_U8LE;
  case 2:
    return memory ? H5T_NATIVE_UINT16 : H5T_STD_U16LE;
  case 4:
    return memory ? H5T_NATIVE_UINT32 : H5T_STD_U32LE;
  default:
    return memory ? H5T_NATIVE_UINT64 : H5T_STD_U64LE;
  }
}

/* Device and attack are known for N-BaIoT only. */
static bool has_set(const bs_datafile *facts, int set)
{
  return facts->nbaiot || (set != SET_DEVICE && set != SET_ATTACK);
}

static bs_status cannot_write(const char *path)
{
  return bs_fail(BS_ERR_RESOURCE, "cannot write %s: %s", path,
                 errno == 0 ? "the file system refuses" : strerror(errno));
}

/* ---- Making room. */

/* As many rows as make chunks of equal length, in whole pages: less is lost at
 * the end of the last one. */
static hsize_t chunk_rows(uint64_t n)
{
  enum { PAGE_ROWS = 512 };
  uint64_t chunks = (n + CHUNK_ROWS - 1) / CHUNK_ROWS;
  uint64_t rows = (n + chunks - 1) / chunks;
  if (chunks > 1)
    rows = (rows + PAGE_ROWS - 1) / PAGE_ROWS * PAGE_ROWS;
  return rows;
}

static hid_t x_plist(uint64_t n, int deflate)
{
  hsize_t chunk[2] = {chunk_rows(n), 1};
  hid_t plist = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(plist, 2, chunk);
  H5Pset_fill_time(plist, H5D_FILL_TIME_NEVER);
  H5Pset_obj_track_times(plist, false);
  if (deflate > 0)
    H5Pset_deflate(plist, (unsigned)deflate);
  else
    H5Pset_alloc_time(plist, H5D_ALLOC_TIME_EARLY);
  return plist;
}

static bool create_x(hid_t h5, const bs_datafile *facts, int deflate)
{
  hsize_t shape[2] = {facts->n, (hsize_t)facts->d};
  hid_t plist = x_plist(facts->n, deflate);
  hid_t space = H5Screate_simple(2, shape, NULL);
  hid_t set = H5Dcreate2(h5, "X", H5T_IEEE_F64LE, space, H5P_DEFAULT, plist,
                         H5P_DEFAULT);
  if (set >= 0)
    H5Dclose(set);
  H5Sclose(space);
  H5Pclose(plist);
  return set >= 0;
}

static bool create_row_set(hid_t h5, const bs_datafile *facts, int k)
{
  hsize_t n = facts->n;
  hid_t plist = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_fill_time(plist, H5D_FILL_TIME_NEVER);
  H5Pset_alloc_time(plist, H5D_ALLOC_TIME_EARLY);
  H5Pset_obj_track_times(plist, false);
  hid_t space = H5Screate_simple(1, &n, NULL);
  hid_t set = H5Dcreate2(h5, set_path[k], set_type(k, false), space,
                         H5P_DEFAULT, plist, H5P_DEFAULT);
  bool good = set >= 0 && bs_h5_put_text(set, "long_name", set_name[k]) &&
              bs_h5_put_text(set, "units", "1");
  if (set >= 0)
    H5Dclose(set);
  H5Sclose(space);
  H5Pclose(plist);
  return good;
}

static bool create_group(hid_t h5, const char *name)
{
  hid_t plist = H5Pcreate(H5P_GROUP_CREATE);
  H5Pset_obj_track_times(plist, false);
  H5Pset_link_creation_order(plist,
                             H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
  hid_t group = H5Gcreate2(h5, name, H5P_DEFAULT, plist, H5P_DEFAULT);
  H5Pclose(plist);
  return group >= 0 && H5Gclose(group) >= 0;
}

static hid_t create_file(const char *path)
{
  hid_t create = H5Pcreate(H5P_FILE_CREATE);
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_link_creation_order(create,
                             H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
  H5Pset_obj_track_times(create, false);
  /* Chunks start with a page, so that ranks seldom share one. */
  H5Pset_alignment(access, 1 << 16, 1 << 12);
  hid_t h5 = H5Fcreate(path, H5F_ACC_TRUNC, create, access);
  H5Pclose(access);
  H5Pclose(create);
  return h5;
}

static bs_status allocate(int fd, const char *path, uint64_t bytes)
{
  do
    errno = posix_fallocate(fd, 0, (off_t)bytes);
  while (errno == EINTR);
  /* A file system that cannot do it says EINVAL or EOPNOTSUPP. */
  if (errno == 0 || errno == EINVAL || errno == EOPNOTSUPP)
    return BS_OK;
  return bs_fail(BS_ERR_RESOURCE, "cannot write %s: %.1f MB are needed: %s",
                 path, (double)bytes / 1e6, strerror(errno));
}

/* Classes and provenance of all rows. */
static uint64_t bytes_beside_x(const bs_writer *w)
{
  uint64_t row = 0;
  for (int k = 0; k < SETS; k++)
    row += has_set(w->facts, k) ? set_bytes[k] : 0;
  return w->facts->n * row;
}

/* Everything. Deflate adds at most 5 bytes to 16 KiB of what it cannot make
 * smaller. */
static uint64_t bytes_needed(const bs_writer *w)
{
  uint64_t x = w->facts->n * (uint64_t)w->facts->d * sizeof(double);
  return x + x / 2048 + bytes_beside_x(w) + SLACK;
}

/* Have the file system set the room aside now, not inside a parallel write: at
 * least for what is in the file, and \a least bytes. */
static bs_status reserve(const char *path, uint64_t least)
{
  struct stat info;
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &info) != 0) {
    bs_status st = cannot_write(path);
    if (fd >= 0)
      close(fd);
    return st;
  }
  uint64_t bytes = (uint64_t)info.st_size + SLACK;
  bs_status st = allocate(fd, path, bytes > least ? bytes : least);
  close(fd);
  return st;
}

/* Is there room for what HDF5 writes while the file is made, its index of
 * chunks above all? HDF5 1.10 crashes at the end of the program where its own
 * file could not be made longer, so it is asked before HDF5 tries.
 * \a length is what the file will be long at least. */
static bs_status check_room(const bs_writer *w, const char *path,
                            uint64_t length)
{
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0)
    return cannot_write(path);
  uint64_t n = w->facts->n, rows = chunk_rows(n);
  uint64_t chunks = (n + rows - 1) / rows * (uint64_t)w->facts->d;
  bs_status st = allocate(fd, path, bytes_beside_x(w) + 128 * chunks + SLACK);
  /* May a file be that long at all? */
  if (st == BS_OK && ftruncate(fd, (off_t)length) != 0)
    st = cannot_write(path);
  if (st == BS_OK && ftruncate(fd, 0) != 0)
    st = cannot_write(path);
  close(fd);
  if (st != BS_OK)
    unlink(path);
  return st;
}

static bs_status create_on_root(const bs_writer *w)
{
  struct stat info;
  errno = 0;
  if (stat(w->path, &info) == 0 && !S_ISREG(info.st_mode))
    return bs_fail(BS_ERR_RESOURCE, "cannot write %s: not a regular file",
                   w->path);
  BS_TRY(check_room(w, w->part, bytes_needed(w)));
  hid_t h5 = create_file(w->part);
  bool good = h5 >= 0 && create_x(h5, w->facts, 0) && create_group(h5, "row");
  for (int k = 0; k < SETS && good; k++)
    good = !has_set(w->facts, k) || create_row_set(h5, w->facts, k);
  if (h5 >= 0)
    good = H5Fclose(h5) >= 0 && good;
  bs_status st = good ? reserve(w->part, 0) : cannot_write(w->part);
  if (st != BS_OK)
    unlink(w->part);
  return st;
}

/* ---- Parallel writing. */

/* Collective: H5Fopen is. */
static bs_status open_parallel(bs_writer *w)
{
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_fapl_mpio(access, w->comm, MPI_INFO_NULL);
  w->h5 = H5Fopen(w->part, H5F_ACC_RDWR, access);
  H5Pclose(access);
  bool good = w->h5 >= 0;
  if (good) {
    w->x = H5Dopen2(w->h5, "X", H5P_DEFAULT);
    good = w->x >= 0;
  }
  for (int k = 0; k < SETS && good; k++)
    if (has_set(w->facts, k)) {
      w->set[k] = H5Dopen2(w->h5, set_path[k], H5P_DEFAULT);
      good = w->set[k] >= 0;
    }
  return bs_agree(w->comm, good ? BS_OK : cannot_write(w->part));
}

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
  bs_mem_free(&w->group);
  bs_mem_free(&w->column);
  free(w->path);
  free(w->part);
  free(w->packed);
  bs_mem_free(writer);
}

bs_status bs_writer_create(MPI_Comm comm, const char *path,
                           const bs_datafile *facts, int deflate,
                           bs_writer **out)
{
  bs_writer *w = NULL;
  *out = NULL;
  bs_status st = bs_mem_zalloc(1, sizeof *w, &w);
  if (st == BS_OK) {
    w->comm = comm;
    w->facts = facts;
    w->deflate = deflate;
    w->h5 = w->x = H5I_INVALID_HID;
    for (int k = 0; k < SETS; k++)
      w->set[k] = H5I_INVALID_HID;
    st = copy_path(w, path);
  }
  BS_GO(st, bs_agree(comm, st));
  if (bs_comm_rank(comm) == 0)
    st = create_on_root(w);
  BS_GO(st, bs_agree(comm, st));
  st = open_parallel(w);
  *out = w;
  if (st != BS_OK)
    bs_writer_abandon(out);
  return st;
done:
  free_writer(&w);
  return st;
}

static bs_status make_room(bs_writer *w, size_t rows)
{
  if (rows <= w->rows)
    return BS_OK;
  bs_mem_free(&w->group);
  bs_mem_free(&w->column);
  w->rows = 0;
  size_t group = w->facts->d < GROUP ? (size_t)w->facts->d : GROUP;
  BS_TRY(bs_mem_alloc(rows * group, sizeof *w->group, &w->group));
  BS_TRY(bs_mem_alloc(rows, sizeof *w->column, &w->column));
  w->rows = rows;
  return BS_OK;
}

/* Columns j .. j+count-1 of x (rows, d) to columns (count, rows). */
static void turn(const double *x, size_t rows, size_t d, size_t j, size_t count,
                 double *columns)
{
  enum { TILE = 64 };
  for (size_t i = 0; i < rows; i += TILE) {
    size_t end = rows - i < TILE ? rows : i + TILE;
    for (size_t k = 0; k < count; k++)
      for (size_t r = i; r < end; r++)
        columns[k * rows + r] = x[r * d + j + k];
  }
}

static bs_status put_x(bs_writer *w, const bs_slab *s)
{
  size_t d = (size_t)w->facts->d;
  hsize_t shape[2] = {s->rows, 1};
  hid_t memory = H5Screate_simple(2, shape, NULL);
  hid_t file = H5Dget_space(w->x);
  bool good = true;
  for (size_t j = 0; j < d && good; j += GROUP) {
    size_t count = d - j < GROUP ? d - j : GROUP;
    turn(s->x, s->rows, d, j, count, w->group);
    for (size_t k = 0; k < count && good; k++) {
      hsize_t start[2] = {s->first, j + k};
      good = H5Sselect_hyperslab(file, H5S_SELECT_SET, start, NULL, shape,
                                 NULL) >= 0 &&
             H5Dwrite(w->x, H5T_NATIVE_DOUBLE, memory, file, H5P_DEFAULT,
                      w->group + k * s->rows) >= 0;
    }
  }
  H5Sclose(file);
  H5Sclose(memory);
  return good ? BS_OK : cannot_write(w->part);
}

static bs_status put_set(bs_writer *w, int set, uint64_t first, size_t rows,
                         const void *values)
{
  hsize_t start = first, count = rows;
  hid_t memory = H5Screate_simple(1, &count, NULL);
  hid_t file = H5Dget_space(w->set[set]);
  bool good = H5Sselect_hyperslab(file, H5S_SELECT_SET, &start, NULL, &count,
                                  NULL) >= 0 &&
              H5Dwrite(w->set[set], set_type(set, true), memory, file,
                       H5P_DEFAULT, values) >= 0;
  H5Sclose(file);
  H5Sclose(memory);
  return good ? BS_OK : cannot_write(w->part);
}

/* Provenance: but for row_in_file the same for a whole slab. */
static bs_status put_provenance(bs_writer *w, const bs_slab *s)
{
  const bs_file_part *part = &w->facts->part[s->part];
  uint64_t *row = w->column;
  for (size_t i = 0; i < s->rows; i++)
    row[i] = s->first + i;
  BS_TRY(put_set(w, SET_ROWS, s->first, s->rows, row));
  for (size_t i = 0; i < s->rows; i++)
    row[i] -= part->first;
  BS_TRY(put_set(w, SET_ROW_IN_FILE, s->first, s->rows, row));
  uint32_t *id = (uint32_t *)w->column;
  for (size_t i = 0; i < s->rows; i++)
    id[i] = (uint32_t)s->part;
  BS_TRY(put_set(w, SET_FILE_ID, s->first, s->rows, id));
  if (!w->facts->nbaiot)
    return BS_OK;
  uint16_t *device = (uint16_t *)w->column;
  for (size_t i = 0; i < s->rows; i++)
    device[i] = (uint16_t)part->device;
  BS_TRY(put_set(w, SET_DEVICE, s->first, s->rows, device));
  memset(w->column, part->attack, s->rows);
  return put_set(w, SET_ATTACK, s->first, s->rows, w->column);
}

bs_status bs_writer_put(bs_writer *w, const bs_slab *slab)
{
  if (slab->rows == 0)
    return BS_OK;
  errno = 0;
  BS_TRY(make_room(w, slab->rows));
  BS_TRY(put_x(w, slab));
  BS_TRY(put_set(w, SET_Y, slab->first, slab->rows, slab->y));
  return put_provenance(w, slab);
}

static bool close_parallel(bs_writer *w)
{
  bool good = true;
  for (int k = SETS - 1; k >= 0; k--) {
    if (w->set[k] >= 0)
      good = H5Dclose(w->set[k]) >= 0 && good;
    w->set[k] = H5I_INVALID_HID;
  }
  if (w->x >= 0)
    good = H5Dclose(w->x) >= 0 && good;
  if (w->h5 >= 0)
    good = H5Fclose(w->h5) >= 0 && good;
  w->x = w->h5 = H5I_INVALID_HID;
  return good;
}

/* A second file like the first, but with an empty, filtered X. */
static bs_status create_packed(const bs_writer *w)
{
  errno = 0;
  BS_TRY(check_room(w, w->packed, 0));
  hid_t from = H5Fopen(w->part, H5F_ACC_RDONLY, H5P_DEFAULT);
  hid_t to = create_file(w->packed);
  bool good =
      from >= 0 && to >= 0 && create_x(to, w->facts, w->deflate) &&
      H5Ocopy(from, "row", to, "row", H5P_DEFAULT, H5P_DEFAULT) >= 0 &&
      H5Ocopy(from, "rows", to, "rows", H5P_DEFAULT, H5P_DEFAULT) >= 0 &&
      H5Ocopy(from, "y", to, "y", H5P_DEFAULT, H5P_DEFAULT) >= 0;
  if (to >= 0)
    good = H5Fclose(to) >= 0 && good;
  if (from >= 0)
    H5Fclose(from);
  return good ? reserve(w->packed, bytes_needed(w)) : cannot_write(w->packed);
}

/* Pieces seldom end where chunks do, so compression waits until all values are
 * there: a chunk is then compressed once. */
static bs_status pack(bs_writer *w)
{
  bool root = bs_comm_rank(w->comm) == 0;
  bs_status st = root ? create_packed(w) : BS_OK;
  BS_TRY(bs_agree(w->comm, st));
  BS_TRY(bs_pack_x(w->comm, w->part, w->packed, w->facts->n, w->facts->d,
                   chunk_rows(w->facts->n)));
  if (root && rename(w->packed, w->part) != 0)
    st = cannot_write(w->part);
  return bs_agree(w->comm, st);
}

bs_status bs_writer_close(bs_writer *w)
{
  errno = 0;
  bool good = close_parallel(w);
  BS_TRY(bs_agree(w->comm, good ? BS_OK : cannot_write(w->part)));
  return w->deflate > 0 ? pack(w) : BS_OK;
}

const char *bs_writer_path(const bs_writer *writer)
{
  return writer->part;
}

static void remove_parts(const bs_writer *w)
{
  unlink(w->part);
  if (w->deflate > 0)
    unlink(w->packed);
}

void bs_writer_abandon(bs_writer **writer)
{
  bs_writer *w = *writer;
  if (w == NULL)
    return;
  close_parallel(w);
  BS_MPI(MPI_Barrier(w->comm));
  if (bs_comm_rank(w->comm) == 0)
    remove_parts(w);
  free_writer(writer);
}

/* ---- The facts, on rank 0. */

/* CF: the values a code can have, and their meanings without blanks. */
static bool put_flags(hid_t h5, const char *path, hid_t type, int count,
                      char *const *name)
{
  size_t length = 1;
  for (int i = 0; i < count; i++)
    length += strlen(name[i]) + 1;
  char *text = calloc(length, 1);
  uint64_t *code = calloc((size_t)count, sizeof *code);
  /* An attribute cannot be larger than 64 KiB; so many classes go without. */
  bool good = text != NULL && code != NULL;
  for (int i = 0, at = 0; i < count && good; i++) {
    code[i] = (uint64_t)i;
    for (const char *p = name[i]; *p != '\0'; p++)
      text[at++] = *p == ' ' || *p == '\t' ? '_' : *p;
    text[at++] = i + 1 < count ? ' ' : '\0';
  }
  if (good && length < 60000 && count < 7000) {
    hsize_t values = (hsize_t)count;
    hid_t set = H5Dopen2(h5, path, H5P_DEFAULT);
    hid_t space = H5Screate_simple(1, &values, NULL);
    hid_t attr =
        H5Acreate2(set, "flag_values", type, space, H5P_DEFAULT, H5P_DEFAULT);
    good = attr >= 0 && H5Awrite(attr, H5T_NATIVE_UINT64, code) >= 0 &&
           bs_h5_put_text(set, "flag_meanings", text);
    if (attr >= 0)
      H5Aclose(attr);
    H5Sclose(space);
    H5Dclose(set);
  }
  free(text);
  free(code);
  return good;
}

/* Make a dataset a scale and attach it to a dimension of another. */
static bool attach(hid_t h5, const char *path, unsigned dimension,
                   const char *scale, const char *label)
{
  hid_t set = H5Dopen2(h5, path, H5P_DEFAULT);
  hid_t axis = H5Dopen2(h5, scale, H5P_DEFAULT);
  bool good = set >= 0 && axis >= 0 &&
              (H5DSis_scale(axis) > 0 || H5DSset_scale(axis, label) >= 0) &&
              H5DSattach_scale(set, axis, dimension) >= 0 &&
              H5DSset_label(set, dimension, label) >= 0;
  if (axis >= 0)
    H5Dclose(axis);
  if (set >= 0)
    H5Dclose(set);
  return good;
}

static bool put_dimensions(hid_t h5, const bs_datafile *f)
{
  bool good = attach(h5, "X", 0, "rows", "rows") &&
              attach(h5, "X", 1, "feature", "feature");
  for (int k = 0; k < SETS && good; k++)
    good = k == SET_ROWS || !has_set(f, k) ||
           attach(h5, set_path[k], 0, "rows", "rows");
  return good && attach(h5, "class_rows", 0, "class_name", "class_name");
}

static bool put_parts(hid_t h5, const bs_datafile *f, const bs_origin *origin)
{
  hsize_t count = (hsize_t)f->parts;
  char **name = calloc((size_t)f->parts, sizeof *name);
  uint64_t *rows = calloc((size_t)f->parts, sizeof *rows);
  uint16_t *device = calloc((size_t)f->parts, sizeof *device);
  uint8_t *attack = calloc((size_t)f->parts, sizeof *attack);
  bool good = name && rows && device && attack && create_group(h5, "file");
  for (int i = 0; i < f->parts && good; i++) {
    name[i] = f->part[i].name;
    rows[i] = f->part[i].rows;
    device[i] = (uint16_t)f->part[i].device;
    attack[i] = (uint8_t)f->part[i].attack;
  }
  good = good &&
         bs_h5_put_strings(h5, "file/name", f->parts, name, "input file") &&
         bs_h5_put_array(h5, "file/rows", H5T_NATIVE_UINT64, count, rows,
                         "rows of the input file");
  if (good && f->nbaiot)
    good = bs_h5_put_array(h5, "file/device", H5T_NATIVE_UINT16, count, device,
                           "index in /device_name") &&
           bs_h5_put_array(h5, "file/attack", H5T_NATIVE_UINT8, count, attack,
                           "index in /attack_name");
  if (good && origin->sha256 != NULL)
    good = bs_h5_put_strings(h5, "file/sha256", f->parts, origin->sha256,
                             "SHA-256 of the input file");
  free(name);
  free(rows);
  free(device);
  free(attack);
  return good;
}

static bool put_names(hid_t h5, const bs_datafile *f)
{
  char *attack[BS_NBAIOT_ATTACKS];
  for (int a = 0; a < BS_NBAIOT_ATTACKS; a++)
    attack[a] = (char *)bs_nbaiot_attack(a);
  bool good =
      bs_h5_put_strings(h5, "feature", f->d, f->feature,
                        "name of the column of X") &&
      bs_h5_put_strings(h5, "class_name", f->c, f->class_name,
                        "name of the class") &&
      bs_h5_put_array(h5, "class_rows", H5T_NATIVE_UINT64, (hsize_t)f->c,
                      f->class_rows, "rows of the class") &&
      bs_h5_put_strings(h5, "device_name", f->devices, f->device,
                        "name of the device") &&
      bs_h5_put_strings(h5, "missing", f->missings, f->missing,
                        "what keeps the data from being complete") &&
      put_flags(h5, "y", H5T_STD_U16LE, f->c, f->class_name);
  if (good && f->nbaiot)
    good =
        bs_h5_put_strings(h5, "attack_name", BS_NBAIOT_ATTACKS, attack,
                          "name of the attack") &&
        put_flags(h5, "row/attack", H5T_STD_U8LE, BS_NBAIOT_ATTACKS, attack) &&
        put_flags(h5, "row/device", H5T_STD_U16LE, f->devices, f->device);
  return good;
}

static void format_time(int64_t seconds, char *text, size_t room)
{
  time_t t = (time_t)seconds;
  struct tm utc;
  if (gmtime_r(&t, &utc) == NULL ||
      strftime(text, room, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
    snprintf(text, room, "unknown");
}

/* Everything here is the same for the same inputs, whatever the day, the ranks
 * and the machine's name, so that two conversions can be compared as files. */
static bool put_root(hid_t h5, const bs_datafile *f, const bs_origin *origin)
{
  char date[64], history[1024], libraries[256];
  unsigned major, minor, release;
  H5get_libversion(&major, &minor, &release);
  format_time(origin->seconds, date, sizeof date);
  snprintf(history, sizeof history, "botsieve %s convert %.800s", BS_VERSION,
           origin->sources);
  snprintf(libraries, sizeof libraries, "botsieve %s; HDF5 %u.%u.%u",
           BS_VERSION, major, minor, release);
  return bs_h5_put_text(h5, "Conventions", "CF-1.8 ACDD-1.3") &&
         bs_h5_put_int(h5, "schema_version", BS_SCHEMA_VERSION) &&
         bs_h5_put_text(h5, "title", origin->title) &&
         bs_h5_put_text(h5, "source", f->source) &&
         bs_h5_put_text(h5, "history", history) &&
         bs_h5_put_text(h5, "references", origin->references) &&
         bs_h5_put_text(h5, "license", origin->license) &&
         bs_h5_put_text(h5, "date_created", date) &&
         bs_h5_put_text(h5, "date_created_comment",
                        "modification time of the newest input file") &&
         bs_h5_put_text(h5, "creator", "botsieve " BS_VERSION) &&
         bs_h5_put_text(h5, "libraries", libraries) &&
         bs_h5_put_text(h5, "labels", f->labels) &&
         bs_h5_put_int(h5, "nbaiot", f->nbaiot) &&
         bs_h5_put_int(h5, "simulated", f->simulated) &&
         bs_h5_put_int(h5, "complete", f->complete) &&
         (f->authentic < 0 || bs_h5_put_int(h5, "authentic", f->authentic)) &&
         bs_h5_put_text(h5, "checksum", f->checksum);
}

static bool put_x_attributes(hid_t h5)
{
  hid_t set = H5Dopen2(h5, "X", H5P_DEFAULT);
  bool good = set >= 0 &&
              bs_h5_put_text(set, "long_name", "values of the features") &&
              bs_h5_put_text(set, "units", "1");
  if (set >= 0)
    H5Dclose(set);
  return good;
}

/* The directory entry is to survive a power cut as well as the file. */
static void sync_folder(const char *path)
{
  char folder[4096];
  const char *slash = strrchr(path, '/');
  if (slash == NULL)
    snprintf(folder, sizeof folder, ".");
  else
    snprintf(folder, sizeof folder, "%.*s", (int)(slash - path + 1), path);
  int fd = open(folder, O_RDONLY | O_CLOEXEC);
  if (fd >= 0) {
    fsync(fd);
    close(fd);
  }
}

static bs_status finish_on_root(const bs_writer *w, const bs_origin *origin)
{
  errno = 0;
  hid_t h5 = H5Fopen(w->part, H5F_ACC_RDWR, H5P_DEFAULT);
  bool good = h5 >= 0 && put_x_attributes(h5) && put_names(h5, w->facts) &&
              put_parts(h5, w->facts, origin) && put_dimensions(h5, w->facts) &&
              put_root(h5, w->facts, origin);
  if (h5 >= 0)
    good = H5Fclose(h5) >= 0 && good;
  if (!good)
    return cannot_write(w->part);
  int fd = open(w->part, O_RDONLY | O_CLOEXEC);
  good = fd >= 0 && fsync(fd) == 0;
  if (fd >= 0)
    good = close(fd) == 0 && good;
  if (!good || rename(w->part, w->path) != 0)
    return cannot_write(w->path);
  sync_folder(w->path);
  return BS_OK;
}

bs_status bs_writer_finish(bs_writer **writer, const bs_origin *origin)
{
  bs_writer *w = *writer;
  bs_status st = BS_OK;
  if (bs_comm_rank(w->comm) == 0)
    st = finish_on_root(w, origin);
  st = bs_agree(w->comm, st);
  if (st != BS_OK)
    bs_writer_abandon(writer);
  else
    free_writer(writer);
  return st;
}
