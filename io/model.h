/* SPDX-License-Identifier: BSD-3-Clause */
/** \file model.h
 * Saved models. A mixture is in io/em_model.h; a J48 tree as a JSON document:
 *
 *     {"schema": 1, "learner": "j48", "weka": "3.6" | "3.8",
 *      "features": [names], "classes": [names],
 *      "class": name of the class column, or the labels of N-BaIoT rows,
 *      "data": {...}, "parameters": {...}   as in a results file,
 *      "leaves": L, "size": S, "text": "as Weka prints it",
 *      "nodes": [{"feature": index in features, "threshold": t,
 *                 "left": node, "right": node,
 *                 "counts": [[rows per class, left], [rows per class, right]]}
 *                or, for a leaf, {"counts": [[rows per class]]}, ...]}
 *
 * Node 0 is the root; children are numbered higher than their parents. A value
 * goes left if it is <= the threshold (under the rules of 3.6 also if it is
 * above by less than 1e-6).
 */
#ifndef BS_MODEL_H
#define BS_MODEL_H
#include "io/em_model.h"
#include "src/names.h"
#include "src/tree.h"
#include <jansson.h>
#include <mpi.h>

/** Add what the tree is to \a model, which has "data" and "parameters" already
 * (takes no ownership of it). Local.
 * \param [in] feature     (features): names; the tree's feature numbers refer
 *                         to them.
 * \return  BS_OK or BS_ERR_RESOURCE.
 */
bs_status bs_model_describe(json_t *model, const bs_tree *tree, int features,
                            char *const *feature, char *const *class_name);

/** A model that has been read: a tree or a mixture, the other is NULL. */
typedef struct bs_model {
  bs_weka rules;
  bs_tree *tree;     /**< feature numbers refer to features */
  bs_em_model *em;   /**< features in this order */
  bs_names features; /**< all it was trained on, used by the tree or not */
  bs_names classes;
  char *label; /**< "class", NULL where the file does not say */
} bs_model;

/** Check a model document and build what it says. Nothing in it is trusted; of
 * a tree: types, ranges, numbers of children, thresholds, and that class counts
 * add up from the leaves to the root and are what leaves, size and text say; of
 * a mixture: see bs_em_model_read. Local.
 * \param [in] show  What messages call it.
 * \param [out] out  See bs_model_destroy; NULL on failure.
 * \return           BS_OK, BS_ERR_INPUT, BS_ERR_RESOURCE.
 */
bs_status bs_model_parse(const json_t *json, const char *show, bs_model **out);

/** Read a model file. Collective over \a comm; rank 0 alone reads. Errors as
 * above, alike on all ranks. */
bs_status bs_model_read(MPI_Comm comm, const char *path, bs_model **out);

/** Free *model and set it to NULL; NULL is a no-op. */
void bs_model_destroy(bs_model **model);

#endif /* BS_MODEL_H */
