/* SPDX-License-Identifier: BSD-3-Clause */
/** \file study.h
 * The whole study as a list of experiments: learners, feature sets and splits;
 * and what came of them.
 */
#ifndef BS_STUDY_H
#define BS_STUDY_H
#include "jobs/benign.h"
#include "jobs/clustering.h"
#include "jobs/em_split.h"
#include "jobs/split.h"
#include "jobs/trial.h"
#include "src/evaluation.h"
#include "src/ranker.h"
#include "src/statistics.h"

enum { BS_STUDY_SETS = 32, BS_STUDY_TRIALS = 96 };

/** Features under a name. */
typedef struct bs_study_set {
  char name[32];  /**< part of the experiments' names */
  char title[32]; /**< for people */
  int features;
  int *feature;  /**< (features): ascending */
  int top;       /**< > 0: choose so many inside each fold */
  bool ablation; /**< only a part of the columns, on random folds */
} bs_study_set;

/** A split that was tried. */
typedef struct bs_study_split {
  bs_split_made made; /**< without folds: refused */
  char *refused;      /**< the reason; NULL if it was made */
} bs_study_split;

/** One experiment. */
typedef struct bs_study_trial {
  char name[96]; /**< LEARNER_SET, and _SPLIT if that is not random */
  int set, split;
  bs_evaluation *evaluation; /**< rank 0 */
  bs_interval accuracy;      /**< rank 0: 95 %, by blocks of rows */
} bs_study_trial;

/** EM by a split. */
typedef struct bs_study_em {
  char name[96]; /**< em_SET_SPLIT */
  int set, split;
  bs_em_split result;
} bs_study_em;

/** All of it. */
typedef struct bs_study {
  bs_session *s;
  long folds, seed;
  double packets, base; /**< packets a second, share of attacks among them */
  long benign_clusters; /**< of the mixture fitted to benign rows alone */
  double
      benign_target; /**< false positive rate that its threshold is set for */
  bs_j48_options j48;
  double *merit;       /**< (d): of all rows */
  bs_ranking *ranking; /**< of all features on all rows */
  int sets;
  bs_study_set set[BS_STUDY_SETS];
  int splits;
  bs_study_split split[BS_SPLIT_LAST];
  int trials;
  bs_trial trial[BS_STUDY_TRIALS];
  bs_trial_result result[BS_STUDY_TRIALS];
  bs_study_trial about[BS_STUDY_TRIALS];
  int clusterings;
  int cluster_set[2]; /**< set each is fitted on */
  bs_clustering clustering[2];
  char *cluster_refused[2]; /**< by set: why none was fitted, or NULL */
  bs_benign benign[2];      /**< on the same sets, from benign rows alone */
  int em_splits;
  bs_study_em em_split[BS_SPLIT_LAST + 1];
} bs_study;

/** Rank features, name sets, try splits, list experiments, run them, and
 * evaluate on rank 0. Collective.
 * \param [in,out] study  Session, folds, seed, rates and J48's options set, the
 *                        rest zero. Free with bs_study_free, also on failure.
 */
bs_status bs_study_run(bs_study *study);
void bs_study_free(bs_study *study);

/** Its first steps: rank all features on all rows; name the feature sets, of
 * which the first one is all. Collective. */
bs_status bs_study_rank(bs_study *study);
bs_status bs_study_make_sets(bs_study *study);
/** The set of few features that stands beside all: the study's ten, else the
 * best ten; 0, all, where there are no more. */
int bs_study_few(const bs_study *study);

/** Experiment of a name, or -1. */
int bs_study_find(const bs_study *study, const char *name);

/** Experiment with all features, on the same split by the same learner; -1 if
 * this is it. */
int bs_study_rival(const bs_study *study, int trial);

/** The two ends as an array. */
json_t *bs_interval_json(const bs_interval *interval);

/** Add the experiments, the ranking and the splits to \a results. Rank 0. */
bs_status bs_study_json(const bs_study *study, json_t *results);

/** 95 % bootstrap interval of an experiment's accuracy (0..1), and of the
 * difference a - b of two on the same split: blocks of neighbouring rows, at
 * most 50 of each input file, are drawn 1,000 times. Rank 0. */
bs_status bs_study_accuracy(const bs_study *study, int trial, bs_interval *out);
bs_status bs_study_difference(const bs_study *study, int a, int b,
                              bs_interval *out);
/** Rows that one of two experiments on the same split gets right. Rank 0. */
bs_status bs_study_mcnemar(const bs_study *study, int a, int b,
                           bs_mcnemar *out);
/** Is one of two experiments on the same split shown to be better? Only where
 * all evidence agrees: the interval of the difference leaves out 0, McNemar's p
 * is below 0.05, and so is that of the test over folds where there are two or
 * more. \return 1: \a a is; -1: \a b is; 0: neither. */
int bs_study_verdict(const bs_interval *difference, const bs_mcnemar *mcnemar,
                     const bs_paired *paired);
/** Paired test of the folds' accuracies, in percent; all NaN but the mean for
 * one fold. Rank 0. */
bs_status bs_study_paired(const bs_study *study, int a, int b, bs_paired *out);

/** An experiment as an alarm: any class but benign. */
typedef struct bs_study_alarm {
  double fp_rate, tp_rate;               /**< of what the learner says */
  double tp_rate_at_1e3, tp_rate_at_1e4; /**< at a false positive rate of at
                                              most 1e-3, 1e-4 */
  double fp_rate_at_99, fp_rate_at_999;  /**< at a true positive rate of at
                                              least 0.99, 0.999 */
  double per_day;                        /**< false alarms in 24 hours */
  double precision;                      /**< share of alarms that are right */
} bs_study_alarm;

/** \param [in] packets  A second. \param [in] base  Share of attacks. Rank 0.
 */
bs_status bs_study_alarms(const bs_study *study, int trial, double packets,
                          double base, bs_study_alarm *out);

/** The class called "benign", what is no attack; -1 if there is none. */
int bs_study_benign(const bs_study *study);

#endif /* BS_STUDY_H */
