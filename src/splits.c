/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/splits.h"

#include "src/duplicates.h"
#include "src/mem.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[BS_SPLIT_LAST] = {
    "random",     "dedup",      "blocked",        "tail",
    "device-out", "attack-out", "family-transfer"};

const char *bs_splits_name(bs_split_kind kind)
{
  return names[kind];
}

/* ---- The grammar. */

static bs_status bad(const char *text)
{
  return bs_fail(BS_ERR_USAGE,
                 "option --split: '%s' is not one of random, dedup, "
                 "blocked[:gap=N], tail[:part=P,gap=N], device-out, "
                 "attack-out, family-transfer",
                 text);
}

/* One NAME=VALUE of length bytes. */
static bool parse_setting(const char *p, size_t length, bs_split_spec *out)
{
  char item[64], *end;
  if (length >= sizeof item)
    return false;
  memcpy(item, p, length);
  item[length] = '\0';
  errno = 0;
  if (strncmp(item, "gap=", 4) == 0 && item[4] >= '0' && item[4] <= '9') {
    out->gap = strtol(item + 4, &end, 10);
    return *end == '\0' && errno == 0;
  }
  if (strncmp(item, "part=", 5) == 0 && out->kind == BS_SPLIT_TAIL) {
    out->part = strtod(item + 5, &end);
    return item[5] != '\0' && *end == '\0' && out->part > 0 && out->part < 1;
  }
  return false;
}

bs_status bs_splits_parse(const char *text, bs_split_spec *out)
{
  const size_t length = strcspn(text, ":");
  int kind = 0;
  while (kind < BS_SPLIT_LAST && (strncmp(names[kind], text, length) != 0 ||
                                  names[kind][length] != '\0'))
    kind++;
  if (kind == BS_SPLIT_LAST)
    return bad(text);
  *out = (bs_split_spec){(bs_split_kind)kind, 0, 0};
  const bool gaps = kind == BS_SPLIT_BLOCKED || kind == BS_SPLIT_TAIL;
  if (gaps)
    out->gap = BS_SPLIT_GAP;
  if (kind == BS_SPLIT_TAIL)
    out->part = BS_SPLIT_PART;
  if (text[length] == '\0')
    return BS_OK;
  if (!gaps)
    return bad(text);
  for (const char *p = text + length + 1;; p++) {
    const size_t item = strcspn(p, ",");
    if (!parse_setting(p, item, out))
      return bs_fail(BS_ERR_USAGE,
                     "option --split: '%s': wanted gap=N with N of 0 or more%s",
                     text,
                     kind == BS_SPLIT_TAIL ? ", or part=P with 0 < P < 1" : "");
    p += item;
    if (*p == '\0')
      return BS_OK;
  }
}

/* ---- Which fold tests which row. */

typedef struct maker {
  const bs_split_spec *split;
  const bs_dataset *data;
  const bs_split_source *source;
  int folds;
  int64_t seed;
  int threads;
  int *held;        /* (BS_SPLIT_HELD) */
  uint16_t *member; /* (n) */
} maker;

/* Identical rows go together: groups in random order, each to the fold that has
 * the fewest rows of its class (its first row's) so far. */
static bs_status make_dedup(maker *m)
{
  const size_t n = m->data->n, folds = (size_t)m->folds;
  uint32_t *first = NULL, *group = NULL;
  uint64_t *load = NULL, *size = NULL;
  size_t groups = 0;
  bs_random random = bs_random_seeded(m->seed);
  bs_status st;
  BS_GO(st, bs_mem_alloc(n, sizeof *first, &first));
  BS_GO(st, bs_mem_alloc(n, sizeof *group, &group));
  BS_GO(st, bs_mem_zalloc(n, sizeof *size, &size));
  BS_GO(st, bs_mem_zalloc(folds * (size_t)m->data->c, sizeof *load, &load));
  BS_GO(st, bs_duplicates_find(m->data, m->threads, first));
  for (size_t i = 0; i < n; i++) {
    size[first[i]]++;
    if (first[i] == i)
      group[groups++] = (uint32_t)i;
  }
  bs_random_shuffle(&random, group, groups);
  for (size_t g = 0; g < groups; g++) {
    uint64_t *of_class = load + (size_t)m->data->y[group[g]] * folds;
    size_t least = 0;
    for (size_t f = 1; f < folds; f++)
      least = of_class[f] < of_class[least] ? f : least;
    of_class[least] += size[group[g]];
    m->member[group[g]] = (uint16_t)least;
  }
  for (size_t i = 0; i < n; i++)
    m->member[i] = m->member[first[i]];
done:
  bs_mem_free(&first);
  bs_mem_free(&group);
  bs_mem_free(&size);
  bs_mem_free(&load);
  return st;
}

