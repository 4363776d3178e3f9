/* SPDX-License-Identifier: BSD-3-Clause */
/* Picks the command, brings MPI up, and is the only way out. */
#include "jobs/job.h"
#include "jobs/launch.h"
#include "src/build.h"
#include "src/comm.h"
#include "src/log.h"
#include "src/version.h"

#include <hdf5.h>
#include <signal.h>
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
  char mpi[128];
  unsigned major, minor, release;
  bs_build_mpi(mpi, sizeof mpi);
  H5get_libversion(&major, &minor, &release);
  fprintf(out, "botsieve %s\ncompiler: %s, %s, %s\nMPI: %s\nHDF5: %u.%u.%u\n",
          BS_VERSION, bs_build_compiler, bs_build_type, bs_build_flags, mpi,
          major, minor, release);
}

/* What needs no MPI: usage, version, help. Returns false if there is a job. */
static bool run_without_mpi(int argc, char **argv, bs_status *st)
{
  bool help = argc > 1 && strcmp(argv[1], "--help") == 0;
  const bs_command *command = argc > 1 ? find_command(argv[1]) : NULL;
  bool first = bs_launch_first();
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

/* All copies of a wrong launch end alike, and the first says why. */
static bs_status refuse_launch(bs_job *job, bs_status st)
{
  job->rank = bs_launch_first() ? job->rank : -1;
  bs_log_open(job->rank == 0);
  return bs_job_end(job, st);
}

static bs_status run_job(int argc, char **argv)
{
  const bs_command *command = find_command(argv[1]);
  bs_job job = {.command = command->name};
  int provided;
  /* Says that the time is nearly up: not to die of, see src/stop.h. */
  signal(SIGUSR1, SIG_IGN);
  bs_launch_prepare();
  bs_status st = bs_launch_check_start();
  if (st != BS_OK)
    return refuse_launch(&job, st);
  BS_MPI(MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &provided));
  bs_launch_hasten();
  bs_job_open(&job);
  job.command = command->name;
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* we say what failed, in one line */
  st = bs_launch_check(job.comm);
  if (st == BS_OK) {
    st = bs_job_start(&job, command->name, argc, argv);
    if (st == BS_OK)
      st = command->run(&job, argc - 1, argv + 1);
    st = bs_job_end(&job, st);
  } else {
    refuse_launch(&job, st);
  }
  bs_job_close(&job);
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
