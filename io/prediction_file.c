/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/prediction_file.h"

#include "io/h5.h"
#include "io/number_text.h"
#include "src/mem.h"
#include <errno.h>
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 65536 }; /* rows of a chunk */

/* What is written. */
typedef struct writer {
  const bs_model *model;
  const bs_applied *rows;
  const double *prob; /* (leaves, c), or of each row behind its log density */
  const uint16_t *predicted;
  size_t c;      /* probabilities of a row */
  size_t stride; /* doubles from one to the next */
} writer;

static bool is_mixture(const writer *w)
{
  return w->model->em != NULL;
}

/* Probabilities of a row. */
static const double *row_probability(const writer *w, uint64_t row)
{
  return w->prob + (is_mixture(w) ? row : w->rows->leaf[row]) * w->stride;
}

static bool ends_with(const char *text, const char *end)
{
  size_t n = strlen(text), e = strlen(end);
  return n > e && strcmp(text + n - e, end) == 0;
}

bool bs_predictions_name(const char *path)
{
  return ends_with(path, ".csv") || ends_with(path, ".h5");
}

/* ---- CSV. */

static void put_name(FILE *out, const char *name)
{
  if (strpbrk(name, ",\"\r\n") == NULL && name[0] != ' ') {
    fputs(name, out);
    return;
  }
  fputc('"', out);
  for (; *name != '\0'; name++) {
    if (*name == '"')
      fputc('"', out);
    fputc(*name, out);
  }
  fputc('"', out);
}

static void put_class(FILE *out, const writer *w, uint16_t code)
{
  if (code != BS_NO_CLASS)
    put_name(out, w->model->classes.item[code]);
}

static void put_numbers(FILE *out, const double *value, size_t count)
{
  char digits[BS_NUMBER_ROOM];
  for (size_t i = 0; i < count; i++) {
    char *end = bs_number_print(value[i], digits);
    fprintf(out, ",%.*s", (int)(end - digits), digits);
  }
}

/* What follows the actual class on the line of a row at this leaf. */
static char *line_of(const writer *w, uint32_t leaf)
{
  char *text;
  size_t bytes;
  FILE *out = open_memstream(&text, &bytes);
  if (out == NULL)
    return NULL;
  fputc(',', out);
  put_class(out, w, w->predicted[leaf]);
  put_numbers(out, w->prob + leaf * w->c, w->c);
  fputc('\n', out);
  return fclose(out) == 0 ? text : NULL;
}

/* Rows at the same leaf have the same line. */
static bool put_leaves(FILE *out, const writer *w)
{
  uint32_t size = w->model->tree->size;
  char **line = calloc(size, sizeof *line);
  bool good = line != NULL;
  for (uint64_t i = 0; good && i < w->rows->n; i++) {
    uint32_t leaf = w->rows->leaf[i];
    if (line[leaf] == NULL)
      line[leaf] = line_of(w, leaf);
    good = line[leaf] != NULL;
    if (good) {
      put_class(out, w, w->rows->truth[i]);
      fputs(line[leaf], out);
    }
  }
  for (uint32_t i = 0; line != NULL && i < size; i++)
    free(line[i]);
  free(line);
  return good;
}

static void put_clusters(FILE *out, const writer *w)
{
  for (uint64_t i = 0; i < w->rows->n; i++) {
    uint32_t cluster = w->rows->leaf[i];
    put_class(out, w, w->rows->truth[i]);
    fputc(',', out);
    put_class(out, w, w->predicted[cluster]);
    fprintf(out, ",%u", cluster);
    put_numbers(out, row_probability(w, i) - 1, 1 + w->c);
    fputc('\n', out);
  }
}

static void put_head(FILE *out, const writer *w)
{
  fputs(is_mixture(w) ? "actual,predicted,cluster,log_density"
                      : "actual,predicted",
        out);
  for (size_t k = 0; k < w->c; k++) {
    if (is_mixture(w)) {
      fprintf(out, ",cluster_%zu", k);
    } else {
      fputc(',', out);
      put_name(out, w->model->classes.item[k]);
    }
  }
  fputc('\n', out);
}

static bool write_csv(const char *path, const writer *w)
{
  FILE *out = fopen(path, "w");
  bool good = true;
  if (out == NULL)
    return false;
  put_head(out, w);
  if (is_mixture(w))
    put_clusters(out, w);
  else
    good = put_leaves(out, w);
  good = fflush(out) == 0 && fsync(fileno(out)) == 0 && !ferror(out) && good;
  return fclose(out) == 0 && good;
}

/* ---- HDF5. */

