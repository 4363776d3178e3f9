/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/bindings.h"

#include "src/machine.h"
#include "tests/unit/unit.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROOM = 1 << 16 };
static char text[ROOM];

static void add_cpus(bs_cpus *set, int first, int last)
{
  for (int i = first; i <= last; i++)
    set->word[i / 64] |= UINT64_C(1) << i % 64;
}

/* Nodes n0, n1, ... with so many ranks each; no rank has CPUs yet. */
static bs_bindings make(int nodes, int each, int threads)
{
  bs_bindings b = {.ranks = nodes * each, .nodes = nodes};
  b.rank = calloc((size_t)b.ranks, sizeof *b.rank);
  b.host = calloc((size_t)nodes, sizeof *b.host);
  ck_assert(b.rank != NULL && b.host != NULL);
  for (int i = 0; i < b.ranks; i++) {
    b.rank[i].node = i / each;
    b.rank[i].threads = threads;
    snprintf(b.host[i / each], BS_HOST_NAME, "n%d", i / each);
  }
  return b;
}

static void discard(bs_bindings *b)
{
  free(b->rank);
  free(b->host);
}

static int printed(const bs_bindings *b, const char *proc_bind, bool warnings)
{
  int lines = 0;
  text[0] = '\0'; /* where nothing is written */
  FILE *out = fmemopen(text, sizeof text, "w");
  ck_assert_ptr_nonnull(out);
  if (warnings)
    bs_bindings_warn(b, proc_bind, out);
  else
    bs_bindings_print(b, out);
  fclose(out);
  for (const char *p = text; *p != '\0'; p++)
    lines += *p == '\n';
  return lines;
}

START_TEST(sets_are_listed_as_linux_does)
{
  bs_cpus set = {{0}};
  char list[16];
  bs_cpus_text(&set, list, sizeof list);
  ck_assert_str_eq(list, "");
  add_cpus(&set, 0, 3);
  add_cpus(&set, 8, 8);
  bs_cpus_text(&set, list, sizeof list);
  ck_assert_str_eq(list, "0-3,8");
  ck_assert_int_eq(bs_cpus_count(&set), 5);
  add_cpus(&set, 62, 65);
  add_cpus(&set, 1020, BS_CPUS_MOST - 1);
  bs_cpus_text(&set, list, sizeof list);
  ck_assert_str_eq(list, "0-3,8,62-65,...");
}
END_TEST

START_TEST(lists_are_read_as_written)
{
  static const char *const lists[] = {"", "0", "0-3,8", "5,62-65,1000-1023"};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
    bs_cpus set;
    char list[32];
    snprintf(text, sizeof text, "%s\n", lists[i]);
    bs_cpus_parse(text, &set);
    bs_cpus_text(&set, list, sizeof list);
    ck_assert_str_eq(list, lists[i]);
  }
}
END_TEST

static void write_list(const char *folder, const char *name, const char *list)
{
  char path[64];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *out = fopen(path, "w");
  ck_assert_ptr_nonnull(out);
  fprintf(out, "%s\n", list);
  fclose(out);
}

START_TEST(numa_domains_are_those_of_the_cpus)
{
  char folder[] = "/tmp/check_bindings.XXXXXX", command[128];
  static const struct {
    int first, last, domains;
  } want[] = {{0, 0, 1}, {0, 3, 1}, {3, 4, 2}, {0, 15, 2}, {100, 100, 0}};
  ck_assert_ptr_nonnull(mkdtemp(folder));
  snprintf(command, sizeof command, "mkdir %s/node0 %s/node2", folder, folder);
  ck_assert_int_eq(system(command), 0);
  write_list(folder, "has_cpu", "0,2"); /* 1 has memory alone */
  write_list(folder, "node0/cpulist", "0-3,8-11");
  write_list(folder, "node2/cpulist", "4-7,12-15");
  for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
    bs_cpus cpus = {{0}};
    add_cpus(&cpus, want[i].first, want[i].last);
    ck_assert_int_eq(bs_machine_domains(folder, &cpus), want[i].domains);
    ck_assert_int_eq(bs_machine_domains("/nowhere", &cpus), 0);
  }
  snprintf(command, sizeof command, "rm -r %s", folder);
  ck_assert_int_eq(system(command), 0);
}
END_TEST

