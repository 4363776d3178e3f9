/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernels' one source, compiled once per instruction set by the files that
 * include it with BS_ISA defined as the set's name. */
#include "kernels/exp_log.h"
#include "kernels/lanes.h"

#define BS_LN_SQRT_2PI 0.9189385332046727

enum {
  PARTS = BS_LANES / BS_WIDTH, /* registers for BS_LANES lanes */
  STRIP_PARTS = BS_STRIP_LANES / BS_WIDTH,
  SOME = 16, /* columns between looks at whether to go on, at what to fetch */
  CHAINS = 4 /* sums in work at a time, to hide latency */
};

static void kernel_exp(size_t n, const double *x, double *y)
{
  for (size_t i = 0; i < n; i += BS_WIDTH) {
    size_t some = n - i < BS_WIDTH ? n - i : BS_WIDTH;
    double part[BS_WIDTH] = {0};
    memcpy(part, x + i, some * sizeof *x);
    vec_store(part, vec_exp(vec_load(part)));
    memcpy(y + i, part, some * sizeof *y);
  }
}

static void kernel_log(size_t n, const double *x, double *y)
{
  for (size_t i = 0; i < n; i += BS_WIDTH) {
    size_t some = n - i < BS_WIDTH ? n - i : BS_WIDTH;
    double part[BS_WIDTH] = {0};
    memcpy(part, x + i, some * sizeof *x);
    vec_store(part, vec_log(vec_load(part)));
    memcpy(y + i, part, some * sizeof *y);
  }
}

static void kernel_tile(int d, const double *const *column, size_t first,
                        size_t rows, double *tile)
{
  for (int j = 0; j < d; j++) {
    const double *x = column[j] + first;
    double *to = tile + (size_t)j * BS_TILE;
    if (rows == BS_TILE) {
      for (int r = 0; r < BS_TILE; r += BS_WIDTH) {
        if (r % BS_LANES == 0)
          __builtin_prefetch(x + 2 * BS_TILE + r, 0, 2);
        vec_store(to + r, vec_load(x + r));
      }
    } else {
      for (size_t r = 0; r < BS_TILE; r++)
        to[r] = x[r < rows ? r : rows - 1];
    }
  }
}

static void kernel_unit_tile(int d, const double *const *column,
                             const double *low, const double *width,
                             size_t first, size_t rows, double *tile)
{
  for (int j = 0; j < d; j++) {
    double rest[BS_TILE], *to = tile + (size_t)j * BS_TILE;
    const double *x = column[j] + first;
    if (rows < BS_TILE) {
      for (size_t r = 0; r < BS_TILE; r++)
        rest[r] = x[r < rows ? r : rows - 1];
      x = rest;
    }
    for (int r = 0; r < BS_TILE; r += BS_WIDTH) {
      if (r % BS_LANES == 0)
        __builtin_prefetch(x + 2 * BS_TILE + r, 0, 2);
      bs_vec unit =
          width[j] == 0 ? vec_all(0) : (vec_load(x + r) - low[j]) / width[j];
      vec_store(to + r, unit);
    }
  }
}

static void kernel_unit_groups(int d, const double *const *column,
                               const double *low, const double *width,
                               size_t first, const uint16_t *row,
                               uint64_t groups, double *tile)
{
  for (int j = 0; j < d; j++) {
    const double *x = column[j] + first;
    const double *next = column[j + 2 < d ? j + 2 : d - 1] + first;
    for (uint64_t left = groups; left != 0; left &= left - 1) {
      const int g = __builtin_ctzll(left);
      const uint16_t *from = row + g * BS_LANES;
      double *to = tile + (size_t)(g / BS_TILE_GROUPS * d + j) * BS_TILE +
                   g % BS_TILE_GROUPS * BS_LANES;
      double rows[BS_LANES];
      for (int r = 0; r < BS_LANES; r++) {
        __builtin_prefetch(next + from[r]);
        rows[r] = x[from[r]];
      }
      for (int p = 0; p < BS_LANES; p += BS_WIDTH)
        vec_store(to + p, width[j] == 0
                              ? vec_all(0)
                              : (vec_load(rows + p) - low[j]) / width[j]);
    }
  }
}

