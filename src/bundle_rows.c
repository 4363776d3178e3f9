/* SPDX-License-Identifier: BSD-3-Clause */
/* The rows of bundles: sides, counts, and the way to the children. Every thread
 * has a range of the data set's rows, so that no two write to the same word. */
#include "src/bundle.h"

#include "src/mem.h"
#include <string.h>

/* Rows of a bundle that lie in a range of the data set. */
typedef struct range {
  const uint32_t *row;
  const uint16_t *trees;
  size_t count;
} range;

static size_t find_row(const uint32_t *row, size_t count, size_t wanted)
{
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (row[middle] < wanted)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static range rows_between(const bs_bundle *b, const bs_row_list *rows,
                          size_t begin, size_t end)
{
  const uint32_t *row = rows->row + b->begin;
  size_t from = find_row(row, b->count, begin);
  size_t to = find_row(row, b->count, end);
  return (range){row + from, rows->trees + b->begin + from, to - from};
}

/* Write down a row's side: mixed where another bundle has said otherwise. */
static inline void note_side(uint64_t *code, uint32_t row, bs_side side)
{
  const int shift = (int)(row % BS_CODES_PER_WORD) * 2;
  uint64_t *word = &code[row / BS_CODES_PER_WORD];
  bs_side old = (bs_side)(*word >> shift & 3);
  if (old == side)
    return;
  if (old != BS_NO_SIDE)
    side = BS_MIXED;
  *word = (*word & ~(UINT64_C(3) << shift)) | (uint64_t)side << shift;
}

static inline void count_trees(uint32_t trees, uint32_t *count)
{
  for (int t = 0; t < BS_TREES; t++)
    count[t] += trees >> t & 1;
}

/* Trees that send a value between low and high to the right; by threshold, or
 * by position. */
static uint32_t right_of(const bs_cut *cut, bs_weka rules, uint32_t trees,
                         double x, uint32_t *after)
{
  uint32_t right = 0;
  *after = 0;
  for (uint32_t left = trees; left != 0; left &= left - 1) {
    int t = __builtin_ctz(left);
    if (!bs_goes_left(rules, x, cut->threshold[t]))
      right |= UINT32_C(1) << t;
    if (x > cut->below[t])
      *after |= UINT32_C(1) << t;
  }
  return right;
}

/* Counts are (c, BS_TREES) here, so that the trees of a row lie side by side.
 */
static void find_sides_of(const bs_j48 *j48, const bs_cut *cut, range r,
                          const bs_sides *sides, uint32_t *left,
                          uint32_t *before)
{
  const uint16_t *y = j48->data->y;
  for (size_t i = 0; i < r.count; i++) {
    uint32_t row = r.row[i], trees = r.trees[i] & cut->trees;
    uint32_t right = 0, after;
    double x = cut->x[row];
    if (trees == 0)
      continue;
    if (x <= cut->low)
      after = 0;
    else if (x > cut->high)
      after = right = trees;
    else
      right = right_of(cut, j48->options.rules, trees, x, &after);
    sides->right[row] = (uint16_t)((sides->right[row] & ~trees) | right);
    note_side(sides->code, row,
              right == 0       ? BS_LEFT
              : right == trees ? BS_RIGHT
                               : BS_MIXED);
    if (right != trees)
      count_trees(trees & ~right, left + (size_t)y[row] * BS_TREES);
    if (before != NULL && after != trees)
      count_trees(trees & ~after, before + (size_t)y[row] * BS_TREES);
  }
}

static void add_up(size_t count, const uint32_t *part, uint32_t *sum)
{
#pragma omp critical(add_up)
  for (size_t i = 0; i < count; i++)
    sum[i] += part[i];
}

bs_status bs_rows_find_sides(const bs_j48 *j48, const bs_level *level,
                             bs_workspace *w, uint32_t *left, uint32_t *before)
{
  const size_t each = (size_t)j48->criterion.c * BS_TREES;
  const size_t counts = (size_t)level->cuts * each;
  const size_t words = w->all / BS_CODES_PER_WORD + 1;
  const int threads = bs_threads_for(w, bs_level_rows(level));
  bs_status failed = BS_OK;
  memset(left, 0, counts * sizeof *left);
  if (before != NULL)
    memset(before, 0, counts * sizeof *before);
#pragma omp parallel for num_threads(threads) schedule(static)
  for (int t = 0; t < threads; t++) {
    size_t from = words * (size_t)t / (size_t)threads;
    size_t to = words * ((size_t)t + 1) / (size_t)threads;
    uint32_t *mine = NULL;
    bs_status st = bs_mem_zalloc(2 * counts, sizeof *mine, &mine);
    if (st != BS_OK) {
#pragma omp atomic write
      failed = st;
      continue;
    }
    memset(w->sides.code + from, 0xff, (to - from) * sizeof *w->sides.code);
    for (int i = 0; i < level->cuts; i++) {
      const bs_cut *cut = &level->cut[i];
      range r = rows_between(&level->bundle[cut->bundle], &w->rows,
                             from * BS_CODES_PER_WORD, to * BS_CODES_PER_WORD);
      find_sides_of(j48, cut, r, &w->sides, mine + (size_t)i * each,
                    before == NULL ? NULL : mine + counts + (size_t)i * each);
    }
    add_up(counts, mine, left);
    if (before != NULL)
      add_up(counts, mine + counts, before);
    bs_mem_free(&mine);
  }
  return failed == BS_OK
             ? BS_OK
             : bs_fail(failed, "out of memory: counting the rows of nodes");
}

/* Trees of a row that go a move's way, to each of its targets. */
static inline void split_trees(const bs_move *move, uint32_t trees,
                               uint32_t right, uint32_t to[2])
{
  to[0] = trees & move->take[0] & ~right;
  to[1] = trees & move->take[1] & right;
  if (bs_is_joint(move)) {
    to[0] |= to[1];
    to[1] = 0;
  }
}

void bs_rows_count(bs_level *level, const bs_workspace *w)
{
  const int threads = bs_threads_for(w, bs_level_rows(level));
#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (int i = 0; i < level->moves; i++) {
    bs_move *move = &level->move[i];
    const bs_bundle *b = &level->bundle[move->bundle];
    uint32_t count[2] = {0, 0}, to[2];
    for (uint32_t k = b->begin; k < b->begin + b->count; k++) {
      split_trees(move, w->rows.trees[k], w->sides.right[w->rows.row[k]], to);
      count[0] += to[0] != 0;
      count[1] += to[1] != 0;
    }
    move->to[0].count = count[0];
    move->to[1].count = count[1];
  }
}

