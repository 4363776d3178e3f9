/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/apply.h"

#include "io/apply_em.h"
#include "io/apply_text.h"
#include "io/datafile.h"
#include "io/nbaiot.h"
#include "src/comm.h"
#include "src/mem.h"
#include <hdf5.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Columns. */

/* "a, b, c and 2 more". */
typedef struct listing {
  char text[512];
  int count;
} listing;

static void list_name(listing *l, const char *name)
{
  enum { SHOWN = 5 };
  size_t n = strlen(l->text);
  if (l->count++ < SHOWN)
    snprintf(l->text + n, sizeof l->text - n, "%s'%.80s'", n > 0 ? ", " : "",
             name);
}

static void end_list(listing *l, int shown)
{
  size_t n = strlen(l->text);
  if (l->count > shown)
    snprintf(l->text + n, sizeof l->text - n, " and %d more", l->count - shown);
}

bs_status bs_apply_match(const bs_model *model, const char *show, int d,
                         char *const *name, int *position)
{
  listing missing = {"", 0}, doubled = {"", 0};
  const bs_names *features = &model->features;
  for (int f = 0; f < features->count; f++)
    position[f] = -1;
  for (int j = 0; j < d; j++) {
    int f = bs_names_find(features, name[j], strlen(name[j]));
    if (f >= 0 && position[f] >= 0)
      list_name(&doubled, name[j]);
    else if (f >= 0)
      position[f] = j;
  }
  for (int f = 0; f < features->count; f++)
    if (position[f] < 0)
      list_name(&missing, features->item[f]);
  end_list(&missing, 5);
  end_list(&doubled, 5);
  if (missing.count > 0)
    return bs_fail(BS_ERR_INPUT, "%s: features of the model are missing: %s",
                   show, missing.text);
  if (doubled.count > 0)
    return bs_fail(BS_ERR_INPUT,
                   "%s: features of the model are there twice: "
                   "%s",
                   show, doubled.text);
  return BS_OK;
}

/* ---- A data file. */

static int ascending(const void *a, const void *b)
{
  int x = *(const int *)a, y = *(const int *)b;
  return (x > y) - (x < y);
}

bs_status bs_applied_room(MPI_Comm comm, bs_applied *out)
{
  size_t n = bs_comm_rank(comm) == 0 ? (size_t)out->n : 0;
  size_t bytes = (size_t)out->width * sizeof *out->value;
  BS_TRY(bs_mem_alloc(n, sizeof *out->leaf, &out->leaf));
  BS_TRY(bs_mem_alloc(n, bytes, &out->value));
  return bs_mem_alloc(n, sizeof *out->truth, &out->truth);
}

MPI_Datatype bs_applied_row_type(const bs_applied *out)
{
  MPI_Datatype type;
  BS_MPI(MPI_Type_contiguous(out->width, MPI_DOUBLE, &type));
  BS_MPI(MPI_Type_commit(&type));
  return type;
}

/* The labels of a data file that a model distinguishes; NULL: its own. */
static const char *labels_for(const bs_datafile *file, const char *label)
{
  for (int k = 0; label != NULL && file->nbaiot && k < BS_LABELS_LAST; k++)
    if (strcmp(label, bs_labels_name((bs_labels)k)) == 0)
      return label;
  return NULL;
}

/* Leaves of the rows first .. end - 1; the tree's feature numbers are mapped to
 * the loaded columns first. */
static bs_status descend(const bs_model *model, const bs_dataset *data,
                         const int *column, int threads, size_t first,
                         size_t end, uint32_t *leaf)
{
  bs_tree *tree = NULL;
  BS_TRY(bs_tree_compact(model->tree, &tree));
  for (uint32_t i = 0; i < tree->size; i++)
    if (tree->node[i].feature != BS_LEAF)
      tree->node[i].feature = column[tree->node[i].feature];
#pragma omp parallel for num_threads(threads) schedule(static)
  for (size_t i = first; i < end; i++)
    leaf[i - first] = bs_tree_leaf(tree, data->x, data->n, i);
  bs_tree_destroy(&tree);
  return BS_OK;
}

/* Clusters, densities and posteriors of the rows first .. end - 1. Thread t has
 * tile[t]. */