static void kernel_range(size_t n, const double *x, double *low, double *high)
{
  bs_vec least[CHAINS], most[CHAINS];
  size_t whole = n / (CHAINS * BS_WIDTH) * (CHAINS * BS_WIDTH);
  for (int b = 0; b < CHAINS; b++)
    least[b] = most[b] = vec_all(x[0]);
  for (size_t r = 0; r < whole; r += CHAINS * BS_WIDTH)
#pragma GCC unroll 4
    for (int b = 0; b < CHAINS; b++) {
      bs_vec v = vec_load(x + r + b * BS_WIDTH);
      least[b] = vec_select(v < least[b], v, least[b]);
      most[b] = vec_select(v > most[b], v, most[b]);
    }
  *low = *high = x[0];
  for (int b = 0; b < CHAINS; b++)
    for (int l = 0; l < BS_WIDTH; l++) {
      *low = least[b][l] < *low ? least[b][l] : *low;
      *high = most[b][l] > *high ? most[b][l] : *high;
    }
  for (size_t r = whole; r < n; r++) {
    *low = x[r] < *low ? x[r] : *low;
    *high = x[r] > *high ? x[r] : *high;
  }
}

static inline bool all_set(bs_mask mask)
{
  int64_t bits = -1;
  for (int l = 0; l < BS_WIDTH; l++)
    bits &= mask[l];
  return bits != 0;
}

static inline const double *tile_rows(const bs_tile *tile, int j)
{
  return tile->column == NULL ? tile->copy + (size_t)j * BS_TILE
                              : tile->column[j] + tile->first;
}

/* Fetch the columns that are due. A column need not begin with a line: the one
 * that holds the last of a group's rows is taken, the first came with the tile
 * before. */
static inline void fetch(bs_ahead *ahead)
{
  ahead->calls++;
  ahead->due += ahead->step;
  for (; ahead->due >= BS_STEPS; ahead->due -= BS_STEPS) {
    if (ahead->next == ahead->end)
      continue;
    const double *x =
        tile_rows(&ahead->tile, ahead->tile.which[ahead->next++]) + BS_LANES -
        1;
    for (int r = 0; r < BS_TILE; r += BS_LANES)
      __builtin_prefetch(x + r, 0, 3);
  }
}

/* Sum over columns of one value of ((x - mean) scale)^2. */
static double level_squares(int d, const double *level, const double *mean,
                            const double *scale)
{
  bs_vec sum[PARTS] = {{0}};
  double lane[BS_LANES];
  int whole = d / BS_LANES * BS_LANES;
  for (int j = 0; j < whole; j += BS_LANES)
#pragma GCC unroll 4
    for (int p = 0; p < PARTS; p++) {
      int a = j + p * BS_WIDTH;
      bs_vec x = vec_load(level + a);
      bs_vec z = (x - vec_load(mean + a)) * vec_load(scale + a);
      sum[p] += vec_select(x == x, z * z, vec_all(0));
    }
  memcpy(lane, sum, sizeof lane);
  for (int j = whole; j < d; j++) {
    double z = (level[j] - mean[j]) * scale[j];
    lane[j - whole] += level[j] == level[j] ? z * z : 0;
  }
  return bs_lane_sum(lane);
}

/* True if no row can have any part in a cluster of which it has these sums so
 * far: they only grow. The margin is for rounding. */
static inline bool is_hopeless(double shift, double cut, const bs_vec *q,
                               const bs_vec *best)
{
  bs_mask far = mask_all(-1);
  for (int b = 0; b < CHAINS; b++)
    far &= shift - 0.5 * q[b] < best[b] - (cut + 4);
  return all_set(far);
}

/* q: the sums of rows h .. in a cluster, from what the columns of one value
 * have added up to; not all of it where that is hopeless. */
