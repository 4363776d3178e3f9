/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/datafile.h"

#include "io/h5.h"
#include "io/nbaiot.h"
#include "src/comm.h"
#include "src/mem.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- JSON: the facts travel from rank 0 as text. */

/* Our files hold UTF-8 only; others are not worth more than a '?'. */
static json_t *text_to_json(const char *text)
{
  json_t *json = json_string(text);
  return json != NULL ? json : json_string("?");
}

static json_t *texts_to_json(char *const *text, int count)
{
  json_t *list = json_array();
  for (int i = 0; i < count; i++)
    json_array_append_new(list, text_to_json(text[i]));
  return list;
}

static json_t *parts_to_json(const bs_file_part *part, int count)
{
  json_t *list = json_array();
  for (int i = 0; i < count; i++)
    json_array_append_new(list, json_pack("[oiiII]", text_to_json(part[i].name),
                                          part[i].device, part[i].attack,
                                          (json_int_t)part[i].first,
                                          (json_int_t)part[i].rows));
  return list;
}

json_t *bs_datafile_to_json(const bs_datafile *f)
{
  json_t *class_rows = json_array();
  for (int k = 0; k < f->c; k++)
    json_array_append_new(class_rows,
                          json_integer((json_int_t)f->class_rows[k]));
  json_t *json = json_pack("{s:o, s:I, s:o, s:o, s:b, s:b, s:b, s:i, s:s}",
                           "path", text_to_json(f->path), "n", (json_int_t)f->n,
                           "labels", text_to_json(f->labels), "source",
                           text_to_json(f->source), "simulated", f->simulated,
                           "nbaiot", f->nbaiot, "complete", f->complete,
                           "authentic", f->authentic, "checksum", f->checksum);
  json_object_set_new(json, "feature", texts_to_json(f->feature, f->d));
  json_object_set_new(json, "class", texts_to_json(f->class_name, f->c));
  json_object_set_new(json, "class_rows", class_rows);
  json_object_set_new(json, "missing", texts_to_json(f->missing, f->missings));
  json_object_set_new(json, "device", texts_to_json(f->device, f->devices));
  json_object_set_new(json, "part", parts_to_json(f->part, f->parts));
  return json;
}

static bool texts_from_json(const json_t *json, const char *key, int *count,
                            char ***text)
{
  const json_t *list = json_object_get(json, key);
  size_t n = json_array_size(list);
  *text = calloc(n + 1, sizeof **text);
  *count = 0;
  for (size_t i = 0; *text != NULL && i < n; i++) {
    const char *item = json_string_value(json_array_get(list, i));
    (*text)[i] = item == NULL ? NULL : strdup(item);
    if ((*text)[i] == NULL)
      return false;
    (*count)++;
  }
  return *text != NULL;
}

static bool parts_from_json(const json_t *list, bs_datafile *f)
{
  size_t n = json_array_size(list);
  f->part = calloc(n + 1, sizeof *f->part);
  for (size_t i = 0; f->part != NULL && i < n; i++) {
    const char *name;
    json_int_t first, rows;
    bs_file_part *p = &f->part[i];
    if (json_unpack(json_array_get(list, i), "[siiII]", &name, &p->device,
                    &p->attack, &first, &rows) != 0 ||
        (p->name = strdup(name)) == NULL)
      return false;
    f->parts++;
    p->first = (uint64_t)first;
    p->rows = (uint64_t)rows;
  }
  return f->part != NULL;
}

static bool scalars_from_json(const json_t *json, bs_datafile *f)
{
  const char *path, *labels, *source, *checksum;
  json_int_t n;
  int simulated, nbaiot, complete;
  if (json_unpack(
          (json_t *)json, "{s:s, s:I, s:s, s:s, s:b, s:b, s:b, s:i, s:s}",
          "path", &path, "n", &n, "labels", &labels, "source", &source,
          "simulated", &simulated, "nbaiot", &nbaiot, "complete", &complete,
          "authentic", &f->authentic, "checksum", &checksum) != 0)
    return false;
  f->n = (uint64_t)n;
  f->simulated = simulated;
  f->nbaiot = nbaiot;
  f->complete = complete;
  f->path = strdup(path);
  f->labels = strdup(labels);
  f->source = strdup(source);
  f->checksum = strdup(checksum);
  return f->path && f->labels && f->source && f->checksum;
}

