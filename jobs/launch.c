/* SPDX-License-Identifier: BSD-3-Clause */
#include "jobs/launch.h"

#include "src/build.h"
#include "src/comm.h"
#include "src/version.h"
#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define CURE                                                                   \
  "launch it with srun --mpi=pmix, or with the mpirun of that library "        \
  "(BOTSIEVE_LAUNCHER=mpirun for the scripts of slurm/)"

/* What launchers leave in the environment of each copy, the innermost first: an
 * mpirun within a step of Slurm passes the step's variables on. A batch script
 * is no step; SLURM_NTASKS there counts what an srun would start. */
static const struct launcher {
  const char *name, *size, *rank;
} launchers[] = {
    {"mpirun", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"},
    {"mpiexec", "PMI_SIZE", "PMI_RANK"},
    {"srun", "SLURM_STEP_NUM_TASKS", "SLURM_PROCID"},
};

static const struct launcher *find_launcher(void)
{
  for (size_t i = 0; i < sizeof launchers / sizeof *launchers; i++)
    if (getenv(launchers[i].size) != NULL && getenv(launchers[i].rank) != NULL)
      return &launchers[i];
  return NULL;
}

bool bs_launch_first(void)
{
  const struct launcher *by = find_launcher();
  return by == NULL || strcmp(getenv(by->rank), "0") == 0;
}

static bool same_text(const char *a, const char *b)
{
  return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* By what the launchers of Open MPI say; without any, a process is alone. */
static bool is_on_one_node(const struct launcher *by)
{
  if (by == NULL)
    return getenv("PMIX_NAMESPACE") == NULL;
  if (strcmp(by->name, "mpirun") == 0)
    return same_text(getenv(by->size), getenv("OMPI_COMM_WORLD_LOCAL_SIZE"));
  return same_text(getenv("SLURM_STEP_NUM_NODES"), "1");
}

/* On one node messages go through memory. To open the libraries of all kinds
 * of networks first, to look for network cards and GPUs, and to start a daemon
 * beside a process that is alone, would take Open MPI longer than many a
 * command takes. */
void bs_launch_prepare(void)
{
  const struct launcher *by = find_launcher();
  if (!is_on_one_node(by))
    return;
  setenv("OMPI_MCA_pml", "ob1", 0);
  setenv("HWLOC_COMPONENTS", "-linuxio,-pci,-gl,-opencl,-cuda,-nvml,-rsmi", 0);
  if (by == NULL) {
    setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
    /* Without a daemon all lone processes would make and remove the same
     * folder, and now and then one fails; alone, none needs it. */
    setenv("OMPI_MCA_orte_create_session_dirs", "0", 0);
  }
}

void bs_launch_hasten(void)
{
  DIR *folder = opendir("/proc/self/fd");
  const struct dirent *entry;
  while (folder != NULL && (entry = readdir(folder)) != NULL) {
    const int fd = atoi(entry->d_name), on = 1; /* "." is 0: harmless */
    int type = 0;
    socklen_t length = sizeof type;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 &&
        type == SOCK_STREAM)
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  if (folder != NULL)
    closedir(folder);
}

/* Has this Open MPI a component for Slurm's own PMI-1 and PMI-2? Debian's has
 * none. */
static bool knows_slurms_pmi(void)
{
  int provided, index;
  if (MPI_T_init_thread(MPI_THREAD_SERIALIZED, &provided) != MPI_SUCCESS)
    return true; /* who knows */
  const bool knows =
      MPI_T_cvar_get_index("pmix_s1_major_version", &index) == MPI_SUCCESS ||
      MPI_T_cvar_get_index("pmix_s2_major_version", &index) == MPI_SUCCESS;
  MPI_T_finalize();
  return knows;
}

/* Open MPI, in a step of Slurm that offers none of its interfaces, ends the
 * process within MPI_Init. */
bs_status bs_launch_check_start(void)
{
  char mpi[128];
  const char *tasks = getenv("SLURM_STEP_NUM_TASKS");
  const char *type = getenv("SLURM_MPI_TYPE");
  bs_build_mpi(mpi, sizeof mpi);
  if (tasks == NULL || getenv("OMPI_COMM_WORLD_SIZE") != NULL ||
      getenv("PMIX_NAMESPACE") != NULL || strncmp(mpi, "Open MPI", 8) != 0 ||
      knows_slurms_pmi())
    return BS_OK;
  return bs_fail(BS_ERR_LAUNCH,
                 "srun --mpi=%s offers %s no way to make its %s tasks one "
                 "job; " CURE,
                 type != NULL ? type : "none", mpi, tasks);
}

static bs_status check_size(int size)
{
  const struct launcher *by = find_launcher();
  if (by == NULL || size > 1 || atoi(getenv(by->size)) <= 1)
    return BS_OK;
  char mpi[128];
  bs_build_mpi(mpi, sizeof mpi);
  return bs_fail(BS_ERR_LAUNCH,
                 "%s started %s copies, but to %s each of them is alone; " CURE,
                 by->name, getenv(by->size), mpi);
}

/* All ranks must be what rank 0 is. */
static bs_status check_versions(MPI_Comm comm)
{
  char mine[512] = "", first[sizeof mine], mpi[128];
  bs_build_mpi(mpi, sizeof mpi);
  snprintf(mine, sizeof mine, "botsieve %s (%s, %s) with %s", BS_VERSION,
           bs_build_compiler, bs_build_type, mpi);
  memcpy(first, mine, sizeof mine);
  BS_MPI(MPI_Bcast(first, sizeof first, MPI_CHAR, 0, comm));
  if (strcmp(mine, first) == 0)
    return BS_OK;
  return bs_fail(BS_ERR_LAUNCH,
                 "rank %d is %s, but rank 0 is %s; install one of them on all "
                 "nodes",
                 bs_comm_rank(comm), mine, first);
}

bs_status bs_launch_check(MPI_Comm comm)
{
  BS_TRY(check_size(bs_comm_size(comm)));
  return bs_agree(comm, check_versions(comm));
}
