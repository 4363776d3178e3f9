/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/split.h"

#include "src/tolerance.h"
#include <float.h>
#include <string.h>

/* Beside the number of cuts in a group's sums. */
enum { BEGINS_WITH_CUT = 0x8000 };
/* Blocks whose bound is taken together before each one's own. */
enum { GROUP = BS_GROUP / BS_BLOCK, CORNERS_MAX = 3 };

/* One search: constants of the node and the best cut so far. */
typedef struct search {
  const bs_criterion *k;
  const bs_split_node *node;
  size_t seen;      /* rows of the node in the blocks behind */
  uint32_t *left;   /* (c): their classes */
  size_t cuts;      /* cuts met that leave enough rows on both sides */
  double best;      /* best gain accepted, 0 at the start */
  size_t best_left; /* rows left of it, 0 if there is none */
  size_t best_at;   /* entry of the list right behind it */
  double skip;      /* a cut whose term sum is not above this can't win */
  double near;      /* nor is it clear what a first cut up to this would be, */
  bool doubt;       /* and there was one: see set_floor */
} search;

/* Rows a branch must have at least: C45Split, 0.1 n / classes held between the
 * option and 25. */
static double smallest_branch(const bs_criterion *k, size_t n)
{
  double m = 0.1 * (double)n / k->c;
  if (bs_sm_or_eq(m, k->min_leaf))
    return k->min_leaf;
  return bs_gr(m, 25) ? 25 : m;
}

/* Smallest whole number that the tolerant comparison takes as >= m. */
static size_t branch_rows(double m)
{
  size_t rows = m > 1 ? (size_t)m - 1 : 0;
  while (!bs_gr_or_eq((double)rows, m))
    rows++;
  return rows;
}

/* Any cut accepted from now on has a gain above best + 1e-6. The term sum r of
 * term_sum() gives the gain (E0 + r / unit) / n; it is compared with a margin
 * far above its rounding (about 1e-15 n ln n) and far below 1e-6 n. */
static void set_skip(search *s)
{
  double n = (double)s->node->n;
  s->skip = ((s->best + 1e-6 - 1e-9) * n - s->node->before) * s->k->unit;
}

/* Sum over branches of (sum over classes of x log x) - (x log x of the branch),
 * in Weka's order of additions. */
static double term_sum(const search *s, const uint32_t *left, size_t rows_left)
{
  const double *x = s->k->xlogx;
  double r = 0;
  for (int c = 0; c < s->k->c; c++)
    r += x[left[c]];
  r -= x[rows_left];
  for (int c = 0; c < s->k->c; c++)
    r += x[s->node->total[c] - left[c]];
  return r - x[s->node->n - rows_left];
}

/* InfoGainSplitCrit.splitCritValue, then the tolerant comparison with the best
 * so far: the leftmost of nearly equal gains stays. */
static void try_cut(search *s, const uint32_t *left, size_t rows_left,
                    size_t at)
{
  double r = term_sum(s, left, rows_left);
  if (r <= s->skip)
    return;
  if (r <= s->near) {
    s->doubt = true;
    return;
  }
  double g = s->node->before - -(r / s->k->unit);
  double gain = bs_eq(g, 0) ? 0 : g / (double)s->node->n;
  if (!bs_gr(gain, s->best))
    return;
  s->best = gain;
  s->best_left = rows_left;
  s->best_at = at;
  s->near = -DBL_MAX;
  set_skip(s);
}

/* An upper bound of term_sum over all cuts between `left` rows (inclusive) and
 * `left + count`. The sum is convex in the class counts to the left, so over
 * the box that the path stays in its maximum is at a corner: a set of classes
 * whose rows are all taken. With many moving classes the class terms and the
 * branch terms are bounded apart. */
