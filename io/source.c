/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/source.h"

#include "io/nbaiot.h"
#include "io/source_header.h"
#include "io/source_search.h"
#include "src/mem.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The three kinds of source. */

/* Order of a device: known ones as UCI has them, then others as met. */
static int device_order(const bs_names *devices, int device)
{
  for (int k = 0; k < BS_NBAIOT_DEVICES; k++)
    if (strcmp(devices->item[device], bs_nbaiot_device(k)) == 0)
      return k;
  return BS_NBAIOT_DEVICES + device;
}

static bs_status classify_file(bs_source *source, bs_source_file *f,
                               const char *device)
{
  char folder[256];
  int known;
  f->attack = bs_nbaiot_classify(f->name, &known, folder, sizeof folder);
  if (f->attack < 0)
    return bs_fail(BS_ERR_INPUT,
                   "%s: unknown file name: neither DEVICE/benign_traffic.csv, "
                   "DEVICE/gafgyt_attacks/combo.csv ... nor 5.benign.csv ...; "
                   "other CSV files need --class-column",
                   f->show);
  if (known < 0 && device != NULL) {
    known = bs_nbaiot_find_device(device);
    snprintf(folder, sizeof folder, "%s", device);
  }
  const char *name = known >= 0          ? bs_nbaiot_device(known)
                     : folder[0] == '\0' ? "unknown"
                                         : folder;
  return bs_names_add(&source->devices, name, strlen(name), &f->device);
}

/* Insertion sort by device and attack: few files. Two that are alike are two
 * files for one thing. */
static bs_status order_files(bs_source *source)
{
  for (int i = 1; i < source->files; i++) {
    bs_source_file f = source->file[i];
    int order = device_order(&source->devices, f.device), j = i;
    for (; j > 0; j--) {
      const bs_source_file *g = &source->file[j - 1];
      int other = device_order(&source->devices, g->device);
      if (order == other && f.attack == g->attack)
        return bs_fail(BS_ERR_INPUT,
                       "two files for %s of %s: %.500s and "
                       "%.500s",
                       bs_nbaiot_attack(f.attack),
                       source->devices.item[f.device], g->show, f.show);
      if (order > other || (order == other && f.attack > g->attack))
        break;
    }
    memmove(&source->file[j + 1], &source->file[j], (size_t)(i - j) * sizeof f);
    source->file[j] = f;
  }
  return BS_OK;
}

/* Number the devices in row order. */
static bs_status renumber_devices(bs_source *source)
{
  bs_names ordered = BS_NAMES_NONE;
  bs_status st = BS_OK;
  for (int i = 0; i < source->files && st == BS_OK; i++) {
    bs_source_file *f = &source->file[i];
    const char *name = source->devices.item[f->device];
    st = bs_names_add(&ordered, name, strlen(name), &f->device);
  }
  bs_names_free(&source->devices);
  source->devices = ordered;
  return st;
}

static bs_status prepare_nbaiot(bs_source *source, const char *device)
{
  source->class_column = -1;
  for (int i = 0; i < source->files; i++)
    BS_TRY(classify_file(source, &source->file[i], device));
  BS_TRY(order_files(source));
  BS_TRY(renumber_devices(source));
  for (int i = 0; i < source->files; i++)
    BS_TRY(bs_source_csv_header(source, &source->file[i]));
  for (int j = 0; j < BS_NBAIOT_FEATURES; j++) {
    const char *name = bs_nbaiot_feature(j);
    BS_TRY(bs_names_add(&source->columns, name, strlen(name), NULL));
  }
  return BS_OK;
}

static bs_status prepare_csv(bs_source *source, const char *class_column)
{
  for (int i = 0; i < source->files; i++)
    BS_TRY(bs_source_csv_header(source, &source->file[i]));
  source->class_column =
      bs_names_find(&source->columns, class_column, strlen(class_column));
  if (source->class_column < 0)
    return bs_fail(BS_ERR_INPUT, "%s:1: no column is called '%.200s'",
                   source->file->show, class_column);
  if (source->columns.count < 2)
    return bs_fail(BS_ERR_INPUT, "%s:1: no column beside the class",
                   source->file->show);
  return BS_OK;
}

