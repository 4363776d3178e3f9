/* SPDX-License-Identifier: BSD-3-Clause */
#include "jobs/common.h"

#include "io/json.h"
#include "jobs/resume.h"
#include "src/comm.h"
#include "src/em.h"
#include "src/features.h"
#include "src/kmeans.h"
#include "src/machine.h"
#include "src/mem.h"
#include "src/merits.h"
#include "src/oner.h"
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bs_weka bs_common_rules(const bs_common *common)
{
  return strcmp(common->weka, "3.6") == 0 ? BS_WEKA_36 : BS_WEKA_38;
}

bs_status bs_j48_options_from(const bs_common *common,
                              const bs_j48_flags *flags, bs_j48_options *out)
{
  bs_weka rules = bs_common_rules(common);
  if (rules == BS_WEKA_36 && (flags->no_collapse || flags->no_mdl))
    return bs_fail(BS_ERR_USAGE, "option --%s: Weka 3.6 has no such option",
                   flags->no_collapse ? "no-collapse" : "no-mdl");
  *out = (bs_j48_options){
      .confidence = (float)flags->confidence,
      .min_leaf = flags->min_leaf,
      .unpruned = flags->unpruned,
      .no_raising = flags->no_raising,
      .no_collapse = flags->no_collapse,
      .no_mdl = flags->no_mdl,
      .rules = rules,
  };
  return BS_OK;
}

void bs_session_phase(bs_session *session, const char *name)
{
  bs_job_phase(session->job, name);
}

/* Groups that can grow trees at once on this node, next to what is there. */
static int groups_in_memory(const bs_session *s)
{
  const bs_workspace_size size = {.all = s->data->n,
                                  .c = s->data->c,
                                  .columns = s->presort->columns,
                                  .trees = BS_TREES,
                                  .finished = BS_TREES,
                                  .threads = s->threads};
  size_t fit = bs_machine_memory() / 100 * 95 / bs_workspace_bytes(&size);
  return fit > 1 << 16 ? 1 << 16 : (int)fit; /* more than anyone needs */
}

bs_layout bs_session_layout(const bs_session *session, int trees)
{
  const bs_job *job = session->job;
  const bs_node *node = &job->node;
  int room = 0, total[2], cpus = bs_machine_cpus(node);
  if (node->rank == 0)
    room = groups_in_memory(session);
  int mine[2] = {node->rank == 0 ? cpus : 0, room};
  BS_MPI(MPI_Allreduce(mine, total, 2, MPI_INT, MPI_SUM, job->comm));
  int most = total[0] < total[1] ? total[0] : total[1];
  int groups = session->groups > 0
                   ? session->groups
                   : bs_layout_groups(job->size, trees, most > 1 ? most : 1);
  bs_job_log(job,
             "layout: %d trees on %d groups of %d ranks, %d threads a rank, %s "
             "kernels; %d processors, memory for %d groups",
             trees, groups, job->size / groups, session->threads,
             session->kernels->name, total[0], total[1]);
  return (bs_layout){groups, session->threads};
}

/* --layout GxQ must use the ranks there are. */
static bs_status parse_layout(const bs_job *job, const char *text, int *groups)
{
  char *end = NULL;
  long g = 0, q = 0;
  *groups = 0;
  if (text == NULL)
    return BS_OK;
  if (isdigit((unsigned char)text[0]))
    g = strtol(text, &end, 10);
  if (g > 0 && *end == 'x' && isdigit((unsigned char)end[1]))
    q = strtol(end + 1, &end, 10);
  if (q < 1 || *end != '\0')
    return bs_fail(BS_ERR_USAGE, "option --layout: '%s' is not of the form GxQ",
                   text);
  if (g > job->size || q > job->size || g * q != job->size)
    return bs_fail(BS_ERR_USAGE,
                   "option --layout: '%s' is not the number of ranks", text);
  *groups = (int)g;
  return BS_OK;
}

