/* SPDX-License-Identifier: BSD-3-Clause */
/** \file ranking.h
 * A ranking of features in results.
 */
#ifndef BS_RANKING_JOB_H
#define BS_RANKING_JOB_H
#include "jobs/common.h"
#include "src/ranker.h"

/** Feature with the same values that comes first; itself if there is none. */
int bs_ranking_twin(const bs_session *s, int feature);

/** [{"rank", "index" (1-based column), "name", "merit", "same_as" (of identical
 * columns, the first)}], best first. */
json_t *bs_ranking_json(const bs_session *s, const bs_ranking *ranking);

#endif /* BS_RANKING_JOB_H */