static double bound(const search *s, const uint32_t *left, size_t rows_left,
                    const uint32_t *count, size_t rows)
{
  const double *x = s->k->xlogx;
  double fixed = 0, at[CORNERS_MAX][2], separate = 0;
  uint32_t step[CORNERS_MAX];
  int moving = 0;
  for (int c = 0; c < s->k->c; c++) {
    uint32_t l = left[c], r = s->node->total[c] - l;
    double low = x[l] + x[r];
    if (count[c] == 0) {
      fixed += low;
      continue;
    }
    double high = x[l + count[c]] + x[r - count[c]];
    separate += low > high ? low : high;
    if (moving < CORNERS_MAX) {
      at[moving][0] = low;
      at[moving][1] = high;
      step[moving] = count[c];
    }
    moving++;
  }
  if (moving > CORNERS_MAX) { /* x(l) + x(n - l) is smallest at the middle */
    size_t l = s->node->n / 2;
    if (l < rows_left)
      l = rows_left;
    if (l > rows_left + rows)
      l = rows_left + rows;
    return fixed + separate - (x[l] + x[s->node->n - l]);
  }
  double most = -DBL_MAX;
  for (int corner = 0; corner < 1 << moving; corner++) {
    double sum = fixed;
    size_t taken = rows_left;
    for (int m = 0; m < moving; m++) {
      int bit = corner >> m & 1;
      sum += at[m][bit];
      taken += bit ? step[m] : 0;
    }
    sum -= x[taken] + x[s->node->n - taken];
    most = sum > most ? sum : most;
  }
  return most;
}

/* What lies behind the first `count` of some bits. */
static uint64_t behind(uint64_t bits, size_t count)
{
  for (; count > 0 && bits != 0; count--)
    bits &= bits - 1;
  return bits;
}

/* Cuts of a block that leave enough rows on both sides; `seen` rows of the node
 * lie before the block. */
static uint64_t feasible(const bs_split_node *node, const bs_list_block *block,
                         size_t seen, size_t *number)
{
  uint64_t cuts = block->cut[node->tree], live = block->live[node->tree];
  size_t rows = block->rows[node->tree];
  *number = block->cuts[node->tree];
  if (cuts == 0 || (seen >= node->least && seen + rows <= node->most + 1))
    return cuts;
  if (seen < node->least)
    cuts &= behind(live, node->least - seen);
  cuts &= seen > node->most ? 0 : ~behind(live, node->most + 1 - seen);
  *number = (size_t)__builtin_popcountll(cuts);
  return cuts;
}

/* Add the classes of some entries of a block. Between neighbouring cuts lie few
 * entries where values are all different: these are gone through one by one. */
static void add_classes(const search *s, const bs_entry_layout *layout,
                        const uint64_t *list, const bs_list_block *block,
                        uint64_t some, uint32_t *part, uint32_t *sum)
{
  enum { FEW = 8 };
  if (__builtin_popcountll(some) < FEW) {
    for (; some != 0; some &= some - 1)
      sum[bs_entry_class(layout, list[__builtin_ctzll(some)])]++;
    return;
  }
  s->k->kernels->count(block, some, s->k->c, layout->class_bits, part);
  for (int c = 0; c < s->k->c; c++)
    sum[c] += part[c];
}

/* Evaluate the cuts of one block one by one. */
static void try_block(search *s, const bs_entry_layout *layout,
                      const uint64_t *list, size_t begin,
                      const bs_list_block *block, uint64_t cuts, uint32_t *part,
                      uint32_t *running)
{
  const uint64_t live = block->live[s->node->tree];
  uint64_t counted = 0;
  memcpy(running, s->left, (size_t)s->k->c * sizeof *running);
  for (; cuts != 0; cuts &= cuts - 1) {
    const uint64_t bit = cuts & (0 - cuts), before = live & (bit - 1);
    add_classes(s, layout, list + begin, block, before & ~counted, part,
                running);
    counted = before;
    try_cut(s, running, s->seen + (size_t)__builtin_popcountll(before),
            begin + (size_t)__builtin_ctzll(bit));
  }
}

/* Scratch, all of it by class. */
typedef struct scratch {
  uint32_t *running, *sum, *part;
  uint32_t *left;  /* (BS_TREES, c) */
  uint32_t *count; /* (GROUP, BS_TREES, c) */
} scratch;

