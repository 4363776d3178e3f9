/* SPDX-License-Identifier: BSD-3-Clause */
#include "jobs/resume.h"

#include "io/json.h"
#include "src/stop.h"
#include <stdio.h>
#include <string.h>

bs_status bs_common_stop(const bs_common *common)
{
  double seconds = 0;
  if (common->time_limit != NULL && common->checkpoint == NULL)
    return bs_fail(BS_ERR_USAGE, "option --time-limit needs --checkpoint");
  if (common->time_limit != NULL)
    BS_TRY(bs_stop_parse(common->time_limit, &seconds));
  if (common->checkpoint != NULL && !common->dry_run)
    bs_stop_catch(seconds);
  return BS_OK;
}

static void log_line(const void *context, const char *line)
{
  const bs_job *job = context;
  if (job->rank == 0)
    bs_job_log(job, "%s", line);
  else /* a rank that can't write what it has done */
    fprintf(stderr, "[rank %d] %s\n", job->rank, line);
}

bs_checkpoint_options bs_common_checkpoint(const bs_job *job,
                                           const bs_common *common,
                                           const json_t *about)
{
  return (bs_checkpoint_options){common->checkpoint, about,
                                 common->checkpoint_every, log_line, job};
}

/* Options that say how to run, not what to compute: no part of the results. */
static bool is_parameter(const char *name)
{
  static const char *const others[] = {
      "threads",    "json",       "run-json",         "dry-run",    "output",
      "save-split", "checkpoint", "checkpoint-every", "time-limit", "layout"};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (strcmp(name, others[i]) == 0)
      return false;
  return true;
}

json_t *bs_common_parameters(const bs_opt *table)
{
  json_t *object = json_object();
  for (const bs_opt *o = table; o->type != BS_OPT_END; o++) {
    json_t *value = NULL;
    const char *text;
    if (!is_parameter(o->name))
      continue;
    switch (o->type) {
    case BS_OPT_FLAG:
      value = json_boolean(*(bool *)o->var);
      break;
    case BS_OPT_INT:
      value = json_integer(*(long *)o->var);
      break;
    case BS_OPT_REAL:
      value = json_real(*(double *)o->var);
      break;
    case BS_OPT_TEXT:
    case BS_OPT_CHOICE:
      text = *(const char **)o->var;
      value = text == NULL ? json_null() : bs_json_bytes(text);
      break;
    case BS_OPT_END:
      break;
    }
    json_object_set_new(object, o->name, value);
  }
  return object;
}
