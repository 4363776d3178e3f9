// SPDX-License-Identifier: BSD-3-Clause
/* The kernels that trees grow on, each beside what this machine can do at most:
 * the rate at which memory is read, and at which bits or bytes are gathered at
 * random from a table of that size.
 *
 *   bench_lists [ROWS]   default 828260
 *
 * Best of several rounds, one thread. Prints elements and bytes per second, and
 * the share of the limit: for filter, deal and peel the gather rate, for
 * summary the read rate. */
#include "kernels/lists.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 9, CLASSES = 3, TREES = 11 };

typedef struct bench {
  size_t n;
  uint32_t *order; /* a random permutation */
  uint64_t *step;  /* every third position has a new rank */
  uint32_t *tag;   /* each row in all trees but one, as in ten folds */
  bs_sides sides;  /* random, the same in all trees */
  bs_entry_layout layout;
  uint64_t *list, *work;
  uint16_t *near;
  size_t left;    /* entries that go left */
  uint64_t check; /* keeps results from being optimised away */
} bench;

static uint64_t state = 88172645463325252u;

static uint64_t draw(void)
{
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *take(size_t bytes)
{
  void *p = aligned_alloc(64, (bytes + 4095) / 4096 * 4096);
  if (p == NULL) {
    fprintf(stderr, "bench_lists: out of memory\n");
    exit(5);
  }
  memset(p, 0, bytes);
  return p;
}

static void set_up(bench *b)
{
  size_t n = b->n;
  b->order = take(n * sizeof *b->order);
  b->step = take((n / 64 + 1) * sizeof *b->step);
  b->tag = take(n * sizeof *b->tag);
  b->sides.code = take((n / BS_CODES_PER_WORD + 1) * sizeof *b->sides.code);
  b->sides.right = take(n * sizeof *b->sides.right);
  b->list = take((n + BS_LIST_PAD) * sizeof *b->list);
  b->work = take((2 * n + BS_LIST_PAD) * sizeof *b->work);
  b->near = take((n + BS_REACH_PAD) * sizeof *b->near);
  b->layout = (bs_entry_layout){0, 2, TREES};
  while ((n - 1) >> b->layout.row_bits != 0)
    b->layout.row_bits++;
  for (size_t i = 0; i < n; i++) {
    uint32_t trees = (1u << TREES) - 1;
    uint64_t right = draw() & 1;
    b->order[i] = (uint32_t)i;
    b->tag[i] = (trees ^ 1u << draw() % 10) << b->layout.class_bits |
                (uint32_t)(draw() % CLASSES);
    b->near[i] = (uint16_t)(1 + draw() % 3);
    b->sides.right[i] = (uint16_t)(right ? trees : 0);
    b->sides.code[i / BS_CODES_PER_WORD] |= right
                                            << (2 * (i % BS_CODES_PER_WORD));
    b->left += !right;
    if (i > 0 && i % 3 == 0)
      b->step[i / 64] |= UINT64_C(1) << (i % 64);
  }
  for (size_t i = n - 1; i > 0; i--) {
    size_t j = (size_t)(draw() % (i + 1));
    uint32_t swap = b->order[i];
    b->order[i] = b->order[j];
    b->order[j] = swap;
  }
  b->near[n] = 1;
}

static size_t run_filter(bench *b, const bs_list_kernels *k)
{
  b->check += k->filter(b->n, b->order, b->step, b->tag, &b->layout, b->list);
  return b->n;
}

static size_t run_deal(bench *b, const bs_list_kernels *k)
{
  const uint16_t all = (1u << TREES) - 1;
  k->deal(b->n, b->list, &b->layout, &b->sides, (uint16_t[2]){all, all},
          (uint64_t *[2]){b->work, b->work + b->left},
          (uint64_t *const[2]){b->work + b->left, b->work + b->n});
  b->check += b->work[0];
  return b->n;
}

static size_t run_peel(bench *b, const bs_list_kernels *k)
{
  k->peel(b->n, b->list, &b->layout, &b->sides, (const uint16_t[2]){1, 2});
  b->check += b->list[0];
  return b->n;
}

static size_t run_summary(bench *b, const bs_list_kernels *k, bs_reach reach)
{
  uint32_t count[BS_TREES * CLASSES], last[BS_TREES] = {0};
  bs_list_block block;
  size_t blocks = b->n / BS_BLOCK;
  for (size_t i = 0; i < blocks; i++) {
    k->summary(BS_BLOCK, b->list + i * BS_BLOCK, &b->layout, reach,
               (1u << TREES) - 1, CLASSES, last, &block, count);
    b->check += block.cut[0] + count[0];
  }
  return blocks * BS_BLOCK;
}

/* Rates of the machine: bytes read in order, elements gathered at random. */
static double read_rate(bench *b)
{
  double best = 0;
  for (int r = 0; r < ROUNDS; r++) {
    uint64_t sum[8] = {0};
    double start = now();
    for (size_t i = 0; i + 8 <= 2 * b->n; i += 8)
      for (int j = 0; j < 8; j++)
        sum[j] += b->work[i + (size_t)j];
    double rate = (double)(2 * b->n * 8) / (now() - start);
    best = rate > best ? rate : best;
    for (int j = 0; j < 8; j++)
      b->check += sum[j];
  }
  return best;
}

static double gather_rate(bench *b, const void *table, int shift)
{
  const unsigned char *bytes = table;
  double best = 0;
  for (int r = 0; r < ROUNDS; r++) {
    uint64_t sum[4] = {0};
    double start = now();
    for (size_t i = 0; i + 4 <= b->n; i += 4)
      for (int j = 0; j < 4; j++)
        sum[j] += bytes[(size_t)b->order[i + (size_t)j] >> shift];
    double rate = (double)b->n / (now() - start);
    best = rate > best ? rate : best;
    b->check += sum[0] + sum[1] + sum[2] + sum[3];
  }
  return best;
}

typedef enum which { FILTER, DEAL, PEEL, SUMMARY, SUMMARY_NEAR, SORT } which;

/* One round: seconds, and elements treated. */
static double once(bench *b, const bs_list_kernels *k, which w,
                   size_t *elements)
{
  double start = now();
  switch (w) {
  case FILTER:
    *elements = run_filter(b, k);
    break;
  case DEAL:
    *elements = run_deal(b, k);
    break;
  case PEEL:
    *elements = run_peel(b, k);
    break;
  case SUMMARY:
    *elements = run_summary(b, k, (bs_reach){NULL, NULL});
    break;
  case SUMMARY_NEAR:
    *elements = run_summary(b, k, (bs_reach){b->near, NULL});
    break;
  case SORT:
    bs_sort_order(b->n, b->list, b->order, b->work, b->work + b->n);
    *elements = b->n;
    break;
  }
  return now() - start;
}

/* Best rate of a kernel, in elements per second. */
static double best_rate(bench *b, const bs_list_kernels *k, which w)
{
  double best = 0;
  for (int r = 0; r < ROUNDS; r++) {
    size_t elements = 0;
    double seconds = once(b, k, w, &elements);
    double rate = (double)elements / seconds;
    best = rate > best ? rate : best;
  }
  return best;
}

int main(int argc, char **argv)
{
  static const char *const variants[] = {"ref", "avx2", "avx512"};
  static const struct {
    const char *name;
    which w;
    double bytes; /* read and written per element */
    int limit;    /* 0 reading, 1 gathering tags, 2 gathering side bits */
  } kernels[] = {{"filter", FILTER, 12, 1},
                 {"deal", DEAL, 16, 2},
                 {"peel", PEEL, 16, 2},
                 {"summary", SUMMARY, 8, 0},
                 {"summary, near", SUMMARY_NEAR, 10, 0}};
  bench b = {.n = argc > 1 ? strtoull(argv[1], NULL, 10) : 828260};
  if (b.n < 1000 || b.n > 1u << 30) {
    fprintf(stderr, "usage: bench_lists [ROWS], 1000 to 2^30\n");
    return 2;
  }
  set_up(&b);
  double limit[3] = {read_rate(&b), gather_rate(&b, b.tag, 0),
                     gather_rate(&b, b.sides.code, 2)};
  printf("%zu rows, one thread, best of %d\n", b.n, ROUNDS);
  printf("limits: read %.1f GB/s; gather from %.1f MB of tags %.2f G/s, from "
         "%.2f MB of bits %.2f G/s\n",
         limit[0] / 1e9, (double)b.n / 1e6, limit[1] / 1e9, (double)b.n / 4e6,
         limit[2] / 1e9);
  printf("%-14s %-7s %12s %10s %12s\n", "kernel", "variant", "M elem/s", "GB/s",
         "of its limit");
  bs_list_kernels_ref.filter(b.n, b.order, b.step, b.tag, &b.layout, b.list);
  for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++)
    for (int v = 0; v < 3; v++) {
      const bs_list_kernels *k = bs_list_kernels_find(variants[v]);
      if (k == NULL)
        continue;
      double rate = best_rate(&b, k, kernels[i].w);
      double share = kernels[i].limit == 0 ? rate * kernels[i].bytes / limit[0]
                                           : rate / limit[kernels[i].limit];
      printf("%-14s %-7s %12.0f %10.1f %11.0f%%\n", kernels[i].name,
             variants[v], rate / 1e6, rate * kernels[i].bytes / 1e9,
             100 * share);
    }
  for (size_t i = 0; i < b.n; i++)
    b.list[i] = draw() >> 8;
  double rate = best_rate(&b, &bs_list_kernels_ref, SORT);
  printf("%-14s %-7s %12.0f\n", "sort_order", "-", rate / 1e6);
  return b.check == 42; /* never: only so that nothing is left out */
}
