/* SPDX-License-Identifier: BSD-3-Clause */
#include "jobs/split.h"

#include "io/h5.h"
#include "io/nbaiot.h"
#include "src/mem.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

static bs_status make_source(const bs_datafile *file, bs_split_file **out)
{
  BS_TRY(bs_mem_alloc((size_t)file->parts, sizeof **out, out));
  for (int i = 0; i < file->parts; i++) {
    const bs_file_part *part = &file->part[i];
    (*out)[i] = (bs_split_file){
        .first = part->first,
        .rows = part->rows,
        .device = part->device,
        .attack = part->attack,
        .family = part->attack < 0
                      ? -1
                      : bs_labels_of_attack(BS_LABELS_FAMILY, part->attack)};
  }
  return BS_OK;
}

bs_status bs_split_make(const bs_session *s, const char *text, int folds,
                        int64_t seed, bool order, bs_split_made *out)
{
  bs_split_file *file = NULL;
  *out = (bs_split_made){.text = text, .seed = seed};
  BS_TRY(bs_splits_parse(text, &out->split));
  BS_TRY(make_source(s->file, &file));
  const bs_split_source source = {s->file->parts, file};
  const bs_status st =
      bs_splits_create(&out->split, s->data, &source, folds, seed, order,
                       s->threads, out->held, &out->folds);
  bs_mem_free(&file);
  return st;
}

void bs_split_free(bs_split_made *made)
{
  bs_folds_destroy(&made->folds);
}

void bs_split_title(const bs_split_made *made, char *title, size_t room)
{
  if (made->split.kind == BS_SPLIT_RANDOM)
    snprintf(title, room, "=== Stratified cross-validation ===");
  else
    snprintf(title, room,
             "=== Evaluation on split %s, %d fold%s ===", made->text,
             made->folds->folds, made->folds->folds == 1 ? "" : "s");
}

static void digest(const bs_folds *folds, char text[17])
{
  XXH3_state_t *state = XXH3_createState();
  XXH3_64bits_reset(state);
  XXH3_64bits_update(state, folds->member, folds->n * sizeof *folds->member);
  for (int f = 0; folds->left_out != NULL && f < folds->folds; f++) {
    const uint64_t count = bs_folds_left_count(folds, f);
    XXH3_64bits_update(state, &count, sizeof count);
    XXH3_64bits_update(state, folds->left_out + folds->left_start[f],
                       count * sizeof *folds->left_out);
  }
  snprintf(text, 17, "%016" PRIx64, (uint64_t)XXH3_64bits_digest(state));
  XXH3_freeState(state);
}

json_t *bs_split_json(const bs_session *s, const bs_split_made *made)
{
  char text[17];
  const bs_folds *folds = made->folds;
  digest(folds, text);
  json_t *json = json_pack(
      "{s:s, s:i, s:I, s:I, s:s}", "kind", bs_splits_name(made->split.kind),
      "folds", folds->folds, "rows_tested",
      (json_int_t)folds->start[folds->folds], "rows_left_out",
      (json_int_t)(folds->left_out == NULL ? 0
                                           : folds->left_start[folds->folds]),
      "digest", text);
  if (made->split.kind == BS_SPLIT_RANDOM || made->split.kind == BS_SPLIT_DEDUP)
    json_object_set_new(json, "seed", json_integer(made->seed));
  if (made->split.kind == BS_SPLIT_BLOCKED || made->split.kind == BS_SPLIT_TAIL)
    json_object_set_new(json, "gap", json_integer(made->split.gap));
  if (made->split.kind == BS_SPLIT_TAIL)
    json_object_set_new(json, "part", json_real(made->split.part));
  if (bs_split_held(s, made, 0) != NULL) {
    json_t *held = json_array();
    for (int f = 0; f < folds->folds; f++)
      json_array_append_new(held, json_string(bs_split_held(s, made, f)));
    json_object_set_new(json, "held_out", held);
  }
  return json;
}

const char *bs_split_held(const bs_session *s, const bs_split_made *made, int f)
{
  switch (made->split.kind) {
  case BS_SPLIT_DEVICE_OUT:
    return s->file->device[made->held[f]];
  case BS_SPLIT_ATTACK_OUT:
    return bs_nbaiot_attack(made->held[f]);
  case BS_SPLIT_FAMILY_TRANSFER:
    return bs_labels_class(BS_LABELS_FAMILY, made->held[f]);
  case BS_SPLIT_RANDOM:
  case BS_SPLIT_DEDUP:
  case BS_SPLIT_BLOCKED:
  case BS_SPLIT_TAIL:
  case BS_SPLIT_LAST:
    break;
  }
  return NULL;
}

static bool save_one(hid_t file, const bs_split_made *made)
{
  const bs_folds *folds = made->folds;
  const size_t starts = (size_t)folds->folds + 1;
  hid_t group =
      H5Gcreate2(file, made->text, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  bool good =
      group >= 0 &&
      bs_h5_put_array(group, "fold", H5T_NATIVE_UINT16, folds->n, folds->member,
                      "fold that tests the row; 65535: none");
  if (good && folds->left_out != NULL)
    good = bs_h5_put_array(group, "left_out", H5T_NATIVE_UINT32,
                           folds->left_start[folds->folds], folds->left_out,
                           "rows that a fold leaves out") &&
           bs_h5_put_array(group, "left_start", H5T_NATIVE_ULONG, starts,
                           folds->left_start, "first of them for each fold");
  if (group >= 0)
    good = H5Gclose(group) >= 0 && good;
  return good;
}

bs_status bs_split_save(const char *path, int count,
                        const bs_split_made *const *made)
{
  char part[4200];
  snprintf(part, sizeof part, "%s.part", path);
  hid_t file = H5Fcreate(part, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  bool good = file >= 0;
  for (int i = 0; good && i < count; i++)
    good = save_one(file, made[i]);
  if (file >= 0)
    good = H5Fclose(file) >= 0 && good;
  if (good && rename(part, path) == 0)
    return BS_OK;
  const int error = errno;
  remove(part);
  return bs_fail(BS_ERR_RESOURCE, "cannot write %s%s%s", path,
                 error != 0 ? ": " : "", error != 0 ? strerror(error) : "");
}
