/* SPDX-License-Identifier: BSD-3-Clause */
/* For memfd_create. */
#define _GNU_SOURCE
/* Any bytes as a packed file: listed and unpacked, or refused. */
#include "io/unpack.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 1 << 22 }; /* bytes looked at: bombs are not the point here */

static void read_all(const char *path, const char *member)
{
  static char buffer[1 << 16];
  bs_unpack *u;
  size_t got, total = 0;
  if (bs_unpack_open(path, member, "fuzz", &u) != BS_OK)
    return;
  while (bs_unpack_read(u, buffer, sizeof buffer, &got) == BS_OK && got > 0 &&
         total < MOST)
    total += got;
  bs_unpack_close(&u);
}

static bs_status visit(void *context, const char *member)
{
  int *members = context;
  char copy[512];
  if (++*members > 8)
    return BS_ERR_CHECK;
  snprintf(copy, sizeof copy, "%s", member);
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", members[1]);
  read_all(path, copy);
  return BS_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char path[64];
  bs_magic magic;
  int fd = memfd_create("fuzz", MFD_CLOEXEC);
  if (fd < 0 || write(fd, data, size) != (ssize_t)size)
    abort();
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  if (bs_magic_of(path, path, &magic) != BS_OK)
    abort();
  if (magic == BS_MAGIC_COMPRESSED)
    read_all(path, NULL);
  int context[2] = {0, fd};
  if (magic != BS_MAGIC_RAR4)
    bs_unpack_list(path, "fuzz", visit, context);
  close(fd);
  return 0;
}
