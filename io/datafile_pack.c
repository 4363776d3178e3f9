/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/datafile_pack.h"

#include "src/comm.h"
#include "src/mem.h"
#include "src/stop.h"
#include <hdf5.h>
#include <stdbool.h>

/* Both files, open. */
typedef struct pair {
  hid_t from, from_x, to, to_x, transfer;
  double *chunk; /* (chunk): one column of a band */
} pair;

static bool open_pair(MPI_Comm comm, const char *from, const char *to, pair *p)
{
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_fapl_mpio(access, comm, MPI_INFO_NULL);
  p->to = H5Fopen(to, H5F_ACC_RDWR, access);
  H5Pclose(access);
  p->to_x = p->to < 0 ? H5I_INVALID_HID : H5Dopen2(p->to, "X", H5P_DEFAULT);
  p->from = H5Fopen(from, H5F_ACC_RDONLY, H5P_DEFAULT);
  p->from_x =
      p->from < 0 ? H5I_INVALID_HID : H5Dopen2(p->from, "X", H5P_DEFAULT);
  p->transfer = H5Pcreate(H5P_DATASET_XFER);
  H5Pset_dxpl_mpio(p->transfer, H5FD_MPIO_COLLECTIVE);
  return p->to_x >= 0 && p->from_x >= 0;
}

static bool close_pair(pair *p)
{
  bool good = true;
  H5Pclose(p->transfer);
  if (p->from_x >= 0)
    H5Dclose(p->from_x);
  if (p->from >= 0)
    H5Fclose(p->from);
  if (p->to_x >= 0)
    good = H5Dclose(p->to_x) >= 0 && good;
  if (p->to >= 0)
    good = H5Fclose(p->to) >= 0 && good;
  bs_mem_free(&p->chunk);
  return good;
}

/* One chunk from each rank, or nothing where j is behind the last column. All
 * ranks must come here equally often: the write is collective. */
static bool pack_chunk(const pair *p, uint64_t first, uint64_t rows, int j,
                       int d)
{
  hsize_t start[2] = {first, (hsize_t)j}, count[2] = {rows, 1};
  hid_t memory = H5Screate_simple(2, count, NULL);
  hid_t from = H5Dget_space(p->from_x), to = H5Dget_space(p->to_x);
  bool good = true;
  if (j < d) {
    H5Sselect_hyperslab(from, H5S_SELECT_SET, start, NULL, count, NULL);
    H5Sselect_hyperslab(to, H5S_SELECT_SET, start, NULL, count, NULL);
    good = H5Dread(p->from_x, H5T_NATIVE_DOUBLE, memory, from, H5P_DEFAULT,
                   p->chunk) >= 0;
  } else {
    H5Sselect_none(memory);
    H5Sselect_none(to);
  }
  good = H5Dwrite(p->to_x, H5T_NATIVE_DOUBLE, memory, to, p->transfer,
                  p->chunk) >= 0 &&
         good;
  H5Sclose(to);
  H5Sclose(from);
  H5Sclose(memory);
  return good;
}

bs_status bs_pack_x(MPI_Comm comm, const char *from, const char *to, uint64_t n,
                    int d, uint64_t chunk)
{
  int rank = bs_comm_rank(comm), size = bs_comm_size(comm);
  pair p = {.chunk = NULL};
  bs_status st = bs_mem_alloc((size_t)chunk, sizeof *p.chunk, &p.chunk);
  BS_TRY(bs_agree(comm, st));
  bool good = open_pair(comm, from, to, &p);
  if (!good)
    st = bs_fail(BS_ERR_RESOURCE, "cannot compress into %s", to);
  st = bs_agree(comm, st);
  for (uint64_t first = 0; first < n && st == BS_OK; first += chunk) {
    uint64_t rows = n - first < chunk ? n - first : chunk;
    good = true;
    for (int j = rank; j - rank < d; j += size)
      good = pack_chunk(&p, first, rows, j, d) && good;
    st = good ? bs_stop_check()
              : bs_fail(BS_ERR_RESOURCE, "cannot compress into %s", to);
    st = bs_agree(comm, st);
  }
  if (!close_pair(&p) && st == BS_OK)
    st = bs_fail(BS_ERR_RESOURCE, "cannot compress into %s", to);
  return bs_agree(comm, st);
}
