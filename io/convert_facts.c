/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/convert_facts.h"

#include "io/nbaiot.h"
#include "src/mem.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bs_status no_memory(void)
{
  return bs_fail(BS_ERR_RESOURCE, "out of memory for the facts of the data");
}

/* (count) copies of names, or NULL. */
static char **copy_names(char *const *name, int count)
{
  char **copy = calloc((size_t)count + 1, sizeof *copy);
  for (int i = 0; copy != NULL && i < count; i++) {
    copy[i] = strdup(name[i]);
    if (copy[i] == NULL)
      return NULL;
  }
  return copy;
}

/* A path as /file/name can hold it: UTF-8. */
static char *clean_name(const char *name)
{
  char *copy = strdup(name);
  json_t *json = json_string(name);
  for (char *p = copy; json == NULL && p != NULL && *p != '\0'; p++)
    if ((unsigned char)*p >= 0x80)
      *p = '?';
  json_decref(json);
  return copy;
}

static bs_status set_parts(const bs_source *source, const bs_pieces *pieces,
                           bs_datafile *f)
{
  f->part = calloc((size_t)source->files, sizeof *f->part);
  if (f->part == NULL)
    return no_memory();
  for (int i = 0; i < source->files; i++) {
    const bs_source_file *file = &source->file[i];
    bs_file_part *part = &f->part[f->parts++];
    part->device = file->device;
    part->attack = file->attack;
    part->first = f->n;
    part->rows = pieces->file_rows[i];
    part->name = clean_name(file->name);
    if (part->name == NULL)
      return no_memory();
    f->n += part->rows;
  }
  return BS_OK;
}

static bs_status set_features(const bs_source *source, bs_datafile *f)
{
  const bs_names *columns = &source->columns;
  f->feature = calloc((size_t)columns->count + 1, sizeof *f->feature);
  for (int j = 0; j < columns->count && f->feature != NULL; j++) {
    if (j == source->class_column)
      continue;
    f->feature[f->d] = strdup(columns->item[j]);
    if (f->feature[f->d++] == NULL)
      return no_memory();
  }
  return f->feature == NULL ? no_memory() : BS_OK;
}

/* Families with rows, or the classes of the file. */
static bs_status set_classes(const bs_source *source, bs_datafile *f)
{
  if (source->kind == BS_SOURCE_NBAIOT) {
    char *name[BS_NBAIOT_ATTACKS];
    bool has_rows[BS_NBAIOT_ATTACKS] = {false};
    for (int i = 0; i < f->parts; i++)
      has_rows[bs_labels_of_attack(BS_LABELS_FAMILY, f->part[i].attack)] = true;
    for (int k = 0; k < bs_labels_count(BS_LABELS_FAMILY); k++)
      if (has_rows[k])
        name[f->c++] = (char *)bs_labels_class(BS_LABELS_FAMILY, k);
    f->class_name = copy_names(name, f->c);
  } else {
    f->c = source->classes.count;
    f->class_name = copy_names(source->classes.item, f->c);
  }
  f->class_rows = calloc((size_t)f->c + 1, sizeof *f->class_rows);
  return f->class_name == NULL || f->class_rows == NULL ? no_memory() : BS_OK;
}

static bs_status add_missing(bs_datafile *f, const char *text)
{
  char **list = realloc(f->missing, ((size_t)f->missings + 1) * sizeof *list);
  if (list == NULL)
    return no_memory();
  f->missing = list;
  list[f->missings] = strdup(text);
  return list[f->missings++] == NULL ? no_memory() : BS_OK;
}

static const bs_file_part *find_part(const bs_datafile *f, int device,
                                     int attack)
{
  for (int i = 0; i < f->parts; i++)
    if (f->part[i].device == device && f->part[i].attack == attack)
      return &f->part[i];
  return NULL;
}