static scratch lay_out(uint32_t *work, size_t c)
{
  return (scratch){work, work + c, work + 2 * c, work + 3 * c,
                   work + (3 + BS_TREES) * c};
}

/* What all searches of a list share. */
typedef struct walk {
  const bs_criterion *k;
  const bs_entry_layout *layout;
  size_t n;
  const uint64_t *list;
  bs_reach reach;
  int searches;
  search *s;      /* (searches) */
  uint32_t trees; /* theirs */
  const bs_list_sums *sums;
  const scratch *w;
  bs_list_block block[GROUP]; /* of the group in hand, where it has been read */
  int blocks;
} walk;

/* Sum up the blocks of a group, for some trees. */
static void read_group(walk *l, size_t begin, uint32_t trees, uint32_t *last)
{
  const size_t stride = (size_t)BS_TREES * (size_t)l->k->c;
  l->blocks = 0;
  for (; l->blocks < GROUP && begin < l->n; begin += BS_BLOCK, l->blocks++) {
    size_t rows = l->n - begin < BS_BLOCK ? l->n - begin : BS_BLOCK;
    l->k->kernels->summary((int)rows, l->list + begin, l->layout, l->reach,
                           trees, l->k->c, last, &l->block[l->blocks],
                           l->w->count + (size_t)l->blocks * stride);
  }
}

/* Rows of each class that one tree has in the group that has been read; returns
 * its cuts. */
static size_t add_up_group(const walk *l, int tree, uint32_t *sum)
{
  const size_t c = (size_t)l->k->c, stride = BS_TREES * c;
  const uint32_t *count = l->w->count + (size_t)tree * c;
  size_t cuts = 0;
  memset(sum, 0, c * sizeof *sum);
  for (int b = 0; b < l->blocks; b++, count += stride) {
    cuts += l->block[b].cuts[tree];
    for (size_t k = 0; k < c; k++)
      sum[k] += count[k];
  }
  return cuts;
}

/* May a tree's first entry in the group that has been read be cut from the one
 * before it? */
static bool begins_with_cut(const walk *l, int tree)
{
  for (int b = 0; b < l->blocks; b++) {
    const uint64_t live = l->block[b].live[tree];
    if (live != 0)
      return (l->block[b].cut[tree] & live & (0 - live)) != 0;
  }
  return false;
}

/* Go past a group of which the sums alone are known, if none of its cuts can
 * replace the best: returns whether that has been done. */
static bool pass_over(search *s, const uint32_t *sum, size_t cuts)
{
  const bs_split_node *node = s->node;
  size_t rows = 0;
  for (int c = 0; c < s->k->c; c++)
    rows += sum[c];
  const bool outside =
      rows == 0 || s->seen + rows <= node->least || s->seen > node->most;
  const bool inside =
      s->seen >= node->least && s->seen + rows <= node->most + 1;
  if (!inside && !outside)
    return false;
  if (outside)
    cuts = 0;
  if (cuts > 0 && bound(s, s->left, s->seen, sum, rows) > s->skip)
    return false;
  s->cuts += cuts;
  s->seen += rows;
  for (int c = 0; c < s->k->c; c++)
    s->left[c] += sum[c];
  return true;
}

/* Search one node in a group that has been read. */
static void search_group(const walk *l, search *s, size_t begin)
{
  const size_t c = (size_t)l->k->c, stride = BS_TREES * c;
  const uint32_t *count = l->w->count + (size_t)s->node->tree * c;
  for (int b = 0; b < l->blocks; b++, count += stride, begin += BS_BLOCK) {
    const bs_list_block *block = &l->block[b];
    const size_t rows = block->rows[s->node->tree];
    size_t number;
    const uint64_t cuts = feasible(s->node, block, s->seen, &number);
    s->cuts += number;
    if (cuts != 0 && bound(s, s->left, s->seen, count, rows) > s->skip)
      try_block(s, l->layout, l->list, begin, block, cuts, l->w->part,
                l->w->running);
    for (size_t k = 0; k < c; k++)
      s->left[k] += count[k];
    s->seen += rows;
  }
}

