/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/class_map.h"

#include "src/mem.h"
#include <stdbool.h>
#include <stddef.h>

/* Matches free classes to clusters first .. k - 1 so that most rows are right,
 * by the Hungarian method (J. Munkres 1957) in the form with potentials:
 * classes are matched one after the other along a shortest path. Columns are
 * the clusters, then one column a class that stands for no cluster. */
typedef struct matcher {
  int k, c;
  const uint64_t *counts; /* (c, k) */
  bool *used;             /* (c): classes that are taken */
  int *free;              /* (c): the others, as numbered from 1 here */
  int64_t *row, *column;  /* potentials: (c + 1), (k + c + 1) */
  int64_t *least;         /* (k + c + 1) */
  int *match, *way;       /* (k + c + 1): class of a column, path */
  bool *seen;             /* (k + c + 1) */
  int *class_of;          /* (k): class of each cluster in the last match */
} matcher;

/* Cost of free class i (from 1) in column j (from 1): minus the rows right. */
static int64_t cost(const matcher *m, int first, int i, int j)
{
  int cluster = first + j - 1;
  if (cluster >= m->k)
    return 0;
  return -(int64_t)m
              ->counts[(size_t)m->free[i - 1] * (size_t)m->k + (size_t)cluster];
}

/* Take a step: the column to be reached at least cost from those seen. */
static int step(matcher *m, int first, int columns, int at, int64_t *delta)
{
  int here = m->match[at], next = 0;
  *delta = INT64_MAX;
  m->seen[at] = true;
  for (int j = 1; j <= columns; j++) {
    if (m->seen[j])
      continue;
    int64_t reduced = cost(m, first, here, j) - m->row[here] - m->column[j];
    if (reduced < m->least[j]) {
      m->least[j] = reduced;
      m->way[j] = at;
    }
    if (m->least[j] < *delta) {
      *delta = m->least[j];
      next = j;
    }
  }
  return next;
}

/* Find a column for free class i, moving others if that is cheaper. */
static void augment(matcher *m, int first, int i, int columns)
{
  int at = 0;
  m->match[0] = i;
  for (int j = 0; j <= columns; j++) {
    m->least[j] = INT64_MAX;
    m->seen[j] = false;
  }
  do {
    int64_t delta;
    int next = step(m, first, columns, at, &delta);
    for (int j = 0; j <= columns; j++) {
      if (m->seen[j]) {
        m->row[m->match[j]] += delta;
        m->column[j] -= delta;
      } else if (m->least[j] != INT64_MAX) {
        m->least[j] -= delta;
      }
    }
    at = next;
  } while (m->match[at] != 0);
  while (at != 0) {
    m->match[at] = m->match[m->way[at]];
    at = m->way[at];
  }
}

/* Most rows that clusters first .. k - 1 can have right with the free classes;
 * class_of tells one way to have them. */
static uint64_t most_right(matcher *m, int first)
{
  int rows = 0, columns;
  uint64_t right = 0;
  for (int a = 0; a < m->c; a++)
    if (!m->used[a])
      m->free[rows++] = a;
  columns = m->k - first + rows;
  for (int i = 0; i <= rows; i++)
    m->row[i] = 0;
  for (int j = 0; j <= columns; j++) {
    m->column[j] = 0;
    m->match[j] = 0;
  }
  for (int i = 1; i <= rows; i++)
    augment(m, first, i, columns);
  for (int i = first; i < m->k; i++)
    m->class_of[i] = -1;
  for (int j = 1; j <= m->k - first; j++) {
    int64_t here = m->match[j] == 0 ? 0 : -cost(m, first, m->match[j], j);
    if (here > 0)
      m->class_of[first + j - 1] = m->free[m->match[j] - 1];
    right += (uint64_t)here;
  }
  return right;
}

static void free_matcher(matcher *m)
{
  bs_mem_free(&m->used);
  bs_mem_free(&m->free);
  bs_mem_free(&m->row);
  bs_mem_free(&m->column);
  bs_mem_free(&m->least);
  bs_mem_free(&m->match);
  bs_mem_free(&m->way);
  bs_mem_free(&m->seen);
  bs_mem_free(&m->class_of);
}

static bs_status alloc_matcher(matcher *m)
{
  size_t c = (size_t)m->c, k = (size_t)m->k, columns = k + c + 1;
  BS_TRY(bs_mem_zalloc(c, sizeof *m->used, &m->used));
  BS_TRY(bs_mem_alloc(c, sizeof *m->free, &m->free));
  BS_TRY(bs_mem_alloc(c + 1, sizeof *m->row, &m->row));
  BS_TRY(bs_mem_alloc(columns, sizeof *m->column, &m->column));
  BS_TRY(bs_mem_alloc(columns, sizeof *m->least, &m->least));
  BS_TRY(bs_mem_alloc(columns, sizeof *m->match, &m->match));
  BS_TRY(bs_mem_alloc(columns, sizeof *m->way, &m->way));
  BS_TRY(bs_mem_alloc(columns, sizeof *m->seen, &m->seen));
  return bs_mem_alloc(k, sizeof *m->class_of, &m->class_of);
}

/* The first choice for cluster i that still leads to \a wanted rows right.
 * class_of holds a way to have them from cluster i on, and then from i + 1. */
static int first_choice(matcher *m, int i, uint64_t *wanted)
{
  if (m->class_of[i] < 0 || most_right(m, i + 1) == *wanted)
    return -1;
  for (int a = 0; a < m->c; a++) {
    uint64_t here = m->counts[(size_t)a * (size_t)m->k + (size_t)i];
    if (m->used[a] || here == 0 || here > *wanted)
      continue;
    m->used[a] = true;
    if (most_right(m, i + 1) == *wanted - here) {
      *wanted -= here;
      return a;
    }
    m->used[a] = false;
  }
  return -1; /* not reached: some choice leads to the optimum */
}

bs_status bs_class_map(int k, int c, const uint64_t *counts, int *mapping,
                       uint64_t *incorrect)
{
  matcher m = {.k = k, .c = c, .counts = counts};
  bs_status st;
  uint64_t wanted, total = 0;
  BS_GO(st, alloc_matcher(&m));
  for (size_t i = 0; i < (size_t)k * (size_t)c; i++)
    total += counts[i];
  wanted = most_right(&m, 0);
  *incorrect = total - wanted;
  for (int i = 0; i < k; i++)
    mapping[i] = first_choice(&m, i, &wanted);
done:
  free_matcher(&m);
  return st;
}
