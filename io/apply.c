/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/apply.h"

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

/* Rank 0 has room for all rows. */
static bs_status make_room(MPI_Comm comm, bs_applied *out)
{
  size_t n = bs_comm_rank(comm) == 0 ? (size_t)out->n : 0;
  bs_status st = bs_mem_alloc(n, sizeof *out->leaf, &out->leaf);
  if (st == BS_OK)
    st = bs_mem_alloc(n, sizeof *out->truth, &out->truth);
  return bs_agree(comm, st);
}

/* The labels of a data file that a model distinguishes; NULL: its own. */
static const char *labels_for(const bs_datafile *file, const char *label)
{
  for (int k = 0; label != NULL && file->nbaiot && k < BS_LABELS_LAST; k++)
    if (strcmp(label, bs_labels_name((bs_labels)k)) == 0)
      return label;
  return NULL;
}

/* The leaves of a share of the rows, brought to rank 0. The tree's feature
 * numbers are mapped to the loaded columns first. */
static bs_status descend(MPI_Comm comm, const bs_model *model,
                         const bs_dataset *data, const int *column, int threads,
                         bs_applied *out)
{
  int rank = bs_comm_rank(comm), size = bs_comm_size(comm);
  uint64_t n = data->n;
  uint64_t begin = n * (uint64_t)rank / (uint64_t)size;
  uint64_t end = n * ((uint64_t)rank + 1) / (uint64_t)size;
  bs_tree *tree = NULL;
  uint32_t *leaf = NULL;
  bs_status st = bs_tree_compact(model->tree, &tree);
  if (st == BS_OK)
    st = bs_mem_alloc((size_t)(end - begin), sizeof *leaf, &leaf);
  BS_GO(st, bs_agree(comm, st));
  for (uint32_t i = 0; i < tree->size; i++)
    if (tree->node[i].feature != BS_LEAF)
      tree->node[i].feature = column[tree->node[i].feature];
#pragma omp parallel for num_threads(threads) schedule(static)
  for (uint64_t i = begin; i < end; i++)
    leaf[i - begin] = bs_tree_leaf(tree, data->x, data->n, (size_t)i);
  for (int r = 1; r < size; r++) {
    uint64_t first = n * (uint64_t)r / (uint64_t)size;
    uint64_t last = n * ((uint64_t)r + 1) / (uint64_t)size;
    if (rank == r)
      BS_MPI(MPI_Send(leaf, (int)(end - begin), MPI_UINT32_T, 0, r, comm));
    else if (rank == 0)
      BS_MPI(MPI_Recv(out->leaf + first, (int)(last - first), MPI_UINT32_T, r,
                      r, comm, MPI_STATUS_IGNORE));
  }
  if (rank == 0)
    memcpy(out->leaf, leaf, (size_t)end * sizeof *leaf);
done:
  bs_mem_free(&leaf);
  bs_tree_destroy(&tree);
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
  BS_GO(st, bs_datafile_load(comm, file, node, labels_for(file, model->label),
                             features, sorted, &data));
  for (int f = 0; f < features; f++)
    position[f] = (int)((int *)bsearch(&position[f], sorted, (size_t)features,
                                       sizeof *sorted, ascending) -
                        sorted);
  BS_GO(st, make_room(comm, out));
  BS_GO(st, descend(comm, model, data, position, options->threads, out));
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
  bs_mem_free(&applied->truth);
  free(applied->unknown);
  free(applied->source);
  free(applied->checksum);
  memset(applied, 0, sizeof *applied);
}