static inline void add_squares(const bs_gauss *g, int i, const bs_tile *tile,
                               int h, const bs_vec *best, bs_ahead *ahead,
                               bs_vec *q)
{
  const double *mean = g->mean + (size_t)i * (size_t)g->d;
  const double *scale = g->scale + (size_t)i * (size_t)g->d;
  for (int j = 0, stop = 0; j < tile->varying; j = stop) {
    if (is_hopeless(g->shift[i], g->cut, q, best))
      return;
    fetch(ahead);
    stop = tile->varying - j < SOME ? tile->varying : j + SOME;
    for (int n = j; n < stop; n++) {
      int a = tile->which[n];
      const double *x = tile_rows(tile, a) + h;
#pragma GCC unroll 8
      for (int b = 0; b < CHAINS; b++) {
        bs_vec z = (vec_load(x + b * BS_WIDTH) - mean[a]) * scale[a];
        q[b] += z * z;
      }
    }
  }
}

static void kernel_gauss(const bs_gauss *g, int first, const bs_tile *tile,
                         bs_ahead *ahead, double *joint)
{
  /* Kept where the last rows' result will be. */
  for (int i = 0; i < g->k; i++) {
    size_t at = (size_t)i * (size_t)g->d;
    joint[(i + 1) * BS_TILE - 1] =
        tile->varying == g->d
            ? 0
            : level_squares(g->d, tile->level, g->mean + at, g->scale + at);
  }
  for (int h = 0; h < BS_TILE; h += CHAINS * BS_WIDTH) {
    bs_vec best[CHAINS];
    for (int b = 0; b < CHAINS; b++)
      best[b] = vec_all(-INFINITY);
    for (int c = 0; c < g->k; c++) {
      int i = c == 0 ? first : c <= first ? c - 1 : c;
      bs_vec q[CHAINS];
      for (int b = 0; b < CHAINS; b++)
        q[b] = vec_all(joint[(i + 1) * BS_TILE - 1]);
      add_squares(g, i, tile, h, best, ahead, q);
      for (int b = 0; b < CHAINS; b++) {
        bs_vec y = g->shift[i] - 0.5 * q[b];
        best[b] = vec_select(y > best[b], y, best[b]);
        vec_store(joint + i * BS_TILE + h + b * BS_WIDTH, y);
      }
    }
  }
}

static void kernel_gauss_weka(const bs_gauss *g, const bs_tile *tile,
                              double *joint)
{
  for (int i = 0; i < g->k; i++) {
    const double *mean = g->mean + (size_t)i * (size_t)g->d;
    const double *scale = g->scale + (size_t)i * (size_t)g->d;
    const double *ln_sd = g->ln_sd + (size_t)i * (size_t)g->d;
    for (int h = 0; h < BS_TILE; h += CHAINS * BS_WIDTH) {
      bs_vec a[CHAINS] = {{0}};
      for (int j = 0; j < g->d; j++) {
        const double *x = tile_rows(tile, j) + h;
#pragma GCC unroll 8
        for (int b = 0; b < CHAINS; b++) {
          bs_vec z = vec_load(x + b * BS_WIDTH) - mean[j];
          a[b] += (-(z * z / scale[j]) - BS_LN_SQRT_2PI) - ln_sd[j];
        }
      }
      for (int b = 0; b < CHAINS; b++)
        vec_store(joint + i * BS_TILE + h + b * BS_WIDTH, a[b] + g->shift[i]);
    }
  }
}

/* Where one cluster has the rows to itself there is neither exponential nor
 * logarithm to take: exp(0) = 1, ln 1 = 0. */
static void kernel_posterior(int k, double cut, double *joint, double *density)
{
  for (int r = 0; r < BS_TILE; r += BS_WIDTH) {
    bs_vec max = vec_load(joint + r), sum = vec_all(0);
    for (int i = 1; i < k; i++) {
      bs_vec a = vec_load(joint + i * BS_TILE + r);
      max = vec_select(a > max, a, max);
    }
    for (int i = 0; i < k; i++) {
      bs_vec off = vec_load(joint + i * BS_TILE + r) - max;
      bs_mask none = off < -cut;
      bs_vec e = vec_select(none, vec_all(0), vec_all(1));
      if (!all_set(none | (off == 0)))
        e = vec_select(none, vec_all(0), vec_exp(off));
      sum += e;
      vec_store(joint + i * BS_TILE + r, e);
    }
    vec_store(density + r, max);
    if (all_set(sum == 1))
      continue;
    for (int i = 0; i < k; i++)
      vec_store(joint + i * BS_TILE + r,
                vec_load(joint + i * BS_TILE + r) / sum);
    vec_store(density + r, max + vec_log(sum));
  }
}

