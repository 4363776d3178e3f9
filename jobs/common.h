/* SPDX-License-Identifier: BSD-3-Clause */
/** \file common.h
 * Options that most commands share, and what they lead to: data in memory,
 * results and run record on disk.
 */
#ifndef BS_COMMON_H
#define BS_COMMON_H
#include "io/checkpoint.h"
#include "io/datafile.h"
#include "jobs/job.h"
#include "kernels/clustering.h"
#include "src/cv.h"
#include "src/dataset.h"
#include "src/j48.h"
#include "src/weka.h"
#include <jansson.h>

/** Values of the common options. */
typedef struct bs_common {
  const char *features, *drop, *labels, *weka, *json, *run_json, *layout;
  const char *checkpoint, *time_limit;
  double checkpoint_every;
  long threads;
  bool dry_run;
} bs_common;

/** Defaults. */
#define BS_COMMON_DEFAULTS                                                     \
  {                                                                            \
    .features = "all", .weka = "3.8", .checkpoint_every = 30                   \
  }

/** Rows for a command's option table. */
#define BS_OPTIONS_DATA(c)                                                     \
  {BS_OPT_TEXT,                                                                \
   "features",                                                                 \
   &(c).features,                                                              \
   "SET",                                                                      \
   0,                                                                          \
   0,                                                                          \
   "features to use: all, table1, top:K, top:K@fold, names, or @FILE"},        \
      {BS_OPT_TEXT,                                                            \
       "drop",                                                                 \
       &(c).drop,                                                              \
       "PATTERN,...",                                                          \
       0,                                                                      \
       0,                                                                      \
       "features to leave out, as shell patterns"},                            \
      BS_OPTIONS_LABELS(c)
#define BS_OPTIONS_LABELS(c)                                                   \
  {                                                                            \
    BS_OPT_CHOICE, "labels", &(c).labels, "family|attack|binary", 0, 0,        \
        "classes of N-BaIoT rows"                                              \
  }
#define BS_OPTIONS_RUN(c)                                                      \
  {BS_OPT_CHOICE,                                                              \
   "weka",                                                                     \
   &(c).weka,                                                                  \
   "3.6|3.8",                                                                  \
   0,                                                                          \
   0,                                                                          \
   "whose rules, where they differ"},                                          \
      {BS_OPT_INT,                                                             \
       "threads",                                                              \
       &(c).threads,                                                           \
       "N",                                                                    \
       0,                                                                      \
       4096,                                                                   \
       "threads per rank; 0: as OpenMP finds them"},                           \
      {BS_OPT_TEXT,                                                            \
       "layout",                                                               \
       &(c).layout,                                                            \
       "GxQ",                                                                  \
       0,                                                                      \
       0,                                                                      \
       "G groups of Q ranks, each growing whole trees together"},              \
      {BS_OPT_TEXT, "json", &(c).json, "FILE|-", 0, 0, "write the results"},   \
      {BS_OPT_TEXT,                                                            \
       "run-json",                                                             \
       &(c).run_json,                                                          \
       "FILE",                                                                 \
       0,                                                                      \
       0,                                                                      \
       "write what the run was like"},                                         \
  {                                                                            \
    BS_OPT_FLAG, "dry-run", &(c).dry_run, "", 0, 0,                            \
        "check the input, tell layout and memory, stop"                        \
  }

/** Rows of commands that can go on after they were stopped. */
#define BS_OPTIONS_CHECKPOINT(c)                                               \
  {BS_OPT_TEXT,                                                                \
   "checkpoint",                                                               \
   &(c).checkpoint,                                                            \
   "DIR",                                                                      \
   0,                                                                          \
   0,                                                                          \
   "keep what is done in DIR until the end; the same command goes on from "    \
   "there"},                                                                   \
      {BS_OPT_REAL,                                                            \
       "checkpoint-every",                                                     \
       &(c).checkpoint_every,                                                  \
       "S",                                                                    \
       0,                                                                      \
       1e6,                                                                    \
       "seconds between two states of work that is not finished"},             \
  {                                                                            \
    BS_OPT_TEXT, "time-limit", &(c).time_limit, "[DD-]HH:MM:SS|S", 0, 0,       \
        "stop after that long, with exit code 85"                              \
  }

/** Options of J48, with Weka's letters. */
typedef struct bs_j48_flags {
  double confidence;
  long min_leaf;
  bool unpruned, no_raising, no_collapse, no_mdl;
} bs_j48_flags;
#define BS_J48_DEFAULTS                                                        \
  {                                                                            \
    .confidence = 0.25, .min_leaf = 2                                          \
  }