/* Probabilities, block by block. */
static bool put_probabilities(hid_t file, const writer *w, double *block)
{
  hsize_t shape[2] = {w->rows->n, w->c}, start[2] = {0, 0};
  hsize_t chunk[2] = {shape[0] < BLOCK ? shape[0] : BLOCK, w->c};
  hid_t space = H5Screate_simple(2, shape, NULL);
  hid_t made = H5Pcreate(H5P_DATASET_CREATE);
  bool good = H5Pset_chunk(made, 2, chunk) >= 0 &&
              H5Pset_obj_track_times(made, false) >= 0;
  hid_t set = H5Dcreate2(file, "probability", H5T_IEEE_F64LE, space,
                         H5P_DEFAULT, made, H5P_DEFAULT);
  for (; good && set >= 0 && start[0] < shape[0]; start[0] += chunk[0]) {
    hsize_t count[2] = {shape[0] - start[0], w->c};
    if (count[0] > chunk[0])
      count[0] = chunk[0];
    for (hsize_t i = 0; i < count[0]; i++)
      memcpy(block + i * w->c, row_probability(w, start[0] + i),
             w->c * sizeof *block);
    hid_t memory = H5Screate_simple(2, count, NULL);
    good = H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count,
                               NULL) >= 0 &&
           H5Dwrite(set, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT,
                    block) >= 0;
    H5Sclose(memory);
  }
  good = set >= 0 && good;
  if (set >= 0)
    good = H5Dclose(set) >= 0 && good;
  H5Pclose(made);
  H5Sclose(space);
  return good;
}

/* What em writes of every row, under the same names. */
static bool put_assignments(hid_t file, const writer *w)
{
  uint64_t n = w->rows->n;
  uint16_t *cluster = NULL;
  double *density = NULL;
  bool good = bs_mem_alloc((size_t)n, sizeof *cluster, &cluster) == BS_OK &&
              bs_mem_alloc((size_t)n, sizeof *density, &density) == BS_OK;
  for (uint64_t i = 0; good && i < n; i++) {
    cluster[i] = (uint16_t)w->rows->leaf[i];
    density[i] = row_probability(w, i)[-1];
  }
  good = good &&
         bs_h5_put_array(file, "cluster", H5T_NATIVE_UINT16, n, cluster,
                         "cluster of largest posterior probability") &&
         bs_h5_put_array(file, "log_density", H5T_NATIVE_DOUBLE, n, density,
                         "log density under the mixture");
  bs_mem_free(&density);
  bs_mem_free(&cluster);
  return good;
}

static bool put_all(hid_t file, const writer *w)
{
  double *block = NULL;
  uint16_t *code = NULL;
  uint64_t n = w->rows->n;
  bool good = bs_mem_alloc(BLOCK * w->c, sizeof *block, &block) == BS_OK &&
              bs_mem_alloc((size_t)n, sizeof *code, &code) == BS_OK;
  for (uint64_t i = 0; good && i < n; i++)
    code[i] = w->predicted[w->rows->leaf[i]];
  good = good &&
         bs_h5_put_array(file, "predicted", H5T_NATIVE_UINT16, n, code,
                         "class predicted, 65535: unclassified") &&
         bs_h5_put_array(file, "actual", H5T_NATIVE_UINT16, n, w->rows->truth,
                         "class, 65535: not known") &&
         bs_h5_put_strings(file, "class_name", w->model->classes.count,
                           w->model->classes.item, "names of the classes") &&
         (!is_mixture(w) || put_assignments(file, w)) &&
         put_probabilities(file, w, block);
  bs_mem_free(&block);
  bs_mem_free(&code);
  return good;
}

static bool write_h5(const char *path, const writer *w)
{
  hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  if (file < 0)
    return false;
  bool good = put_all(file, w);
  return H5Fclose(file) >= 0 && good;
}

bs_status bs_predictions_write(const char *path, const bs_model *model,
                               const bs_applied *rows, const double *prob,
                               const uint16_t *predicted)
{
  writer w = {.model = model,
              .rows = rows,
              .prob = prob,
              .predicted = predicted,
              .c = (size_t)model->classes.count};
  char part[4096];
  w.stride = w.c;
  if (is_mixture(&w)) {
    w.stride = (size_t)rows->width;
    w.prob = rows->value + 1;
    w.c = w.stride - 1;
  }
  if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part)
    return bs_fail(BS_ERR_RESOURCE, "path too long: %.200s", path);
  errno = 0;
  bool good =
      ends_with(path, ".csv") ? write_csv(part, &w) : write_h5(part, &w);
  good = good && rename(part, path) == 0;
  int why = errno;
  if (good)
    return BS_OK;
  remove(part);
  return bs_fail(BS_ERR_RESOURCE, "cannot write %s%s%s", path,
                 why == 0 ? "" : ": ", why == 0 ? "" : strerror(why));
}