/* Cut a file into as many blocks as there are folds. */
static void cut_file(const maker *m, const bs_split_file *file)
{
  const size_t folds = (size_t)m->folds;
  for (size_t f = 0; f < folds; f++)
    for (size_t i = file->rows * f / folds; i < file->rows * (f + 1) / folds;
         i++)
      m->member[file->first + i] = (uint16_t)f;
}

static bs_status make_blocked(maker *m)
{
  for (int i = 0; i < m->source->files; i++)
    cut_file(m, &m->source->file[i]);
  return BS_OK;
}

static size_t tail_of(const maker *m, const bs_split_file *file)
{
  return (size_t)((double)file->rows * m->split->part + 0.5);
}

static bs_status make_tail(maker *m)
{
  m->folds = 1;
  memset(m->member, 0xff, m->data->n * sizeof *m->member);
  for (int i = 0; i < m->source->files; i++) {
    const bs_split_file *file = &m->source->file[i];
    const size_t tail = tail_of(m, file);
    memset(m->member + file->first + file->rows - tail, 0,
           tail * sizeof *m->member);
  }
  return BS_OK;
}

static int device_of(const bs_split_file *file)
{
  return file->device;
}
static int attack_of(const bs_split_file *file)
{
  return file->attack;
}
static int family_of(const bs_split_file *file)
{
  return file->family;
}

/* Number the values that files have of a property, ascending, into held;
 * returns how many there are. */
static int list_values(const maker *m, int (*get)(const bs_split_file *),
                       int lowest)
{
  int count = 0;
  for (int value = lowest; value < BS_SPLIT_HELD; value++)
    for (int i = 0; i < m->source->files; i++)
      if (get(&m->source->file[i]) == value && m->source->file[i].rows > 0) {
        m->held[count++] = value;
        break;
      }
  return count;
}

/* A fold for each value; files below the lowest value (benign ones) are cut
 * into blocks, one for each fold. */
static bs_status hold_out(maker *m, int (*get)(const bs_split_file *),
                          int lowest, const char *what)
{
  for (int i = 0; i < m->source->files; i++)
    if (get(&m->source->file[i]) < 0)
      return bs_fail(BS_ERR_INPUT,
                     "split %s: the data do not tell the %s of a row",
                     bs_splits_name(m->split->kind), what);
  m->folds = list_values(m, get, lowest);
  if (m->folds < 2)
    return bs_fail(BS_ERR_INPUT,
                   "split %s: the data hold %d %s; two or more are needed",
                   bs_splits_name(m->split->kind), m->folds, what);
  for (int i = 0; i < m->source->files; i++) {
    const bs_split_file *file = &m->source->file[i];
    int f = 0;
    while (f < m->folds && m->held[f] != get(file))
      f++;
    if (f == m->folds) {
      cut_file(m, file);
      continue;
    }
    for (size_t row = 0; row < file->rows; row++)
      m->member[file->first + row] = (uint16_t)f;
  }
  return BS_OK;
}

static bs_status make(maker *m)
{
  switch (m->split->kind) {
  case BS_SPLIT_DEDUP:
    return make_dedup(m);
  case BS_SPLIT_BLOCKED:
    return make_blocked(m);
  case BS_SPLIT_TAIL:
    return make_tail(m);
  case BS_SPLIT_DEVICE_OUT:
    return hold_out(m, device_of, 0, "device");
  case BS_SPLIT_ATTACK_OUT:
    return hold_out(m, attack_of, 1, "attack");
  case BS_SPLIT_FAMILY_TRANSFER:
    return hold_out(m, family_of, 1, "malware family");
  case BS_SPLIT_RANDOM:
  case BS_SPLIT_LAST:
    break;
  }
  return bs_fail(BS_ERR_RUNTIME, "no such split");
}

/* ---- Rows next to a border. */

/* Rows of a file tested by fold f: a block, begin .. end - 1; false if none. */
static bool tested_block(const maker *m, const bs_split_file *file, int f,
                         size_t *begin, size_t *end)
{
  const size_t folds = (size_t)m->folds;
  if (m->split->kind == BS_SPLIT_TAIL) {
    *begin = file->rows - tail_of(m, file);
    *end = file->rows;
  } else {
    *begin = file->rows * (size_t)f / folds;
    *end = file->rows * ((size_t)f + 1) / folds;
  }
  return *begin < *end;
}