/* True if a cluster has no part in the tile: its sums stay as they are, which
 * is what adding its zeros would do. Where clusters lie apart this is so for
 * nearly all of them. */
static bool is_absent(const double *w)
{
  bs_mask any = mask_all(0);
  for (int r = 0; r < BS_TILE; r += BS_WIDTH)
    any |= (bs_mask)vec_load(w + r);
  int64_t bits = 0;
  for (int l = 0; l < BS_WIDTH; l++)
    bits |= any[l];
  return bits == 0;
}

/* The sums of weights by lane. */
static inline void sum_weights(const double *w, bs_vec *sum)
{
#pragma GCC unroll 4
  for (int p = 0; p < PARTS; p++) {
    sum[p] = vec_load(w + p * BS_WIDTH);
    for (int r = p * BS_WIDTH + BS_LANES; r < BS_TILE; r += BS_LANES)
      sum[p] += vec_load(w + r);
  }
}

static inline void add_moments(double mean, const double *x, const double *w,
                               double *first, double *second)
{
#pragma GCC unroll 4
  for (int p = 0; p < PARTS; p++) {
    bs_vec s1 = vec_load(first + p * BS_WIDTH);
    bs_vec s2 = vec_load(second + p * BS_WIDTH);
#pragma GCC unroll 8
    for (int r = p * BS_WIDTH; r < BS_TILE; r += BS_LANES) {
      bs_vec z = vec_load(x + r) - mean, wz = vec_load(w + r) * z;
      s1 += wz;
      s2 += wz * z;
    }
    vec_store(first + p * BS_WIDTH, s1);
    vec_store(second + p * BS_WIDTH, s2);
  }
}

/* Of a column of one value, z off the mean, by the sums of weights. */
static inline void add_level(double z, const bs_vec *weight, double *first,
                             double *second)
{
#pragma GCC unroll 4
  for (int p = 0; p < PARTS; p++) {
    bs_vec wz = weight[p] * z;
    vec_store(first + p * BS_WIDTH, vec_load(first + p * BS_WIDTH) + wz);
    vec_store(second + p * BS_WIDTH, vec_load(second + p * BS_WIDTH) + wz * z);
  }
}

/* A cluster's part in moments. */
typedef struct moments_of {
  const double *w, *mean;
  double *first, *second;
  bs_vec weight[PARTS];
} moments_of;

/* Up to CHAINS clusters at a time, column by column: its rows are near then. */
static void add_clusters(int d, const bs_tile *tile, bs_ahead *ahead, int count,
                         const moments_of *of)
{
  for (int n = 0; n < tile->varying; n++) {
    int j = tile->which[n];
    const double *x = tile_rows(tile, j);
    if (n % SOME == 0)
      fetch(ahead);
    for (const moments_of *m = of; m < of + count; m++)
      add_moments(m->mean[j], x, m->w, m->first + j * BS_LANES,
                  m->second + j * BS_LANES);
  }
  if (tile->varying == d)
    return;
  for (int j = 0; j < d; j++)
    for (const moments_of *m = of; m < of + count; m++)
      if (tile->level[j] == tile->level[j])
        add_level(tile->level[j] - m->mean[j], m->weight,
                  m->first + j * BS_LANES, m->second + j * BS_LANES);
}

static void kernel_moments(int k, int d, const double *mean,
                           const bs_tile *tile, const double *w,
                           bs_ahead *ahead, double *lanes)
{
  moments_of of[CHAINS];
  int count = 0;
  for (int i = 0; i < k; i++) {
    const double *wi = w + i * BS_TILE;
    double *sum = lanes + (size_t)i * (size_t)(1 + 2 * d) * BS_LANES;
    if (is_absent(wi))
      continue;
    moments_of *m = &of[count++];
    m->w = wi;
    m->mean = mean + (size_t)i * (size_t)d;
    m->first = sum + BS_LANES;
    m->second = m->first + (size_t)d * BS_LANES;
    sum_weights(wi, m->weight);
    for (int p = 0; p < PARTS; p++)
      vec_store(sum + p * BS_WIDTH,
                vec_load(sum + p * BS_WIDTH) + m->weight[p]);
    if (count < CHAINS)
      continue;
    add_clusters(d, tile, ahead, count, of);
    count = 0;
  }
  if (count > 0)
    add_clusters(d, tile, ahead, count, of);
}

