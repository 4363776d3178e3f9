/* SPDX-License-Identifier: BSD-3-Clause */
/* From the data file into node-shared memory, column by column. */
#include "io/datafile.h"

#include "io/h5.h"
#include "io/nbaiot.h"
#include "io/read_at.h"
#include "src/comm.h"
#include "src/mem.h"
#include "src/progress.h"
#include "src/stop.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Column j of /X to x (n); no chunk cache, so that uncompressed chunks go
 * straight to their place. */
static bool read_column(hid_t set, hid_t file_space, hid_t memory_space,
                        uint64_t n, int j, double *x)
{
  hsize_t start[2] = {0, (hsize_t)j}, count[2] = {n, 1};
  return H5Sselect_hyperslab(file_space, H5S_SELECT_SET, start, NULL, count,
                             NULL) >= 0 &&
         H5Dread(set, H5T_NATIVE_DOUBLE, memory_space, file_space, H5P_DEFAULT,
                 x) >= 0;
}

/* First index of a value that is not finite, or n. An exponent of all ones is
 * infinity or not a number. */
static uint64_t find_not_finite(const double *x, uint64_t n)
{
  const uint64_t exponent = 0x7ff0000000000000u;
  enum { BLOCK = 4096 };
  for (uint64_t i = 0; i < n; i += BLOCK) {
    uint64_t end = n - i < BLOCK ? n : i + BLOCK, bad = 0;
    for (uint64_t r = i; r < end; r++) {
      uint64_t bits;
      memcpy(&bits, &x[r], sizeof bits);
      bad |= (bits & exponent) == exponent;
    }
    for (uint64_t r = i; bad != 0 && r < end; r++) {
      uint64_t bits;
      memcpy(&bits, &x[r], sizeof bits);
      if ((bits & exponent) == exponent)
        return r;
    }
  }
  return n;
}

/* Where the values of X lie in the file. */
typedef struct place {
  hid_t home, set, memory, space; /* HDF5 lets in one thread at a time */
  int fd; /* HDF5's own, to read past it, or -1: values are not plain */
  uint64_t chunk_rows, chunks; /* of a column */
  uint64_t *at;                /* (own columns, chunks) */
} place;

/* The descriptor of the file that holds the values, which links may have led
 * to, or -1. */
static int descriptor(hid_t home)
{
  hid_t access = H5Fget_access_plist(home);
  int *fd = NULL;
  const bool known = H5Pget_driver(access) == H5FD_SEC2 &&
                     H5Fget_vfd_handle(home, H5P_DEFAULT, (void **)&fd) >= 0;
  H5Pclose(access);
  return known ? *fd : -1;
}

/* Are the values uncompressed doubles of this machine, in chunks of one column
 * and with nothing ahead of the file? */
static bool is_plain(hid_t home, hid_t set, uint64_t *chunk_rows)
{
  hid_t made = H5Dget_create_plist(set), file = H5Fget_create_plist(home);
  hid_t type = H5Dget_type(set);
  hsize_t chunk[2] = {0, 0}, ahead = 1;
  const bool plain = H5Pget_layout(made) == H5D_CHUNKED &&
                     H5Pget_chunk(made, 2, chunk) == 2 && chunk[1] == 1 &&
                     H5Pget_nfilters(made) == 0 &&
                     H5Tequal(type, H5T_NATIVE_DOUBLE) > 0 &&
                     H5Pget_userblock(file, &ahead) >= 0 && ahead == 0;
  H5Tclose(type);
  H5Pclose(file);
  H5Pclose(made);
  *chunk_rows = chunk[0];
  return plain;
}

/* Where one chunk lies, which must be whole. */
static bool find_chunk(const place *p, uint64_t row, int column, uint64_t *at)
{
  const hsize_t first[2] = {row, (hsize_t)column};
  unsigned mask;
  haddr_t address = HADDR_UNDEF;
  hsize_t bytes = 0;
  if (H5Dget_chunk_info_by_coord(p->set, first, &mask, &address, &bytes) < 0)
    return false;
  *at = address;
  return address != HADDR_UNDEF && bytes == p->chunk_rows * sizeof(double);
}

/* Most chunks of X that are looked up one by one: HDF5 1.10 walks them all for
 * each, and soon that takes longer than to read through it. */
enum { MOST_LOOKED_UP = 2048 };