bs_status bs_session_kernels(bs_session *s)
{
  const char *name = getenv("BOTSIEVE_ISA");
  if (name != NULL && name[0] == '\0')
    name = NULL;
  s->kernels = bs_list_kernels_find(name);
  s->cluster_kernels = bs_cluster_kernels_find(name);
  if (s->kernels == NULL || s->cluster_kernels == NULL)
    return bs_fail(BS_ERR_USAGE,
                   "BOTSIEVE_ISA: '%s' is not one of ref, avx2, "
                   "avx512, or this machine can't run it",
                   name);
  return BS_OK;
}

/* What the node needs, and whether it has it. */
typedef struct plan {
  double data, sorted, scratch, trees, clusters; /* bytes wanted */
  double rows; /* of the trees' bytes, those of the training rows */
  double room, shared_room; /* bytes free */
} plan;

static plan make_plan(const bs_session *s, int features, bool sorts,
                      bool clusters)
{
  size_t n = (size_t)s->file->n, d = (size_t)features;
  plan p = {.data = (double)(n * (d * sizeof(double) + sizeof(uint16_t))),
            .room = (double)bs_machine_memory(),
            .shared_room = (double)bs_machine_shared_memory()};
  const int ranks = s->job->node.size;
  if (clusters)
    p.clusters = (double)bs_kmeans_bytes(n, features, BS_EM_STARTS, ranks);
  if (sorts) {
    p.sorted = (double)(bs_presort_bytes(n, d) + 2 * n * sizeof(double));
    p.scratch = (double)bs_presort_scratch_bytes(n, s->threads) * ranks;
    /* On each rank; and once the rows that its trees are trained on. */
    const bs_workspace_size size = {.all = n,
                                    .c = s->file->c,
                                    .columns = (features + ranks - 1) / ranks,
                                    .trees = BS_TREES,
                                    .finished = (BS_TREES + ranks - 1) / ranks,
                                    .threads = s->threads};
    p.rows = (double)(n * BS_TREES * sizeof(uint32_t));
    p.trees = (double)(bs_workspace_bytes(&size) * (size_t)ranks) + p.rows;
  }
  return p;
}

static void log_plan(const bs_session *s, int features, const plan *p)
{
  const bs_job *job = s->job;
  bs_job_log(job, "data: %s: %" PRIu64 " rows, %d of %d features, source %s%s",
             s->file->path, s->file->n, features, s->file->d, s->file->source,
             s->file->complete || !s->file->nbaiot ? "" : ", INCOMPLETE");
  if (s->file->simulated)
    bs_job_warn(job, "simulated capture: its figures are not those of the "
                     "study");
  bs_job_log(
      job,
      "memory per node: %.2f GB of data, at most %.2f GB sorted, at most "
      "%.2f GB for trees of a group or k-means in work; %.2f GB are free",
      p->data / 1e9, p->sorted / 1e9, fmax(p->trees, p->clusters) / 1e9,
      p->room / 1e9);
}

/* Say so before the work starts if a node can't hold it. */
static bs_status check_plan(const bs_job *job, const plan *p)
{
  const double work = fmax(p->scratch, fmax(p->trees, p->clusters));
  const double need = p->data + p->sorted + work;
  const double shared = p->data + p->sorted + p->rows;
  bs_status st = BS_OK;
  if (need > p->room)
    st = bs_fail(
        BS_ERR_RESOURCE,
        "out of memory: %.2f GB wanted per node (%.2f data, %.2f "
        "sorted, %.2f trees or k-means in work, or sorting), %.2f GB free; use "
        "fewer features or threads, or nodes with more memory",
        need / 1e9, p->data / 1e9, p->sorted / 1e9, work / 1e9, p->room / 1e9);
  else if (job->node.size > 1 && shared > p->shared_room)
    st = bs_fail(BS_ERR_RESOURCE,
                 "out of shared memory: %.2f GB wanted per node (%.2f data, "
                 "%.2f sorted, %.2f training rows), %.2f GB free in /dev/shm; "
                 "run one rank per node with more threads, or enlarge /dev/shm",
                 shared / 1e9, p->data / 1e9, p->sorted / 1e9, p->rows / 1e9,
                 p->shared_room / 1e9);
  return bs_agree(job->comm, st);
}