static bs_status cluster_rows(const bs_model *model, const double *const *x,
                              const bs_apply_options *options, size_t first,
                              size_t end, uint32_t *code, double *value)
{
  size_t threads = (size_t)options->threads, count = end - first;
  size_t width = 1 + (size_t)model->em->mixture.k;
  bs_em_tile *tile = NULL;
  BS_TRY(bs_mem_zalloc(threads, sizeof *tile, &tile));
  bs_status st = BS_OK;
  for (size_t t = 0; t < threads && st == BS_OK; t++)
    st = bs_em_tile_make(model->em, options->kernels, &tile[t]);
#pragma omp parallel for schedule(static, 1) num_threads(options->threads)
  for (size_t t = 0; t < threads; t++) {
    size_t at = count * t / threads, stop = count * (t + 1) / threads;
    if (st != BS_OK)
      continue;
    tile[t].code = code + at;
    tile[t].value = value + at * width;
    bs_em_tile_columns(&tile[t], x, first + at, first + stop);
  }
  for (size_t t = 0; t < threads; t++)
    bs_em_tile_free(&tile[t]);
  bs_mem_free(&tile);
  return st;
}

/* The same with the columns of the model looked up. */
static bs_status cluster_columns(const bs_model *model, const bs_dataset *data,
                                 const int *column,
                                 const bs_apply_options *options, size_t first,
                                 size_t end, uint32_t *code, double *value)
{
  const double **x;
  size_t d = (size_t)model->features.count;
  BS_TRY(bs_mem_alloc(d, sizeof *x, &x));
  for (size_t j = 0; j < d; j++)
    x[j] = data->x + (size_t)column[j] * data->n;
  bs_status st = cluster_rows(model, x, options, first, end, code, value);
  bs_mem_free(&x);
  return st;
}

/* Bring to rank 0 what every rank has of its share of the rows. */
static void collect(MPI_Comm comm, const uint32_t *leaf, const double *value,
                    bs_applied *out)
{
  uint64_t rank = (uint64_t)bs_comm_rank(comm);
  uint64_t size = (uint64_t)bs_comm_size(comm), n = out->n;
  size_t width = (size_t)out->width;
  int count = (int)(n * (rank + 1) / size - n * rank / size);
  MPI_Datatype row = bs_applied_row_type(out);
  for (uint64_t r = 1; r < size; r++) {
    uint64_t first = n * r / size;
    int some = (int)(n * (r + 1) / size - first);
    if (rank == r) {
      BS_MPI(MPI_Send(leaf, count, MPI_UINT32_T, 0, 0, comm));
      BS_MPI(MPI_Send(value, count, row, 0, 1, comm));
    } else if (rank == 0) {
      BS_MPI(MPI_Recv(out->leaf + first, some, MPI_UINT32_T, (int)r, 0, comm,
                      MPI_STATUS_IGNORE));
      BS_MPI(MPI_Recv(out->value + first * width, some, row, (int)r, 1, comm,
                      MPI_STATUS_IGNORE));
    }
  }
  BS_MPI(MPI_Type_free(&row));
  if (rank != 0)
    return;
  memcpy(out->leaf, leaf, (size_t)count * sizeof *leaf);
  memcpy(out->value, value, (size_t)count * width * sizeof *value);
}

/* A share of the rows by every rank. */
static bs_status apply_rows(MPI_Comm comm, const bs_model *model,
                            const bs_dataset *data, const int *column,
                            const bs_apply_options *options, bs_applied *out)
{
  uint64_t rank = (uint64_t)bs_comm_rank(comm);
  uint64_t size = (uint64_t)bs_comm_size(comm);
  size_t first = (size_t)(out->n * rank / size);
  size_t end = (size_t)(out->n * (rank + 1) / size);
  uint32_t *leaf = NULL;
  double *value = NULL;
  bs_status st = bs_mem_alloc(end - first, sizeof *leaf, &leaf);
  if (st == BS_OK)
    st = bs_mem_alloc(end - first, (size_t)out->width * sizeof *value, &value);
  if (st == BS_OK)
    st = model->tree != NULL
             ? descend(model, data, column, options->threads, first, end, leaf)
             : cluster_columns(model, data, column, options, first, end, leaf,
                               value);
  BS_GO(st, bs_agree(comm, st));
  collect(comm, leaf, value, out);
done:
  bs_mem_free(&value);
  bs_mem_free(&leaf);
  return st;
}

bs_status bs_apply_classes(const bs_model *model, int count, char *const *name,
                           uint16_t *code, bs_applied *out)
{
  out->labelled = true;
  for (int k = 0; k < count; k++) {
    int is = bs_names_find(&model->classes, name[k], strlen(name[k]));
    code[k] = is < 0 ? BS_NO_CLASS : (uint16_t)is;
    if (is >= 0 || out->unknown != NULL)
      continue;
    out->labelled = false;
    out->unknown = strdup(name[k]);
    if (out->unknown == NULL)
      return bs_fail(BS_ERR_RESOURCE, "out of memory: names");
  }
  return BS_OK;
}

