/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/em_model.h"

#include "src/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void free_texts(char ***text, int count)
{
  for (int i = 0; *text != NULL && i < count; i++)
    free((*text)[i]);
  bs_mem_free(text);
}

void bs_em_model_clear(bs_em_model *model)
{
  free_texts(&model->feature, model->mixture.d);
  free_texts(&model->class_name, model->c);
  bs_mem_free(&model->mapping);
  bs_mixture_clear(&model->mixture);
  memset(model, 0, sizeof *model);
}

static bs_status wrong(const char *path, const char *name)
{
  return bs_fail(BS_ERR_INPUT, "%s: not an EM model: member \"%s\"", path,
                 name);
}

/* A list of that many members; any number for count < 0. */
static const json_t *get_list(const json_t *object, const char *name,
                              long count)
{
  const json_t *list = json_object_get(object, name);
  if (!json_is_array(list) || json_array_size(list) == 0 ||
      (count >= 0 && json_array_size(list) != (size_t)count))
    return NULL;
  return list;
}

static bs_status read_texts(const json_t *model, const char *path,
                            const char *name, int *count, char ***out)
{
  const json_t *list = get_list(model, name, -1);
  if (list == NULL || json_array_size(list) > UINT16_MAX)
    return wrong(path, name);
  size_t n = json_array_size(list);
  BS_TRY(bs_mem_zalloc(n, sizeof **out, out));
  *count = (int)n;
  for (size_t i = 0; i < n; i++) {
    const char *text = json_string_value(json_array_get(list, i));
    if (text == NULL)
      return wrong(path, name);
    (*out)[i] = strdup(text);
    if ((*out)[i] == NULL)
      return bs_fail(BS_ERR_RESOURCE, "out of memory reading %s", path);
  }
  return BS_OK;
}

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

/* k rows of d numbers that are not below \a least. */
static bool read_table(const json_t *model, const char *name, int k, int d,
                       double least, double *out)
{
  const json_t *rows = get_list(model, name, k);
  for (int i = 0; rows != NULL && i < k; i++) {
    const json_t *row = json_array_get(rows, (size_t)i);
    if (!json_is_array(row) || json_array_size(row) != (size_t)d ||
        !read_numbers(row, least, out + (size_t)i * (size_t)d))
      return false;
  }
  return rows != NULL;
}

static bs_status read_mapping(const json_t *model, const char *path,
                              bs_em_model *out)
{
  const json_t *found = get_list(json_object_get(model, "classes_to_clusters"),
                                 "mapping", out->mixture.k);
  if (found == NULL)
    return wrong(path, "classes_to_clusters");
  BS_TRY(bs_mem_alloc((size_t)out->mixture.k, sizeof(int), &out->mapping));
  for (int i = 0; i < out->mixture.k; i++) {
    const json_t *value = json_array_get(found, (size_t)i);
    json_int_t code = json_is_null(value) ? -1 : json_integer_value(value);
    if ((!json_is_null(value) && !json_is_integer(value)) || code < -1 ||
        code >= out->c)
      return wrong(path, "classes_to_clusters");
    out->mapping[i] = (int)code;
  }
  return BS_OK;
}

/* "a" or "b", as 0 or 1. */
static bs_status read_word(const json_t *model, const char *path,
                           const char *name, const char *a, const char *b,
                           int *out)
{
  const char *text = json_string_value(json_object_get(model, name));
  if (text == NULL || (strcmp(text, a) != 0 && strcmp(text, b) != 0))
    return wrong(path, name);
  *out = strcmp(text, b) == 0;
  return BS_OK;
}

static bs_status read_mixture(const json_t *model, const char *path,
                              bs_em_model *out)
{
  const json_t *priors = get_list(model, "priors", -1);
  if (priors == NULL || json_array_size(priors) > UINT16_MAX)
    return wrong(path, "priors");
  int d = out->mixture.d, k = (int)json_array_size(priors);
  BS_TRY(bs_mixture_alloc(k, d, &out->mixture));
  if (!read_numbers(priors, 0, out->mixture.prior))
    return wrong(path, "priors");
  if (!read_table(model, "means", k, d, -INFINITY, out->mixture.mean))
    return wrong(path, "means");
  if (!read_table(model, "sds", k, d, 0x1p-1074, out->mixture.sd))
    return wrong(path, "sds");
  return BS_OK;
}

bs_status bs_em_model_read(const json_t *model, const char *path,
                           bs_em_model *out)
{
  bs_status st;
  int word = 0;
  memset(out, 0, sizeof *out);
  BS_GO(st, read_word(model, path, "learner", "em", "em", &word));
  BS_GO(st, read_word(model, path, "weka", "3.6", "3.8", &word));
  out->weka = word ? BS_WEKA_38 : BS_WEKA_36;
  BS_GO(st, read_word(model, path, "sums", "exact", "weka", &word));
  out->sums = word ? BS_SUMS_WEKA : BS_SUMS_EXACT;
  BS_GO(st,
        read_texts(model, path, "features", &out->mixture.d, &out->feature));
  BS_GO(st, read_texts(model, path, "classes", &out->c, &out->class_name));
  BS_GO(st, read_mixture(model, path, out));
  BS_GO(st, read_mapping(model, path, out));
done:
  if (st != BS_OK)
    bs_em_model_clear(out);
  return st;
}