/* Walk the list group by group, and read each. */
static void walk_anew(walk *l)
{
  uint32_t last[BS_TREES];
  memset(last, 0xff, sizeof last); /* BS_NO_RANK */
  for (size_t begin = 0; begin < l->n; begin += BS_GROUP) {
    read_group(l, begin, l->trees, last);
    for (int i = 0; i < l->searches; i++) {
      size_t cuts = add_up_group(l, l->s[i].node->tree, l->w->sum);
      if (!pass_over(&l->s[i], l->w->sum, cuts))
        search_group(l, &l->s[i], begin);
    }
  }
}

/* Ranks of the last entries before a group. */
static void last_before(const walk *l, size_t group, uint32_t *last)
{
  const bs_list_sums *sums = l->sums;
  memset(last, 0xff, BS_TREES * sizeof *last); /* BS_NO_RANK */
  if (group > 0)
    memcpy(last, sums->last + (sums->first + group - 1) * (size_t)sums->trees,
           (size_t)sums->trees * sizeof *last);
}

/* Sum up a group anew. Returns whether its last entries are others than they
 * were, so that the next group's first cuts may be, too. In a new list it does
 * not matter what they were: the next group is stale anyway. */
static bool renew_group(walk *l, size_t group)
{
  const bs_list_sums *sums = l->sums;
  const size_t slot = (sums->first + group) * (size_t)sums->trees;
  const size_t c = (size_t)l->k->c;
  uint32_t last[BS_TREES];
  bool others = false;
  last_before(l, group, last);
  read_group(l, group * BS_GROUP, l->trees, last);
  for (int i = 0; i < l->searches; i++) {
    const int tree = l->s[i].node->tree;
    uint16_t *count = sums->count + (slot + (size_t)tree) * (c + 1);
    count[c] = (uint16_t)add_up_group(l, tree, l->w->sum);
    if (begins_with_cut(l, tree))
      count[c] |= BEGINS_WITH_CUT;
    for (size_t k = 0; k < c; k++)
      count[k] = (uint16_t)l->w->sum[k];
    uint32_t *own = &sums->last[slot + (size_t)tree];
    others = others || *own != last[tree];
    *own = last[tree];
  }
  return others;
}

/* Sum up the groups that have changed. */
static void renew_groups(walk *l)
{
  const bs_list_sums *sums = l->sums;
  bool anew = false;
  for (size_t group = 0; group < bs_groups(l->n); group++) {
    anew = anew || bs_is_stale(sums, group);
    bs_clear_stale(sums, group);
    if (anew)
      anew = renew_group(l, group);
  }
}

static const uint16_t *sums_of(const walk *l, size_t group, int tree)
{
  const size_t slot =
      (l->sums->first + group) * (size_t)l->sums->trees + (size_t)tree;
  return l->sums->count + slot * ((size_t)l->k->c + 1);
}

/* Pass over all cuts whose gain is clearly below that of the best cut between
 * two groups. What would have been accepted of them has no say in the end if
 * the first cut met above the floor is better than all below it by more than
 * the tolerance; if it is not, there is doubt, and the search is made again
 * without a floor. */
static void set_floor(const walk *l, search *s)
{
  const double margin = 1e-5,
               unclear = 2e-6; /* of gain; the tolerance is 1e-6 */
  const size_t c = (size_t)l->k->c;
  const double n = (double)s->node->n;
  double most = -DBL_MAX;
  uint32_t *left = l->w->running;
  size_t seen = 0;
  memset(left, 0, c * sizeof *left);
  for (size_t group = 0; group < bs_groups(l->n); group++) {
    const uint16_t *count = sums_of(l, group, s->node->tree);
    if ((count[c] & BEGINS_WITH_CUT) && seen >= s->node->least &&
        seen <= s->node->most) {
      const double r = term_sum(s, left, seen);
      most = r > most ? r : most;
    }
    for (size_t k = 0; k < c; k++) {
      left[k] += count[k];
      seen += count[k];
    }
  }
  const double low = most - margin * n * s->k->unit;
  if ((s->node->before + low / s->k->unit) / n > unclear) {
    s->skip = low;
    s->near = low + unclear * n * s->k->unit;
  }
}

