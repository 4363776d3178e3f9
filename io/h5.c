/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/h5.h"

#include <stdlib.h>
#include <string.h>

/* Names and small tables only: more than this is a damaged file. */
enum { MAX_STRING = 1 << 16, MAX_STRINGS = 1 << 20 };

static hid_t string_type(size_t size)
{
  hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, size == 0 ? 1 : size);
  H5Tset_strpad(type, H5T_STR_NULLPAD);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return type;
}

bool bs_h5_put_text(hid_t loc, const char *name, const char *text)
{
  hid_t type = string_type(strlen(text)), space = H5Screate(H5S_SCALAR);
  hid_t attr = H5Acreate2(loc, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  bool good = attr >= 0 && H5Awrite(attr, type, text) >= 0;
  if (attr >= 0)
    H5Aclose(attr);
  H5Sclose(space);
  H5Tclose(type);
  return good;
}

bool bs_h5_put_int(hid_t loc, const char *name, int value)
{
  hid_t space = H5Screate(H5S_SCALAR);
  hid_t attr =
      H5Acreate2(loc, name, H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT);
  bool good = attr >= 0 && H5Awrite(attr, H5T_NATIVE_INT, &value) >= 0;
  if (attr >= 0)
    H5Aclose(attr);
  H5Sclose(space);
  return good;
}

/* A contiguous dataset with what every dataset says of itself. */
static bool put_dataset(hid_t loc, const char *name, hid_t type, hsize_t count,
                        const void *values, const char *long_name)
{
  hid_t space = H5Screate_simple(1, &count, NULL);
  hid_t plist = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_obj_track_times(plist, false);
  hid_t set =
      H5Dcreate2(loc, name, type, space, H5P_DEFAULT, plist, H5P_DEFAULT);
  bool good = set >= 0 && (count == 0 || H5Dwrite(set, type, H5S_ALL, H5S_ALL,
                                                  H5P_DEFAULT, values) >= 0);
  good = good && bs_h5_put_text(set, "long_name", long_name) &&
         bs_h5_put_text(set, "units", "1");
  if (set >= 0)
    H5Dclose(set);
  H5Pclose(plist);
  H5Sclose(space);
  return good;
}

bool bs_h5_put_array(hid_t loc, const char *name, hid_t type, hsize_t count,
                     const void *values, const char *long_name)
{
  return put_dataset(loc, name, type, count, values, long_name);
}

bool bs_h5_put_strings(hid_t loc, const char *name, int count,
                       char *const *text, const char *long_name)
{
  size_t size = 1;
  for (int i = 0; i < count; i++)
    if (strlen(text[i]) > size)
      size = strlen(text[i]);
  char *block = calloc((size_t)count + 1, size);
  if (block == NULL)
    return false;
  for (int i = 0; i < count; i++)
    memcpy(block + (size_t)i * size, text[i], strlen(text[i]));
  hid_t type = string_type(size);
  bool good = put_dataset(loc, name, type, (hsize_t)count, block, long_name);
  H5Tclose(type);
  free(block);
  return good;
}

static bool exists(hid_t loc, const char *name)
{
  return H5Lexists(loc, name, H5P_DEFAULT) > 0 &&
         H5Oexists_by_name(loc, name, H5P_DEFAULT) > 0;
}

bool bs_h5_shape(hid_t loc, const char *name, H5T_class_t type_class, int rank,
                 hsize_t *dims)
{
  if (!exists(loc, name))
    return false;
  hid_t set = H5Dopen2(loc, name, H5P_DEFAULT);
  if (set < 0)
    return false;
  hid_t space = H5Dget_space(set), type = H5Dget_type(set);
  bool good = space >= 0 && type >= 0 && H5Tget_class(type) == type_class &&
              H5Sget_simple_extent_ndims(space) == rank &&
              H5Sget_simple_extent_dims(space, dims, NULL) == rank;
  if (type >= 0)
    H5Tclose(type);
  if (space >= 0)
    H5Sclose(space);
  H5Dclose(set);
  return good;
}

/* Size of the fixed-length strings of an open dataset or attribute type. */
static size_t fixed_size(hid_t type)
{
  if (type < 0 || H5Tget_class(type) != H5T_STRING ||
      H5Tis_variable_str(type) != 0)
    return 0;
  size_t size = H5Tget_size(type);
  return size > MAX_STRING ? 0 : size;
}

static bool split_strings(const char *block, size_t size, int count,
                          char **list)
{
  for (int i = 0; i < count; i++) {
    list[i] = strndup(block + (size_t)i * size, size);
    if (list[i] == NULL)
      return false;
  }
  return true;
}

static bool read_strings(hid_t set, size_t size, int count, char ***text)
{
  bool good = false;
  hid_t type = string_type(size);
  char *block = malloc((size_t)count * size + 1);
  char **list = calloc((size_t)count + 1, sizeof *list);
  if (block != NULL && list != NULL &&
      (count == 0 ||
       H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, block) >= 0))
    good = split_strings(block, size, count, list);
  free(block);
  H5Tclose(type);
  if (good) {
    *text = list;
  } else if (list != NULL) {
    for (int i = 0; i < count; i++)
      free(list[i]);
    free(list);
  }
  return good;
}