static bool fill_from_json(const json_t *json, bs_datafile *f)
{
  int count;
  if (!scalars_from_json(json, f) ||
      !texts_from_json(json, "feature", &f->d, &f->feature) ||
      !texts_from_json(json, "class", &f->c, &f->class_name) ||
      !texts_from_json(json, "missing", &f->missings, &f->missing) ||
      !texts_from_json(json, "device", &f->devices, &f->device) ||
      !parts_from_json(json_object_get(json, "part"), f))
    return false;
  const json_t *rows = json_object_get(json, "class_rows");
  count = (int)json_array_size(rows);
  f->class_rows = calloc((size_t)f->c + 1, sizeof *f->class_rows);
  if (f->class_rows == NULL || count != f->c)
    return false;
  for (int k = 0; k < f->c; k++)
    f->class_rows[k] =
        (uint64_t)json_integer_value(json_array_get(rows, (size_t)k));
  return true;
}

bs_status bs_datafile_from_json(const json_t *json, bs_datafile **out)
{
  bs_datafile *f;
  *out = NULL;
  BS_TRY(bs_mem_zalloc(1, sizeof *f, &f));
  if (!fill_from_json(json, f)) {
    bs_datafile_close(&f);
    return bs_fail(BS_ERR_RESOURCE, "out of memory for the data file's facts");
  }
  *out = f;
  return BS_OK;
}

bs_status bs_json_bcast(MPI_Comm comm, json_t **value)
{
  bool root = bs_comm_rank(comm) == 0;
  bs_status st = BS_OK;
  char *text = NULL;
  unsigned long long length = 0;
  if (root) {
    text = json_dumps(*value, JSON_COMPACT | JSON_ENCODE_ANY);
    if (text == NULL || (length = strlen(text)) > INT_MAX)
      st = bs_fail(BS_ERR_RESOURCE, "out of memory to tell facts to all ranks");
  }
  BS_TRY(bs_agree(comm, st));
  BS_MPI(MPI_Bcast(&length, 1, MPI_UNSIGNED_LONG_LONG, 0, comm));
  if (!root) {
    text = malloc(length + 1);
    if (text == NULL)
      st = bs_fail(BS_ERR_RESOURCE, "out of memory: %llu bytes", length);
  }
  BS_GO(st, bs_agree(comm, st));
  BS_MPI(MPI_Bcast(text, (int)length, MPI_CHAR, 0, comm));
  if (!root) {
    *value = json_loadb(text, length, JSON_DECODE_ANY, NULL);
    if (*value == NULL)
      st = bs_fail(BS_ERR_RESOURCE, "out of memory for facts");
  }
  st = bs_agree(comm, st);
done:
  free(text);
  return st;
}

static void free_texts(char **text, int count)
{
  if (text == NULL)
    return;
  for (int i = 0; i < count; i++)
    free(text[i]);
  free(text);
}

void bs_datafile_close(bs_datafile **file)
{
  bs_datafile *f = *file;
  if (f == NULL)
    return;
  free_texts(f->feature, f->d);
  free_texts(f->class_name, f->c);
  free_texts(f->missing, f->missings);
  free_texts(f->device, f->devices);
  for (int i = 0; i < f->parts; i++)
    free(f->part[i].name);
  free(f->part);
  free(f->class_rows);
  free(f->path);
  free(f->labels);
  free(f->source);
  free(f->checksum);
  bs_mem_free(file);
}

/* ---- Reading the facts, rank 0 only. */

static bs_status damaged(const bs_datafile *f, const char *what)
{
  return bs_fail(BS_ERR_INPUT, "%s: damaged or incomplete data file: %s",
                 f->path, what);
}

/* The values of X must lie in the file, or a small file could ask for any
 * amount of memory. Filtered chunks can be smaller, but not absent. */
