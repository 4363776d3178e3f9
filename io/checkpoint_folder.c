/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/checkpoint_internal.h"
#include "io/record_file.h"
#include "src/version.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char manifest[] = "manifest.json";

bs_status bs_folder_path(char *path, size_t room, const char *folder,
                         const char *name, const char *suffix)
{
  if (snprintf(path, room, "%s/%s%s", folder, name, suffix) >= (int)room)
    return bs_fail(BS_ERR_USAGE, "option --checkpoint: the path is too long");
  return BS_OK;
}

bool bs_name_ends(const char *name, const char *suffix)
{
  const size_t length = strlen(name), end = strlen(suffix);
  return length >= end && strcmp(name + length - end, suffix) == 0;
}

static bool holds_records(const char *name)
{
  return bs_name_ends(name, ".units") || bs_name_ends(name, ".state0") ||
         bs_name_ends(name, ".state1");
}

/* ---- The lock. */

static bs_status unwritable(const char *folder)
{
  return bs_fail(BS_ERR_RESOURCE, "cannot write to checkpoint folder %s: %s",
                 folder, strerror(errno));
}

bs_status bs_folder_lock(const char *folder, int *lock)
{
  char path[4096];
  struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  *lock = -1;
  BS_TRY(bs_folder_path(path, sizeof path, folder, "lock", ""));
  if (mkdir(folder, 0777) != 0 && errno != EEXIST)
    return bs_fail(BS_ERR_RESOURCE, "cannot make checkpoint folder %s: %s",
                   folder, strerror(errno));
  *lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (*lock < 0)
    return unwritable(folder);
  if (fcntl(*lock, F_SETLK, &all) == 0 || (errno != EACCES && errno != EAGAIN))
    return BS_OK; /* or a file system without locks */
  close(*lock);
  *lock = -1;
  return bs_fail(BS_ERR_LAUNCH,
                 "checkpoint %s is in use by another run; wait for its end, or "
                 "name another folder",
                 folder);
}

/* ---- What is in the folder. */

bs_status bs_folder_list(const char *folder,
                         bs_status (*each)(void *context, const char *name),
                         void *context)
{
  bs_status st = BS_OK;
  DIR *dir = opendir(folder);
  if (dir == NULL)
    return bs_fail(BS_ERR_INPUT, "cannot read checkpoint folder %s: %s", folder,
                   strerror(errno));
  for (struct dirent *e; st == BS_OK && (e = readdir(dir)) != NULL;)
    if (holds_records(e->d_name))
      st = each(context, e->d_name);
  closedir(dir);
  return st;
}

/* Remove the files that pass the test. */
static void remove_where(const char *folder, bool (*test)(const char *name))
{
  char path[4096];
  DIR *dir = opendir(folder);
  if (dir == NULL)
    return;
  for (struct dirent *e; (e = readdir(dir)) != NULL;)
    if (test(e->d_name) &&
        bs_folder_path(path, sizeof path, folder, e->d_name, "") == BS_OK)
      unlink(path);
  closedir(dir);
}

/* Never whole, or of the last run only. */
static bool is_leftover(const char *name)
{
  return bs_name_ends(name, ".part") || strcmp(name, "stop") == 0;
}

static bool is_ours(const char *name)
{
  return is_leftover(name) || holds_records(name);
}

static bool is_manifest(const char *name)
{
  return strcmp(name, manifest) == 0;
}

static bool is_lock(const char *name)
{
  return strcmp(name, "lock") == 0;
}

/* The manifest goes last: without the others it is only a start. */
void bs_folder_remove(const char *folder)
{
  remove_where(folder, is_ours);
  remove_where(folder, is_manifest);
  remove_where(folder, is_lock);
  rmdir(folder);
}

/* A folder without manifest is a new one; it must not hold what we have not
 * made. Records in it are of a run that was being removed. */
static bs_status start_afresh(const char *folder)
{
  DIR *dir = opendir(folder);
  char other[256] = "";
  if (dir == NULL)
    return unwritable(folder);
  for (struct dirent *e; (e = readdir(dir)) != NULL;)
    if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
        !is_ours(e->d_name) && !is_lock(e->d_name))
      snprintf(other, sizeof other, "%s", e->d_name);
  closedir(dir);
  if (other[0] != '\0')
    return bs_fail(BS_ERR_USAGE,
                   "option --checkpoint: %s holds %s, which is no part of a "
                   "checkpoint; name an empty folder or one to be made",
                   folder, other);
  remove_where(folder, is_ours);
  return BS_OK;
}

