/* SPDX-License-Identifier: BSD-3-Clause */
/** \file opt.h
 * One table per command: it parses, validates, prints the help and echoes.
 */
#ifndef BS_OPT_H
#define BS_OPT_H
#include "src/status.h"
#include <stdbool.h>
#include <stdio.h>

typedef enum bs_opt_type {
  BS_OPT_END = 0, /**< closes a table */
  BS_OPT_FLAG,    /**< bool; no value; present means true */
  BS_OPT_INT,     /**< long, decimal, min <= v <= max */
  BS_OPT_REAL,    /**< double, finite, min <= v <= max */
  BS_OPT_TEXT,    /**< const char *, not empty; points into argv */
  BS_OPT_CHOICE   /**< const char *, one of the words of \a choices */
} bs_opt_type;

/** One option. What \a var holds before parsing is the default. */
typedef struct bs_opt {
  bs_opt_type type;
  const char *name; /**< without the dashes */
  void *var;
  const char *value; /**< what the help calls the value, e.g. "N"; for
                          BS_OPT_CHOICE the words, as "3.6|3.8" */
  double min, max;   /**< range of BS_OPT_INT and BS_OPT_REAL */
  const char *help;  /**< with the unit */
} bs_opt;

/** What a command takes. */
typedef struct bs_opt_spec {
  const char *command;            /**< name, as "convert" */
  const char *summary;            /**< one line */
  const char *operands;           /**< for the usage line, as "SOURCE..." */
  int min_operands, max_operands; /**< max < 0: any number */
  const char *examples;           /**< lines for the end of the help, or NULL */
} bs_opt_spec;

/** Parse argv (argv[0] is the command's name) into the table's variables.
 * Pure: the same on every rank, looks at no file. Reorders argv so that the
 * operands come last.
 * \param [out] first  Index in argv of the first operand.
 * \return             BS_OK or BS_ERR_USAGE with a text that names option,
 *                     value and what is allowed.
 */
bs_status bs_opt_parse(const bs_opt_spec *spec, const bs_opt *table, int argc,
                       char **argv, int *first);

/** True if argv asks for --help; looks no further than a "--". */
bool bs_opt_wants_help(int argc, char **argv);

/** Print usage, options with defaults and ranges, and the examples. */
void bs_opt_help(const bs_opt_spec *spec, const bs_opt *table, FILE *out);

/** Print every option with the value it now has as " --name value ...", on one
 * line without the newline. Options whose text is NULL and unset flags are left
 * out. */
void bs_opt_echo(const bs_opt *table, FILE *out);

#endif /* BS_OPT_H */
