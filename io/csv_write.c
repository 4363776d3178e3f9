/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/csv_write.h"

#include "io/number_text.h"
#include "src/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER = 1 << 20 };

struct bs_csv {
  int fd, d;
  char *path;
  char *buffer; /* (BUFFER + one row) */
  size_t used;
  bs_status st; /* what an earlier write ended with */
};

static bs_status fail(const bs_csv *csv)
{
  return bs_fail(BS_ERR_RESOURCE, "cannot write %s: %s", csv->path,
                 strerror(errno));
}

static bs_status flush(bs_csv *csv)
{
  for (size_t done = 0; done < csv->used;) {
    ssize_t put = write(csv->fd, csv->buffer + done, csv->used - done);
    if (put < 0 && errno != EINTR)
      return csv->st = fail(csv);
    done += put > 0 ? (size_t)put : 0;
  }
  csv->used = 0;
  return BS_OK;
}

static bs_status create(const char *path, const char *const *names, int d,
                        bs_csv *csv)
{
  size_t header = 2;
  for (int j = 0; j < d; j++)
    header += strlen(names[j]) + 1;
  csv->fd = -1;
  csv->d = d;
  csv->path = strdup(path);
  if (csv->path == NULL)
    return bs_fail(BS_ERR_RESOURCE, "out of memory for a path");
  size_t row = (size_t)d * (BS_NUMBER_ROOM + 1) + 2;
  BS_TRY(bs_mem_alloc(BUFFER + row + header, 1, &csv->buffer));
  csv->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (csv->fd < 0)
    return fail(csv);
  for (int j = 0; j < d; j++) {
    size_t length = strlen(names[j]);
    memcpy(csv->buffer + csv->used, names[j], length);
    csv->used += length;
    csv->buffer[csv->used++] = ',';
  }
  memcpy(csv->buffer + csv->used - 1, "\r\n", 2); /* for the last comma */
  csv->used++;
  return BS_OK;
}

bs_status bs_csv_create(const char *path, const char *const *names, int d,
                        bs_csv **out)
{
  bs_csv *csv;
  *out = NULL;
  BS_TRY(bs_mem_zalloc(1, sizeof *csv, &csv));
  bs_status st = create(path, names, d, csv);
  if (st != BS_OK) {
    csv->used = 0;
    bs_csv_close(&csv);
    return st;
  }
  *out = csv;
  return BS_OK;
}

static bool same_bits(double a, double b)
{
  return memcmp(&a, &b, sizeof a) == 0;
}

/* Nearly a third of the values repeat one of the same row (the H block is the
 * MI_dir block, the socket's numbers are often the channel's), so the texts of
 * the last few distinct values are kept. */
enum { KEPT = 64 };

typedef struct kept {
  double value;
  uint8_t length; /* 0: nothing kept */
  char text[BS_NUMBER_ROOM];
} kept;

static char *put_number(kept *cache, double value, char *to)
{
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  kept *k = &cache[(bits * 0x9e3779b97f4a7c15U) >> 58];
  if (k->length == 0 || !same_bits(k->value, value)) {
    k->value = value;
    k->length = (uint8_t)(bs_number_print(value, k->text) - k->text);
  }
  memcpy(to, k->text, BS_NUMBER_ROOM);
  return to + k->length;
}

bs_status bs_csv_rows(bs_csv *csv, size_t rows, const double *x)
{
  kept cache[KEPT];
  memset(cache, 0, sizeof cache);
  for (size_t i = 0; i < rows; i++) {
    char *p = csv->buffer + csv->used;
    for (int j = 0; j < csv->d; j++) {
      p = put_number(cache, *x++, p);
      *p++ = ',';
    }
    memcpy(p - 1, "\r\n", 2);
    csv->used = (size_t)(p + 1 - csv->buffer);
    if (csv->used >= BUFFER)
      BS_TRY(flush(csv));
  }
  return BS_OK;
}

bs_status bs_csv_sync(bs_csv *csv)
{
  BS_TRY(csv->st);
  BS_TRY(flush(csv));
  return fsync(csv->fd) == 0 ? BS_OK : (csv->st = fail(csv));
}

bs_status bs_csv_close(bs_csv **out)
{
  bs_csv *csv = *out;
  if (csv == NULL)
    return BS_OK;
  bs_status st = csv->st;
  if (st == BS_OK && csv->fd >= 0)
    st = flush(csv);
  if (csv->fd >= 0 && close(csv->fd) != 0 && st == BS_OK)
    st = fail(csv);
  free(csv->path);
  bs_mem_free(&csv->buffer);
  bs_mem_free(out);
  return st;
}