START_TEST(threads_across_numa_domains_are_warned_of)
{
  bs_bindings b = make(2, 2, 4);
  for (int i = 0; i < b.ranks; i++) {
    add_cpus(&b.rank[i].cpus, 4 * (i % 2), 4 * (i % 2) + 3);
    b.rank[i].domains = 1;
  }
  ck_assert_int_eq(printed(&b, "close", true), 0);
  b.rank[1].domains = b.rank[2].domains = b.rank[3].domains = 2;
  ck_assert_int_eq(printed(&b, "close", true), 1);
  ck_assert_ptr_nonnull(strstr(text, "rank 1 on n0 has its threads in 2 NUMA"));
  ck_assert_ptr_nonnull(strstr(text, "on 1 more host"));
  for (int i = 0; i < b.ranks; i++)
    b.rank[i].threads = 1;
  ck_assert_int_eq(printed(&b, "close", true), 0);
  discard(&b);
}
END_TEST

START_TEST(a_big_machine_takes_few_lines)
{
  bs_bindings b = make(64, 64, 2);
  for (int i = 0; i < b.ranks; i++)
    add_cpus(&b.rank[i].cpus, 0, 127);
  ck_assert_int_eq(printed(&b, NULL, false), 3);
  ck_assert_ptr_nonnull(strstr(text, "0-63 "));
  ck_assert_ptr_nonnull(strstr(text, "64-4095 "));
  ck_assert_ptr_nonnull(strstr(text, "n1 .. n63 (63)"));
  for (int i = 0; i < b.ranks; i++) { /* each rank its own, and one odd node */
    b.rank[i].cpus = (bs_cpus){{0}};
    add_cpus(&b.rank[i].cpus, 2 * (i % 64), 2 * (i % 64) + (i / 64 != 40));
  }
  ck_assert_int_le(printed(&b, NULL, false), 50);
  ck_assert_ptr_nonnull(strstr(text, " rows more"));
  discard(&b);
}
END_TEST

START_TEST(ranks_dealt_round_the_nodes_stay_together)
{
  bs_bindings b = make(2, 4, 1);
  for (int i = 0; i < b.ranks; i++) {
    b.rank[i].node = i % 2;
    add_cpus(&b.rank[i].cpus, i % 2, 3);
  }
  ck_assert_int_eq(printed(&b, NULL, false), 3);
  ck_assert_ptr_nonnull(strstr(text, "0,..,6 (4)"));
  ck_assert_ptr_nonnull(strstr(text, "1,..,7 (4)"));
  discard(&b);
}
END_TEST

START_TEST(ranks_with_cpus_of_their_own_are_fine)
{
  bs_bindings b = make(3, 2, 2);
  for (int i = 0; i < b.ranks; i++)
    add_cpus(&b.rank[i].cpus, 2 * (i % 2), 2 * (i % 2) + 1);
  ck_assert_int_eq(printed(&b, "close", true), 0);
  discard(&b);
}
END_TEST

START_TEST(shared_cpus_are_warned_of_once)
{
  bs_bindings b = make(3, 2, 1);
  for (int i = 0; i < b.ranks; i++)
    add_cpus(&b.rank[i].cpus, 0, 1);
  ck_assert_int_eq(printed(&b, NULL, true), 1);
  ck_assert_ptr_nonnull(strstr(text, "share CPUs (0-1)"));
  ck_assert_ptr_nonnull(strstr(text, "n0"));
  ck_assert_ptr_nonnull(strstr(text, "on 2 more hosts"));
  ck_assert_ptr_null(strstr(text, "OMP_PROC_BIND"));
  ck_assert_int_eq(printed(&b, "false", true), 1);
  ck_assert_ptr_null(strstr(text, "OMP_PROC_BIND"));
  ck_assert_int_eq(printed(&b, "close", true), 1);
  ck_assert_ptr_nonnull(strstr(text, "OMP_PROC_BIND=false"));
  discard(&b);
}
END_TEST

START_TEST(too_many_threads_are_warned_of)
{
  bs_bindings b = make(2, 2, 2);
  for (int i = 0; i < b.ranks; i++)
    add_cpus(&b.rank[i].cpus, i % 2, i % 2);
  b.rank[3].threads = 1;
  ck_assert_int_eq(printed(&b, NULL, true), 2);
  ck_assert_ptr_nonnull(strstr(text, "n0 has 4 threads on 2 CPUs"));
  ck_assert_ptr_nonnull(strstr(text, "rank 0 on n0 has 2 threads on 1 CPU ("));
  discard(&b);
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(sets_are_listed_as_linux_does),
      BS_UNIT(lists_are_read_as_written),
      BS_UNIT(numa_domains_are_those_of_the_cpus),
      BS_UNIT(threads_across_numa_domains_are_warned_of),
      BS_UNIT(a_big_machine_takes_few_lines),
      BS_UNIT(ranks_dealt_round_the_nodes_stay_together),
      BS_UNIT(ranks_with_cpus_of_their_own_are_fine),
      BS_UNIT(shared_cpus_are_warned_of_once),
      BS_UNIT(too_many_threads_are_warned_of),
  };
  return bs_unit_run("bindings", tests, sizeof tests / sizeof *tests);
}
