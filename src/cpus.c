/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/cpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = BS_CPUS_MOST / 64 };

static bool has(const bs_cpus *set, int cpu)
{
  return cpu < BS_CPUS_MOST && (set->word[cpu / 64] >> cpu % 64 & 1) != 0;
}

int bs_cpus_count(const bs_cpus *set)
{
  int count = 0;
  for (int i = 0; i < WORDS; i++)
    count += __builtin_popcountll(set->word[i]);
  return count;
}

bool bs_cpus_meet(const bs_cpus *a, const bs_cpus *b)
{
  for (int i = 0; i < WORDS; i++)
    if ((a->word[i] & b->word[i]) != 0)
      return true;
  return false;
}

void bs_cpus_parse(const char *text, bs_cpus *set)
{
  char *end;
  memset(set, 0, sizeof *set);
  for (const char *p = text;; p = end + 1) {
    const long first = strtol(p, &end, 10);
    if (end == p)
      return;
    const long last = *end == '-' ? strtol(end + 1, &end, 10) : first;
    for (long i = first; i >= 0 && i <= last && i < BS_CPUS_MOST; i++)
      set->word[i / 64] |= UINT64_C(1) << i % 64;
    if (*end != ',')
      return;
  }
}

bool bs_cpus_equal(const bs_cpus *a, const bs_cpus *b)
{
  return memcmp(a, b, sizeof *a) == 0;
}

void bs_cpus_join(bs_cpus *set, const bs_cpus *other)
{
  for (int i = 0; i < WORDS; i++)
    set->word[i] |= other->word[i];
}

void bs_cpus_text(const bs_cpus *set, char *text, size_t room)
{
  size_t used = 0;
  text[0] = '\0';
  for (int first = 0; first < BS_CPUS_MOST; first++) {
    if (!has(set, first))
      continue;
    int last = first;
    while (has(set, last + 1))
      last++;
    char part[32];
    snprintf(part, sizeof part, last > first ? "%s%d-%d" : "%s%d",
             used > 0 ? "," : "", first, last);
    if (used + strlen(part) + 5 > room) {
      strcpy(text + used, ",...");
      return;
    }
    strcpy(text + used, part);
    used += strlen(part);
    first = last;
  }
}
