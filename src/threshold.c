/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/threshold.h"

#include "src/mem.h"
#include "src/tolerance.h"
#include <float.h>
#include <stdlib.h>

/* A sorted column with its values. */
typedef struct view {
  size_t n;
  const double *x;         /* by row */
  const uint32_t *order;   /* rows by value */
  const uint16_t *trained; /* by row: trees trained on it */
  int tree;
} view;

static double value_at(const view *v, size_t position)
{
  return v->x[v->order[position]];
}

static bool trained_on(const view *v, size_t position)
{
  return v->trained[v->order[position]] >> v->tree & 1;
}

/* Number of sorted positions whose value goes left at the limit: the test holds
 * for a prefix, since rounding is monotonic. */
static size_t count_left(const view *v, bs_weka rules, double limit)
{
  size_t low = 0, high = v->n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (bs_goes_left(rules, value_at(v, middle), limit))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Largest training value at or below the end of the prefix. The node's own rows
 * are training rows and lie there, so there is one. */
static size_t last_trained(const view *v, size_t end)
{
  size_t p = end - 1;
  while (p > 0 && !trained_on(v, p))
    p--;
  return p;
}

/* 0 and -0 are equal, and keep their sign in the printed tree: the first of
 * them in row order counts. Equal values are sorted by row. */
static double first_zero(const view *v, size_t position)
{
  size_t first = position;
  for (size_t p = position + 1; p-- > 0 && value_at(v, p) == 0;)
    if (trained_on(v, p))
      first = p;
  return value_at(v, first);
}

/* A distinct value of the chain and its first place in the training order. */
typedef struct link {
  double value;
  uint32_t place;
} link;

static int by_place(const void *a, const void *b)
{
  uint32_t x = ((const link *)a)->place, y = ((const link *)b)->place;
  return (x > y) - (x < y);
}

/* The distinct training values from position `top` down to the first gap of
 * more than the tolerance, each with its first place. */
static size_t collect_chain(const view *v, const uint32_t *place, size_t top,
                            link *chain)
{
  size_t links = 0;
  for (size_t p = top + 1; p-- > 0;) {
    if (!trained_on(v, p))
      continue;
    double value = value_at(v, p);
    uint32_t here = place[v->order[p]];
    if (links > 0 && chain[links - 1].value == value) {
      if (here < chain[links - 1].place)
        chain[links - 1].place = here;
      continue;
    }
    if (links > 0 && bs_gr(chain[links - 1].value, value))
      break;
    chain[links].value = value;
    chain[links++].place = here;
  }
  return links;
}

/* Is there a second distinct training value within the tolerance below? */
static bool stands_alone(const view *v, size_t top)
{
  double highest = value_at(v, top);
  for (size_t p = top; p-- > 0;) {
    double value = value_at(v, p);
    if (value != highest && trained_on(v, p))
      return bs_gr(highest, value);
  }
  return true;
}

/* Places in the training order, made once for each tree. */
static bs_status find_places(const bs_training *training, size_t all,
                             uint32_t **place)
{
  if (*place != NULL)
    return BS_OK;
  BS_TRY(bs_mem_alloc(all, sizeof **place, place));
  for (size_t i = 0; i < training->n; i++)
    (*place)[training->rows[i]] = (uint32_t)i;
  return BS_OK;
}

/* 3.6 walks over the training set in its order with t = -max: a value replaces
 * t if it is greater by more than the tolerance and not above the midpoint (by
 * more than the tolerance). Only values in the chain below the highest eligible
 * one can matter: from any t under the chain's lower end every link is
 * accepted, and from a link nothing under it is. Of equal values only the first
 * can be accepted. */
static bs_status place_tolerantly(const view *v, double midpoint, size_t top,
                                  const uint32_t *place, double *threshold)
{
  link *chain;
  BS_TRY(bs_mem_alloc(top + 2, sizeof *chain, &chain));
  size_t links = collect_chain(v, place, top, chain);
  qsort(chain, links, sizeof *chain, by_place);
  double t = -DBL_MAX;
  for (size_t i = 0; i < links; i++)
    if (bs_gr(chain[i].value, t) && bs_sm_or_eq(chain[i].value, midpoint))
      t = chain[i].value;
  bs_mem_free(&chain);
  *threshold = t;
  return BS_OK;
}

bs_status bs_threshold_place(const bs_j48 *j48, int feature, double midpoint,
                             const bs_training *training, int tree,
                             bs_workspace *workspace, double *threshold)
{
  size_t all = j48->data->n;
  const bs_sorted_column *sorted =
      &j48->presort->sorted[j48->presort->column[feature]];
  view v = {all, j48->data->x + (size_t)feature * all, sorted->order,
            workspace->trained, tree};
  size_t end = count_left(&v, j48->options.rules, midpoint);
  size_t top = last_trained(&v, end > 0 ? end : 1);
  *threshold = value_at(&v, top);
  if (j48->options.rules == BS_WEKA_38) {
    if (*threshold == 0 && sorted->negative_zero)
      *threshold = first_zero(&v, top);
    return BS_OK;
  }
  if (stands_alone(&v, top))
    return BS_OK;
  BS_TRY(find_places(training, all, &workspace->place[tree]));
  return place_tolerantly(&v, midpoint, top, workspace->place[tree], threshold);
}