static bool is_stored(hid_t h5, uint64_t n, int d)
{
  hid_t set = H5Dopen2(h5, "X", H5P_DEFAULT);
  hid_t plist = H5Dget_create_plist(set), type = H5Dget_type(set);
  hsize_t stored = H5Dget_storage_size(set);
  hsize_t bytes = n * (uint64_t)d * H5Tget_size(type);
  bool filtered = H5Pget_nfilters(plist) > 0;
  H5Tclose(type);
  H5Pclose(plist);
  H5Dclose(set);
  return filtered ? stored >= bytes / 2000 : stored >= bytes;
}

static bs_status read_shape(hid_t h5, bs_datafile *f)
{
  hsize_t x[2], y;
  if (!bs_h5_shape(h5, "X", H5T_FLOAT, 2, x))
    return damaged(f, "no two-dimensional /X of numbers");
  if (!bs_h5_shape(h5, "y", H5T_INTEGER, 1, &y) || y != x[0])
    return damaged(f, "/y does not go with /X");
  if (x[0] == 0 || x[1] == 0 || x[0] > (1ull << 40) || x[1] > (1u << 24))
    return damaged(f, "/X has an impossible shape");
  f->n = x[0];
  if (!bs_h5_get_strings(h5, "feature", &f->d, &f->feature) ||
      (hsize_t)f->d != x[1])
    return damaged(f, "/feature does not go with /X");
  if (!bs_h5_get_strings(h5, "class_name", &f->c, &f->class_name) || f->c < 1 ||
      f->c > BS_MAX_CLASSES)
    return damaged(f, "no class names");
  if (!is_stored(h5, f->n, f->d))
    return damaged(f, "values of /X are missing");
  f->class_rows = calloc((size_t)f->c, sizeof *f->class_rows);
  if (f->class_rows == NULL ||
      !bs_h5_get_array(h5, "class_rows", H5T_NATIVE_UINT64, (hsize_t)f->c,
                       f->class_rows))
    return damaged(f, "no /class_rows");
  uint64_t sum = 0;
  for (int k = 0; k < f->c; k++)
    sum += f->class_rows[k] > f->n ? f->n + 1 : f->class_rows[k];
  return sum == f->n ? BS_OK : damaged(f, "/class_rows do not add up");
}

static bs_status read_attributes(hid_t h5, bs_datafile *f)
{
  int simulated, nbaiot, complete;
  if (!bs_h5_get_text(h5, "source", &f->source) ||
      !bs_h5_get_text(h5, "labels", &f->labels) ||
      !bs_h5_get_text(h5, "checksum", &f->checksum) ||
      !bs_h5_get_int(h5, "simulated", &simulated) ||
      !bs_h5_get_int(h5, "nbaiot", &nbaiot) ||
      !bs_h5_get_int(h5, "complete", &complete))
    return damaged(f, "an attribute is missing");
  f->simulated = simulated != 0;
  f->nbaiot = nbaiot != 0;
  f->complete = complete != 0;
  if (!bs_h5_get_int(h5, "authentic", &f->authentic))
    f->authentic = -1;
  if (strlen(f->checksum) != 16 ||
      strspn(f->checksum, "0123456789abcdef") != 16)
    return damaged(f, "no checksum");
  if (f->nbaiot && f->d != BS_NBAIOT_FEATURES)
    return damaged(f, "not the columns of N-BaIoT");
  return BS_OK;
}