/* Squared distances of BS_WIDTH rows from n <= CHAINS centres. */
static inline void some_distances(int n, int d, const double *centre,
                                  const double *x, double *distance)
{
  bs_vec sum[CHAINS] = {{0}};
  for (int j = 0; j < d; j++) {
    bs_vec v = vec_load(x + (size_t)j * BS_TILE);
#pragma GCC unroll 4
    for (int b = 0; b < n; b++) {
      bs_vec z = v - centre[(size_t)b * (size_t)d + (size_t)j];
      sum[b] += z * z;
    }
  }
  for (int b = 0; b < n; b++)
    vec_store(distance + b * BS_TILE, sum[b]);
}

static void kernel_distances(int k, int d, const double *centre,
                             const double *tile, unsigned groups,
                             double *distance)
{
  for (int r = 0; r < BS_TILE; r += BS_WIDTH) {
    if (!(groups >> (r / BS_LANES) & 1))
      continue;
    for (int i = 0; i < k; i += CHAINS) {
      const double *c = centre + (size_t)i * (size_t)d;
      double *to = distance + i * BS_TILE + r;
      switch (k - i) { /* known counts keep the sums in registers */
      case 1:
        some_distances(1, d, c, tile + r, to);
        break;
      case 2:
        some_distances(2, d, c, tile + r, to);
        break;
      case 3:
        some_distances(3, d, c, tile + r, to);
        break;
      default:
        some_distances(CHAINS, d, c, tile + r, to);
      }
    }
  }
}

static void kernel_nearest(int k, bool rooted, const double *distance,
                           unsigned groups, uint16_t *cluster, double *root,
                           double *second_root)
{
  for (int r = 0; r < BS_TILE; r += BS_WIDTH) {
    if (!(groups >> (r / BS_LANES) & 1))
      continue;
    bs_vec best = vec_load(distance + r), second = vec_all(INFINITY);
    bs_mask index = mask_all(0);
    if (rooted)
      best = vec_sqrt(best);
    for (int i = 1; i < k; i++) {
      bs_vec s = vec_load(distance + i * BS_TILE + r);
      if (rooted)
        s = vec_sqrt(s);
      bs_mask less = s < best;
      bs_vec other = vec_select(less, best, s);
      second = vec_select(other < second, other, second);
      best = vec_select(less, s, best);
      index = mask_select(less, mask_all(i), index);
    }
    vec_store(root + r, rooted ? best : vec_sqrt(best));
    vec_store(second_root + r, rooted ? second : vec_sqrt(second));
    for (int l = 0; l < BS_WIDTH; l++)
      cluster[r + l] = (uint16_t)index[l];
  }
}

static void kernel_room(const uint16_t *label, const float *upper,
                        const float *lower, const double *rise,
                        const double *fall, double margin, double *room)
{
  for (int i = 0; i < BS_TILE; i++) {
    double u = upper[i] + rise[label[i]];
    double l = lower[i] - fall[label[i]];
    room[i] = l - u * margin;
  }
}

/* Sums of BS_WIDTH groups of BS_LANES values in succession, by halves: the last
 * half of a group is added to the first, until one value is left. */
static inline bs_vec sum_groups(const double *x)
{
  bs_vec v[BS_WIDTH];
#pragma GCC unroll 8
  for (int i = 0; i < BS_WIDTH; i++) {
    bs_vec part[PARTS];
    memcpy(part, x + i * BS_LANES, sizeof part);
    for (int h = PARTS / 2; h > 0; h /= 2)
      for (int p = 0; p < h; p++)
        part[p] += part[p + h];
    v[i] = part[0];
  }
  vec_transpose(v);
  for (int h = BS_WIDTH / 2; h > 0; h /= 2)
    for (int i = 0; i < h; i++)
      v[i] += v[i + h];
  return v[0];
}

