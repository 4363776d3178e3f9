/* SPDX-License-Identifier: BSD-3-Clause */
/** \file resume.h
 * Commands that can be stopped and go on later: --checkpoint and --time-limit.
 */
#ifndef BS_RESUME_H
#define BS_RESUME_H
#include "io/checkpoint.h"
#include "jobs/common.h"
#include <jansson.h>

/** From now on note signals and the time limit, where there is a checkpoint:
 * without one the work would be for nothing. Local, alike on all ranks.
 * \return BS_OK or BS_ERR_USAGE. */
bs_status bs_resume_prepare(const bs_common *common);

/** Open the checkpoint that --checkpoint names, if it does. Collective.
 * \param [in] about  Rank 0: what decides the results, see io/checkpoint.h;
 *                    released.
 * \param [out] out   NULL where none is wanted, and on failure. */
bs_status bs_resume_open(const bs_job *job, const bs_common *common,
                         json_t *about, bs_checkpoint **out);

/** Those of a command's options, after parsing, that decide its results: none
 * that say how to run or where to write. */
json_t *bs_parameters_json(const bs_opt *table);

#endif /* BS_RESUME_H */
