/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/capture_file.h"

#include "io/checksum.h"
#include "io/datafile_write.h"
#include "io/json.h"
#include "io/nbaiot.h"
#include "io/uci_folder.h"
#include "src/comm.h"
#include "src/mem.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bs_capture {
  MPI_Comm comm;
  bs_datafile *facts;
  bs_writer *writer;
  uint16_t *y; /* (room) classes of a slab: all the same */
  size_t room;
};

/* ---- Facts, put together as JSON: bs_datafile_from_json does the copying. */

static void append(json_t *object, const char *list, const char *text)
{
  json_t *values = json_object_get(object, list);
  size_t n = json_array_size(values);
  if (n > 0 &&
      strcmp(json_string_value(json_array_get(values, n - 1)), text) == 0)
    return; /* parts are in order: equal names follow one another */
  json_array_append_new(values, json_string(text));
}

static const char *family(int attack)
{
  return bs_labels_class(BS_LABELS_FAMILY,
                         bs_labels_of_attack(BS_LABELS_FAMILY, attack));
}

static void add_part(json_t *facts, const bs_capture_part *part, uint64_t first)
{
  char name[BS_UCI_PATH_ROOM], lack[BS_UCI_PATH_ROOM];
  uint64_t published = bs_nbaiot_rows(part->device, part->attack);
  bs_uci_path(part->device, part->attack, name);
  append(facts, "device", bs_nbaiot_device(part->device));
  int device = (int)json_array_size(json_object_get(facts, "device")) - 1;
  json_array_append_new(json_object_get(facts, "part"),
                        json_pack("[siiII]", name, device, part->attack,
                                  (json_int_t)first, (json_int_t)part->rows));
  if (part->rows == published)
    return;
  snprintf(lack, sizeof lack, "%s/%s: %llu rows, published are %llu",
           bs_nbaiot_device(part->device), bs_nbaiot_attack(part->attack),
           (unsigned long long)part->rows, (unsigned long long)published);
  append(facts, "missing", lack);
}

/* Classes that have rows, in the order of the labels. */
static void add_classes(json_t *facts, int parts, const bs_capture_part *part)
{
  for (int k = 0; k < bs_labels_count(BS_LABELS_FAMILY); k++) {
    json_int_t rows = 0;
    for (int i = 0; i < parts; i++)
      if (bs_labels_of_attack(BS_LABELS_FAMILY, part[i].attack) == k)
        rows += (json_int_t)part[i].rows;
    if (rows == 0)
      continue;
    append(facts, "class", bs_labels_class(BS_LABELS_FAMILY, k));
    json_array_append_new(json_object_get(facts, "class_rows"),
                          json_integer(rows));
  }
}

static bs_status make_facts(const char *path, int parts,
                            const bs_capture_part *part, bs_datafile **out)
{
  uint64_t n = 0;
  json_t *facts = json_pack(
      "{s:o, s:s, s:s, s:b, s:b, s:i, s:s, s:[], s:[], s:[], s:[], s:[], s:[]}",
      "path", bs_json_bytes(path), "labels", bs_labels_name(BS_LABELS_FAMILY),
      "source", "simulated capture", "simulated", true, "nbaiot", true,
      "authentic", -1, "checksum", "0000000000000000", "feature", "class",
      "class_rows", "missing", "device", "part");
  for (int j = 0; j < BS_NBAIOT_FEATURES; j++)
    append(facts, "feature", bs_nbaiot_feature(j));
  for (int i = 0; i < parts; i++) {
    add_part(facts, &part[i], n);
    n += part[i].rows;
  }
  add_classes(facts, parts, part);
  json_object_set_new(facts, "n", json_integer((json_int_t)n));
  bool whole = json_array_size(json_object_get(facts, "missing")) == 0;
  json_object_set_new(facts, "complete", json_boolean(whole));
  bs_status st = bs_datafile_from_json(facts, out);
  json_decref(facts);
  return st;
}

/* ---- Writing. */

