/* SPDX-License-Identifier: BSD-3-Clause */
#include "jobs/clustering.h"

#include "src/class_map.h"
#include "src/comm.h"
#include "src/mem.h"
#include <string.h>

void bs_clustering_clear(bs_clustering *clustering)
{
  bs_em_result_clear(&clustering->fit);
  bs_mem_free(&clustering->size);
  bs_mem_free(&clustering->counts);
  bs_mem_free(&clustering->mapping);
  bs_mem_free(&clustering->cluster);
  bs_mem_free(&clustering->log_density);
  memset(clustering, 0, sizeof *clustering);
}

static bs_status alloc_evaluation(const bs_session *s, bs_clustering *out)
{
  size_t k = (size_t)out->fit.model.k, c = (size_t)s->data->c;
  BS_TRY(bs_mem_zalloc(k, sizeof *out->size, &out->size));
  BS_TRY(bs_mem_zalloc(c * k, sizeof *out->counts, &out->counts));
  BS_TRY(bs_mem_alloc(k, sizeof *out->mapping, &out->mapping));
  BS_TRY(bs_mem_alloc(out->own, sizeof *out->cluster, &out->cluster));
  return bs_mem_alloc(out->own, sizeof *out->log_density, &out->log_density);
}

static bs_status evaluate(const bs_session *s, const bs_ranks *team,
                          const bs_columns *columns, bs_sums sums,
                          bs_clustering *out)
{
  int k = out->fit.model.k, c = s->data->c;
  BS_TRY(bs_mixture_assign(team, columns, &out->fit.model, sums, out->cluster,
                           out->log_density, &out->log_likelihood));
  for (size_t r = 0; r < out->own; r++)
    out->counts[s->data->y[out->first + r] * k + out->cluster[r]]++;
  BS_MPI(MPI_Allreduce(MPI_IN_PLACE, out->counts, c * k, MPI_UINT64_T, MPI_SUM,
                       team->comm));
  for (int i = 0; i < c * k; i++)
    out->size[i % k] += out->counts[i];
  return bs_class_map(k, c, out->counts, out->mapping, &out->incorrect);
}

bs_status bs_clustering_run(const bs_session *s, const bs_em_options *options,
                            int features, const int *feature,
                            bs_clustering *out)
{
  const bs_dataset *data = s->data;
  const double **column = NULL;
  bs_ranks team;
  memset(out, 0, sizeof *out);
  if (feature == NULL)
    features = data->d;
  bs_ranks_make(s->job->comm, s->threads, s->cluster_kernels, &team);
  bs_range own = bs_ranks_rows(&team, data->n, team.rank);
  out->first = own.first;
  out->own = own.end - own.first;
  bs_status st = bs_mem_alloc((size_t)features, sizeof *column, &column);
  BS_GO(st, bs_agree(team.comm, st));
  for (int j = 0; j < features; j++)
    column[j] = data->x + (size_t)(feature == NULL ? j : feature[j]) * data->n;
  bs_columns columns = {data->n, features, column};
  BS_GO(st, bs_em_fit(&team, &columns, options, &out->fit));
  st = alloc_evaluation(s, out);
  BS_GO(st, bs_agree(team.comm, st));
  st = evaluate(s, &team, &columns, options->sums, out);
  BS_GO(st, bs_agree(team.comm, st));
done:
  bs_mem_free(&column);
  if (st != BS_OK)
    bs_clustering_clear(out);
  return st;
}

bs_em_report bs_clustering_report(const bs_session *s,
                                  const bs_clustering *clustering,
                                  char *const *feature)
{
  return (bs_em_report){.fit = &clustering->fit,
                        .weka = s->rules,
                        .feature = feature,
                        .class_attribute = s->common->labels != NULL
                                               ? s->common->labels
                                               : s->file->labels,
                        .c = s->data->c,
                        .class_name = s->data->class_name,
                        .log_likelihood = clustering->log_likelihood,
                        .size = clustering->size,
                        .counts = clustering->counts,
                        .mapping = clustering->mapping,
                        .incorrect = clustering->incorrect};
}

/* Rows owned by each rank, as MPI wants them. */
static bs_status gather_layout(const bs_session *s, int **count, int **first)
{
  bs_ranks team = {.size = s->job->size};
  BS_TRY(bs_mem_alloc((size_t)team.size, sizeof **count, count));
  BS_TRY(bs_mem_alloc((size_t)team.size, sizeof **first, first));
  for (int i = 0; i < team.size; i++) {
    bs_range part = bs_ranks_rows(&team, s->data->n, i);
    (*first)[i] = (int)part.first;
    (*count)[i] = (int)(part.end - part.first);
  }
  return BS_OK;
}

bs_status bs_clustering_save(const bs_session *s,
                             const bs_clustering *clustering, const char *path)
{
  MPI_Comm comm = s->job->comm;
  size_t n = s->job->rank == 0 ? s->data->n : 0;
  uint16_t *cluster = NULL;
  double *density = NULL;
  int *count = NULL, *first = NULL;
  bs_status st = gather_layout(s, &count, &first);
  if (st == BS_OK)
    st = bs_mem_alloc(n, sizeof *cluster, &cluster);
  if (st == BS_OK)
    st = bs_mem_alloc(n, sizeof *density, &density);
  BS_GO(st, bs_agree(comm, st));
  BS_MPI(MPI_Gatherv(clustering->cluster, (int)clustering->own, MPI_UINT16_T,
                     cluster, count, first, MPI_UINT16_T, 0, comm));
  BS_MPI(MPI_Gatherv(clustering->log_density, (int)clustering->own, MPI_DOUBLE,
                     density, count, first, MPI_DOUBLE, 0, comm));
  if (s->job->rank == 0)
    st = bs_em_assignments_write(path, n, cluster, density, s->data->checksum);
  st = bs_agree(comm, st);
done:
  bs_mem_free(&cluster);
  bs_mem_free(&density);
  bs_mem_free(&count);
  bs_mem_free(&first);
  return st;
}