/* Find the chunks of the caller's columns. */
static bool find_chunks(place *p, const bs_datafile *f, const bs_node *node,
                        int count, const int *columns)
{
  const hsize_t shape[2] = {f->n, (hsize_t)f->d}, chunk[2] = {p->chunk_rows, 1};
  haddr_t begin;
  hsize_t bytes;
  const bool in_order =
      bs_h5_chunks_in_order(p->set, shape, chunk, &begin, &bytes) &&
      bytes == p->chunk_rows * sizeof(double);
  bool good = in_order || p->chunks * (uint64_t)f->d <= MOST_LOOKED_UP;
  uint64_t *at = p->at;
  for (int k = node->rank; k < count && good; k += node->size) {
    const int j = columns == NULL ? k : columns[k];
    for (uint64_t i = 0; i < p->chunks && good; i++, at++)
      if (in_order)
        *at = begin + (i * (uint64_t)f->d + (uint64_t)j) * bytes;
      else
        good = find_chunk(p, i * p->chunk_rows, j, at);
  }
  return good;
}

static bs_status place_open(const bs_datafile *f, hid_t h5, const bs_node *node,
                            int count, const int *columns, place *p)
{
  const hsize_t shape[2] = {f->n, 1};
  hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
  H5Pset_chunk_cache(access, 1, 0, 0);
  *p = (place){.set = H5Dopen2(h5, "X", access),
               .memory = H5Screate_simple(2, shape, NULL),
               .fd = -1};
  H5Pclose(access);
  if (p->set < 0)
    return bs_fail(BS_ERR_INPUT, "%s: cannot read /X", f->path);
  p->space = H5Dget_space(p->set);
  p->home = H5Iget_file_id(p->set);
  if (!is_plain(p->home, p->set, &p->chunk_rows))
    return BS_OK;
  p->chunks = (f->n + p->chunk_rows - 1) / p->chunk_rows;
  BS_TRY(bs_mem_alloc((size_t)count * p->chunks, sizeof *p->at, &p->at));
  if (find_chunks(p, f, node, count, columns))
    p->fd = descriptor(p->home);
  return BS_OK;
}

static void place_close(place *p)
{
  bs_mem_free(&p->at);
  H5Sclose(p->memory);
  if (p->set >= 0) {
    H5Fclose(p->home);
    H5Sclose(p->space);
    H5Dclose(p->set);
  }
}

/* One column, `own`-th of the caller's and j-th of X. Any thread. */
static bool read_one(const place *p, uint64_t n, int own, int j, double *x)
{
  bool good = true;
  if (p->fd < 0) {
#pragma omp critical(read_by_hdf5)
    good = read_column(p->set, p->space, p->memory, n, j, x);
    return good;
  }
  const uint64_t *at = p->at + (uint64_t)own * p->chunks;
  for (uint64_t i = 0, row = 0; good && row < n; i++, row += p->chunk_rows) {
    const uint64_t left = n - row;
    const size_t bytes =
        (left < p->chunk_rows ? left : p->chunk_rows) * sizeof *x;
    good = bs_read_at(p->fd, x + row, bytes, at[i]) == bytes;
  }
  return good;
}

/* What is wrong with the first column that could not be read. */
typedef struct fault {
  int column;   /* of X, or INT_MAX */
  uint64_t row; /* whose value is not finite, or n */
} fault;

static bs_status tell_fault(const bs_datafile *f, const fault *found)
{
  if (found->column == INT_MAX)
    return BS_OK;
  if (found->row == f->n)
    return bs_fail(BS_ERR_INPUT, "%s: cannot read column %d of /X", f->path,
                   found->column + 1);
  return bs_fail(BS_ERR_INPUT,
                 "%s: /X holds a value that is not finite at "
                 "row %llu, column %d (counted from 1)",
                 f->path, (unsigned long long)found->row + 1,
                 found->column + 1);
}

/* The caller's share of the columns: every size-th one. */
static bs_status read_columns(const bs_datafile *f, hid_t h5,
                              const bs_node *node, int threads, int count,
                              const int *columns, double *x)
{
  place p;
  fault first = {INT_MAX, 0};
  bs_status st = place_open(f, h5, node, count, columns, &p);
  const int own = (count - node->rank + node->size - 1) / node->size;
  bs_progress_begin("loading", "columns", (uint64_t)own, (uint64_t)own);
#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (int i = 0; i < own; i++) {
    const int k = node->rank + i * node->size;
    const int j = columns == NULL ? k : columns[k];
    double *column = x + (size_t)k * f->n;
    if (st != BS_OK || bs_stop_wanted())
      continue;
    const bool read = read_one(&p, f->n, i, j, column);
    const uint64_t bad = read ? find_not_finite(column, f->n) : f->n;
#pragma omp critical(fault)
    if ((!read || bad < f->n) && j < first.column)
      first = (fault){j, bad};
    bs_progress_add(1, 1);
  }
  place_close(&p);
  if (st == BS_OK)
    st = tell_fault(f, &first);
  return st == BS_OK ? bs_stop_check() : st;
}