/* List the rows that fold f leaves out, if list is not NULL; returns their
 * number. */
static size_t list_left_out(const maker *m, int f, uint32_t *list)
{
  const size_t gap = (size_t)m->split->gap;
  size_t count = 0, begin, end;
  for (int i = 0; i < m->source->files; i++) {
    const bs_split_file *file = &m->source->file[i];
    if (!tested_block(m, file, f, &begin, &end))
      continue;
    const size_t low = begin > gap ? begin - gap : 0;
    const size_t high = file->rows - end > gap ? end + gap : file->rows;
    for (size_t row = low; row < high; row++) {
      if (row >= begin && row < end)
        continue;
      if (list != NULL)
        list[count] = (uint32_t)(file->first + row);
      count++;
    }
  }
  return count;
}

static bs_status leave_out(const maker *m, bs_folds *folds)
{
  size_t total = 0;
  if (m->split->gap == 0 ||
      (m->split->kind != BS_SPLIT_BLOCKED && m->split->kind != BS_SPLIT_TAIL))
    return BS_OK;
  BS_TRY(bs_mem_alloc((size_t)m->folds + 1, sizeof *folds->left_start,
                      &folds->left_start));
  for (int f = 0; f < m->folds; f++) {
    folds->left_start[f] = total;
    total += list_left_out(m, f, NULL);
  }
  folds->left_start[m->folds] = total;
  BS_TRY(bs_mem_alloc(total, sizeof *folds->left_out, &folds->left_out));
  for (int f = 0; f < m->folds; f++)
    list_left_out(m, f, folds->left_out + folds->left_start[f]);
  return BS_OK;
}

/* ---- A fold must have been taught every class it is asked about. */

static bs_status check_classes(const maker *m, const bs_folds *folds)
{
  const size_t c = (size_t)m->data->c;
  uint64_t *train;
  bs_status st = BS_OK;
  BS_TRY(bs_mem_alloc((size_t)folds->folds * c, sizeof *train, &train));
  bs_folds_count(folds, m->data->y, m->data->c, train);
  for (int f = 0; st == BS_OK && f < folds->folds; f++) {
    if (bs_folds_test_count(folds, f) == 0)
      st = bs_fail(BS_ERR_INPUT, "split %s: fold %d has no rows to test",
                   bs_splits_name(m->split->kind), f + 1);
    for (size_t i = folds->start[f]; st == BS_OK && i < folds->start[f + 1];
         i++) {
      const uint16_t k = m->data->y[folds->order[i]];
      if (train[(size_t)f * c + k] == 0)
        st = bs_fail(
            BS_ERR_INPUT,
            "split %s: fold %d tests class '%s' but has no row of it "
            "to train on%s",
            bs_splits_name(m->split->kind), f + 1, m->data->class_name[k],
            m->split->kind >= BS_SPLIT_ATTACK_OUT ? "; try --labels binary"
            : m->split->gap > 0                   ? "; try a smaller gap"
                                                  : "");
    }
  }
  bs_mem_free(&train);
  return st;
}

bs_status bs_splits_create(const bs_split_spec *split, const bs_dataset *data,
                           const bs_split_source *source, int folds,
                           int64_t seed, bool order, int threads, int *held,
                           bs_folds **out)
{
  int own_held[BS_SPLIT_HELD];
  maker m = {
      split, data, source, folds, seed, threads, held != NULL ? held : own_held,
      NULL};
  bs_folds *made = NULL;
  bs_status st;
  *out = NULL;
  if (split->kind == BS_SPLIT_RANDOM)
    return bs_folds_create(data->y, data->n, folds, seed, order, out);
  if (split->kind != BS_SPLIT_DEDUP && source->files == 0)
    return bs_fail(BS_ERR_INPUT,
                   "split %s: the data do not tell what file rows came from",
                   bs_splits_name(split->kind));
  BS_GO(st, bs_mem_zalloc(data->n, sizeof *m.member, &m.member));
  BS_GO(st, make(&m));
  BS_GO(st, bs_folds_from_members(m.member, data->n, m.folds, &made));
  BS_GO(st, leave_out(&m, made));
  BS_GO(st, check_classes(&m, made));
  *out = made;
  made = NULL;
done:
  bs_folds_destroy(&made);
  bs_mem_free(&m.member);
  return st;
}