static void kernel_group_means(int d, const double *tile, double *mean,
                               double *far)
{
  double square[BS_TILE];
  for (int j = 0; j < d; j++)
    for (int g = 0; g < BS_TILE_GROUPS; g += BS_WIDTH)
      vec_store(mean + j * BS_TILE + g,
                sum_groups(tile + j * BS_TILE + g * BS_LANES) / BS_LANES);
  for (int h = 0; h < BS_TILE; h += 2 * CHAINS * BS_WIDTH) {
    bs_vec q[2 * CHAINS] = {{0}};
    for (int j = 0; j < d; j++)
#pragma GCC unroll 8
      for (int b = 0; b < 2 * CHAINS; b++) {
        int r = h + b * BS_WIDTH;
        bs_vec z =
            vec_load(tile + j * BS_TILE + r) - mean[j * BS_TILE + r / BS_LANES];
        q[b] += z * z;
      }
    memcpy(square + h, q, sizeof q);
  }
  for (int g = 0; g < BS_TILE_GROUPS; g++) {
    far[g] = square[g * BS_LANES];
    for (int r = g * BS_LANES; r < (g + 1) * BS_LANES; r++)
      far[g] = square[r] > far[g] ? square[r] : far[g];
  }
}

static inline bool any_set(const double *w, int count)
{
  int64_t bits = 0;
  for (int i = 0; i < count; i++)
    bits |= w[i] != 0;
  return bits != 0;
}

static int kernel_weigh(int k, int d, const double *w, const double *tile,
                        double *lanes)
{
  int all = 0;
  for (int i = 0; i < k; i++) {
    const double *wi = w + i * BS_TILE;
    double *sum = lanes + (size_t)i * (size_t)d * BS_LANES;
    int group[BS_TILE_GROUPS], count = 0;
    for (int g = 0; g < BS_TILE_GROUPS; g++)
      if (any_set(wi + g * BS_LANES, BS_LANES))
        group[count++] = g * BS_LANES;
    for (int j = 0; count > 0 && j < d; j++)
#pragma GCC unroll 4
      for (int p = 0; p < BS_LANES; p += BS_WIDTH) {
        bs_vec s = vec_load(sum + j * BS_LANES + p);
        for (int a = 0; a < count; a++)
          s += vec_load(wi + group[a] + p) *
               vec_load(tile + j * BS_TILE + group[a] + p);
        vec_store(sum + j * BS_LANES + p, s);
      }
    all += count;
  }
  return all;
}

static void kernel_strip(int lanes, const double *const *column, size_t first,
                         size_t rows, double *strip)
{
  size_t width = (size_t)lanes, whole = rows / BS_WIDTH * BS_WIDTH;
  for (size_t l = 0; l < width; l += BS_WIDTH) {
    for (size_t r = 0; r < whole; r += BS_WIDTH) {
      bs_vec v[BS_WIDTH];
#pragma GCC unroll 8
      for (size_t i = 0; i < BS_WIDTH; i++) {
        const double *x = column[l + i] + first + r;
        v[i] = vec_load(x);
        if (r % BS_LANES == 0)
          __builtin_prefetch(x + 2 * BS_TILE, 0, 2);
      }
      vec_transpose(v);
#pragma GCC unroll 8
      for (size_t i = 0; i < BS_WIDTH; i++)
        vec_store(strip + (r + i) * width + l, v[i]);
    }
    for (size_t r = whole; r < rows; r++)
      for (size_t i = l; i < l + BS_WIDTH; i++)
        strip[r * width + i] = column[i][first + r];
  }
}

/* Inlined for each number of lanes: the sums of rows of one cluster in
 * succession stay in registers. */
static inline void add_rows(size_t lanes, const uint16_t *cluster, size_t rows,
                            const double *strip, double *sum)
{
  for (size_t r = 0; r < rows;) {
    uint16_t c = cluster[r];
    double *to = sum + c * lanes;
    bs_vec s[BS_MOST_LANES / BS_WIDTH];
    memcpy(s, to, lanes * sizeof *to);
    do {
      const double *x = strip + r * lanes;
#pragma GCC unroll 16
      for (size_t l = 0; l < lanes; l += BS_WIDTH)
        s[l / BS_WIDTH] += vec_load(x + l);
    } while (++r < rows && cluster[r] == c);
    memcpy(to, s, lanes * sizeof *to);
  }
}

