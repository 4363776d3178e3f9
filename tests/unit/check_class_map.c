/* SPDX-License-Identifier: BSD-3-Clause */
/* Classes to clusters, beside the search of all mappings that Weka makes. */
#include "src/class_map.h"
#include "src/random.h"
#include "tests/unit/unit.h"

#include <string.h>

enum { MOST = 6 };

typedef struct search {
  int k, c;
  const uint64_t *counts;
  int current[MOST], best[MOST];
  uint64_t least;
} search;

static void visit(search *s, int i, uint64_t errors)
{
  uint64_t total = 0;
  if (i == s->k || i == MOST) {
    if (errors < s->least) {
      s->least = errors;
      memcpy(s->best, s->current, sizeof s->best);
    }
    return;
  }
  for (int a = 0; a < s->c; a++)
    total += s->counts[a * s->k + i];
  s->current[i] = -1;
  visit(s, i + 1, errors + total);
  for (int a = 0; a < s->c; a++) {
    uint64_t here = s->counts[a * s->k + i];
    int used = here == 0;
    for (int before = 0; before < i; before++)
      used |= s->current[before] == a;
    if (used)
      continue;
    s->current[i] = a;
    visit(s, i + 1, errors + total - here);
  }
}

START_TEST(mapping_is_the_first_best_of_all)
{
  bs_random random = bs_random_seeded(5);
  uint64_t counts[MOST * MOST];
  for (int round = 0; round < 3000; round++) {
    int k = 1 + (int)bs_random_below(&random, MOST);
    int c = 1 + (int)bs_random_below(&random, MOST), mapping[MOST];
    uint32_t most = 1 + bs_random_below(&random, round % 3 == 0 ? 3 : 50);
    for (int i = 0; i < k * c; i++)
      counts[i] = bs_random_below(&random, most); /* many ties, many zeros */
    search s = {.k = k, .c = c, .counts = counts, .least = UINT64_MAX};
    uint64_t incorrect;
    visit(&s, 0, 0);
    ck_assert_int_eq(bs_class_map(k, c, counts, mapping, &incorrect), 0);
    ck_assert_uint_eq(incorrect, s.least);
    ck_assert(memcmp(mapping, s.best, (size_t)k * sizeof *mapping) == 0);
  }
}
END_TEST

START_TEST(many_clusters_and_classes_take_no_time)
{
  enum { K = 3000, C = 40 };
  static uint64_t counts[C * K];
  int mapping[K];
  uint64_t incorrect, right = 0, total = 0;
  bs_random random = bs_random_seeded(6);
  for (int i = 0; i < C * K; i++)
    total += counts[i] = bs_random_below(&random, 1000);
  ck_assert_int_eq(bs_class_map(K, C, counts, mapping, &incorrect), 0);
  for (int i = 0; i < K; i++)
    right += mapping[i] < 0 ? 0 : counts[mapping[i] * K + i];
  ck_assert_uint_eq(incorrect, total - right);
  ck_assert_uint_gt(right, 40 * 990);
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(mapping_is_the_first_best_of_all),
      BS_UNIT(many_clusters_and_classes_take_no_time),
  };
  return bs_unit_run("class_map", tests, sizeof tests / sizeof *tests);
}
