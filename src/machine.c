/* SPDX-License-Identifier: BSD-3-Clause */
/* sched_getaffinity and its set are GNU's. */
#define _GNU_SOURCE
#include "src/machine.h"

#include "src/comm.h"
#include <inttypes.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* Bytes from a line "NAME:  123 kB" of a file; 0 if there is none. */
static uint64_t read_kib(const char *path, const char *name)
{
  char line[256];
  uint64_t kib = 0;
  const size_t length = strlen(name);
  FILE *f = fopen(path, "r");
  while (f != NULL && fgets(line, sizeof line, f) != NULL)
    if (strncmp(line, name, length) == 0 && line[length] == ':') {
      kib = strtoull(line + length + 1, NULL, 10);
      break;
    }
  if (f != NULL)
    fclose(f);
  return kib * 1024;
}

static uint64_t system_memory(void)
{
  uint64_t bytes = read_kib("/proc/meminfo", "MemAvailable");
  return bytes == 0 ? UINT64_MAX : bytes;
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

/* Of the calling thread. */
static void thread_cpus(bs_cpus *cpus)
{
  cpu_set_t set;
  memset(cpus, 0, sizeof *cpus);
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0)
    CPU_SET(0, &set);
  for (int i = 0; i < BS_CPUS_MOST; i++)
    if (CPU_ISSET(i, &set))
      cpus->word[i / 64] |= UINT64_C(1) << i % 64;
}

int bs_machine_cpus(const bs_node *node)
{
  bs_cpus mine, all;
  thread_cpus(&mine);
  BS_MPI(MPI_Allreduce(&mine, &all, (int)sizeof mine, MPI_BYTE, MPI_BOR,
                       node->comm));
  return bs_cpus_count(&all);
}

void bs_machine_team_cpus(int threads, bs_cpus *cpus)
{
  memset(cpus, 0, sizeof *cpus);
#pragma omp parallel num_threads(threads) default(none) shared(cpus)
  {
    bs_cpus own;
    thread_cpus(&own);
#pragma omp critical(team_cpus)
    bs_cpus_join(cpus, &own);
  }
}

/* A list of numbers in a file; empty where there is none. */
static void read_list(const char *folder, const char *name, bs_cpus *set)
{
  char path[256], list[4096] = "";
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *f = fopen(path, "r");
  if (f != NULL && fgets(list, sizeof list, f) == NULL)
    list[0] = '\0';
  if (f != NULL)
    fclose(f);
  bs_cpus_parse(list, set);
}

int bs_machine_domains(const char *folder, const bs_cpus *cpus)
{
  bs_cpus domains, own;
  int count = 0;
  read_list(folder, "has_cpu", &domains);
  for (int i = 0; i < BS_CPUS_MOST; i++) {
    char name[32];
    if ((domains.word[i / 64] >> i % 64 & 1) == 0)
      continue;
    snprintf(name, sizeof name, "node%d/cpulist", i);
    read_list(folder, name, &own);
    count += bs_cpus_meet(cpus, &own);
  }
  return count;
}

bs_usage bs_machine_usage(void)
{
  return (bs_usage){(double)read_kib("/proc/self/status", "VmHWM"),
                    (double)read_kib("/proc/self/status", "RssShmem"),
                    (double)read_kib("/proc/self/smaps_rollup", "Pss_Shmem")};
}
