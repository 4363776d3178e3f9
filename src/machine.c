/* SPDX-License-Identifier: BSD-3-Clause */
/* sched_getaffinity and its set are GNU's. */
#define _GNU_SOURCE
#include "src/machine.h"

#include "src/comm.h"
#include <inttypes.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/statvfs.h>

/* First number of a file of one, or `otherwise` ("max" is no number). */
static uint64_t read_number(const char *path, uint64_t otherwise)
{
  uint64_t value;
  FILE *f = fopen(path, "r");
  if (f == NULL || fscanf(f, "%" SCNu64, &value) != 1)
    value = otherwise;
  if (f != NULL)
    fclose(f);
  return value;
}

static uint64_t room_under(uint64_t limit, uint64_t used)
{
  return limit > used ? limit - used : 0;
}

static uint64_t system_memory(void)
{
  char line[256];
  uint64_t kib = 0;
  FILE *f = fopen("/proc/meminfo", "r");
  while (f != NULL && fgets(line, sizeof line, f) != NULL)
    if (sscanf(line, "MemAvailable: %" SCNu64 " kB", &kib) == 1)
      break;
  if (f != NULL)
    fclose(f);
  return kib == 0 ? UINT64_MAX : kib * 1024;
}

size_t bs_machine_memory(void)
{
  static const struct {
    const char *limit, *used;
  } groups[] = {
      {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"},
      {"/sys/fs/cgroup/memory/memory.limit_in_bytes",
       "/sys/fs/cgroup/memory/memory.usage_in_bytes"},
  };
  uint64_t room = system_memory();
  for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
    uint64_t limit = read_number(groups[i].limit, UINT64_MAX);
    if (limit == UINT64_MAX)
      continue;
    uint64_t left = room_under(limit, read_number(groups[i].used, 0));
    room = left < room ? left : room;
  }
  return room > SIZE_MAX ? SIZE_MAX : (size_t)room;
}

size_t bs_machine_shared_memory(void)
{
  struct statvfs fs;
  if (statvfs("/dev/shm", &fs) != 0)
    return SIZE_MAX;
  return (size_t)fs.f_bavail * (size_t)fs.f_frsize;
}

int bs_machine_cpus(const bs_node *node)
{
  cpu_set_t mine, all;
  CPU_ZERO(&mine);
  if (sched_getaffinity(0, sizeof mine, &mine) != 0)
    CPU_SET(0, &mine);
  BS_MPI(MPI_Allreduce(&mine, &all, (int)sizeof mine, MPI_BYTE, MPI_BOR,
                       node->comm));
  return CPU_COUNT(&all);
}