/* Columns of /file into the parts, which have their names already. */
static bs_status read_part_columns(hid_t h5, bs_datafile *f, uint64_t *column)
{
  hsize_t parts = (hsize_t)f->parts;
  if (!bs_h5_get_array(h5, "file/rows", H5T_NATIVE_UINT64, parts, column))
    return damaged(f, "no /file/rows");
  uint64_t first = 0;
  for (int i = 0; i < f->parts; i++) {
    f->part[i].device = f->part[i].attack = -1;
    f->part[i].first = first;
    f->part[i].rows = column[i];
    if (column[i] > f->n - first)
      return damaged(f, "/file/rows do not add up");
    first += column[i];
  }
  if (first != f->n)
    return damaged(f, "/file/rows do not add up");
  if (!f->nbaiot)
    return BS_OK;
  if (!bs_h5_get_array(h5, "file/device", H5T_NATIVE_UINT64, parts, column))
    return damaged(f, "no /file/device");
  for (int i = 0; i < f->parts; i++) {
    if (column[i] >= (uint64_t)f->devices)
      return damaged(f, "a device out of range in /file");
    f->part[i].device = (int)column[i];
  }
  if (!bs_h5_get_array(h5, "file/attack", H5T_NATIVE_UINT64, parts, column))
    return damaged(f, "no /file/attack");
  for (int i = 0; i < f->parts; i++) {
    if (column[i] >= BS_NBAIOT_ATTACKS)
      return damaged(f, "an attack out of range in /file");
    f->part[i].attack = (int)column[i];
  }
  return BS_OK;
}

static bs_status read_parts(hid_t h5, bs_datafile *f)
{
  char **name = NULL;
  int count;
  if (!bs_h5_get_strings(h5, "file/name", &count, &name) || count == 0) {
    free_texts(name, count);
    return damaged(f, "no /file/name");
  }
  uint64_t *column = calloc((size_t)count, sizeof *column);
  f->part = calloc((size_t)count, sizeof *f->part);
  bs_status st = BS_OK;
  if (column == NULL || f->part == NULL) {
    free_texts(name, count);
    st = bs_fail(BS_ERR_RESOURCE, "out of memory for %d file names", count);
  } else {
    f->parts = count;
    for (int i = 0; i < count; i++)
      f->part[i].name = name[i];
    free(name);
    st = read_part_columns(h5, f, column);
  }
  free(column);
  return st;
}

static bs_status read_facts(hid_t h5, bs_datafile *f)
{
  int version;
  if (!bs_h5_get_int(h5, "schema_version", &version))
    return bs_fail(BS_ERR_INPUT,
                   "%s: an HDF5 file, but not one of botsieve convert",
                   f->path);
  if (version != BS_SCHEMA_VERSION)
    return bs_fail(BS_ERR_INPUT,
                   "%s: written with schema %d, this program reads schema %d",
                   f->path, version, BS_SCHEMA_VERSION);
  BS_TRY(read_shape(h5, f));
  BS_TRY(read_attributes(h5, f));
  if (!bs_h5_get_strings(h5, "missing", &f->missings, &f->missing))
    return damaged(f, "no /missing");
  if (!bs_h5_get_strings(h5, "device_name", &f->devices, &f->device))
    return damaged(f, "no /device_name");
  return read_parts(h5, f);
}

static bs_status open_on_root(const char *path, bs_datafile **out)
{
  bs_datafile *f;
  BS_TRY(bs_mem_zalloc(1, sizeof *f, &f));
  f->path = strdup(path);
  bs_status st = BS_OK;
  if (access(path, R_OK) != 0) {
    st = bs_fail(BS_ERR_INPUT, "cannot read %s: %s", path, strerror(errno));
  } else {
    hid_t h5 = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (h5 < 0) {
      st = bs_fail(BS_ERR_INPUT,
                   "%s: not an HDF5 file, or a damaged or locked one", path);
    } else {
      st = read_facts(h5, f);
      H5Fclose(h5);
    }
  }
  if (st != BS_OK)
    bs_datafile_close(&f);
  *out = f;
  return st;
}

bs_status bs_datafile_open(MPI_Comm comm, const char *path, bs_datafile **out)
{
  bs_datafile *f = NULL;
  json_t *json = NULL;
  bs_status st = BS_OK;
  *out = NULL;
  if (bs_comm_rank(comm) == 0) {
    st = open_on_root(path, &f);
    if (st == BS_OK)
      json = bs_datafile_to_json(f);
  }
  BS_GO(st, bs_agree(comm, st));
  BS_GO(st, bs_json_bcast(comm, &json));
  if (f == NULL)
    st = bs_datafile_from_json(json, &f);
  BS_GO(st, bs_agree(comm, st));
  *out = f;
  f = NULL;
done:
  json_decref(json);
  bs_datafile_close(&f);
  return st;
}