static void kernel_group_sums(int lanes, const uint16_t *cluster, size_t rows,
                              const double *strip, double *sum)
{
  switch (lanes / BS_LANES) {
  case 8:
    add_rows(8 * BS_LANES, cluster, rows, strip, sum);
    return;
  case 7:
    add_rows(7 * BS_LANES, cluster, rows, strip, sum);
    return;
  case 2:
    add_rows(2 * BS_LANES, cluster, rows, strip, sum);
    return;
  default:
    add_rows((size_t)lanes, cluster, rows, strip, sum);
  }
}

static void kernel_weighted_sums(int k, const double *w, size_t stride,
                                 size_t rows, const double *strip, double *sum)
{
  for (int i = 0; i < k; i++) {
    const double *wi = w + (size_t)i * stride;
    double *to1 = sum + (size_t)i * 2 * BS_STRIP_LANES;
    double *to2 = to1 + BS_STRIP_LANES;
    bs_vec s1[STRIP_PARTS], s2[STRIP_PARTS];
    memcpy(s1, to1, sizeof s1);
    memcpy(s2, to2, sizeof s2);
    for (size_t r = 0; r < rows; r++) {
#pragma GCC unroll 8
      for (int p = 0; p < STRIP_PARTS; p++) {
        bs_vec x =
            vec_load(strip + r * BS_STRIP_LANES + (size_t)(p * BS_WIDTH));
        s1[p] += x * wi[r];
        s2[p] += x * x * wi[r];
      }
    }
    memcpy(to1, s1, sizeof s1);
    memcpy(to2, s2, sizeof s2);
  }
}

static void kernel_group_squares(int lanes, const uint16_t *cluster,
                                 size_t rows, const double *strip, double *sum)
{
  size_t width = (size_t)lanes;
  for (size_t r = 0; r < rows; r++) {
    double *to = sum + cluster[r] * width;
    for (size_t l = 0; l < width; l += BS_WIDTH) {
      bs_vec x = vec_load(strip + r * width + l);
      vec_store(to + l, vec_load(to + l) + x * x);
    }
  }
}

static void kernel_group_deviations(int lanes, const uint16_t *cluster,
                                    size_t rows, const double *strip,
                                    double *state)
{
  size_t width = (size_t)lanes;
  for (size_t r = 0; r < rows; r++) {
    double *count = state + cluster[r] * 3 * width;
    double *means = count + width, *squares = means + width;
    double n = count[0] + 1;
    for (size_t l = 0; l < width; l += BS_WIDTH) {
      bs_vec x = vec_load(strip + r * width + l);
      bs_vec mean = vec_load(means + l), off = x - mean;
      mean = n == 1 ? x : mean + off / n;
      if (n > 1)
        vec_store(squares + l, vec_load(squares + l) + off * (x - mean));
      vec_store(means + l, mean);
      vec_store(count + l, vec_all(n));
    }
  }
}

#define BS_JOIN2(a, b) a##b
#define BS_JOIN(a, b) BS_JOIN2(a, b)
#define BS_TEXT2(a) #a
#define BS_TEXT(a) BS_TEXT2(a)

const bs_cluster_kernels BS_JOIN(bs_cluster_kernels_, BS_ISA) = {
    .name = BS_TEXT(BS_ISA),
    .exp = kernel_exp,
    .log = kernel_log,
    .tile = kernel_tile,
    .unit_tile = kernel_unit_tile,
    .unit_groups = kernel_unit_groups,
    .range = kernel_range,
    .gauss = kernel_gauss,
    .gauss_weka = kernel_gauss_weka,
    .posterior = kernel_posterior,
    .moments = kernel_moments,
    .distances = kernel_distances,
    .nearest = kernel_nearest,
    .room = kernel_room,
    .group_means = kernel_group_means,
    .weigh = kernel_weigh,
    .strip = kernel_strip,
    .group_sums = kernel_group_sums,
    .group_squares = kernel_group_squares,
    .group_deviations = kernel_group_deviations,
    .weighted_sums = kernel_weighted_sums,
};
