/** \file model.h
 * A J48 tree as a JSON document.
 *
 *     {"schema": 1, "learner": "j48", "weka": "3.6" | "3.8",
 *      "features": [names], "classes": [names],
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
#include "src/tree.h"
#include <jansson.h>

/** Add what the tree is to \a model, which has "data" and "parameters" already
 * (takes no ownership of it). Local.
 * \param [in] feature     (features): names; the tree's feature numbers refer
 *                         to them.
 * \return  BS_OK or BS_ERR_RESOURCE.
 */
bs_status bs_model_describe(json_t *model, const bs_tree *tree, int features,
                            char *const *feature, char *const *class_name);

#endif /* BS_MODEL_H */
