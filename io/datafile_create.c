/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/datafile_create.h"

#include "io/h5.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
  CHUNK_ROWS = 65536, /* at most; 512 KiB a column */
  STRETCH = 1 << 16,  /* bytes that are written together at best */
  PAGE = 1 << 12,
  SLACK = 1 << 20 /* room for names and attributes */
};

const bs_row_set_facts bs_row_set[BS_ROW_SETS] = {
    {"y", "class of the row under the default labels", 2},
    {"rows", "number of the row, 0 is the first", 8},
    {"row/row_in_file",
     "row in its input file, 0 is the first below the header", 8},
    {"row/file_id", "input file of the row: index in /file/name", 4},
    {"row/device", "device of the row: index in /device_name", 2},
    {"row/attack", "attack of the row: index in /attack_name", 1}};

static hid_t set_type(int set)
{
  switch (bs_row_set[set].bytes) {
  case 1:
    return H5T_STD_U8LE;
  case 2:
    return H5T_STD_U16LE;
  case 4:
    return H5T_STD_U32LE;
  default:
    return H5T_STD_U64LE;
  }
}

bool bs_row_set_used(const bs_datafile *facts, int set)
{
  return facts->nbaiot || (set != BS_SET_DEVICE && set != BS_SET_ATTACK);
}

bs_status bs_cannot_write(const char *path)
{
  return bs_fail(BS_ERR_RESOURCE, "cannot write %s: %s", path,
                 errno == 0 ? "the file system refuses" : strerror(errno));
}

/* Of equal length, and in as many whole pages together as cost no more than a
 * few percent of room at the end of the last chunks: file systems write long
 * stretches that start at a multiple of their length in half the time. */
uint64_t bs_chunk_rows(uint64_t n)
{
  const uint64_t chunks = (n + CHUNK_ROWS - 1) / CHUNK_ROWS;
  const uint64_t equal = (n + chunks - 1) / chunks;
  uint64_t step = STRETCH / sizeof(double), rows;
  do {
    rows = (equal + step - 1) / step * step;
    step /= 2;
  } while (rows * chunks > n + n / 32 && step >= PAGE / sizeof(double));
  return chunks > 1 ? rows : n;
}

static hid_t x_plist(uint64_t n, int deflate)
{
  hsize_t chunk[2] = {bs_chunk_rows(n), 1};
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
  hid_t set = H5Dcreate2(h5, bs_row_set[k].path, set_type(k), space,
                         H5P_DEFAULT, plist, H5P_DEFAULT);
  bool good = set >= 0 &&
              bs_h5_put_text(set, "long_name", bs_row_set[k].long_name) &&
              bs_h5_put_text(set, "units", "1");
  if (set >= 0)
    H5Dclose(set);
  H5Sclose(space);
  H5Pclose(plist);
  return good;
}

bool bs_datafile_group(hid_t h5, const char *name)
{
  hid_t plist = H5Pcreate(H5P_GROUP_CREATE);
  H5Pset_obj_track_times(plist, false);
  H5Pset_link_creation_order(plist,
                             H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
  hid_t group = H5Gcreate2(h5, name, H5P_DEFAULT, plist, H5P_DEFAULT);
  H5Pclose(plist);
  return group >= 0 && H5Gclose(group) >= 0;
}

/* With all room set aside at once, HDF5 1.10's own format keeps the chunks one
 * behind the other and needs no index of them: bs_values_open counts on it. */
static hid_t create_file(const char *path, bool indexed)
{
  hid_t create = H5Pcreate(H5P_FILE_CREATE);
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_link_creation_order(create,
                             H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
  H5Pset_obj_track_times(create, false);
  /* Whole pages, so that ranks seldom share one, and as bs_chunk_rows wants. */
  H5Pset_alignment(access, STRETCH, STRETCH);
  if (!indexed)
    H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110);
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
static uint64_t bytes_beside_x(const bs_datafile *facts)
{
  uint64_t row = 0;
  for (int k = 0; k < BS_ROW_SETS; k++)
    row += bs_row_set_used(facts, k) ? bs_row_set[k].bytes : 0;
  return facts->n * row;
}

/* Everything. Deflate adds at most 5 bytes to 16 KiB of what it cannot make
 * smaller. */
static uint64_t bytes_needed(const bs_datafile *facts)
{
  uint64_t x = facts->n * (uint64_t)facts->d * sizeof(double);
  return x + x / 2048 + bytes_beside_x(facts) + SLACK;
}

/* Have the file system set the room aside now, not inside a parallel write: at
 * least for what is in the file, and \a least bytes. */
static bs_status reserve(const char *path, uint64_t least)
{
  struct stat info;
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &info) != 0) {
    bs_status st = bs_cannot_write(path);
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
static bs_status check_room(const bs_datafile *facts, const char *path,
                            uint64_t length)
{
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0)
    return bs_cannot_write(path);
  uint64_t n = facts->n, rows = bs_chunk_rows(n);
  uint64_t chunks = (n + rows - 1) / rows * (uint64_t)facts->d;
  bs_status st =
      allocate(fd, path, bytes_beside_x(facts) + 128 * chunks + SLACK);
  /* May a file be that long at all? */
  if (st == BS_OK && ftruncate(fd, (off_t)length) != 0)
    st = bs_cannot_write(path);
  if (st == BS_OK && ftruncate(fd, 0) != 0)
    st = bs_cannot_write(path);
  close(fd);
  if (st != BS_OK)
    unlink(path);
  return st;
}

bs_status bs_datafile_create(const char *path, const bs_datafile *facts)
{
  BS_TRY(check_room(facts, path, bytes_needed(facts)));
  hid_t h5 = create_file(path, false);
  bool good = h5 >= 0 && create_x(h5, facts, 0) && bs_datafile_group(h5, "row");
  for (int k = 0; k < BS_ROW_SETS && good; k++)
    good = !bs_row_set_used(facts, k) || create_row_set(h5, facts, k);
  if (h5 >= 0)
    good = H5Fclose(h5) >= 0 && good;
  bs_status st = good ? reserve(path, 0) : bs_cannot_write(path);
  if (st != BS_OK)
    unlink(path);
  return st;
}

bs_status bs_datafile_create_packed(const char *path, const bs_datafile *facts,
                                    int deflate, const char *like)
{
  errno = 0;
  BS_TRY(check_room(facts, path, 0));
  hid_t from = H5Fopen(like, H5F_ACC_RDONLY, H5P_DEFAULT);
  hid_t to = create_file(path, true);
  bool good =
      from >= 0 && to >= 0 && create_x(to, facts, deflate) &&
      H5Ocopy(from, "row", to, "row", H5P_DEFAULT, H5P_DEFAULT) >= 0 &&
      H5Ocopy(from, "rows", to, "rows", H5P_DEFAULT, H5P_DEFAULT) >= 0 &&
      H5Ocopy(from, "y", to, "y", H5P_DEFAULT, H5P_DEFAULT) >= 0;
  if (to >= 0)
    good = H5Fclose(to) >= 0 && good;
  if (from >= 0)
    H5Fclose(from);
  return good ? reserve(path, bytes_needed(facts)) : bs_cannot_write(path);
}