/* Sort the columns, if that is not done yet. */
static bs_status sort_columns(bs_session *s)
{
  if (s->presort != NULL)
    return BS_OK;
  BS_TRY(bs_presort_create(s->job->comm, &s->job->node, s->data, s->threads,
                           &s->presort));
  bs_session_phase(s, "sort");
  bs_job_log(s->job, "%d of %d columns are distinct", s->presort->columns,
             s->data->d);
  return BS_OK;
}

/* All features, or with top:K the best on all rows. */
static bs_status choose_features(bs_session *s, int top, bool in_fold)
{
  const int d = s->data->d;
  double *merit = NULL;
  bs_status st = bs_mem_alloc((size_t)d, sizeof *s->feature, &s->feature);
  if (st == BS_OK)
    st = bs_mem_alloc((size_t)d, sizeof *merit, &merit);
  if (st == BS_OK && top > d)
    st =
        bs_fail(BS_ERR_USAGE,
                "option --features: the best %d of %d features wanted", top, d);
  BS_GO(st, bs_agree(s->job->comm, st));
  s->features = d;
  for (int j = 0; j < d; j++)
    s->feature[j] = j;
  s->top = in_fold ? top : 0;
  if (top == 0 || in_fold)
    goto done;
  const bs_merit_spec spec = {NULL, 0, BS_MERIT_FOLDS, BS_MERIT_SEED,
                              BS_ONER_MIN_BUCKET};
  BS_GO(st, bs_merits(s->job->comm, s->threads, s->data, s->presort, 1, &spec,
                      s->keep, "top", merit));
  st = bs_merits_best(merit, d, s->feature, top, s->feature);
  BS_GO(st, bs_agree(s->job->comm, st));
  s->features = top;
  bs_session_phase(s, "rank");
done:
  bs_mem_free(&merit);
  return st;
}

/* All that decides the results: the data, the features that could be used, and
 * the options. */
static json_t *about_run(const bs_session *s, const bs_opt *table, int count,
                         const int *columns)
{
  const bs_datafile *f = s->file;
  json_t *feature = json_array();
  for (int k = 0; k < count; k++)
    json_array_append_new(
        feature, json_string(f->feature[columns == NULL ? k : columns[k]]));
  return json_pack("{s:s, s:{s:I, s:o, s:s, s:s, s:b}, s:o}", "command",
                   s->job->command, "data", "rows", (json_int_t)f->n,
                   "features", feature, "checksum", f->checksum, "source",
                   f->source, "complete", f->complete, "parameters",
                   bs_common_parameters(table));
}

/* Before the data are loaded, as ranks tell each other to stop through it. */
static bs_status open_checkpoint(bs_session *s, const bs_opt *table, int count,
                                 const int *columns)
{
  const bs_job *job = s->job;
  if (s->common->checkpoint == NULL)
    return BS_OK;
  json_t *about = job->rank == 0 ? about_run(s, table, count, columns) : NULL;
  const bs_checkpoint_options options =
      bs_common_checkpoint(job, s->common, about);
  const bs_status st = bs_checkpoint_open(job->comm, &options, &s->checkpoint);
  s->keep = bs_checkpoint_keep(s->checkpoint);
  json_decref(about);
  return st;
}

/* Everything up to the data in memory. Whether trees or clusters are to come is
 * for the plan. */
