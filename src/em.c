/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/em.h"

#include "src/comm.h"
#include "src/em_run.h"
#include "src/mem.h"

bs_status bs_em_fit(const bs_ranks *team, const bs_columns *rows,
                    const bs_em_options *options, bs_em_result *out)
{
  bs_em_data data = {0};
  bs_em_end end = BS_EM_FITTED;
  int k = options->clusters, tried = 0;
  *out = (bs_em_result){0};
  bool found;
  bs_status st = bs_em_data_make(rows, &data);
  BS_GO(st, bs_agree(team->comm, st));
  BS_GO(st, bs_em_find_result(team, options, rows->d, out, &end, &found));
  if (!found && k == 0)
    BS_GO(st, bs_em_choose(team, rows, options, &k, &tried));
  if (!found) {
    BS_GO(st, bs_em_run(team, &data, &data, options, k, out, &end));
    out->tried = tried;
    bs_em_keep_result(team, options, out, end);
  }
  if (end == BS_EM_NOT_FINITE)
    st = bs_fail(BS_ERR_INPUT,
                 "the log-likelihood is not a finite number: a column's scale "
                 "is too large, or its spread too small, for this model");
done:
  if (st != BS_OK)
    bs_em_result_clear(out);
  bs_em_data_clear(&data);
  return st;
}
