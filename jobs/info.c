/* SPDX-License-Identifier: BSD-3-Clause */
/* botsieve info: what a data file holds. */
#include "jobs/job.h"

#include "io/datafile.h"
#include "io/json.h"
#include "io/nbaiot.h"
#include "src/comm.h"
#include <stdlib.h>
#include <string.h>

static const char *json;

static const bs_opt table[] = {
    {BS_OPT_TEXT, "json", &json, "FILE|-", 0, 0, "results file"},
    {0},
};

static const bs_opt_spec spec = {
    "info",
    "Tell what a data file holds.",
    "FILE.h5",
    1,
    1,
    "  botsieve info pt737e.h5\n  botsieve info pt737e.h5 --json -\n"};

/* {device: {attack: rows}}, in row order. */
static json_t *attack_rows(const bs_datafile *f)
{
  json_t *all = json_object();
  for (int i = 0; f->nbaiot && i < f->parts; i++) {
    const bs_file_part *part = &f->part[i];
    const char *device = f->device[part->device];
    const char *attack = bs_nbaiot_attack(part->attack);
    json_t *one = json_object_get(all, device);
    if (one == NULL) {
      one = json_object();
      json_object_set_new(all, device, one);
    }
    json_int_t rows = json_integer_value(json_object_get(one, attack));
    json_object_set_new(one, attack,
                        json_integer(rows + (json_int_t)part->rows));
  }
  return all;
}

static json_t *list(char *const *text, int count)
{
  json_t *array = json_array();
  for (int i = 0; i < count; i++)
    json_array_append_new(array, json_string(text[i]));
  return array;
}

static json_t *to_json(const bs_datafile *f)
{
  json_t *class_rows = json_object();
  for (int k = 0; k < f->c; k++)
    json_object_set_new(class_rows, f->class_name[k],
                        json_integer((json_int_t)f->class_rows[k]));
  json_t *authentic =
      f->authentic < 0 ? json_null() : json_boolean(f->authentic);
  return json_pack(
      "{s:i, s:s, s:{s:I, s:o, s:o, s:s, s:s}, s:{}, s:I, s:i, s:o, s:o, s:o, "
      "s:s, s:s, s:b, s:b, s:o, s:o}",
      "schema", 1, "command", "info", "data", "rows", (json_int_t)f->n,
      "features", list(f->feature, f->d), "classes", list(f->class_name, f->c),
      "checksum", f->checksum, "source", f->source, "parameters", "rows",
      (json_int_t)f->n, "features", f->d, "class_rows", class_rows, "devices",
      list(f->device, f->devices), "attack_rows", attack_rows(f), "checksum",
      f->checksum, "source", f->source, "simulated", f->simulated, "complete",
      f->complete, "authentic", authentic, "missing",
      list(f->missing, f->missings));
}

static void print_attacks(const bs_datafile *f, int device)
{
  printf("Device:    %s\n", f->device[device]);
  for (int i = 0; i < f->parts; i++)
    if (f->part[i].device == device)
      printf("  %-15s %10llu rows\n", bs_nbaiot_attack(f->part[i].attack),
             (unsigned long long)f->part[i].rows);
}

static void print_text(const bs_datafile *f)
{
  printf("File:      %s\nSource:    %s\nRows:      %llu\nFeatures:  %d\n"
         "Checksum:  %s\nClasses (%s):\n",
         f->path, f->source, (unsigned long long)f->n, f->d, f->checksum,
         f->labels);
  for (int k = 0; k < f->c; k++)
    printf("  %-15s %10llu rows\n", f->class_name[k],
           (unsigned long long)f->class_rows[k]);
  for (int i = 0; i < f->devices; i++)
    print_attacks(f, i);
  if (f->nbaiot)
    printf("Complete:  %s\n", f->complete ? "yes, every published row count is "
                                            "met"
                                          : "no");
  for (int i = 0; i < f->missings; i++)
    printf("  %s\n", f->missing[i]);
  if (f->nbaiot)
    printf("Authentic: %s\n", f->authentic < 0   ? "not checked"
                              : f->authentic > 0 ? "yes, by SHA-256"
                                                 : "no, digests differ");
  if (f->simulated)
    bs_job_data_notes(f, stdout);
}

static bs_status run(const bs_job *job, int argc, char **argv)
{
  int first;
  if (job == NULL) {
    bs_opt_help(&spec, table, stdout);
    return BS_OK;
  }
  BS_TRY(bs_opt_parse(&spec, table, argc, argv, &first));
  BS_TRY(bs_job_begin(job, table, 1));
  bs_datafile *file;
  BS_TRY(bs_datafile_open(job->comm, argv[first], &file));
  bs_status st = BS_OK;
  if (job->rank == 0) {
    if (json == NULL || strcmp(json, "-") != 0)
      print_text(file);
    if (fflush(stdout) != 0)
      st = bs_fail(BS_ERR_RESOURCE, "cannot write to standard output");
    if (st == BS_OK && json != NULL) {
      json_t *value = to_json(file);
      st = value == NULL ? bs_fail(BS_ERR_RESOURCE, "out of memory")
                         : bs_json_write(value, json);
      json_decref(value);
    }
  }
  bs_datafile_close(&file);
  return bs_agree(job->comm, st);
}

const bs_command bs_command_info = {"info", "tell what a data file holds", run};
