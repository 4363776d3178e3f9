/* SPDX-License-Identifier: BSD-3-Clause */
/* Linked into the program, makes it one whose second attempt to bring a file to
 * the disk fails; like Linux it tells of that once. */
#include <errno.h>
#include <unistd.h>

int fdatasync(int fd)
{
  static int calls;
  (void)fd;
  if (++calls != 2)
    return 0;
  errno = EIO;
  return -1;
}
