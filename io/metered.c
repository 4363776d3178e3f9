/* SPDX-License-Identifier: BSD-3-Clause */
/* Every call of this program that moves values to or from files, on the clock:
 * the linker (--wrap, see CMakeLists.txt) sends the calls here, so that none is
 * forgotten. Texts written through FILE, and the files that libarchive reads,
 * are not counted. */
#include "src/meter.h"

#include <hdf5.h>
#include <sys/types.h>
#include <unistd.h>

/* What the linker calls the functions, with 64-bit offsets. */
herr_t __real_H5Dread(hid_t, hid_t, hid_t, hid_t, hid_t, void *);
herr_t __wrap_H5Dread(hid_t, hid_t, hid_t, hid_t, hid_t, void *);
herr_t __real_H5Dwrite(hid_t, hid_t, hid_t, hid_t, hid_t, const void *);
herr_t __wrap_H5Dwrite(hid_t, hid_t, hid_t, hid_t, hid_t, const void *);
ssize_t __real_read(int, void *, size_t);
ssize_t __wrap_read(int, void *, size_t);
ssize_t __real_write(int, const void *, size_t);
ssize_t __wrap_write(int, const void *, size_t);
ssize_t __real_pread64(int, void *, size_t, off_t);
ssize_t __wrap_pread64(int, void *, size_t, off_t);
ssize_t __real_pwrite64(int, const void *, size_t, off_t);
ssize_t __wrap_pwrite64(int, const void *, size_t, off_t);

/* Bytes in memory of a selection of a dataset. */
static uint64_t selected_bytes(hid_t set, hid_t type, hid_t memory, hid_t file)
{
  hid_t own = H5I_INVALID_HID;
  hid_t space = memory != H5S_ALL ? memory : file;
  if (space == H5S_ALL)
    space = own = H5Dget_space(set);
  const hssize_t count = H5Sget_select_npoints(space);
  if (own >= 0)
    H5Sclose(own);
  return count < 0 ? 0 : (uint64_t)count * H5Tget_size(type);
}

herr_t __wrap_H5Dread(hid_t set, hid_t type, hid_t memory, hid_t file,
                      hid_t plist, void *to)
{
  const double begun = bs_clock();
  const herr_t done = __real_H5Dread(set, type, memory, file, plist, to);
  bs_meter_add(BS_METER_READ, begun,
               done < 0 ? 0 : selected_bytes(set, type, memory, file));
  return done;
}

herr_t __wrap_H5Dwrite(hid_t set, hid_t type, hid_t memory, hid_t file,
                       hid_t plist, const void *from)
{
  const double begun = bs_clock();
  const herr_t done = __real_H5Dwrite(set, type, memory, file, plist, from);
  bs_meter_add(BS_METER_WRITE, begun,
               done < 0 ? 0 : selected_bytes(set, type, memory, file));
  return done;
}

static ssize_t count(bs_meter_kind kind, double begun, ssize_t bytes)
{
  bs_meter_add(kind, begun, bytes < 0 ? 0 : (uint64_t)bytes);
  return bytes;
}

ssize_t __wrap_read(int fd, void *to, size_t bytes)
{
  const double begun = bs_clock();
  return count(BS_METER_READ, begun, __real_read(fd, to, bytes));
}

ssize_t __wrap_write(int fd, const void *from, size_t bytes)
{
  const double begun = bs_clock();
  return count(BS_METER_WRITE, begun, __real_write(fd, from, bytes));
}

ssize_t __wrap_pread64(int fd, void *to, size_t bytes, off_t at)
{
  const double begun = bs_clock();
  return count(BS_METER_READ, begun, __real_pread64(fd, to, bytes, at));
}

ssize_t __wrap_pwrite64(int fd, const void *from, size_t bytes, off_t at)
{
  const double begun = bs_clock();
  return count(BS_METER_WRITE, begun, __real_pwrite64(fd, from, bytes, at));
}
