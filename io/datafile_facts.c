/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/datafile_facts.h"

#include "io/datafile_create.h"
#include "io/h5.h"
#include "io/nbaiot.h"
#include "src/version.h"
#include <errno.h>
#include <hdf5.h>
#include <hdf5_hl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* CF: the values a code can have, and their meanings without blanks. */
static bool put_flags(hid_t h5, const char *path, hid_t type, int count,
                      char *const *name)
{
  size_t length = 1;
  for (int i = 0; i < count; i++)
    length += strlen(name[i]) + 1;
  char *text = calloc(length, 1);
  uint64_t *code = calloc((size_t)count, sizeof *code);
  /* An attribute cannot be larger than 64 KiB; so many classes go without. */
  bool good = text != NULL && code != NULL;
  for (int i = 0, at = 0; i < count && good; i++) {
    code[i] = (uint64_t)i;
    for (const char *p = name[i]; *p != '\0'; p++)
      text[at++] = *p == ' ' || *p == '\t' ? '_' : *p;
    text[at++] = i + 1 < count ? ' ' : '\0';
  }
  if (good && length < 60000 && count < 7000) {
    hsize_t values = (hsize_t)count;
    hid_t set = H5Dopen2(h5, path, H5P_DEFAULT);
    hid_t space = H5Screate_simple(1, &values, NULL);
    hid_t attr =
        H5Acreate2(set, "flag_values", type, space, H5P_DEFAULT, H5P_DEFAULT);
    good = attr >= 0 && H5Awrite(attr, H5T_NATIVE_UINT64, code) >= 0 &&
           bs_h5_put_text(set, "flag_meanings", text);
    if (attr >= 0)
      H5Aclose(attr);
    H5Sclose(space);
    H5Dclose(set);
  }
  free(text);
  free(code);
  return good;
}

/* Make a dataset a scale and attach it to a dimension of another. */
static bool attach(hid_t h5, const char *path, unsigned dimension,
                   const char *scale, const char *label)
{
  hid_t set = H5Dopen2(h5, path, H5P_DEFAULT);
  hid_t axis = H5Dopen2(h5, scale, H5P_DEFAULT);
  bool good = set >= 0 && axis >= 0 &&
              (H5DSis_scale(axis) > 0 || H5DSset_scale(axis, label) >= 0) &&
              H5DSattach_scale(set, axis, dimension) >= 0 &&
              H5DSset_label(set, dimension, label) >= 0;
  if (axis >= 0)
    H5Dclose(axis);
  if (set >= 0)
    H5Dclose(set);
  return good;
}

static bool put_dimensions(hid_t h5, const bs_datafile *f)
{
  bool good = attach(h5, "X", 0, "rows", "rows") &&
              attach(h5, "X", 1, "feature", "feature");
  for (int k = 0; k < BS_ROW_SETS && good; k++)
    good = k == BS_SET_ROWS || !bs_row_set_used(f, k) ||
           attach(h5, bs_row_set[k].path, 0, "rows", "rows");
  return good && attach(h5, "class_rows", 0, "class_name", "class_name");
}

static bool put_parts(hid_t h5, const bs_datafile *f, const bs_origin *origin)
{
  hsize_t count = (hsize_t)f->parts;
  char **name = calloc((size_t)f->parts, sizeof *name);
  uint64_t *rows = calloc((size_t)f->parts, sizeof *rows);
  uint16_t *device = calloc((size_t)f->parts, sizeof *device);
  uint8_t *attack = calloc((size_t)f->parts, sizeof *attack);
  bool good = name && rows && device && attack && bs_datafile_group(h5, "file");
  for (int i = 0; i < f->parts && good; i++) {
    name[i] = f->part[i].name;
    rows[i] = f->part[i].rows;
    device[i] = (uint16_t)f->part[i].device;
    attack[i] = (uint8_t)f->part[i].attack;
  }
  good = good &&
         bs_h5_put_strings(h5, "file/name", f->parts, name, "input file") &&
         bs_h5_put_array(h5, "file/rows", H5T_NATIVE_UINT64, count, rows,
                         "rows of the input file");
  if (good && f->nbaiot)
    good = bs_h5_put_array(h5, "file/device", H5T_NATIVE_UINT16, count, device,
                           "index in /device_name") &&
           bs_h5_put_array(h5, "file/attack", H5T_NATIVE_UINT8, count, attack,
                           "index in /attack_name");
  if (good && origin->sha256 != NULL)
    good = bs_h5_put_strings(h5, "file/sha256", f->parts, origin->sha256,
                             "SHA-256 of the input file");
  free(name);
  free(rows);
  free(device);
  free(attack);
  return good;
}

