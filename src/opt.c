/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/opt.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_OPTIONS = 64 };

static int table_length(const bs_opt *table)
{
  int n = 0;
  while (table[n].type != BS_OPT_END)
    n++;
  return n;
}

/* Is word one of the |-separated words of list? */
static bool is_choice(const char *list, const char *word)
{
  size_t length = strlen(word);
  for (const char *p = list; *p != '\0';) {
    size_t span = strcspn(p, "|");
    if (span == length && memcmp(p, word, length) == 0)
      return true;
    p += span + (p[span] == '|');
  }
  return false;
}

static bs_status set_int(const bs_opt *o, const char *text)
{
  char *end;
  errno = 0;
  long v = strtol(text, &end, 10);
  if (isspace((unsigned char)text[0]) || end == text || *end != '\0' ||
      errno != 0 || (double)v < o->min || (double)v > o->max)
    return bs_fail(BS_ERR_USAGE,
                   "option --%s: '%s' is not a whole number from %.0f to %.0f",
                   o->name, text, o->min, o->max);
  *(long *)o->var = v;
  return BS_OK;
}

static bs_status set_real(const bs_opt *o, const char *text)
{
  char *end;
  double v = strtod(text, &end);
  if (isspace((unsigned char)text[0]) || end == text || *end != '\0' ||
      !isfinite(v) || v < o->min || v > o->max)
    return bs_fail(BS_ERR_USAGE,
                   "option --%s: '%s' is not a number from %g to %g", o->name,
                   text, o->min, o->max);
  *(double *)o->var = v;
  return BS_OK;
}

static bs_status set_value(const bs_opt *o, const char *text)
{
  switch (o->type) {
  case BS_OPT_FLAG:
    *(bool *)o->var = true;
    return BS_OK;
  case BS_OPT_INT:
    return set_int(o, text);
  case BS_OPT_REAL:
    return set_real(o, text);
  case BS_OPT_CHOICE:
    if (!is_choice(o->value, text))
      return bs_fail(BS_ERR_USAGE, "option --%s: '%s' is not one of %s",
                     o->name, text, o->value);
    break;
  case BS_OPT_TEXT:
    if (text[0] == '\0')
      return bs_fail(BS_ERR_USAGE, "option --%s: the value is empty", o->name);
    break;
  case BS_OPT_END:
    break;
  }
  *(const char **)o->var = text;
  return BS_OK;
}

/* A value that looks like an option is nearly always a forgotten value. */
static bool looks_like_option(const char *text)
{
  return text[0] == '-' && text[1] == '-' && text[2] != '\0';
}

bs_status bs_opt_parse(const bs_opt_spec *spec, const bs_opt *table, int argc,
                       char **argv, int *first)
{
  struct option options[MAX_OPTIONS + 1];
  int n = table_length(table), index = 0, found;
  if (n > MAX_OPTIONS)
    return bs_fail(BS_ERR_RUNTIME, "option table of %s is too long",
                   spec->command);
  memset(options, 0, sizeof options);
  for (int i = 0; i < n; i++) {
    options[i].name = table[i].name;
    options[i].has_arg =
        table[i].type == BS_OPT_FLAG ? no_argument : required_argument;
  }
  opterr = 0;
  optind = 0; /* glibc: start afresh */
  while ((found = getopt_long(argc, argv, ":", options, &index)) != -1) {
    if (found == ':')
      return bs_fail(BS_ERR_USAGE, "option %s: a value is missing",
                     argv[optind - 1]);
    if (found != 0)
      return bs_fail(BS_ERR_USAGE,
                     "unknown or ambiguous option '%s'; see botsieve %s --help",
                     argv[optind - 1], spec->command);
    if (optarg != NULL && looks_like_option(optarg) &&
        optarg == argv[optind - 1])
      return bs_fail(BS_ERR_USAGE, "option --%s: a value is missing",
                     table[index].name);
    BS_TRY(set_value(&table[index], optarg));
  }
  *first = optind;
  int operands = argc - optind;
  if (operands < spec->min_operands)
    return bs_fail(BS_ERR_USAGE, "%s is missing; see botsieve %s --help",
                   spec->operands, spec->command);
  if (spec->max_operands >= 0 && operands > spec->max_operands)
    return bs_fail(BS_ERR_USAGE,
                   "'%s' is one operand too many; see botsieve "
                   "%s --help",
                   argv[optind + spec->max_operands], spec->command);
  return BS_OK;
}

bool bs_opt_wants_help(int argc, char **argv)
{
  for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
    if (strcmp(argv[i], "--help") == 0)
      return true;
  return false;
}

static void print_default(const bs_opt *o, FILE *out)
{
  switch (o->type) {
  case BS_OPT_INT:
    fprintf(out, " [%ld; %.0f to %.0f]", *(long *)o->var, o->min, o->max);
    break;
  case BS_OPT_REAL:
    fprintf(out, " [%g; %g to %g]", *(double *)o->var, o->min, o->max);
    break;
  case BS_OPT_TEXT:
  case BS_OPT_CHOICE:
    if (*(const char **)o->var != NULL)
      fprintf(out, " [%s]", *(const char **)o->var);
    break;
  case BS_OPT_FLAG:
  case BS_OPT_END:
    break;
  }
}

void bs_opt_help(const bs_opt_spec *spec, const bs_opt *table, FILE *out)
{
  fprintf(out,
          "Usage: botsieve %s %s [options]\n%s\n\nOptions [default; "
          "range]:\n",
          spec->command, spec->operands, spec->summary);
  for (const bs_opt *o = table; o->type != BS_OPT_END; o++) {
    char left[80];
    snprintf(left, sizeof left, "--%s %s", o->name,
             o->type == BS_OPT_FLAG ? "" : o->value);
    fprintf(out, "  %-26s %s", left, o->help);
    print_default(o, out);
    fputc('\n', out);
  }
  fprintf(out, "  %-26s %s\n", "--help", "print this and leave");
  if (spec->examples != NULL)
    fprintf(out, "\nExamples:\n%s", spec->examples);
}

void bs_opt_echo(const bs_opt *table, FILE *out)
{
  for (const bs_opt *o = table; o->type != BS_OPT_END; o++) {
    switch (o->type) {
    case BS_OPT_FLAG:
      if (*(bool *)o->var)
        fprintf(out, " --%s", o->name);
      break;
    case BS_OPT_INT:
      fprintf(out, " --%s %ld", o->name, *(long *)o->var);
      break;
    case BS_OPT_REAL:
      fprintf(out, " --%s %.17g", o->name, *(double *)o->var);
      break;
    case BS_OPT_TEXT:
    case BS_OPT_CHOICE:
      if (*(const char **)o->var != NULL)
        fprintf(out, " --%s %s", o->name, *(const char **)o->var);
      break;
    case BS_OPT_END:
      break;
    }
  }
}