/* Class codes as stored. */
static bs_status read_classes(const bs_datafile *f, hid_t h5, uint16_t *y)
{
  if (!bs_h5_get_array(h5, "y", H5T_NATIVE_UINT16, f->n, y))
    return bs_fail(BS_ERR_INPUT, "%s: cannot read /y", f->path);
  for (uint64_t i = 0; i < f->n; i++)
    if (y[i] >= f->c)
      return bs_fail(BS_ERR_INPUT,
                     "%s: /y holds class %d at row %llu, of %d classes",
                     f->path, y[i], (unsigned long long)i + 1, f->c);
  return BS_OK;
}

/* Class codes from /row/attack by the table class_of (attack). */
static bs_status label_rows(const bs_datafile *f, hid_t h5,
                            const int class_of[BS_NBAIOT_ATTACKS], uint16_t *y)
{
  if (!bs_h5_get_array(h5, "row/attack", H5T_NATIVE_UINT16, f->n, y))
    return bs_fail(BS_ERR_INPUT, "%s: cannot read /row/attack", f->path);
  for (uint64_t i = 0; i < f->n; i++) {
    if (y[i] >= BS_NBAIOT_ATTACKS || class_of[y[i]] < 0)
      return bs_fail(BS_ERR_INPUT,
                     "%s: /row/attack and /file disagree at row %llu", f->path,
                     (unsigned long long)i + 1);
    y[i] = (uint16_t)class_of[y[i]];
  }
  return BS_OK;
}

/* Classes of a labeling that have rows, and the class of each attack. */
static int find_classes(const bs_datafile *f, bs_labels labels,
                        int class_of[BS_NBAIOT_ATTACKS],
                        int code[BS_NBAIOT_ATTACKS])
{
  bool has_rows[BS_NBAIOT_ATTACKS] = {false};
  int new_code[BS_NBAIOT_ATTACKS], c = 0;
  for (int i = 0; i < f->parts; i++)
    if (f->part[i].rows > 0)
      has_rows[bs_labels_of_attack(labels, f->part[i].attack)] = true;
  for (int k = 0; k < bs_labels_count(labels); k++)
    if (has_rows[k]) {
      code[c] = k;
      new_code[k] = c++;
    }
  for (int a = 0; a < BS_NBAIOT_ATTACKS; a++) {
    int k = bs_labels_of_attack(labels, a);
    class_of[a] = has_rows[k] ? new_code[k] : -1;
  }
  return c;
}

static bs_status copy_text(const char *text, char **copy)
{
  *copy = strdup(text);
  return *copy == NULL ? bs_fail(BS_ERR_RESOURCE, "out of memory for a name")
                       : BS_OK;
}

/* Names and facts that a data set carries along. */
static bs_status copy_facts(const bs_datafile *f, const int *columns,
                            bs_dataset *data)
{
  data->simulated = f->simulated;
  data->nbaiot = f->nbaiot;
  BS_TRY(copy_text(f->source, &data->source));
  BS_TRY(copy_text(f->checksum, &data->checksum));
  for (int k = 0; k < data->d; k++)
    BS_TRY(copy_text(f->feature[columns == NULL ? k : columns[k]],
                     &data->feature[k]));
  return BS_OK;
}

static bs_status find_labels(const bs_datafile *f, const char *name,
                             bs_labels *labels)
{
  *labels = BS_LABELS_LAST; /* the file's own */
  if (name == NULL)
    return BS_OK;
  if (!f->nbaiot)
    return bs_fail(BS_ERR_USAGE,
                   "option --labels: only N-BaIoT data have "
                   "these labels, and %s holds others",
                   f->path);
  for (int i = 0; i < BS_LABELS_LAST; i++)
    if (strcmp(name, bs_labels_name((bs_labels)i)) == 0)
      *labels = (bs_labels)i;
  if (*labels == BS_LABELS_LAST)
    return bs_fail(BS_ERR_USAGE,
                   "option --labels: '%s' is not one of family|attack|binary",
                   name);
  return BS_OK;
}

/* One rank's part of the work; the last of a node, which has the least columns
 * to read, sees to the classes. */
