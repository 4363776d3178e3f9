/* SPDX-License-Identifier: BSD-3-Clause */
/* Many botsieve commands in one process: a line of standard input is a command
 * with its arguments, apart by tabs, the last one the file that takes its
 * standard output. Each is answered by a line with its exit code and, where it
 * failed, the error. Starting MPI costs more than most of what the parity tests
 * run, and the commands here are the program's own, from the option table on.
 */
int botsieve_main(int argc, char **argv);
#define main botsieve_main
#include "jobs/main.c" /* its table of commands and its way to set up a job */
#undef main

#include <fcntl.h>
#include <unistd.h>

enum { MOST_ARGUMENTS = 64, MOST_BYTES = 8192 };

static int split_line(char *line, char **argv)
{
  int argc = 0;
  line[strcspn(line, "\n")] = '\0';
  for (char *p = strtok(line, "\t"); p != NULL; p = strtok(NULL, "\t")) {
    if (argc == MOST_ARGUMENTS)
      return 0;
    argv[argc++] = p;
  }
  argv[argc] = NULL;
  return argc;
}

/* Run one command with its standard output in a file. */
static bs_status run_into(bs_job *job, int argc, char **argv, const char *path)
{
  const bs_command *command = find_command(argv[0]);
  if (command == NULL)
    return bs_fail(BS_ERR_USAGE, "no command '%s'", argv[0]);
  fflush(stdout);
  if (job->rank != 0)
    path = "/dev/null";
  int keep = dup(STDOUT_FILENO);
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (keep < 0 || file < 0 || dup2(file, STDOUT_FILENO) < 0)
    return bs_fail(BS_ERR_RESOURCE, "cannot write %s", path);
  close(file);
  bs_status st = bs_job_start(job, command->name, argc, argv);
  if (st == BS_OK)
    st = command->run(job, argc, argv);
  bs_job_end(job, st);
  fflush(stdout);
  dup2(keep, STDOUT_FILENO);
  close(keep);
  return st;
}

/* The next line for all ranks; false at the end. Rank 0 alone has the input. */
static bool next_line(const bs_job *job, char *line)
{
  int more = job->rank == 0 && fgets(line, MOST_BYTES, stdin) != NULL;
  BS_MPI(MPI_Bcast(&more, 1, MPI_INT, 0, job->comm));
  BS_MPI(MPI_Bcast(line, MOST_BYTES, MPI_CHAR, 0, job->comm));
  return more;
}

int main(int argc, char **argv)
{
  bs_job job = {0};
  static char line[MOST_BYTES];
  char *word[MOST_ARGUMENTS + 1];
  int provided;
  BS_MPI(MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided));
  bs_job_open(&job);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  while (next_line(&job, line)) {
    int words = split_line(line, word);
    if (words < 2)
      continue;
    char *path = word[words - 1];
    word[words - 1] = NULL;
    bs_status st = run_into(&job, words - 1, word, path);
    if (job.rank == 0)
      printf("%d %s\n", (int)st, st == BS_OK ? "" : bs_error_text());
    fflush(stdout);
  }
  bs_job_close(&job);
  BS_MPI(MPI_Finalize());
  return 0;
}