static bool put_names(hid_t h5, const bs_datafile *f)
{
  char *attack[BS_NBAIOT_ATTACKS];
  for (int a = 0; a < BS_NBAIOT_ATTACKS; a++)
    attack[a] = (char *)bs_nbaiot_attack(a);
  bool good =
      bs_h5_put_strings(h5, "feature", f->d, f->feature,
                        "name of the column of X") &&
      bs_h5_put_strings(h5, "class_name", f->c, f->class_name,
                        "name of the class") &&
      bs_h5_put_array(h5, "class_rows", H5T_NATIVE_UINT64, (hsize_t)f->c,
                      f->class_rows, "rows of the class") &&
      bs_h5_put_strings(h5, "device_name", f->devices, f->device,
                        "name of the device") &&
      bs_h5_put_strings(h5, "missing", f->missings, f->missing,
                        "what keeps the data from being complete") &&
      put_flags(h5, "y", H5T_STD_U16LE, f->c, f->class_name);
  if (good && f->nbaiot)
    good =
        bs_h5_put_strings(h5, "attack_name", BS_NBAIOT_ATTACKS, attack,
                          "name of the attack") &&
        put_flags(h5, "row/attack", H5T_STD_U8LE, BS_NBAIOT_ATTACKS, attack) &&
        put_flags(h5, "row/device", H5T_STD_U16LE, f->devices, f->device);
  return good;
}

static void format_time(int64_t seconds, char *text, size_t room)
{
  time_t t = (time_t)seconds;
  struct tm utc;
  if (gmtime_r(&t, &utc) == NULL ||
      strftime(text, room, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
    snprintf(text, room, "unknown");
}

/* Everything here is the same for the same inputs, whatever the day, the ranks
 * and the machine's name, so that two conversions can be compared as files. */
static bool put_root(hid_t h5, const bs_datafile *f, const bs_origin *origin)
{
  char date[64], history[1024], libraries[256];
  unsigned major, minor, release;
  H5get_libversion(&major, &minor, &release);
  format_time(origin->seconds, date, sizeof date);
  snprintf(history, sizeof history, "botsieve %s convert %.800s", BS_VERSION,
           origin->sources);
  snprintf(libraries, sizeof libraries, "botsieve %s; HDF5 %u.%u.%u",
           BS_VERSION, major, minor, release);
  return bs_h5_put_text(h5, "Conventions", "CF-1.8 ACDD-1.3") &&
         bs_h5_put_int(h5, "schema_version", BS_SCHEMA_VERSION) &&
         bs_h5_put_text(h5, "title", origin->title) &&
         bs_h5_put_text(h5, "source", f->source) &&
         bs_h5_put_text(h5, "history", history) &&
         bs_h5_put_text(h5, "references", origin->references) &&
         bs_h5_put_text(h5, "license", origin->license) &&
         bs_h5_put_text(h5, "date_created", date) &&
         bs_h5_put_text(h5, "date_created_comment",
                        "modification time of the newest input file") &&
         bs_h5_put_text(h5, "creator", "botsieve " BS_VERSION) &&
         bs_h5_put_text(h5, "libraries", libraries) &&
         bs_h5_put_text(h5, "labels", f->labels) &&
         bs_h5_put_int(h5, "nbaiot", f->nbaiot) &&
         bs_h5_put_int(h5, "simulated", f->simulated) &&
         bs_h5_put_int(h5, "complete", f->complete) &&
         (f->authentic < 0 || bs_h5_put_int(h5, "authentic", f->authentic)) &&
         bs_h5_put_text(h5, "checksum", f->checksum);
}

static bool put_x_attributes(hid_t h5)
{
  hid_t set = H5Dopen2(h5, "X", H5P_DEFAULT);
  bool good = set >= 0 &&
              bs_h5_put_text(set, "long_name", "values of the features") &&
              bs_h5_put_text(set, "units", "1");
  if (set >= 0)
    H5Dclose(set);
  return good;
}

bs_status bs_datafile_put_facts(const char *path, const bs_datafile *facts,
                                const bs_origin *origin)
{
  errno = 0;
  hid_t h5 = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  bool good = h5 >= 0 && put_x_attributes(h5) && put_names(h5, facts) &&
              put_parts(h5, facts, origin) && put_dimensions(h5, facts) &&
              put_root(h5, facts, origin);
  if (h5 >= 0)
    good = H5Fclose(h5) >= 0 && good;
  return good ? BS_OK : bs_cannot_write(path);
}
