/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/read_at.h"

#include <errno.h>
#include <unistd.h>

size_t bs_read_at(int fd, void *to, size_t bytes, uint64_t at)
{
  size_t done = 0;
  while (done < bytes) {
    const ssize_t got =
        pread(fd, (char *)to + done, bytes - done, (off_t)(at + done));
    if (got < 0 && errno == EINTR)
      continue;
    if (got == 0)
      errno = 0;
    if (got <= 0)
      break;
    done += (size_t)got;
  }
  return done;
}
