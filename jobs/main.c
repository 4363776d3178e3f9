/* SPDX-License-Identifier: BSD-3-Clause */
/* Picks the command, brings MPI up, and is the only way out. */
#include "jobs/job.h"
#include "src/comm.h"
#include "src/version.h"

#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line each. */
/* clang-format off */
static const bs_command *const commands[] = {
    &bs_command_compare,
    &bs_command_convert,
    &bs_command_cv,
    &bs_command_em,
    &bs_command_info,
    &bs_command_predict,
    &bs_command_rank,
    &bs_command_synth,
    &bs_command_train,
};
/* clang-format on */
enum { COMMANDS = sizeof commands / sizeof *commands };

static const bs_command *find_command(const char *name)
{
  for (int i = 0; i < COMMANDS; i++)
    if (strcmp(commands[i]->name, name) == 0)
      return commands[i];
  return NULL;
}

static void print_usage(FILE *out)
{
  fputs("Usage: botsieve COMMAND ... [options]\n\nCommands:\n", out);
  for (int i = 0; i < COMMANDS; i++)
    fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
  fputs("\nbotsieve COMMAND --help tells what a command takes.\n", out);
}

static void print_version(FILE *out)
{
  char mpi[MPI_MAX_LIBRARY_VERSION_STRING];
  int length;
  unsigned major, minor, release;
  MPI_Get_library_version(mpi, &length); /* allowed before MPI_Init */
  H5get_libversion(&major, &minor, &release);
  fprintf(out, "botsieve %s\ncompiler: %s\nMPI: %.*s\nHDF5: %u.%u.%u\n",
          BS_VERSION, __VERSION__, (int)strcspn(mpi, ","), mpi, major, minor,
          release);
}

/* Before MPI is up the launcher's environment tells which copy this is. */
static bool is_first_copy(void)
{
  static const char *const names[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK",
                                      "SLURM_PROCID"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *rank = getenv(names[i]);
    if (rank != NULL)
      return strcmp(rank, "0") == 0;
  }
  return true;
}

/* What needs no MPI: usage, version, help. Returns false if there is a job. */
static bool run_without_mpi(int argc, char **argv, bs_status *st)
{
  bool help = argc > 1 && strcmp(argv[1], "--help") == 0;
  const bs_command *command = argc > 1 ? find_command(argv[1]) : NULL;
  bool first = is_first_copy();
  *st = BS_OK;
  if (help || (argc > 1 && strcmp(argv[1], "--version") == 0)) {
    if (first)
      help ? print_usage(stdout) : print_version(stdout);
  } else if (command == NULL) {
    if (first && argc > 1)
      fprintf(stderr,
              "botsieve: error: unknown command '%s'; see botsieve "
              "--help\n",
              argv[1]);
    else if (first)
      print_usage(stderr);
    *st = BS_ERR_USAGE;
  } else if (bs_opt_wants_help(argc - 1, argv + 1)) {
    if (first)
      command->run(NULL, argc - 1, argv + 1);
  } else {
    return false;
  }
  return true;
}

static bs_status run_job(int argc, char **argv)
{
  const bs_command *command = find_command(argv[1]);
  bs_job job = {.command = command->name, .argc = argc, .argv = argv};
  int provided;
  BS_MPI(MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided));
  BS_MPI(MPI_Comm_dup(MPI_COMM_WORLD, &job.comm));
  BS_MPI(MPI_Comm_set_errhandler(job.comm, MPI_ERRORS_RETURN));
  job.rank = bs_comm_rank(job.comm);
  job.size = bs_comm_size(job.comm);
  job.start = MPI_Wtime();
  bs_node_create(job.comm, &job.node);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* we say what failed, in one line */
  bs_status st = command->run(&job, argc - 1, argv + 1);
  if (st != BS_OK && job.rank == 0)
    fprintf(stderr, "botsieve %s: %s: %s\n", command->name,
            st == BS_STOPPED ? "stopped" : "error", bs_error_text());
  bs_node_destroy(&job.node);
  BS_MPI(MPI_Comm_free(&job.comm));
  BS_MPI(MPI_Finalize());
  return st;
}

int main(int argc, char **argv)
{
  bs_status st;
  if (!run_without_mpi(argc, argv, &st))
    st = run_job(argc, argv);
  return (int)st;
}
