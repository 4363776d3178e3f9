/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/cv_collect.h"

#include "src/comm.h"
#include "src/mem.h"

/* What goes to rank 0 ahead of a tree's arrays. */
typedef struct parcel {
  uint32_t size;
  int pruned;
  double seconds;
  uint64_t messages, bytes;
} parcel;

/* A type of so many bytes, so that a count is a number of nodes: in bytes it
 * could be more than MPI's int holds. */
static MPI_Datatype bytes_type(size_t bytes)
{
  MPI_Datatype type;
  BS_MPI(MPI_Type_contiguous((int)bytes, MPI_BYTE, &type));
  BS_MPI(MPI_Type_commit(&type));
  return type;
}

static size_t count_bytes(int classes)
{
  return 2 * (size_t)classes * sizeof(uint32_t);
}

static void send_unit(const bs_cv_job *r, const bs_cv_unit *u, int tag)
{
  const bs_tree *t = u->tree;
  parcel p = {t->size, t->pruned, u->seconds, u->messages, u->bytes};
  MPI_Datatype node = bytes_type(sizeof *t->node);
  MPI_Datatype count = bytes_type(count_bytes(t->c));
  BS_MPI(MPI_Send(&p, (int)sizeof p, MPI_BYTE, 0, tag, r->comm));
  BS_MPI(MPI_Send(t->node, (int)t->size, node, 0, tag, r->comm));
  BS_MPI(MPI_Send(t->count, (int)t->size, count, 0, tag, r->comm));
  BS_MPI(MPI_Type_free(&node));
  BS_MPI(MPI_Type_free(&count));
  BS_MPI(MPI_Send(u->leaf, (int)bs_cv_test_rows(r, u), MPI_UINT32_T, 0, tag,
                  r->comm));
}

/* Make room for a tree of another rank, and take it. */
static bs_status receive_unit(const bs_cv_job *r, bs_cv_unit *u, int from,
                              int tag)
{
  const bs_j48 *j48 = r->spec[u->spec].j48;
  parcel p;
  BS_MPI(MPI_Recv(&p, (int)sizeof p, MPI_BYTE, from, tag, r->comm,
                  MPI_STATUS_IGNORE));
  BS_TRY(bs_tree_create(j48->data->c, j48->options.rules, &u->tree));
  for (uint32_t i = 0, number; i < p.size; i++)
    BS_TRY(bs_tree_add(u->tree, &number));
  BS_TRY(bs_mem_alloc(bs_cv_test_rows(r, u), sizeof *u->leaf, &u->leaf));
  u->tree->pruned = p.pruned;
  u->seconds = p.seconds;
  u->messages = p.messages;
  u->bytes = p.bytes;
  MPI_Datatype node = bytes_type(sizeof *u->tree->node);
  MPI_Datatype count = bytes_type(count_bytes(j48->data->c));
  BS_MPI(MPI_Recv(u->tree->node, (int)p.size, node, from, tag, r->comm,
                  MPI_STATUS_IGNORE));
  BS_MPI(MPI_Recv(u->tree->count, (int)p.size, count, from, tag, r->comm,
                  MPI_STATUS_IGNORE));
  BS_MPI(MPI_Type_free(&node));
  BS_MPI(MPI_Type_free(&count));
  BS_MPI(MPI_Recv(u->leaf, (int)bs_cv_test_rows(r, u), MPI_UINT32_T, from, tag,
                  r->comm, MPI_STATUS_IGNORE));
  return BS_OK;
}

/* Bring all trees to rank 0. */
static bs_status collect(bs_cv_job *r)
{
  for (int i = 0; i < r->units; i++) {
    bs_cv_unit *u = &r->unit[i];
    int from = u->rank;
    if (from == BS_CV_KEPT)
      continue;
    if (from == 0)
      continue;
    if (r->rank == from)
      send_unit(r, u, i);
    else if (r->rank == 0)
      BS_TRY(receive_unit(r, u, from, i));
  }
  return BS_OK;
}

/* Rank 0: pool the trees of one experiment's folds, in their order. */
static bs_status pool_folds(const bs_cv_spec *spec, bs_cv_unit *const *of_fold,
                            size_t m, bs_cv_result *out)
{
  const bs_folds *folds = spec->folds;
  const bs_dataset *data = spec->j48->data;
  size_t count = (size_t)folds->folds, at = 0;
  BS_TRY(bs_mem_alloc(count, sizeof *out->leaves, &out->leaves));
  BS_TRY(bs_mem_alloc(count, sizeof *out->size, &out->size));
  BS_TRY(
      bs_predictions_of_folds(folds, data->y, data->c, m, &out->predictions));
  bs_predictions *p = out->predictions;
  for (int f = 0; f < folds->folds; f++) {
    const bs_cv_unit *u = of_fold[f];
    out->leaves[f] = bs_tree_leaves(u->tree);
    out->size[f] = u->tree->size;
    bs_tree_probabilities(u->tree, p->prob + at * (size_t)data->c);
    for (size_t i = folds->start[f]; i < folds->start[f + 1]; i++)
      p->dist[i] = (uint32_t)at + u->leaf[i - folds->start[f]];
    at += u->tree->size;
  }
  return BS_OK;
}

/* Rank 0: hand over what belongs to one experiment. */
static bs_status pool(const bs_cv_job *r, int spec, bs_cv_result *out)
{
  bs_cv_unit **of_fold = NULL;
  size_t m = 0;
  int folds = bs_cv_fold_count(&r->spec[spec]);
  BS_TRY(bs_mem_alloc((size_t)folds, sizeof(bs_cv_unit *), &of_fold));
  for (int i = 0; i < r->units; i++) {
    bs_cv_unit *u = &r->unit[i];
    if (u->spec != spec)
      continue;
    out->seconds += u->seconds;
    out->messages += u->messages;
    out->bytes += u->bytes;
    if (u->fold == BS_CV_MODEL) {
      out->model = u->tree;
      u->tree = NULL;
    } else {
      of_fold[u->fold] = u;
      m += u->tree->size;
    }
  }
  bs_status st =
      folds == 0 ? BS_OK : pool_folds(&r->spec[spec], of_fold, m, out);
  bs_mem_free(&of_fold);
  return st;
}

bs_status bs_cv_collect(bs_cv_job *r, bs_cv_result *result)
{
  bs_status st = collect(r);
  if (st != BS_OK) /* others may be sending: there is no orderly way left */
    bs_mpi_fatal(MPI_ERR_NO_MEM, bs_error_text(), __FILE__, __LINE__);
  for (int s = 0; r->rank == 0 && s < r->specs && st == BS_OK; s++)
    st = pool(r, s, &result[s]);
  return bs_agree(r->comm, st);
}