/* Walk the list, whose sums are known, group by group, and read those that may
 * hold a better cut. */
static void walk_known(walk *l)
{
  const size_t c = (size_t)l->k->c;
  for (size_t group = 0; group < bs_groups(l->n); group++) {
    uint32_t wanted = 0, trees = 0, last[BS_TREES];
    for (int i = 0; i < l->searches; i++) {
      const int tree = l->s[i].node->tree;
      const uint16_t *count = sums_of(l, group, tree);
      for (size_t k = 0; k < c; k++)
        l->w->sum[k] = count[k];
      if (pass_over(&l->s[i], l->w->sum, count[c] & ~BEGINS_WITH_CUT))
        continue;
      wanted |= UINT32_C(1) << i;
      trees |= UINT32_C(1) << tree;
    }
    if (wanted == 0)
      continue;
    last_before(l, group, last);
    read_group(l, group * BS_GROUP, trees, last);
    for (; wanted != 0; wanted &= wanted - 1)
      search_group(l, &l->s[__builtin_ctz(wanted)], group * BS_GROUP);
  }
}

/* Search again, each by itself and without a floor, where there was doubt. */
static void settle_doubts(walk *l)
{
  search *all = l->s;
  const int searches = l->searches;
  l->searches = 1;
  for (int i = 0; i < searches; i++) {
    if (!all[i].doubt)
      continue;
    memset(all[i].left, 0, (size_t)l->k->c * sizeof *all[i].left);
    all[i] = (search){
        .k = l->k, .node = all[i].node, .left = all[i].left, .near = -DBL_MAX};
    set_skip(&all[i]);
    l->s = &all[i];
    walk_known(l);
  }
}

/* The oracle: every cut of one node evaluated. */
static void search_plainly(search *s, const bs_entry_layout *layout, size_t n,
                           const uint64_t *list, bs_reach reach)
{
  uint32_t last = BS_NO_RANK;
  for (size_t i = 0; i < n; i++) {
    if (!(bs_entry_trees(layout, list[i]) >> s->node->tree & 1))
      continue;
    uint32_t rank = bs_entry_rank(layout, list[i]);
    if (last != BS_NO_RANK && bs_reach_allows(reach, last, rank) &&
        s->seen >= s->node->least && s->seen <= s->node->most) {
      s->cuts++;
      s->skip = -DBL_MAX;
      try_cut(s, s->left, s->seen, i);
    }
    last = rank;
    s->left[bs_entry_class(layout, list[i])]++;
    s->seen++;
  }
}

/* Split information and gain ratio of the best cut (GainRatioSplitCrit). */
static void finish(const search *s, const bs_entry_layout *layout,
                   const uint64_t *list, bs_split *split)
{
  const bs_criterion *k = s->k;
  double n = (double)s->node->n;
  if (s->best_left == 0)
    return;
  double gain = s->best;
  if (k->mdl) /* log2 of a count is ln / ln 2 in both versions */
    gain -= k->ln[s->cuts] / k->ln[2] / n;
  if (bs_sm_or_eq(gain, 0))
    return;
  double info = 0;
  info -= k->xlogx[s->best_left];
  info -= k->xlogx[s->node->n - s->best_left];
  info -= 0; /* rows with a missing value: none */
  info += k->xlogx[s->node->n];
  info /= k->unit;
  size_t below = s->best_at - 1;
  while (!(bs_entry_trees(layout, list[below]) >> s->node->tree & 1))
    below--;
  split->valid = true;
  split->left = (uint32_t)s->best_left;
  split->below = bs_entry_row(layout, list[below]);
  split->above = bs_entry_row(layout, list[s->best_at]);
  split->gain = gain;
  split->ratio = bs_eq(info, 0) ? 0 : gain / (info / n);
}