/* Do the files' names tell the classes that a model distinguishes? */
static bool named_by_nbaiot(const bs_source *source, const char *label)
{
  char folder[256];
  int known, labels = 0;
  while (label != NULL && labels < BS_LABELS_LAST &&
         strcmp(bs_labels_name((bs_labels)labels), label) != 0)
    labels++;
  if (label == NULL || labels == BS_LABELS_LAST)
    return false;
  for (int i = 0; i < source->files; i++)
    if (bs_nbaiot_classify(source->file[i].name, &known, folder,
                           sizeof folder) < 0)
      return false;
  return true;
}

static bool is_arff(const bs_source *source)
{
  bool arff = false;
  for (int i = 0; i < source->files; i++)
    arff = arff || bs_has_suffix(source->file[i].name, ".arff");
  return arff;
}

static bs_status prepare_rows(bs_source *source, const char *label, bool must)
{
  bool arff = is_arff(source);
  if (arff && source->files > 1)
    return bs_fail(BS_ERR_USAGE, "an ARFF file is read alone, without other "
                                 "sources");
  source->lenient = true;
  source->kind = arff                                      ? BS_SOURCE_ARFF
                 : !must && named_by_nbaiot(source, label) ? BS_SOURCE_NBAIOT
                                                           : BS_SOURCE_CSV;
  if (source->kind == BS_SOURCE_ARFF)
    return bs_source_arff_header(source, label, must);
  if (source->kind == BS_SOURCE_NBAIOT)
    return prepare_nbaiot(source, NULL);
  for (int i = 0; i < source->files; i++)
    BS_TRY(bs_source_csv_header(source, &source->file[i]));
  if (label != NULL)
    source->class_column =
        bs_names_find(&source->columns, label, strlen(label));
  if (must && source->class_column < 0)
    return bs_fail(BS_ERR_INPUT, "%s:1: no column is called '%.200s'",
                   source->file->show, label);
  return BS_OK;
}

static bs_status prepare(bs_source *source, const char *class_column,
                         const char *device)
{
  bool arff = is_arff(source);
  if (arff && source->files > 1)
    return bs_fail(BS_ERR_USAGE, "an ARFF file is converted alone, without "
                                 "other sources");
  source->kind = arff                   ? BS_SOURCE_ARFF
                 : class_column != NULL ? BS_SOURCE_CSV
                                        : BS_SOURCE_NBAIOT;
  switch (source->kind) {
  case BS_SOURCE_ARFF:
    return bs_source_arff_header(source, class_column, true);
  case BS_SOURCE_CSV:
    return prepare_csv(source, class_column);
  case BS_SOURCE_NBAIOT:
    break;
  }
  return prepare_nbaiot(source, device);
}

/* The files below some paths. */
static bs_status search_all(int count, char *const *paths, bs_source **out)
{
  bs_source *source;
  *out = NULL;
  BS_TRY(bs_mem_zalloc(1, sizeof *source, &source));
  source->class_column = -1;
  bs_status st = bs_source_search(count, paths, source);
  if (st != BS_OK)
    bs_source_destroy(&source);
  *out = source;
  return st;
}

bs_status bs_source_find(int count, char *const *paths,
                         const char *class_column, const char *device,
                         bs_source **out)
{
  BS_TRY(search_all(count, paths, out));
  bs_status st = prepare(*out, class_column, device);
  if (st != BS_OK)
    bs_source_destroy(out);
  return st;
}

bs_status bs_source_find_rows(int count, char *const *paths, const char *label,
                              bool must, bs_source **out)
{
  BS_TRY(search_all(count, paths, out));
  bs_status st = prepare_rows(*out, label, must);
  if (st != BS_OK)
    bs_source_destroy(out);
  return st;
}

void bs_source_destroy(bs_source **source)
{
  bs_source *s = *source;
  if (s == NULL)
    return;
  for (int i = 0; i < s->files; i++) {
    free(s->file[i].show);
    free(s->file[i].name);
    free(s->file[i].path);
    free(s->file[i].member);
  }
  free(s->file);
  bs_names_free(&s->devices);
  bs_names_free(&s->columns);
  bs_names_free(&s->classes);
  free(s->base);
  bs_mem_free(source);
}
