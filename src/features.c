/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/features.h"

#include "src/comm.h"
#include "src/mem.h"
#include "src/names.h"
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Table I of Okur and Dener (2020), in its order. */
static const char table1[] =
    "MI_dir_L0.1_mean,H_L0.1_mean,MI_dir_L0.01_mean,MI_dir_L1_mean,H_L1_mean,"
    "H_L0.01_mean,H_L5_mean,MI_dir_L3_mean,H_L3_mean,MI_dir_L5_mean";

/* A file of names is small; more than this is something else. */
enum { MAX_LIST_BYTES = 16 << 20 };

typedef struct choice {
  const bs_names *names;
  const char *origin; /* option or file, for messages */
  bool *use;          /* (d) */
} choice;

static bs_status choose(const choice *to, const char *text, size_t length)
{
  int index = bs_names_find(to->names, text, length);
  if (index < 0)
    return bs_fail(BS_ERR_USAGE, "%s: the data have no feature '%.*s'",
                   to->origin, (int)(length > 200 ? 200 : length), text);
  if (to->use[index])
    return bs_fail(BS_ERR_USAGE, "%s: feature '%.*s' is named twice",
                   to->origin, (int)length, text);
  to->use[index] = true;
  return BS_OK;
}

/* Names apart by commas; an empty one is an error. */
static bs_status choose_list(const choice *to, const char *list)
{
  for (const char *p = list;; p++) {
    size_t length = strcspn(p, ",");
    if (length == 0)
      return bs_fail(BS_ERR_USAGE, "%s: an empty name in '%s'", to->origin,
                     list);
    BS_TRY(choose(to, p, length));
    p += length;
    if (*p == '\0')
      return BS_OK;
  }
}

/* Names of one line of a file: commas, blanks around them, a comment. */
static bs_status choose_line(const choice *to, char *line)
{
  static const char blank[] = " \t\r\n";
  line[strcspn(line, "#")] = '\0';
  char *rest = NULL;
  for (char *p = strtok_r(line, ",\r\n", &rest); p != NULL;
       p = strtok_r(NULL, ",\r\n", &rest)) {
    p += strspn(p, blank);
    size_t length = strlen(p);
    while (length > 0 && strchr(blank, p[length - 1]) != NULL)
      length--;
    if (length > 0)
      BS_TRY(choose(to, p, length));
  }
  return BS_OK;
}

static bs_status choose_file(const choice *to, const char *path)
{
  FILE *file = fopen(path, "r");
  if (file == NULL)
    return bs_fail(BS_ERR_INPUT, "cannot read %s: %s", path, strerror(errno));
  bs_status st = BS_OK;
  char *line = NULL;
  size_t room = 0, total = 0;
  ssize_t got;
  while (st == BS_OK && (got = getline(&line, &room, file)) >= 0) {
    total += (size_t)got;
    st = total > MAX_LIST_BYTES || memchr(line, 0, (size_t)got) != NULL
             ? bs_fail(BS_ERR_INPUT, "%s is not a list of names", path)
             : choose_line(to, line);
  }
  if (st == BS_OK && ferror(file))
    st = bs_fail(BS_ERR_INPUT, "cannot read %s: %s", path, strerror(errno));
  free(line);
  fclose(file);
  return st;
}

static bs_status drop_matches(const bs_names *names, const char *drop,
                              bool *use)
{
  char pattern[1024];
  for (const char *p = drop;; p++) {
    size_t length = strcspn(p, ",");
    if (length == 0 || length >= sizeof pattern)
      return bs_fail(BS_ERR_USAGE,
                     "option --drop: an empty or too long "
                     "pattern in '%s'",
                     drop);
    memcpy(pattern, p, length);
    pattern[length] = '\0';
    bool any = false;
    for (int j = 0; j < names->count; j++)
      if (fnmatch(pattern, names->item[j], 0) == 0) {
        use[j] = false;
        any = true;
      }
    if (!any)
      return bs_fail(BS_ERR_USAGE, "option --drop: no feature matches '%s'",
                     pattern);
    p += length;
    if (*p == '\0')
      return BS_OK;
  }
}

/* Every way to write --features is one branch here. */
static bs_status resolve(const bs_names *names, const char *spec,
                         const char *drop, bool *use)
{
  choice to = {names, "option --features", use};
  if (spec == NULL || strcmp(spec, "all") == 0) {
    for (int j = 0; j < names->count; j++)
      use[j] = true;
  } else if (strcmp(spec, "table1") == 0) {
    to.origin = "the study's Table I";
    BS_TRY(choose_list(&to, table1));
  } else if (spec[0] == '@') {
    to.origin = spec + 1;
    BS_TRY(choose_file(&to, spec + 1));
  } else {
    BS_TRY(choose_list(&to, spec));
  }
  if (drop != NULL)
    BS_TRY(drop_matches(names, drop, use));
  for (int j = 0; j < names->count; j++)
    if (use[j])
      return BS_OK;
  return bs_fail(BS_ERR_USAGE, "no feature is left to work with");
}

static bs_status resolve_names(char *const *names, int d, const char *spec,
                               const char *drop, bool *use)
{
  bs_names list = BS_NAMES_NONE;
  bs_status st = BS_OK;
  for (int j = 0; j < d && st == BS_OK; j++)
    st = bs_names_add(&list, names[j], strlen(names[j]), NULL);
  if (st == BS_OK)
    st = resolve(&list, spec, drop, use);
  bs_names_free(&list);
  return st;
}

bs_status bs_features_select(MPI_Comm comm, const char *spec, const char *drop,
                             char *const *names, int d, int **columns,
                             int *count)
{
  bool *use = NULL;
  *columns = NULL;
  *count = 0;
  bs_status st = bs_mem_zalloc((size_t)d, sizeof *use, &use);
  if (st == BS_OK)
    st = bs_mem_alloc((size_t)d, sizeof **columns, columns);
  if (st == BS_OK && bs_comm_rank(comm) == 0)
    st = resolve_names(names, d, spec, drop, use);
  BS_GO(st, bs_agree(comm, st));
  BS_MPI(MPI_Bcast(use, d, MPI_C_BOOL, 0, comm));
  for (int j = 0; j < d; j++)
    if (use[j])
      (*columns)[(*count)++] = j;
done:
  bs_mem_free(&use);
  if (st != BS_OK)
    bs_mem_free(columns);
  return st;
}

bs_status bs_features_top(const char *spec, int *k, bool *in_fold)
{
  static const char start[] = "top:";
  const size_t length = sizeof start - 1;
  *k = 0;
  *in_fold = false;
  if (spec == NULL || strncmp(spec, start, length) != 0)
    return BS_OK;
  char *end;
  errno = 0;
  const long number = strtol(spec + length, &end, 10);
  *in_fold = strcmp(end, "@fold") == 0;
  if (spec[length] < '0' || spec[length] > '9' || errno != 0 || number < 1 ||
      number > INT_MAX || (*end != '\0' && !*in_fold))
    return bs_fail(BS_ERR_USAGE,
                   "option --features: '%s' is not of the form top:K or "
                   "top:K@fold with K of 1 or more",
                   spec);
  *k = (int)number;
  return BS_OK;
}