/* Can the node's first and last row in the list be cut apart at all? */
static bool is_dead(const bs_entry_layout *layout, int tree, size_t n,
                    const uint64_t *list, bs_reach reach)
{
  size_t first = 0, last = n - 1;
  while (!(bs_entry_trees(layout, list[first]) >> tree & 1))
    first++;
  while (!(bs_entry_trees(layout, list[last]) >> tree & 1))
    last--;
  return !bs_reach_allows(reach, bs_entry_rank(layout, list[first]),
                          bs_entry_rank(layout, list[last]));
}

void bs_split_node_init(const bs_criterion *k, int tree, size_t n,
                        const uint32_t *total, bs_split_node *node)
{
  double m = smallest_branch(k, n), sum = 0;
  size_t rows = branch_rows(m);
  *node = (bs_split_node){tree, n, total, 1, 0, 0};
  if (bs_sm((double)n, 2 * m) || 2 * rows > n || rows == 0)
    return;
  for (int c = 0; c < k->c; c++)
    sum += k->xlogx[total[c]];
  node->least = rows;
  node->most = n - rows;
  node->before = (k->xlogx[n] - sum) / k->unit;
}

/* Set up the searches of the nodes that a cut is possible in; *of says whose
 * they are. */
static int prepare(const bs_criterion *k, const bs_entry_layout *layout,
                   size_t n, const uint64_t *list, bs_reach reach, int nodes,
                   const bs_split_node *node, const scratch *w, search *s,
                   int *of, bs_split *split)
{
  int searches = 0;
  for (int i = 0; i < nodes; i++) {
    split[i] =
        (bs_split){.dead = is_dead(layout, node[i].tree, n, list, reach)};
    if (split[i].dead || node[i].least > node[i].most)
      continue;
    uint32_t *left = w->left + (size_t)searches * (size_t)k->c;
    memset(left, 0, (size_t)k->c * sizeof *left);
    s[searches] =
        (search){.k = k, .node = &node[i], .left = left, .near = -DBL_MAX};
    set_skip(&s[searches]);
    of[searches++] = i;
  }
  return searches;
}

void bs_split_find(const bs_criterion *k, const bs_entry_layout *layout,
                   size_t n, const uint64_t *list, bs_reach reach, int nodes,
                   const bs_split_node *node, const bs_list_sums *sums,
                   uint32_t *work, bs_split *split)
{
  search s[BS_TREES];
  int of[BS_TREES];
  scratch w = lay_out(work, (size_t)k->c);
  walk l = {.k = k,
            .layout = layout,
            .n = n,
            .list = list,
            .reach = reach,
            .s = s,
            .sums = sums,
            .w = &w};
  int searches =
      prepare(k, layout, n, list, reach, nodes, node, &w, s, of, split);
  l.searches = searches;
  for (int i = 0; i < searches; i++)
    l.trees |= UINT32_C(1) << s[i].node->tree;
  if (searches > 0 && sums == NULL)
    walk_anew(&l);
  else if (searches > 0) {
    renew_groups(&l);
    for (int i = 0; i < searches; i++)
      set_floor(&l, &s[i]);
    walk_known(&l);
    settle_doubts(&l);
  }
  for (int i = 0; i < searches; i++)
    finish(&s[i], layout, list, &split[of[i]]);
}

void bs_split_find_plain(const bs_criterion *k, const bs_entry_layout *layout,
                         size_t n, const uint64_t *list, bs_reach reach,
                         int nodes, const bs_split_node *node, uint32_t *work,
                         bs_split *split)
{
  search s[BS_TREES];
  int of[BS_TREES];
  scratch w = lay_out(work, (size_t)k->c);
  int searches =
      prepare(k, layout, n, list, reach, nodes, node, &w, s, of, split);
  for (int i = 0; i < searches; i++) {
    search_plainly(&s[i], layout, n, list, reach);
    finish(&s[i], layout, list, &split[of[i]]);
  }
}