/* ---- The manifest. */

static uint64_t hash_of(const json_t *json)
{
  char *text =
      json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(17));
  const uint64_t hash = text == NULL ? 0 : bs_bytes_hash(text, strlen(text));
  free(text);
  return hash;
}

/* A value as the text of an error shows it. */
static void show(const json_t *value, char *text, size_t room)
{
  char *dump = value == NULL
                   ? NULL
                   : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY |
                                           JSON_REAL_PRECISION(17));
  snprintf(text, room, "%s",
           value == NULL || json_is_null(value) ? "not given"
           : dump == NULL                       ? "?"
                                                : dump);
  if (strlen(text) > 60)
    strcpy(text + 57, "...");
  free(dump);
}

/* The first value that differs, anywhere. */
static bool find_difference(const json_t *there, const json_t *here,
                            const char **name, char was[128], char is[128])
{
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)here, key, value)
  {
    const json_t *old = json_object_get(there, key);
    if (json_is_object(value) && json_is_object(old) &&
        find_difference(old, value, name, was, is))
      return true;
    if (json_equal(old, value))
      continue;
    *name = key;
    show(old, was, 128);
    show(value, is, 128);
    return true;
  }
  return false;
}

static bs_status damaged(const char *folder, const char *why)
{
  return bs_fail(BS_ERR_INPUT,
                 "checkpoint %s: %s is %s; remove the folder to start over",
                 folder, manifest, why);
}

static bs_status compare(const char *folder, const json_t *there,
                         const json_t *here)
{
  const char *name = "";
  char was[128] = "", is[128] = "";
  if (!find_difference(there, here, &name, was, is))
    return json_equal(there, here) ? BS_OK : damaged(folder, "of another kind");
  return bs_fail(
      BS_ERR_INPUT,
      "checkpoint %s is of another run: %s was %s, now %s; give that "
      "run's options, name another folder, or remove this one",
      folder, name, was, is);
}

static bs_status check_manifest(const char *folder, const char *path,
                                const json_t *here)
{
  json_t *there = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
  const char *text = json_string_value(json_object_get(there, "digest"));
  char digest[17] = "";
  if (text != NULL)
    snprintf(digest, sizeof digest, "%s", text);
  json_object_del(there, "digest");
  char right[17];
  snprintf(right, sizeof right, "%016" PRIx64, hash_of(there));
  const bs_status st = there == NULL || strcmp(digest, right) != 0
                           ? damaged(folder, "damaged")
                           : compare(folder, there, here);
  json_decref(there);
  return st;
}

static bs_status write_manifest(const char *path, json_t *here,
                                uint64_t identity)
{
  char digest[17];
  snprintf(digest, sizeof digest, "%016" PRIx64, identity);
  json_object_set_new(here, "digest", json_string(digest));
  char *text = json_dumps(here, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
  const bs_status st =
      text == NULL ? bs_fail(BS_ERR_RESOURCE, "out of memory for %s", path)
                   : bs_file_replace(path, text, strlen(text));
  free(text);
  return st;
}

bs_status bs_folder_manifest(const char *folder, const json_t *about,
                             uint64_t *identity)
{
  char path[4096];
  json_t *here = json_pack("{s:s, s:s, s:O}", "kind", "botsieve checkpoint 2",
                           "version", BS_VERSION, "run", about);
  bs_status st =
      here == NULL ? bs_fail(BS_ERR_RESOURCE, "out of memory for %s", manifest)
                   : bs_folder_path(path, sizeof path, folder, manifest, "");
  if (st != BS_OK)
    goto done;
  *identity = hash_of(here);
  remove_where(folder, is_leftover);
  if (access(path, F_OK) == 0) {
    st = check_manifest(folder, path, here);
  } else {
    st = start_afresh(folder);
    if (st == BS_OK)
      st = write_manifest(path, here, *identity);
  }
done:
  json_decref(here);
  return st;
}
