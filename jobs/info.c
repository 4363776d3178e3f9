#include "jobs/job.h"

#include <stdlib.h>

static bs_status run(const bs_job *job, int argc, char **argv)
{
  (void)job, (void)argc, (void)argv;
  return bs_fail(BS_ERR_RUNTIME, "not built yet");
}

const bs_command bs_command_info = {"info", "tell what a data file holds", run};