/* Rows that have come to a leaf of these trees; each rank notes them for the
 * trees that it finishes. */
static inline void settle(const bs_workspace *w, uint32_t row, uint32_t trees,
                          const uint32_t *number)
{
  for (; trees != 0; trees &= trees - 1) {
    int t = __builtin_ctz(trees);
    if (w->leaf_of[t] != NULL)
      w->leaf_of[t][row] = number[t];
  }
}

static void deal_move(const bs_move *move, const bs_bundle *b,
                      const bs_workspace *w)
{
  uint32_t made[2] = {0, 0}, to[2];
  for (uint32_t k = b->begin; k < b->begin + b->count; k++) {
    const uint32_t row = w->rows.row[k];
    split_trees(move, w->rows.trees[k], w->sides.right[row], to);
    for (int side = 0; side < 2; side++) {
      const bs_row_list *rows = &move->to[side].rows;
      if (to[side] == 0 || rows->row == NULL)
        continue;
      rows->row[made[side]] = row;
      rows->trees[made[side]++] = (uint16_t)to[side];
    }
  }
}

/* Rows of one cut's children that are leaves. */
static void settle_cut(const bs_cut *cut, const bs_bundle *b,
                       const bs_workspace *w)
{
  const uint32_t closed[2] = {cut->trees & ~(uint32_t)cut->open[0],
                              cut->trees & ~(uint32_t)cut->open[1]};
  if ((closed[0] | closed[1]) == 0)
    return;
  for (uint32_t k = b->begin; k < b->begin + b->count; k++) {
    const uint32_t row = w->rows.row[k], right = w->sides.right[row];
    settle(w, row, w->rows.trees[k] & closed[0] & ~right, cut->child[0]);
    settle(w, row, w->rows.trees[k] & closed[1] & right, cut->child[1]);
  }
}

/* Rows of nodes that stay leaves. */
static void settle_leaves(const bs_bundle *b, const bs_workspace *w)
{
  uint32_t number[BS_TREES];
  for (int i = 0; i < b->nodes; i++)
    number[b->node[i].tree] = b->number[i];
  for (uint32_t k = b->begin; k < b->begin + b->count; k++)
    settle(w, w->rows.row[k], w->rows.trees[k] & b->leaves, number);
}

void bs_rows_deal(const bs_level *level, const bs_workspace *w)
{
  const int threads = bs_threads_for(w, bs_level_rows(level));
#pragma omp parallel num_threads(threads)
  {
#pragma omp for schedule(dynamic) nowait
    for (int i = 0; i < level->moves; i++)
      deal_move(&level->move[i], &level->bundle[level->move[i].bundle], w);
#pragma omp for schedule(dynamic) nowait
    for (int i = 0; i < level->cuts; i++)
      settle_cut(&level->cut[i], &level->bundle[level->cut[i].bundle], w);
#pragma omp for schedule(dynamic)
    for (int i = 0; i < level->bundles; i++)
      if (level->bundle[i].leaves != 0)
        settle_leaves(&level->bundle[i], w);
  }
}