static bs_status load(const bs_job *job, const bs_common *common,
                      const bs_opt *table, const char *path, bool sorts,
                      bool clusters, bs_session *session)
{
  bs_status st;
  int *columns = NULL, count = 0, top = 0;
  bool in_fold = false;
  *session = (bs_session){.job = job,
                          .common = common,
                          .rules = bs_common_rules(common),
                          .threads = bs_job_threads(common->threads)};
  session->tables.block.win = MPI_WIN_NULL;
  BS_TRY(bs_common_stop(common));
  BS_TRY(parse_layout(job, common->layout, &session->groups));
  BS_TRY(bs_agree(job->comm, bs_session_kernels(session)));
  BS_GO(st, bs_features_top(common->features, &top, &in_fold));
  BS_GO(st, bs_datafile_open(job->comm, path, &session->file));
  if (common->labels != NULL && !session->file->nbaiot)
    BS_GO(st, bs_fail(BS_ERR_USAGE,
                      "option --labels is for N-BaIoT data only, which %s is "
                      "not",
                      path));
  BS_GO(st, bs_features_select(job->comm, top > 0 ? "all" : common->features,
                               common->drop, session->file->feature,
                               session->file->d, &columns, &count));
  plan p = make_plan(session, count, sorts || top > 0, clusters);
  log_plan(session, count, &p);
  BS_GO(st, check_plan(job, &p));
  if (common->dry_run)
    goto done;
  BS_GO(st, open_checkpoint(session, table, count, columns));
  BS_GO(st,
        bs_datafile_load(job->comm, session->file, &job->node, session->threads,
                         common->labels, count, columns, &session->data));
  bs_job_rows(job, session->data->n);
  bs_session_phase(session, "load");
  if (top > 0 && !in_fold)
    BS_GO(st, sort_columns(session));
  st = choose_features(session, top, in_fold);
done:
  bs_mem_free(&columns);
  return st;
}

bs_status bs_session_load(const bs_job *job, const bs_common *common,
                          const bs_opt *table, const char *path,
                          bs_session *session)
{
  return load(job, common, table, path, false, true, session);
}

bs_status bs_session_open(const bs_job *job, const bs_common *common,
                          const bs_opt *table, const char *path,
                          bs_session *session)
{
  BS_TRY(load(job, common, table, path, true, false, session));
  if (session->data == NULL)
    return BS_OK;
  BS_TRY(sort_columns(session));
  BS_TRY(bs_log_tables_create(job->comm, &job->node, session->data->n,
                              session->rules, session->threads,
                              &session->tables));
  bs_session_phase(session, "tables");
  return BS_OK;
}

bs_status bs_session_refuse_top(const bs_session *session)
{
  if (session->top == 0)
    return BS_OK;
  return bs_fail(BS_ERR_USAGE,
                 "option --features: %s needs the folds of a "
                 "cross-validation; see top:K",
                 session->common->features);
}

void bs_session_close(bs_session *session)
{
  bs_checkpoint_close(&session->checkpoint, false);
  bs_log_tables_destroy(&session->tables);
  bs_presort_destroy(&session->presort);
  bs_mem_free(&session->feature);
  bs_dataset_destroy(&session->data);
  bs_datafile_close(&session->file);
}

static json_t *chosen_names(const bs_session *s)
{
  json_t *list = json_array();
  for (int i = 0; i < s->features; i++)
    json_array_append_new(list, json_string(s->data->feature[s->feature[i]]));
  return list;
}

json_t *bs_session_results(const bs_session *session, const bs_opt *table)
{
  const bs_dataset *data = session->data;
  json_t *results = json_object();
  json_object_set_new(results, "schema", json_integer(1));
  json_object_set_new(results, "command", json_string(session->job->command));
  json_object_set_new(
      results, "data",
      json_pack("{s:I, s:o, s:o, s:s, s:s, s:b}", "rows", (json_int_t)data->n,
                "features", chosen_names(session), "classes",
                bs_json_names(data->class_name, data->c), "checksum",
                data->checksum, "source", data->source, "complete",
                session->file->complete));
  json_object_set_new(results, "parameters", bs_common_parameters(table));
  return results;
}

bool bs_prints_json(const char *path)
{
  return path != NULL && strcmp(path, "-") == 0;
}

bs_status bs_session_write(bs_session *session, json_t *results)
{
  const bs_job *job = session->job;
  bs_status st = BS_OK;
  if (job->rank == 0 && session->common->json != NULL)
    st = bs_json_write(results, session->common->json);
  json_decref(results);
  BS_TRY(bs_agree(job->comm, st));
  bs_checkpoint_close(&session->checkpoint, true);
  session->keep = NULL;
  return BS_OK;
}
