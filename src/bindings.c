/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/bindings.h"

#include "src/comm.h"
#include "src/machine.h"
#include "src/mem.h"
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 48, CPUS_TEXT = 48 };

/* ---- Gathering. */

static void ask(const bs_node *node, int threads, bs_binding *mine, char *host)
{
  char name[MPI_MAX_PROCESSOR_NAME] = "";
  int length;
  memset(mine, 0, sizeof *mine);
  mine->node = node->index;
  mine->threads = threads;
  bs_machine_team_cpus(threads, &mine->cpus);
  mine->domains = bs_machine_domains(BS_MACHINE_DOMAINS, &mine->cpus);
  BS_MPI(MPI_Get_processor_name(name, &length));
  snprintf(host, BS_HOST_NAME, "%.*s", BS_HOST_NAME - 1, name);
}

bs_status bs_bindings_gather(MPI_Comm comm, const bs_node *node, int threads,
                             bs_bindings *out)
{
  bs_binding mine;
  char host[BS_HOST_NAME] = "", *all = NULL;
  const size_t ranks = (size_t)bs_comm_size(comm);
  const bool root = bs_comm_rank(comm) == 0;
  bs_status st = BS_OK;
  *out = (bs_bindings){0};
  ask(node, threads, &mine, host);
  if (root)
    st = bs_mem_alloc(ranks, sizeof *out->rank, &out->rank);
  if (root && st == BS_OK)
    st = bs_mem_zalloc((size_t)node->count, sizeof *out->host, &out->host);
  if (root && st == BS_OK)
    st = bs_mem_alloc(ranks, sizeof host, &all);
  BS_GO(st, bs_agree(comm, st));
  BS_MPI(MPI_Gather(&mine, (int)sizeof mine, MPI_BYTE, out->rank,
                    (int)sizeof mine, MPI_BYTE, 0, comm));
  BS_MPI(MPI_Gather(host, (int)sizeof host, MPI_CHAR, all, (int)sizeof host,
                    MPI_CHAR, 0, comm));
  if (root) {
    out->ranks = (int)ranks;
    out->nodes = node->count;
    for (size_t i = 0; i < ranks; i++)
      memcpy(out->host[out->rank[i].node], all + i * sizeof host, sizeof host);
  }
done:
  bs_mem_free(&all);
  if (st != BS_OK)
    bs_bindings_free(out);
  return st;
}

void bs_bindings_free(bs_bindings *b)
{
  bs_mem_free(&b->rank);
  bs_mem_free(&b->host);
  *b = (bs_bindings){0};
}

/* ---- The table. */

/* The next rank of the node after rank i, or `ranks`. */
static int next_on(const bs_bindings *b, int node, int i)
{
  do
    i++;
  while (i < b->ranks && b->rank[i].node != node);
  return i;
}

/* Have the ranks of two nodes, one by one, the same CPUs? */
static bool alike(const bs_bindings *b, int p, int q)
{
  int i = next_on(b, p, -1), j = next_on(b, q, -1);
  while (i < b->ranks && j < b->ranks &&
         bs_cpus_equal(&b->rank[i].cpus, &b->rank[j].cpus)) {
    i = next_on(b, p, i);
    j = next_on(b, q, j);
  }
  return i == b->ranks && j == b->ranks;
}

/* Rows so far, of which MOST_ROWS are printed. */
typedef struct rows {
  FILE *out;
  int count;
} rows;

static void put_row(rows *r, int first, int last, int count, const char *host,
                    const char *cpus)
{
  char text[40];
  if (r->count++ >= MOST_ROWS)
    return;
  if (count == 1)
    snprintf(text, sizeof text, "%d", first);
  else if (last - first + 1 == count)
    snprintf(text, sizeof text, "%d-%d", first, last);
  else
    snprintf(text, sizeof text, "%d,..,%d (%d)", first, last, count);
  fprintf(r->out, "%-12s %-20s %s\n", text, host, cpus);
}

static void print_node(const bs_bindings *b, int node, rows *r)
{
  char cpus[CPUS_TEXT];
  for (int i = next_on(b, node, -1), next; i < b->ranks; i = next) {
    int last = i, count = 1;
    for (next = next_on(b, node, i);
         next < b->ranks &&
         bs_cpus_equal(&b->rank[i].cpus, &b->rank[next].cpus);
         next = next_on(b, node, next)) {
      last = next;
      count++;
    }
    bs_cpus_text(&b->rank[i].cpus, cpus, sizeof cpus);
    put_row(r, i, last, count, b->host[node], cpus);
  }
}

