/* SPDX-License-Identifier: BSD-3-Clause */
/** \file resume.h
 * Commands that can be stopped and go on later: --checkpoint and --time-limit.
 */
#ifndef BS_RESUME_H
#define BS_RESUME_H
#include "io/checkpoint.h"
#include "jobs/common.h"
#include <jansson.h>

/** Can the command be stopped? Only with a checkpoint, or the work was for
 * nothing; then signals and the time limit are heeded from here on. */
bs_status bs_common_stop(const bs_common *common);
/** The options that decide the results, for results and checkpoints.
 * \param [in] table  The command's options, after parsing. */
json_t *bs_common_parameters(const bs_opt *table);
/** How to open the checkpoint that --checkpoint names.
 * \param [in] about  Borrowed, see io/checkpoint.h. */
bs_checkpoint_options bs_common_checkpoint(const bs_job *job,
                                           const bs_common *common,
                                           const json_t *about);

#endif /* BS_RESUME_H */