/* What a device lacks of its published files. */
static bs_status check_device(bs_datafile *f, int device)
{
  char text[512];
  const char *name = f->device[device];
  int known = bs_nbaiot_find_device(name);
  if (known < 0) {
    snprintf(text, sizeof text,
             "%s: not a known device, so its row counts "
             "cannot be checked",
             name);
    BS_TRY(add_missing(f, text));
  }
  for (int a = 0; a < BS_NBAIOT_ATTACKS; a++) {
    const bs_file_part *part = find_part(f, device, a);
    uint64_t want = known < 0 ? 0 : bs_nbaiot_rows(known, a);
    if (part == NULL && (known < 0 || want > 0))
      snprintf(text, sizeof text, "%s/%s: absent", name, bs_nbaiot_attack(a));
    else if (part != NULL && known >= 0 && part->rows != want)
      snprintf(text, sizeof text, "%s/%s: %llu rows, published are %llu", name,
               bs_nbaiot_attack(a), (unsigned long long)part->rows,
               (unsigned long long)want);
    else
      continue;
    BS_TRY(add_missing(f, text));
  }
  return BS_OK;
}

static bs_status set_nature(const bs_source *source, bs_datafile *f)
{
  f->nbaiot = source->kind == BS_SOURCE_NBAIOT;
  f->simulated = source->simulated;
  f->source = f->simulated ? strdup("simulated capture")
              : f->nbaiot  ? strdup("N-BaIoT")
                           : clean_name(source->base);
  f->labels = strdup(f->nbaiot ? bs_labels_name(BS_LABELS_FAMILY)
                               : source->columns.item[source->class_column]);
  f->checksum = strdup("0000000000000000");
  f->devices = source->devices.count;
  f->device = copy_names(source->devices.item, f->devices);
  if (!f->source || !f->labels || !f->checksum || !f->device)
    return no_memory();
  f->authentic = -1;
  for (int i = 0; i < f->devices; i++)
    BS_TRY(check_device(f, i));
  f->complete = f->missings == 0;
  return BS_OK;
}

static bs_status fill(const bs_source *source, const bs_pieces *pieces,
                      const char *output, bs_datafile *f)
{
  f->path = strdup(output);
  if (f->path == NULL)
    return no_memory();
  BS_TRY(set_parts(source, pieces, f));
  BS_TRY(set_features(source, f));
  BS_TRY(set_classes(source, f));
  return set_nature(source, f);
}

bs_status bs_facts_create(const bs_source *source, const bs_pieces *pieces,
                          const char *output, bs_datafile **out)
{
  BS_TRY(bs_mem_zalloc(1, sizeof **out, out));
  bs_status st = fill(source, pieces, output, *out);
  if (st != BS_OK)
    bs_datafile_close(out);
  return st;
}

bs_origin bs_facts_origin(const bs_source *source, const bs_datafile *f)
{
  bs_origin origin = {.title = "rows for classification",
                      .license =
                          "as the input file states; not known to this program",
                      .references = "none known",
                      .sources = f->source};
  if (f->nbaiot) {
    origin.title = "N-BaIoT: features of network traffic of IoT devices, "
                   "benign and under botnet attacks";
    origin.license = "N-BaIoT is offered by the UCI Machine Learning "
                     "Repository under its terms; see there before sharing";
    origin.references =
        "Y. Meidan et al., N-BaIoT: Network-based Detection of IoT Botnet "
        "Attacks Using Deep Autoencoders, IEEE Pervasive Computing 17(3), "
        "2018; UCI Machine Learning Repository, "
        "detection_of_IoT_botnet_attacks_N_BaIoT";
  }
  if (f->simulated) {
    origin.title = "simulated capture in the format of N-BaIoT";
    origin.license = "made by botsieve synth; no restrictions";
  }
  for (int i = 0; i < source->files; i++)
    if (source->file[i].seconds > origin.seconds)
      origin.seconds = source->file[i].seconds;
  return origin;
}