#define BS_OPTIONS_J48(j)                                                      \
  {BS_OPT_REAL,                                                                \
   "confidence",                                                               \
   &(j).confidence,                                                            \
   "X",                                                                        \
   1e-7,                                                                       \
   1,                                                                          \
   "J48: pruning confidence (-C)"},                                            \
      {BS_OPT_INT,                                                             \
       "min-leaf",                                                             \
       &(j).min_leaf,                                                          \
       "N",                                                                    \
       1,                                                                      \
       1000000000,                                                             \
       "J48: fewest rows in a branch (-M)"},                                   \
      {BS_OPT_FLAG, "unpruned", &(j).unpruned,           "",                   \
       0,           0,          "J48: do not prune (-U)"},                     \
      {BS_OPT_FLAG,                                                            \
       "no-raising",                                                           \
       &(j).no_raising,                                                        \
       "",                                                                     \
       0,                                                                      \
       0,                                                                      \
       "J48: prune without raising subtrees (-S)"},                            \
      {BS_OPT_FLAG,                                                            \
       "no-collapse",                                                          \
       &(j).no_collapse,                                                       \
       "",                                                                     \
       0,                                                                      \
       0,                                                                      \
       "J48: do not collapse (-O)"},                                           \
  {                                                                            \
    BS_OPT_FLAG, "no-mdl", &(j).no_mdl, "", 0, 0,                              \
        "J48: no charge for choosing a cut (-J)"                               \
  }

/** The rules that --weka names. */
bs_weka bs_common_rules(const bs_common *common);

/** J48's options from the command line; refuses what the version lacks. */
bs_status bs_j48_options_from(const bs_common *common,
                              const bs_j48_flags *flags, bs_j48_options *out);

/** Everything a training command starts from. */
typedef struct bs_session {
  const bs_job *job;
  const bs_common *common;
  bs_weka rules;
  int threads;
  bs_datafile *file;
  bs_dataset *data; /**< the features asked for (with top:K: all that could be
                         chosen), under the labels */
  bs_presort *presort;
  bs_log_tables tables;
  int features; /**< of data: those to use */
  int *feature; /**< (features): ascending */
  int top;      /**< of these, as many as each fold is to choose; 0: use all */
  const bs_list_kernels *kernels;
  const bs_cluster_kernels *cluster_kernels;
  bs_checkpoint *checkpoint;
  const bs_keep *keep; /**< of the checkpoint, or NULL */
  int groups;          /**< of ranks, as --layout says; 0: not said */
} bs_session;

/** Open the data file and log what it is and how the run is laid out; with
 * --dry-run nothing more is done and data stays NULL. Otherwise open the
 * checkpoint that --checkpoint names, load the features and sort the columns;
 * with a checkpoint that, too, can be stopped. Collective over job->comm.
 * \param [in]  table    The command's options, after parsing.
 * \param [in]  path     Data file.
 * \param [out] session  Always to be closed.
 */
bs_status bs_session_open(const bs_job *job, const bs_common *common,
                          const bs_opt *table, const char *path,
                          bs_session *session);
/** The same without sorting: the presort and the tables stay empty. */
bs_status bs_session_load(const bs_job *job, const bs_common *common,
                          const bs_opt *table, const char *path,
                          bs_session *session);
/** BS_ERR_USAGE if features are to be chosen inside folds (top:K@fold), for
 * commands without folds. */
bs_status bs_session_refuse_top(const bs_session *session);
void bs_session_close(bs_session *session);

/** Choose the kernels: the best, or those that BOTSIEVE_ISA names. */
bs_status bs_session_kernels(bs_session *session);

/** End a phase, see bs_job_phase. */
void bs_session_phase(bs_session *session, const char *name);

/** How to grow a number of trees of about the same cost: groups of ranks,
 * threads, and the memory this rank may take, its share of what the node has
 * left. Logged. Collective over the node. */
bs_layout bs_session_layout(const bs_session *session, int trees);

/** Start a results object: schema, command, data, parameters. Rank 0.
 * \param [in] table  The command's options, after parsing. */
json_t *bs_session_results(const bs_session *session, const bs_opt *table);

/** Does a --json or --output option send JSON to standard output? Then nothing
 * else goes there. */
bool bs_prints_json(const char *path);

/** Write results (--json), the last that a command does: then the checkpoint is
 * removed. Collective; results may be NULL off rank 0. Releases \a results. */
bs_status bs_session_write(bs_session *session, json_t *results);

#endif /* BS_COMMON_H */
