#include "src/merits.h"

#include "src/comm.h"
#include "src/folds.h"
#include "src/mem.h"
#include "src/rule_errors.h"
#include <string.h>

typedef struct work {
  const bs_dataset *data;
  const bs_presort *presort;
  const bs_merit_spec *spec;
  int count, threads, class_bits;
  size_t first, end; /* own units: spec * columns + column */
  uint32_t **tag;    /* (count): where a unit of ours needs it */
  double *merit;     /* (count, columns): 0 where not ours */
} work;

static size_t rows_of(const work *w, int s)
{
  return w->spec[s].rows == NULL ? w->data->n : w->spec[s].n;
}

/* Deal the rows of a selection to folds. */
static bs_status make_tags(const work *w, int s)
{
  const bs_merit_spec *spec = &w->spec[s];
  const size_t n = rows_of(w, s);
  const uint16_t *y = w->data->y;
  uint16_t *class_of = NULL;
  uint32_t *tag = NULL;
  bs_folds *folds = NULL;
  bs_status st;
  BS_GO(st, bs_mem_alloc(w->data->n, sizeof *tag, &tag));
  memset(tag, 0xff, w->data->n * sizeof *tag);
  if (spec->rows != NULL) {
    BS_GO(st, bs_mem_alloc(n, sizeof *class_of, &class_of));
    for (size_t i = 0; i < n; i++)
      class_of[i] = y[spec->rows[i]];
    y = class_of;
  }
  BS_GO(st, bs_folds_create(y, n, spec->folds, spec->seed, false, &folds));
  for (size_t i = 0; i < n; i++)
    tag[spec->rows == NULL ? i : spec->rows[i]] =
        (uint32_t)folds->member[i] << w->class_bits | y[i];
  w->tag[s] = tag;
  tag = NULL;
done:
  bs_folds_destroy(&folds);
  bs_mem_free(&class_of);
  bs_mem_free(&tag);
  return st;
}

static bs_status do_unit(const work *w, size_t unit)
{
  const size_t columns = (size_t)w->presort->columns;
  const int s = (int)(unit / columns);
  const bs_sorted_column *sorted = &w->presort->sorted[unit % columns];
  const bs_rule_column column = {
      .n = w->data->n,
      .x = w->data->x + (size_t)sorted->feature * w->data->n,
      .order = sorted->order,
      .tag = w->tag[s],
      .class_bits = w->class_bits,
      .c = w->data->c,
      .folds = w->spec[s].folds,
      .min_bucket = w->spec[s].min_bucket,
  };
  size_t errors;
  BS_TRY(bs_rule_errors(&column, &errors));
  w->merit[unit] = (1 - (double)errors / (double)rows_of(w, s)) * 100;
  return BS_OK;
}

/* Let the threads do `one` for every item; the failure of the lowest item is
 * the one told. */
static bs_status for_each(const work *w, size_t first, size_t end,
                          bs_status (*one)(const work *, size_t))
{
  bs_status st = BS_OK;
  size_t failed = end;
  char text[BS_ERROR_TEXT];
#pragma omp parallel for num_threads(w->threads) schedule(dynamic)
  for (size_t i = first; i < end; i++) {
    const bs_status mine = one(w, i);
    if (mine == BS_OK)
      continue;
#pragma omp critical(bs_merits_failed)
    if (i < failed) {
      failed = i;
      st = mine;
      strcpy(text, bs_error_text());
    }
  }
  return st == BS_OK ? BS_OK : bs_fail(st, "%s", text);
}

static bs_status tags_of(const work *w, size_t s)
{
  return make_tags(w, (int)s);
}

static bs_status do_own(work *w)
{
  const size_t columns = (size_t)w->presort->columns;
  if (w->first == w->end)
    return BS_OK;
  BS_TRY(for_each(w, w->first / columns, (w->end - 1) / columns + 1, tags_of));
  return for_each(w, w->first, w->end, do_unit);
}

static void spread(const work *w, double *merit)
{
  const size_t columns = (size_t)w->presort->columns;
  for (int s = 0; s < w->count; s++)
    for (int j = 0; j < w->data->d; j++)
      merit[(size_t)s * (size_t)w->data->d + (size_t)j] =
          w->merit[(size_t)s * columns + (size_t)w->presort->column[j]];
}

bs_status bs_merits(MPI_Comm comm, int threads, const bs_dataset *data,
                    const bs_presort *presort, int count,
                    const bs_merit_spec *spec, double *merit)
{
  const size_t units = (size_t)count * (size_t)presort->columns;
  const size_t rank = (size_t)bs_comm_rank(comm);
  const size_t size = (size_t)bs_comm_size(comm);
  work w = {.data = data,
            .presort = presort,
            .spec = spec,
            .count = count,
            .threads = threads,
            .first = units * rank / size,
            .end = units * (rank + 1) / size};
  bs_status st = BS_OK;
  while (1u << w.class_bits < (unsigned)data->c)
    w.class_bits++;
  for (int s = 0; st == BS_OK && s < count; s++)
    if ((uint64_t)spec[s].folds << w.class_bits >= BS_TAG_NONE)
      st = bs_fail(BS_ERR_USAGE, "%d folds are too many for %d classes",
                   spec[s].folds, data->c);
  if (st == BS_OK)
    st = bs_mem_zalloc((size_t)count, sizeof(uint32_t *), &w.tag);
  if (st == BS_OK)
    st = bs_mem_zalloc(units, sizeof *w.merit, &w.merit);
  if (st == BS_OK)
    st = do_own(&w);
  BS_GO(st, bs_agree(comm, st));
  /* Each merit is one rank's, the others hold 0: the sum is exact. */
  BS_MPI(MPI_Allreduce(MPI_IN_PLACE, w.merit, (int)units, MPI_DOUBLE, MPI_SUM,
                       comm));
  spread(&w, merit);
done:
  for (int s = 0; w.tag != NULL && s < count; s++)
    bs_mem_free(&w.tag[s]);
  bs_mem_free(&w.tag);
  bs_mem_free(&w.merit);
  return st;
}