static bs_status take_classes(const bs_model *model, const bs_dataset *data,
                              bool root, bs_applied *out)
{
  uint16_t *code;
  BS_TRY(bs_mem_alloc((size_t)data->c, sizeof *code, &code));
  bs_status st = bs_apply_classes(model, data->c, data->class_name, code, out);
  for (size_t i = 0; st == BS_OK && root && i < data->n; i++)
    out->truth[i] = code[data->y[i]];
  bs_mem_free(&code);
  return st;
}

static bs_status copy_facts(const bs_datafile *file, bs_applied *out)
{
  out->n = file->n;
  out->simulated = file->simulated;
  out->source = strdup(file->source);
  out->checksum = strdup(file->checksum);
  return out->source == NULL || out->checksum == NULL
             ? bs_fail(BS_ERR_RESOURCE, "out of memory: names")
             : BS_OK;
}

static bs_status apply_datafile(MPI_Comm comm, const bs_node *node,
                                const bs_model *model, const char *path,
                                const bs_apply_options *options,
                                bs_applied *out)
{
  bs_datafile *file = NULL;
  bs_dataset *data = NULL;
  int *position = NULL, *sorted, features = model->features.count;
  bs_status st;
  BS_GO(st, bs_datafile_open(comm, path, &file));
  st = bs_mem_alloc(2 * (size_t)features, sizeof *position, &position);
  sorted = position + features;
  if (st == BS_OK)
    st = bs_apply_match(model, path, file->d, file->feature, position);
  if (st == BS_OK)
    st = copy_facts(file, out);
  if (st == BS_OK && out->n > INT_MAX)
    st = bs_fail(BS_ERR_INPUT, "%s: more than 2^31 - 1 rows", path);
  BS_GO(st, bs_agree(comm, st));
  if (options->dry_run)
    goto done;
  memcpy(sorted, position, (size_t)features * sizeof *position);
  qsort(sorted, (size_t)features, sizeof *sorted, ascending);
  BS_GO(st, bs_datafile_load(comm, file, node, options->threads,
                             labels_for(file, model->label), features, sorted,
                             &data));
  for (int f = 0; f < features; f++)
    position[f] = (int)((int *)bsearch(&position[f], sorted, (size_t)features,
                                       sizeof *sorted, ascending) -
                        sorted);
  BS_GO(st, bs_agree(comm, bs_applied_room(comm, out)));
  BS_GO(st, apply_rows(comm, model, data, position, options, out));
  st = bs_agree(comm, take_classes(model, data, bs_comm_rank(comm) == 0, out));
done:
  bs_mem_free(&position);
  bs_dataset_destroy(&data);
  bs_datafile_close(&file);
  return st;
}

/* ---- Which way. */

/* Is there an HDF5 file? Rank 0 looks. */
static bool is_datafile(MPI_Comm comm, int count, char *const *paths)
{
  int yes = 0;
  for (int i = 0; i < count && bs_comm_rank(comm) == 0; i++)
    yes = yes || H5Fis_hdf5(paths[i]) > 0;
  BS_MPI(MPI_Bcast(&yes, 1, MPI_INT, 0, comm));
  return yes;
}

bs_status bs_apply(MPI_Comm comm, const bs_node *node, const bs_model *model,
                   int count, char *const *paths,
                   const bs_apply_options *options, bs_applied *out)
{
  bs_status st;
  memset(out, 0, sizeof *out);
  out->width = model->em == NULL ? 0 : 1 + model->em->mixture.k;
  if (!is_datafile(comm, count, paths))
    st = bs_apply_text(comm, model, count, paths, options, out);
  else if (count > 1)
    st = bs_fail(BS_ERR_USAGE, "a data file is read alone, without other "
                               "inputs");
  else if (options->label != NULL)
    st = bs_fail(BS_ERR_USAGE, "option --class-column: a data file says itself "
                               "what the class is");
  else
    st = apply_datafile(comm, node, model, paths[0], options, out);
  if (st != BS_OK)
    bs_applied_free(out);
  return st;
}

void bs_applied_free(bs_applied *applied)
{
  bs_mem_free(&applied->leaf);
  bs_mem_free(&applied->value);
  bs_mem_free(&applied->truth);
  free(applied->unknown);
  free(applied->source);
  free(applied->checksum);
  memset(applied, 0, sizeof *applied);
}
