/* SPDX-License-Identifier: BSD-3-Clause */
/* The state of XXH3 is needed as a whole, to pass it between ranks. */
#define XXH_STATIC_LINKING_ONLY
#include "io/checksum.h"

#include "src/comm.h"
#include "src/mem.h"
#include "src/stop.h"
#include <hdf5.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

/* What goes from rank to rank. */
typedef struct message {
  XXH3_state_t state;
  int note;
} message;

struct bs_checksum {
  XXH3_state_t state;
  message sent; /* until the request is done */
  MPI_Request request;
};

bs_status bs_checksum_create(char *const *feature, int d,
                             char *const *class_name, int c, bs_checksum **out)
{
  BS_TRY(bs_mem_alloc(1, sizeof **out, out));
  (*out)->request = MPI_REQUEST_NULL;
  XXH3_64bits_reset(&(*out)->state);
  for (int j = 0; j < d; j++)
    XXH3_64bits_update(&(*out)->state, feature[j], strlen(feature[j]) + 1);
  for (int k = 0; k < c; k++)
    XXH3_64bits_update(&(*out)->state, class_name[k],
                       strlen(class_name[k]) + 1);
  return BS_OK;
}

void bs_checksum_destroy(bs_checksum **sum)
{
  if (*sum != NULL)
    BS_MPI(MPI_Wait(&(*sum)->request, MPI_STATUS_IGNORE));
  bs_mem_free(sum);
}

/* The machine's own byte order must be the file's. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "values are hashed as they lie in memory");

void bs_checksum_values(bs_checksum *sum, const double *x, size_t count)
{
  XXH3_64bits_update(&sum->state, x, count * sizeof *x);
}

void bs_checksum_classes(bs_checksum *sum, const uint16_t *y, size_t count)
{
  XXH3_64bits_update(&sum->state, y, count * sizeof *y);
}

void bs_checksum_digits(const bs_checksum *sum, char digits[17])
{
  snprintf(digits, 17, "%016llx",
           (unsigned long long)XXH3_64bits_digest(&sum->state));
}

/* Open MPI's MPI_Send can wait until the receiver looks, which is then busy
 * parsing; so the message is left where it is and waited for at the next. */
void bs_checksum_send(bs_checksum *sum, int note, int to, MPI_Comm comm)
{
  BS_MPI(MPI_Wait(&sum->request, MPI_STATUS_IGNORE));
  sum->sent.state = sum->state;
  sum->sent.note = note;
  BS_MPI(MPI_Isend(&sum->sent, (int)sizeof sum->sent, MPI_BYTE, to, 0, comm,
                   &sum->request));
}

int bs_checksum_receive(bs_checksum *sum, int from, MPI_Comm comm)
{
  message got;
  BS_MPI(MPI_Recv(&got, (int)sizeof got, MPI_BYTE, from, 0, comm,
                  MPI_STATUS_IGNORE));
  /* The state holds one address, of a constant of the library, which can lie
   * elsewhere in every process: keep our own. */
  const unsigned char *secret = sum->state.extSecret;
  sum->state = got.state;
  sum->state.extSecret = secret;
  return got.note;
}

bool bs_checksum_is_here(int from, MPI_Comm comm)
{
  int here;
  BS_MPI(MPI_Iprobe(from, 0, comm, &here, MPI_STATUS_IGNORE));
  return here;
}

/* ---- From a stored file. */

/* x (d, rows) to row-major (rows, d). */
static void turn(const double *columns, size_t rows, int d, double *x)
{
  enum { TILE = 16 };
  for (size_t i = 0; i < rows; i += TILE)
    for (int j = 0; j < d; j += TILE)
      for (size_t r = i; r < rows && r < i + TILE; r++)
        for (int k = j; k < d && k < j + TILE; k++)
          x[r * (size_t)d + (size_t)k] = columns[(size_t)k * rows + r];
}

static bs_status read_block(hid_t set, hid_t space, const char *path,
                            uint64_t first, size_t rows, int d, double *columns)
{
  hsize_t count[2] = {rows, 1};
  hid_t memory = H5Screate_simple(2, count, NULL);
  bs_status st = BS_OK;
  for (int j = 0; j < d && st == BS_OK; j++) {
    hsize_t start[2] = {first, (hsize_t)j};
    if (H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) <
            0 ||
        H5Dread(set, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT,
                columns + (size_t)j * rows) < 0)
      st =
          bs_fail(BS_ERR_INPUT, "%s: cannot read column %d of /X", path, j + 1);
  }
  H5Sclose(memory);
  return st;
}

/* Blocks go round the ranks; each waits for the state only when it has its
 * block in memory. A rank that fails still passes the state on. */
static bs_status sum_blocks(MPI_Comm comm, const char *path, hid_t set,
                            uint64_t n, int d, size_t block, bs_checksum *sum,
                            double *columns, double *x)
{
  int rank = bs_comm_rank(comm), size = bs_comm_size(comm);
  uint64_t blocks = (n + block - 1) / block;
  hid_t space = set < 0 ? H5I_INVALID_HID : H5Dget_space(set);
  bs_status st =
      set < 0 ? bs_fail(BS_ERR_INPUT, "cannot open %s", path) : BS_OK;
  for (uint64_t b = (uint64_t)rank; b < blocks; b += (uint64_t)size) {
    uint64_t first = b * block;
    size_t rows = n - first < block ? (size_t)(n - first) : block;
    if (st == BS_OK)
      st = bs_stop_check();
    if (st == BS_OK)
      st = read_block(set, space, path, first, rows, d, columns);
    if (st == BS_OK)
      turn(columns, rows, d, x);
    if (b > 0 && size > 1)
      bs_checksum_receive(sum, (int)((b - 1) % (uint64_t)size), comm);
    if (st == BS_OK)
      bs_checksum_values(sum, x, rows * (size_t)d);
    if (b + 1 < blocks && size > 1)
      bs_checksum_send(sum, 0, (int)((b + 1) % (uint64_t)size), comm);
  }
  if (space >= 0)
    H5Sclose(space);
  int last = (int)((blocks - 1) % (uint64_t)size);
  if (last != 0 && rank == last)
    bs_checksum_send(sum, 0, 0, comm);
  if (last != 0 && rank == 0)
    bs_checksum_receive(sum, last, comm);
  return st;
}

bs_status bs_checksum_stored(MPI_Comm comm, const char *path, uint64_t n, int d,
                             bs_checksum *sum)
{
  enum { BLOCK_BYTES = 16 << 20 };
  size_t block = BLOCK_BYTES / (8 * (size_t)d) + 1;
  double *columns = NULL, *x = NULL;
  bs_status st = bs_mem_alloc(block * (size_t)d, sizeof *columns, &columns);
  if (st == BS_OK)
    st = bs_mem_alloc(block * (size_t)d, sizeof *x, &x);
  BS_GO(st, bs_agree(comm, st));
  hid_t h5 = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
  H5Pset_chunk_cache(access, 4 * (size_t)d + 1, 64 << 20, 1);
  hid_t set = h5 < 0 ? H5I_INVALID_HID : H5Dopen2(h5, "X", access);
  st = sum_blocks(comm, path, set, n, d, block, sum, columns, x);
  if (set >= 0)
    H5Dclose(set);
  H5Pclose(access);
  if (h5 >= 0)
    H5Fclose(h5);
  st = bs_agree(comm, st);
done:
  bs_mem_free(&columns);
  bs_mem_free(&x);
  return st;
}
