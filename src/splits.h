/* SPDX-License-Identifier: BSD-3-Clause */
/** \file splits.h
 * Ways to split rows into those trained on and those tested that near-identical
 * rows cannot leak through, beside Weka's random folds.
 */
#ifndef BS_SPLITS_H
#define BS_SPLITS_H
#include "src/dataset.h"
#include "src/folds.h"
#include "src/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum bs_split_kind {
  BS_SPLIT_RANDOM,     /**< Weka's stratified folds */
  BS_SPLIT_DEDUP,      /**< identical rows share a fold */
  BS_SPLIT_BLOCKED,    /**< contiguous blocks of every input file */
  BS_SPLIT_TAIL,       /**< the last part of every input file is tested */
  BS_SPLIT_DEVICE_OUT, /**< every device in turn is tested */
  BS_SPLIT_ATTACK_OUT, /**< every attack in turn, with a block of the benign
                            rows */
  BS_SPLIT_FAMILY_TRANSFER, /**< every malware family in turn, with a block of
                                 the benign rows */
  BS_SPLIT_LAST
} bs_split_kind;

/** A split as asked for. */
typedef struct bs_split_spec {
  bs_split_kind kind;
  long gap;    /**< blocked, tail: rows on the training side of a border that
                    are left out */
  double part; /**< tail: share of every file that is tested */
} bs_split_spec;

/** Defaults: a hundred rows, a fifth. */
enum { BS_SPLIT_GAP = 100 };
#define BS_SPLIT_PART 0.2

/** Name of a kind, "random", "dedup", ...; static. */
const char *bs_splits_name(bs_split_kind kind);

/** Understand "random", "blocked:gap=N", "tail:part=P,gap=N", ...
 * \return BS_OK or BS_ERR_USAGE.
 */
bs_status bs_splits_parse(const char *text, bs_split_spec *out);

/** An input file; its rows follow each other. */
typedef struct bs_split_file {
  size_t first, rows;
  int device; /**< -1 where not known */
  int attack; /**< 0: benign; -1 where not known */
  int family; /**< 0: benign; -1 where not known */
} bs_split_file;

/** Where the rows came from. */
typedef struct bs_split_source {
  int files;
  const bs_split_file *file; /**< (files): in row order */
} bs_split_source;

/** Make the folds. Local, the same on every rank.
 * \param [in] data    Classes; for dedup also the columns that decide which
 * rows are identical. \param [in] folds   For random, dedup and blocked; the
 * others have one fold for each thing that is held out, and tail has one.
 * \param [in] seed    For random and dedup.
 * \param [in] order   For random: keep Weka's order of training rows.
 * \param [in] threads To use, for dedup.
 * \param [out] held   (folds made) or NULL: for device-out the device, for
 *                     attack-out the attack, for family-transfer the family
 * that fold f tests; room for BS_SPLIT_HELD. \param [out] out    Owned by the
 * caller, see bs_folds_destroy; NULL on failure. \return             BS_OK;
 * BS_ERR_INPUT where the data cannot be split so, with the reason;
 * BS_ERR_USAGE; BS_ERR_RESOURCE.
 */
bs_status bs_splits_create(const bs_split_spec *split, const bs_dataset *data,
                           const bs_split_source *source, int folds,
                           int64_t seed, bool order, int threads, int *held,
                           bs_folds **out);

/** Most things that can be held out. */
enum { BS_SPLIT_HELD = 256 };

#endif /* BS_SPLITS_H */
