/* SPDX-License-Identifier: BSD-3-Clause */
/** \file split.h
 * --split: folds from the data file's provenance, told in results, saved for
 * others to replay.
 */
#ifndef BS_JOBS_SPLIT_H
#define BS_JOBS_SPLIT_H
#include "jobs/common.h"
#include "src/splits.h"

/** Folds, and what they are. */
typedef struct bs_split_made {
  const char *text; /**< as asked for */
  bs_split_spec split;
  int64_t seed;
  bs_folds *folds;
  int held[BS_SPLIT_HELD]; /**< see bs_splits_create */
} bs_split_made;

/** Make the folds that \a text asks for. Local, the same on every rank.
 * \param [in] text  Must outlive \a out.
 * \param [out] out  See bs_split_free; holds nothing on failure.
 */
bs_status bs_split_make(const bs_session *s, const char *text, int folds,
                        int64_t seed, bool order, bs_split_made *out);
void bs_split_free(bs_split_made *made);

/** First line of a report: "=== Stratified cross-validation ===" or the like.
 * \param [out] title  Of room bytes. */
void bs_split_title(const bs_split_made *made, char *title, size_t room);

/** What the split is, with a digest of every fold's rows: equal digests mean
 * equal splits. */
json_t *bs_split_json(const bs_session *s, const bs_split_made *made);

/** What fold \a f holds out, or NULL: a device, an attack, a family. */
const char *bs_split_held(const bs_session *s, const bs_split_made *made,
                          int f);

/** Save which fold tests which row, as HDF5: /NAME/fold (n), 65535 for rows not
 * tested; /NAME/left_out and /NAME/left_start, the rows that fold f leaves out.
 * One group for each split, named after its text. Rank 0.
 * \return BS_OK or BS_ERR_RESOURCE; nothing half-written stays. */
bs_status bs_split_save(const char *path, int count,
                        const bs_split_made *const *made);

#endif /* BS_JOBS_SPLIT_H */
