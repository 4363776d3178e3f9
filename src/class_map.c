#include "src/class_map.h"

#include "src/mem.h"
#include <stdbool.h>
#include <stddef.h>

/* Most rows that clusters first .. k - 1 can have right with the classes that
 * are still free, by the Hungarian method (J. Munkres 1957) in the form with
 * potentials: clusters are matched one after the other along a shortest path.
 * Every cluster also has a column of its own that stands for no class. */
typedef struct matcher {
  int k, c;
  const uint64_t *counts; /* (c, k) */
  const bool *used;       /* (c) */
  int64_t *row, *column;  /* potentials: (k + 1), (c + k + 1) */
  int64_t *least;         /* (c + k + 1) */
  int *match, *way;       /* (c + k + 1): cluster of a column, path */
  bool *seen;             /* (c + k + 1) */
} matcher;

/* Cost of cluster i (from 1) in column j (from 1): minus the rows it has right.
 * Columns beyond the classes are no class. */
static int64_t cost(const matcher *m, int first, int i, int j)
{
  if (j > m->c || m->used[j - 1])
    return 0;
  return -(int64_t)m->counts[(size_t)(j - 1) * (size_t)m->k +
                             (size_t)(first + i - 1)];
}

/* Find a column for cluster i, moving others if that is cheaper. */
static void augment(matcher *m, int first, int i, int columns)
{
  int at = 0;
  m->match[0] = i;
  for (int j = 0; j <= columns; j++) {
    m->least[j] = INT64_MAX;
    m->seen[j] = false;
  }
  do {
    int64_t delta = INT64_MAX;
    int here = m->match[at], next = 0;
    m->seen[at] = true;
    for (int j = 1; j <= columns; j++) {
      if (m->seen[j])
        continue;
      int64_t reduced = cost(m, first, here, j) - m->row[here] - m->column[j];
      if (reduced < m->least[j]) {
        m->least[j] = reduced;
        m->way[j] = at;
      }
      if (m->least[j] < delta) {
        delta = m->least[j];
        next = j;
      }
    }
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

static uint64_t most_right(matcher *m, int first)
{
  int rows = m->k - first, columns = m->c + rows;
  uint64_t right = 0;
  for (int i = 0; i <= rows; i++)
    m->row[i] = 0;
  for (int j = 0; j <= columns; j++) {
    m->column[j] = 0;
    m->match[j] = 0;
  }
  for (int i = 1; i <= rows; i++)
    augment(m, first, i, columns);
  for (int j = 1; j <= columns; j++)
    if (m->match[j] != 0)
      right += (uint64_t)-cost(m, first, m->match[j], j);
  return right;
}

static void free_matcher(matcher *m)
{
  bs_mem_free(&m->row);
  bs_mem_free(&m->column);
  bs_mem_free(&m->least);
  bs_mem_free(&m->match);
  bs_mem_free(&m->way);
  bs_mem_free(&m->seen);
}

static bs_status alloc_matcher(matcher *m)
{
  size_t rows = (size_t)m->k + 1, columns = (size_t)(m->c + m->k) + 1;
  BS_TRY(bs_mem_alloc(rows, sizeof *m->row, &m->row));
  BS_TRY(bs_mem_alloc(columns, sizeof *m->column, &m->column));
  BS_TRY(bs_mem_alloc(columns, sizeof *m->least, &m->least));
  BS_TRY(bs_mem_alloc(columns, sizeof *m->match, &m->match));
  BS_TRY(bs_mem_alloc(columns, sizeof *m->way, &m->way));
  return bs_mem_alloc(columns, sizeof *m->seen, &m->seen);
}

/* The first choice for cluster i that still leads to \a wanted rows right. */
static int first_choice(matcher *m, bool *used, int i, uint64_t *wanted)
{
  if (most_right(m, i + 1) == *wanted)
    return -1;
  for (int a = 0; a < m->c; a++) {
    uint64_t here = m->counts[(size_t)a * (size_t)m->k + (size_t)i];
    if (used[a] || here == 0 || here > *wanted)
      continue;
    used[a] = true;
    if (most_right(m, i + 1) == *wanted - here) {
      *wanted -= here;
      return a;
    }
    used[a] = false;
  }
  return -1; /* not reached: some choice leads to the optimum */
}

bs_status bs_class_map(int k, int c, const uint64_t *counts, int *mapping,
                       uint64_t *incorrect)
{
  bool *used = NULL;
  matcher m = {.k = k, .c = c, .counts = counts};
  bs_status st;
  uint64_t wanted, total = 0;
  BS_GO(st, bs_mem_zalloc((size_t)c, sizeof *used, &used));
  m.used = used;
  BS_GO(st, alloc_matcher(&m));
  for (size_t i = 0; i < (size_t)k * (size_t)c; i++)
    total += counts[i];
  wanted = most_right(&m, 0);
  *incorrect = total - wanted;
  for (int i = 0; i < k; i++)
    mapping[i] = first_choice(&m, used, i, &wanted);
done:
  free_matcher(&m);
  bs_mem_free(&used);
  return st;
}