bool bs_capture_close(bs_capture **capture, bs_status st)
{
  const bool left = bs_writer_give_up(&(*capture)->writer, st);
  bs_datafile_close(&(*capture)->facts);
  bs_mem_free(&(*capture)->y);
  bs_mem_free(capture);
  return left;
}

bs_status bs_capture_create(MPI_Comm comm, const char *path, int parts,
                            const bs_capture_part *part, const bs_keep *keep,
                            bs_capture **out)
{
  bs_capture *c = NULL;
  *out = NULL;
  bs_status st = bs_mem_zalloc(1, sizeof *c, &c);
  if (st == BS_OK) {
    c->comm = comm;
    st = make_facts(path, parts, part, &c->facts);
  }
  st = bs_agree(comm, st);
  if (st == BS_OK)
    st =
        bs_writer_create_kept(comm, path, c->facts, 0, keep, parts, &c->writer);
  if (st != BS_OK && c != NULL)
    bs_capture_close(&c, st);
  *out = c;
  return st;
}

bool bs_capture_has(const bs_capture *c, int part)
{
  return bs_writer_has(c->writer, part);
}

bs_status bs_capture_done(bs_capture *c, int part)
{
  return bs_writer_done(c->writer, part);
}

static uint16_t class_of(const bs_datafile *facts, int part)
{
  uint16_t code = 0;
  while (strcmp(facts->class_name[code], family(facts->part[part].attack)) != 0)
    code++;
  return code;
}

bs_status bs_capture_put(bs_capture *c, int part, uint64_t row, size_t rows,
                         const double *x)
{
  if (rows > c->room) {
    bs_mem_free(&c->y);
    c->room = 0;
    BS_TRY(bs_mem_alloc(rows, sizeof *c->y, &c->y));
    c->room = rows;
  }
  for (size_t i = 0; i < rows; i++)
    c->y[i] = class_of(c->facts, part);
  bs_slab slab = {c->facts->part[part].first + row, rows, part, x, c->y};
  return bs_writer_put(c->writer, &slab);
}

/* ---- The end. */

/* The classes of all rows into the sum; rank 0. */
static bs_status sum_classes(const bs_datafile *facts, bs_checksum *sum)
{
  enum { BLOCK = 65536 };
  uint16_t *y;
  BS_TRY(bs_mem_alloc(BLOCK, sizeof *y, &y));
  for (int i = 0; i < facts->parts; i++) {
    for (int k = 0; k < BLOCK; k++)
      y[k] = class_of(facts, i);
    for (uint64_t left = facts->part[i].rows, count; left > 0; left -= count) {
      count = left < BLOCK ? left : BLOCK;
      bs_checksum_classes(sum, y, (size_t)count);
    }
  }
  bs_mem_free(&y);
  return BS_OK;
}

static bs_status set_checksum(bs_capture *c)
{
  bs_datafile *f = c->facts;
  bs_checksum *sum;
  bs_status st =
      bs_checksum_create(f->feature, f->d, f->class_name, f->c, &sum);
  BS_GO(st, bs_agree(c->comm, st));
  BS_GO(st, bs_checksum_stored(c->comm, bs_writer_path(c->writer), f->n, f->d,
                               sum));
  if (bs_comm_rank(c->comm) == 0)
    st = sum_classes(f, sum);
  BS_GO(st, bs_agree(c->comm, st));
  bs_checksum_digits(sum, f->checksum);
  BS_MPI(MPI_Bcast(f->checksum, 17, MPI_CHAR, 0, c->comm));
done:
  bs_checksum_destroy(&sum);
  return st;
}

bs_status bs_capture_finish(bs_capture *c)
{
  static const bs_origin origin = {
      .title = "simulated capture in the format of N-BaIoT",
      .license = "made by botsieve synth; no restrictions",
      .references = "features as in Y. Meidan et al., N-BaIoT, IEEE Pervasive "
                    "Computing 17(3), 2018",
      .sources = "botsieve synth"};
  BS_TRY(bs_writer_close(c->writer));
  BS_TRY(set_checksum(c));
  return bs_writer_finish(&c->writer, &origin);
}