static bs_status read_share(const bs_datafile *f, const bs_node *node,
                            int threads, bs_labels labels, const int *class_of,
                            const int *columns, bs_dataset *data)
{
  hid_t h5 = H5Fopen(f->path, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (h5 < 0)
    return bs_fail(BS_ERR_INPUT, "cannot open %s", f->path);
  bs_status st = read_columns(f, h5, node, threads, data->d, columns,
                              (double *)data->x_block.base);
  if (st == BS_OK && node->rank == node->size - 1) {
    uint16_t *y = data->y_block.base;
    st = labels == BS_LABELS_LAST ? read_classes(f, h5, y)
                                  : label_rows(f, h5, class_of, y);
  }
  H5Fclose(h5);
  return st;
}

bs_status bs_datafile_load(MPI_Comm comm, const bs_datafile *file,
                           const bs_node *node, int threads, const char *labels,
                           int count, const int *columns, bs_dataset **out)
{
  bs_labels which;
  int class_of[BS_NBAIOT_ATTACKS], code[BS_NBAIOT_ATTACKS], c = file->c;
  bs_dataset *data = NULL;
  *out = NULL;
  BS_TRY(find_labels(file, labels, &which));
  if (which != BS_LABELS_LAST)
    c = find_classes(file, which, class_of, code);
  if (columns == NULL)
    count = file->d;
  bs_status st = bs_dataset_create(node, file->n, count, c, &data);
  BS_GO(st, bs_agree(comm, st));
  st = copy_facts(file, columns, data);
  for (int k = 0; k < c && st == BS_OK; k++)
    st = copy_text(which == BS_LABELS_LAST ? file->class_name[k]
                                           : bs_labels_class(which, code[k]),
                   &data->class_name[k]);
  if (st == BS_OK)
    st = read_share(file, node, threads, which, class_of, columns, data);
  st = bs_agree(comm, st);
  bs_progress_end();
  if (st != BS_OK)
    goto done;
  bs_shared_sync(node, &data->x_block);
  bs_shared_sync(node, &data->y_block);
  *out = data;
  return BS_OK;
done:
  bs_dataset_destroy(&data);
  return st;
}

/* ---- Provenance. */

typedef struct row_arrays {
  uint64_t *row_in_file;
  uint32_t *file_id;
  uint16_t *device;
  uint8_t *attack;
} row_arrays;

/* Widest first, so that each is aligned. */
static row_arrays lay_out(void *base, size_t n)
{
  row_arrays a;
  a.row_in_file = base;
  a.file_id = (uint32_t *)(a.row_in_file + n);
  a.device = (uint16_t *)(a.file_id + n);
  a.attack = (uint8_t *)(a.device + n);
  return a;
}

static bs_status read_rows(const bs_datafile *f, const row_arrays *a)
{
  hid_t h5 = H5Fopen(f->path, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (h5 < 0)
    return bs_fail(BS_ERR_INPUT, "cannot open %s", f->path);
  bool good =
      bs_h5_get_array(h5, "row/row_in_file", H5T_NATIVE_UINT64, f->n,
                      a->row_in_file) &&
      bs_h5_get_array(h5, "row/file_id", H5T_NATIVE_UINT32, f->n, a->file_id) &&
      bs_h5_get_array(h5, "row/device", H5T_NATIVE_UINT16, f->n, a->device) &&
      bs_h5_get_array(h5, "row/attack", H5T_NATIVE_UINT8, f->n, a->attack);
  H5Fclose(h5);
  if (!good)
    return bs_fail(BS_ERR_INPUT, "%s: cannot read /row", f->path);
  for (int p = 0; p < f->parts; p++) {
    const bs_file_part *part = &f->part[p];
    for (uint64_t i = part->first; i < part->first + part->rows; i++)
      if (a->file_id[i] != (uint32_t)p || a->device[i] != part->device ||
          a->attack[i] != part->attack || a->row_in_file[i] != i - part->first)
        return bs_fail(BS_ERR_INPUT, "%s: /row and /file disagree at row %llu",
                       f->path, (unsigned long long)i + 1);
  }
  return BS_OK;
}

bs_status bs_datafile_load_rows(MPI_Comm comm, const bs_datafile *file,
                                const bs_node *node, bs_rows **out)
{
  bs_rows *rows = NULL;
  *out = NULL;
  if (!file->nbaiot)
    return bs_fail(BS_ERR_USAGE,
                   "%s: only N-BaIoT data tell device and attack "
                   "of a row",
                   file->path);
  bs_status st = bs_mem_zalloc(1, sizeof *rows, &rows);
  if (rows != NULL)
    rows->block.win = MPI_WIN_NULL;
  BS_GO(st, bs_agree(comm, st));
  st = bs_shared_alloc(node, file->n * 15, &rows->block);
  BS_GO(st, bs_agree(comm, st));
  row_arrays a = lay_out(rows->block.base, file->n);
  if (node->rank == 0)
    st = read_rows(file, &a);
  BS_GO(st, bs_agree(comm, st));
  bs_shared_sync(node, &rows->block);
  rows->n = file->n;
  rows->row_in_file = a.row_in_file;
  rows->file_id = a.file_id;
  rows->device = a.device;
  rows->attack = a.attack;
  *out = rows;
  return BS_OK;
done:
  bs_rows_destroy(&rows);
  return st;
}

void bs_rows_destroy(bs_rows **rows)
{
  if (*rows == NULL)
    return;
  bs_shared_free(&(*rows)->block);
  bs_mem_free(rows);
}
