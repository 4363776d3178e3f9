/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/zeror.h"

#include "src/evaluation.h"

void bs_zeror_train(const uint64_t *count, int c, double *prob)
{
  double total = c;
  for (int i = 0; i < c; i++)
    total += (double)count[i];
  for (int i = 0; i < c; i++)
    prob[i] = ((double)count[i] + 1) / total;
}

void bs_zeror_print(const double *prob, int c, char *const *class_name,
                    FILE *out)
{
  fprintf(out, "ZeroR predicts class value: %s\n",
          class_name[bs_predicted_class(prob, c)]);
}

bs_status bs_zeror_cv(const bs_folds *folds, const uint16_t *y, int c,
                      bs_predictions **out)
{
  BS_TRY(bs_predictions_of_folds(folds, y, c, (size_t)folds->folds, out));
  bs_predictions *p = *out;
  for (int f = 0; f < folds->folds; f++) {
    const size_t at = (size_t)f * (size_t)c;
    bs_zeror_train(p->train_count + at, c, p->prob + at);
    for (size_t i = p->fold_start[f]; i < p->fold_start[f + 1]; i++)
      p->dist[i] = (uint32_t)f;
  }
  return BS_OK;
}