/* Nodes first .. end - 1 are like the one before. */
static void print_alike(const bs_bindings *b, int first, int end, rows *r)
{
  char host[2 * BS_HOST_NAME + 24], as[BS_HOST_NAME + 16];
  int from = b->ranks, to = 0, count = 0;
  for (int i = 0; i < b->ranks; i++) {
    if (b->rank[i].node < first || b->rank[i].node >= end)
      continue;
    from = i < from ? i : from;
    to = i;
    count++;
  }
  if (end - first == 1)
    snprintf(host, sizeof host, "%s", b->host[first]);
  else
    snprintf(host, sizeof host, "%s .. %s (%d)", b->host[first],
             b->host[end - 1], end - first);
  snprintf(as, sizeof as, "as on %s", b->host[first - 1]);
  put_row(r, from, to, count, host, as);
}

void bs_bindings_print(const bs_bindings *b, FILE *out)
{
  rows r = {out, 0};
  fprintf(out, "%-12s %-20s %s\n", "ranks", "host", "CPUs");
  for (int node = 0, end; node < b->nodes; node = end) {
    print_node(b, node, &r);
    for (end = node + 1; end < b->nodes && alike(b, node, end);)
      end++;
    if (end > node + 1)
      print_alike(b, node + 1, end, &r);
  }
  if (r.count > MOST_ROWS)
    fprintf(out, "and %d rows more, see --run-json\n", r.count - MOST_ROWS);
}

/* ---- Warnings. */

/* A kind of trouble: where it was met first, and on how many nodes in all. */
typedef struct trouble {
  int nodes;
  char text[256];
} trouble;

static void put_trouble(const trouble *t, FILE *out)
{
  if (t->nodes == 1)
    fprintf(out, "%s\n", t->text);
  else if (t->nodes > 1)
    fprintf(out, "%s (and on %d more hosts)\n", t->text, t->nodes - 1);
}

typedef struct troubles {
  trouble crowded; /* more threads than CPUs on the node */
  trouble sharing; /* ranks with CPUs in common */
  trouble narrow;  /* a rank with more threads than CPUs */
  trouble spread;  /* a rank with threads in several NUMA domains */
} troubles;

/* Threads of a rank that sit on fewer CPUs. */
static void check_rank(const bs_bindings *b, int i, trouble *narrow, bool *met)
{
  const bs_binding *r = &b->rank[i];
  const int cpus = bs_cpus_count(&r->cpus);
  if (r->threads <= cpus || *met)
    return;
  *met = true;
  if (narrow->nodes++ == 0)
    snprintf(narrow->text, sizeof narrow->text,
             "rank %d on %s has %d threads on %d CPU%s", i, b->host[r->node],
             r->threads, cpus, cpus == 1 ? "" : "s");
}

static void check_domains(const bs_bindings *b, int i, trouble *spread,
                          bool *met)
{
  const bs_binding *r = &b->rank[i];
  if (r->threads == 1 || r->domains <= 1 || *met)
    return;
  *met = true;
  if (spread->nodes++ == 0)
    snprintf(spread->text, sizeof spread->text,
             "rank %d on %s has its threads in %d NUMA domains, where memory "
             "of the others is slower: one rank a domain is better",
             i, b->host[r->node], r->domains);
}

static void check_node(const bs_bindings *b, int node, const char *proc_bind,
                       troubles *t)
{
  bs_cpus seen = {{0}};
  int threads = 0;
  bool share = false, narrow = false, spread = false;
  char cpus[CPUS_TEXT];
  for (int i = next_on(b, node, -1); i < b->ranks; i = next_on(b, node, i)) {
    check_rank(b, i, &t->narrow, &narrow);
    check_domains(b, i, &t->spread, &spread);
    share = share || bs_cpus_meet(&seen, &b->rank[i].cpus);
    bs_cpus_join(&seen, &b->rank[i].cpus);
    threads += b->rank[i].threads;
  }
  bs_cpus_text(&seen, cpus, sizeof cpus);
  if (share && t->sharing.nodes++ == 0)
    snprintf(t->sharing.text, sizeof t->sharing.text,
             "ranks of %s share CPUs (%s), %s", b->host[node], cpus,
             proc_bind != NULL && strcmp(proc_bind, "false") != 0
                 ? "and OpenMP binds threads to them: set OMP_PROC_BIND=false, "
                   "or bind each rank to CPUs of its own"
                 : "none is bound to CPUs of its own");
  if (threads > bs_cpus_count(&seen) && t->crowded.nodes++ == 0)
    snprintf(t->crowded.text, sizeof t->crowded.text,
             "%s has %d threads on %d CPUs: oversubscribed", b->host[node],
             threads, bs_cpus_count(&seen));
}

void bs_bindings_warn(const bs_bindings *b, const char *proc_bind, FILE *out)
{
  troubles t = {0};
  for (int node = 0; node < b->nodes; node++)
    check_node(b, node, proc_bind, &t);
  put_trouble(&t.crowded, out);
  put_trouble(&t.sharing, out);
  put_trouble(&t.narrow, out);
  put_trouble(&t.spread, out);
}
