/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/em_model.h"

#include "src/mem.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

/* A document being read. */
typedef struct reader {
  const char *show;
  const json_t *json, *match; /* match: its "classes_to_clusters" */
  int c;
  bs_em_model *model;
} reader;

static bs_status wrong(const reader *r, const char *name)
{
  return bs_fail(BS_ERR_INPUT,
                 "%s: not a model of botsieve em, or damaged: \"%s\"", r->show,
                 name);
}

/* A list of that many members, or NULL. */
static const json_t *get_list(const json_t *object, const char *name, int count)
{
  const json_t *list = json_object_get(object, name);
  return json_is_array(list) && json_array_size(list) == (size_t)count ? list
                                                                       : NULL;
}

/* Finite numbers of at least \a least. */
static bool read_numbers(const json_t *list, double least, double *out)
{
  for (size_t i = 0; i < json_array_size(list); i++) {
    const json_t *value = json_array_get(list, i);
    out[i] = json_number_value(value);
    if (!json_is_number(value) || !isfinite(out[i]) || out[i] < least)
      return false;
  }
  return true;
}

/* (k, d) of them. */
static bool read_table(const reader *r, const char *name, double least,
                       double *out)
{
  const bs_mixture *m = &r->model->mixture;
  const json_t *rows = get_list(r->json, name, m->k);
  for (int i = 0; rows != NULL && i < m->k; i++) {
    const json_t *row = json_array_get(rows, (size_t)i);
    if (!json_is_array(row) || json_array_size(row) != (size_t)m->d ||
        !read_numbers(row, least, out + (size_t)i * (size_t)m->d))
      return false;
  }
  return rows != NULL;
}

static bs_status read_mixture(const reader *r, int d)
{
  bs_mixture *m = &r->model->mixture;
  const json_t *priors = json_object_get(r->json, "priors");
  size_t k = json_array_size(priors);
  double sum = 0;
  if (k < 1 || k > UINT16_MAX)
    return wrong(r, "priors");
  BS_TRY(bs_mixture_alloc((int)k, d, m));
  bool good = read_numbers(priors, 0, m->prior);
  for (size_t i = 0; good && i < k; i++)
    sum += m->prior[i];
  if (!good || !(fabs(sum - 1) < 1e-9))
    return wrong(r, "priors");
  if (json_integer_value(json_object_get(r->json, "clusters")) != (json_int_t)k)
    return wrong(r, "clusters");
  if (!read_table(r, "means", -INFINITY, m->mean))
    return wrong(r, "means");
  return read_table(r, "sds", 0x1p-1074, m->sd) ? BS_OK : wrong(r, "sds");
}

static bs_status read_sums(const reader *r)
{
  const char *text = json_string_value(json_object_get(r->json, "sums"));
  if (text == NULL || (strcmp(text, "exact") != 0 && strcmp(text, "weka") != 0))
    return wrong(r, "sums");
  r->model->sums = text[0] == 'w' ? BS_SUMS_WEKA : BS_SUMS_EXACT;
  return BS_OK;
}

/* A class of its own for each cluster, or none. */
static bs_status read_mapping(const reader *r)
{
  int k = r->model->mixture.k;
  const json_t *list = get_list(r->match, "mapping", k);
  if (list == NULL)
    return wrong(r, "mapping");
  BS_TRY(bs_mem_alloc((size_t)k, sizeof(int), &r->model->mapping));
  for (int i = 0; i < k; i++) {
    const json_t *value = json_array_get(list, (size_t)i);
    json_int_t code = json_is_null(value) ? -1 : json_integer_value(value);
    if ((!json_is_null(value) && !json_is_integer(value)) || code < -1 ||
        code >= r->c)
      return wrong(r, "mapping");
    for (int a = 0; code >= 0 && a < i; a++)
      if (r->model->mapping[a] == code)
        return wrong(r, "mapping");
    r->model->mapping[i] = (int)code;
  }
  return BS_OK;
}

/* Rows of a list that is a number of rows for each cluster; -1 where it is
 * none. */
static json_int_t rows_at(const json_t *list, int i)
{
  const json_t *value = json_array_get(list, (size_t)i);
  json_int_t rows = json_integer_value(value);
  return json_is_integer(value) && rows >= 0 && rows <= INT32_MAX ? rows : -1;
}

/* The table adds up to the sizes, these to the rows, and what the mapping does
 * not claim is incorrect. */
static bs_status check_counts(const reader *r)
{
  int k = r->model->mixture.k;
  const json_t *sizes = get_list(r->json, "sizes", k);
  const json_t *counts = get_list(r->match, "counts", r->c);
  json_int_t rows = 0, correct = 0;
  if (sizes == NULL)
    return wrong(r, "sizes");
  for (int i = 0; i < k; i++) {
    json_int_t size = 0;
    for (int a = 0; a < r->c; a++) {
      const json_t *row = json_array_get(counts, (size_t)a);
      json_int_t some = rows_at(row, i);
      if (some < 0 || json_array_size(row) != (size_t)k)
        return wrong(r, "counts");
      size += some;
      correct += r->model->mapping[i] == a ? some : 0;
    }
    if (rows_at(sizes, i) != size)
      return wrong(r, "sizes");
    rows += size;
  }
  const json_t *data = json_object_get(r->json, "data");
  const json_t *said = json_object_get(data, "rows");
  if (!json_is_integer(said) || json_integer_value(said) != rows)
    return wrong(r, "rows");
  said = json_object_get(r->match, "incorrect");
  if (!json_is_integer(said) || json_integer_value(said) != rows - correct)
    return wrong(r, "incorrect");
  return BS_OK;
}

bs_status bs_em_model_read(const json_t *json, const char *show, int d, int c,
                           bs_em_model **out)
{
  reader r = {show, json, json_object_get(json, "classes_to_clusters"), c,
              NULL};
  bs_status st;
  *out = NULL;
  BS_TRY(bs_mem_zalloc(1, sizeof *r.model, &r.model));
  BS_GO(st, read_sums(&r));
  BS_GO(st, read_mixture(&r, d));
  BS_GO(st, read_mapping(&r));
  BS_GO(st, check_counts(&r));
done:
  if (st != BS_OK)
    bs_em_model_destroy(&r.model);
  *out = r.model;
  return st;
}

void bs_em_model_destroy(bs_em_model **model)
{
  if (*model == NULL)
    return;
  bs_mixture_clear(&(*model)->mixture);
  bs_mem_free(&(*model)->mapping);
  bs_mem_free(model);
}