bool bs_h5_get_strings(hid_t loc, const char *name, int *count, char ***text)
{
  hsize_t length = 0;
  *text = NULL;
  *count = 0;
  if (!bs_h5_shape(loc, name, H5T_STRING, 1, &length) || length > MAX_STRINGS)
    return false;
  hid_t set = H5Dopen2(loc, name, H5P_DEFAULT);
  if (set < 0)
    return false;
  hid_t type = H5Dget_type(set);
  size_t size = fixed_size(type);
  bool good = size > 0 && length * size <= (1u << 28) &&
              read_strings(set, size, (int)length, text);
  if (good)
    *count = (int)length;
  if (type >= 0)
    H5Tclose(type);
  H5Dclose(set);
  return good;
}

bool bs_h5_get_array(hid_t loc, const char *name, hid_t type, hsize_t count,
                     void *values)
{
  hsize_t length = 0;
  if (!bs_h5_shape(loc, name, H5T_INTEGER, 1, &length) || length != count)
    return false;
  hid_t set = H5Dopen2(loc, name, H5P_DEFAULT);
  bool good = set >= 0 && (count == 0 || H5Dread(set, type, H5S_ALL, H5S_ALL,
                                                 H5P_DEFAULT, values) >= 0);
  if (set >= 0)
    H5Dclose(set);
  return good;
}

bool bs_h5_get_text(hid_t loc, const char *name, char **text)
{
  *text = NULL;
  if (H5Aexists(loc, name) <= 0)
    return false;
  hid_t attr = H5Aopen(loc, name, H5P_DEFAULT);
  if (attr < 0)
    return false;
  hid_t type = H5Aget_type(attr), space = H5Aget_space(attr);
  size_t size = fixed_size(type);
  bool good = size > 0 && H5Sget_simple_extent_npoints(space) == 1;
  if (good) {
    hid_t memory = string_type(size);
    *text = calloc(size + 1, 1);
    good = *text != NULL && H5Aread(attr, memory, *text) >= 0;
    H5Tclose(memory);
  }
  if (type >= 0)
    H5Tclose(type);
  if (space >= 0)
    H5Sclose(space);
  H5Aclose(attr);
  if (!good) {
    free(*text);
    *text = NULL;
  }
  return good;
}

bool bs_h5_get_int(hid_t loc, const char *name, int *value)
{
  if (H5Aexists(loc, name) <= 0)
    return false;
  hid_t attr = H5Aopen(loc, name, H5P_DEFAULT);
  if (attr < 0)
    return false;
  hid_t type = H5Aget_type(attr), space = H5Aget_space(attr);
  bool good = type >= 0 && space >= 0 && H5Tget_class(type) == H5T_INTEGER &&
              H5Sget_simple_extent_npoints(space) == 1 &&
              H5Aread(attr, H5T_NATIVE_INT, value) >= 0;
  if (type >= 0)
    H5Tclose(type);
  if (space >= 0)
    H5Sclose(space);
  H5Aclose(attr);
  return good;
}

bool bs_h5_chunks_in_order(hid_t set, const hsize_t shape[2],
                           const hsize_t chunk[2], haddr_t *begin,
                           hsize_t *bytes)
{
  H5D_chunk_index_t index;
  const hsize_t count[2] = {(shape[0] + chunk[0] - 1) / chunk[0],
                            (shape[1] + chunk[1] - 1) / chunk[1]};
  const hsize_t first[2] = {0, 0}, last[2] = {(count[0] - 1) * chunk[0],
                                              (count[1] - 1) * chunk[1]};
  unsigned mask;
  haddr_t end;
  return H5Dget_chunk_index_type(set, &index) >= 0 &&
         (index == H5D_CHUNK_IDX_NONE || index == H5D_CHUNK_IDX_SINGLE) &&
         H5Dget_chunk_info_by_coord(set, first, &mask, begin, bytes) >= 0 &&
         H5Dget_chunk_info_by_coord(set, last, &mask, &end, bytes) >= 0 &&
         end == *begin + (count[0] * count[1] - 1) * *bytes;
}
