/* SPDX-License-Identifier: BSD-3-Clause */
/* For realpath. */
#define _XOPEN_SOURCE 700
#include "io/source_search.h"

#include "io/unpack.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { MAX_DEPTH = 8, MAX_FILES = 1 << 20, PATH_ROOM = 4096 };

/* Where the search stands. */
typedef struct search {
  bs_source *source;
  int room;         /* of source->file */
  const char *base; /* name of the source at hand */
  bool named;       /* the file was named on the command line */
  /* For visiting an archive: */
  const char *path, *show, *name;
  const struct stat *info;
} search;

static bool ends_with(const char *name, const char *suffix)
{
  size_t n = strlen(name), s = strlen(suffix);
  return n > s && strcasecmp(name + n - s, suffix) == 0;
}

bool bs_has_suffix(const char *name, const char *suffix)
{
  static const char *const packed[] = {".gz", ".xz", ".zst", ".bz2", ".zip"};
  char stem[PATH_ROOM];
  if (ends_with(name, suffix))
    return true;
  for (size_t i = 0; i < sizeof packed / sizeof *packed; i++)
    if (ends_with(name, packed[i]) && strlen(name) < sizeof stem) {
      strcpy(stem, name);
      stem[strlen(name) - strlen(packed[i])] = '\0';
      return ends_with(stem, suffix);
    }
  return false;
}

static bool is_archive_name(const char *name)
{
  return ends_with(name, ".zip") || ends_with(name, ".rar") ||
         ends_with(name, ".7z") || bs_is_tar_name(name);
}

static bool is_packed_name(const char *name)
{
  return is_archive_name(name) || ends_with(name, ".gz") ||
         ends_with(name, ".xz") || ends_with(name, ".zst") ||
         ends_with(name, ".bz2");
}

/* Tables that come with the Kaggle copy and hold no rows of traffic. */
static bool is_side_table(const char *name)
{
  static const char *const known[] = {"data_summary.csv", "device_info.csv",
                                      "features.csv"};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strcasecmp(name, known[i]) == 0)
      return true;
  return false;
}

static const char *base_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash == NULL ? path : slash + 1;
}

/* ---- Candidates. */

static bs_status add_file(search *s, const char *path, const char *show,
                          const char *name, const char *member,
                          bs_packing packing, const struct stat *info)
{
  bs_source *source = s->source;
  if (source->files == s->room) {
    int room = s->room == 0 ? 128 : 2 * s->room;
    bs_source_file *file =
        realloc(source->file, (size_t)room * sizeof *source->file);
    if (file == NULL || room > MAX_FILES)
      return bs_fail(BS_ERR_RESOURCE, "out of memory for %d input files", room);
    source->file = file;
    s->room = room;
  }
  bs_source_file *f = &source->file[source->files++];
  memset(f, 0, sizeof *f);
  f->show = strdup(show);
  f->name = strdup(name);
  f->path = strdup(path);
  f->member = member == NULL ? NULL : strdup(member);
  f->packing = packing;
  f->size = (uint64_t)info->st_size;
  f->seconds = (int64_t)info->st_mtim.tv_sec;
  f->nanoseconds = info->st_mtim.tv_nsec;
  f->device = f->attack = -1;
  if (f->show == NULL || f->name == NULL || f->path == NULL ||
      (member != NULL && f->member == NULL))
    return bs_fail(BS_ERR_RESOURCE, "out of memory for input files");
  return BS_OK;
}

static bs_status visit_member(void *context, const char *member)
{
  search *s = context;
  const char *last = base_name(member);
  char show[2 * PATH_ROOM], name[2 * PATH_ROOM];
  if (strcmp(last, BS_SIMULATED_MARKER) == 0)
    s->source->simulated = true;
  if (last[0] == '.' || strncmp(member, "__MACOSX/", 9) == 0 ||
      is_side_table(last))
    return BS_OK;
  snprintf(show, sizeof show, "%s/%s", s->show, member);
  snprintf(name, sizeof name, "%s/%s", s->name, member);
  if (is_packed_name(last))
    return bs_fail(BS_ERR_INPUT,
                   "%s: a packed file inside an archive; unpack "
                   "the outer one first",
                   show);
  if (!ends_with(last, ".csv") && !ends_with(last, ".arff"))
    return BS_OK;
  return add_file(s, s->path, show, name, member, BS_MEMBER, s->info);
}

static bs_status add_archive(search *s, const char *path, const char *show,
                             const char *name, const struct stat *info)
{
  int before = s->source->files;
  s->path = path, s->show = show, s->name = name, s->info = info;
  BS_TRY(bs_unpack_list(path, show, visit_member, s));
  if (s->source->files == before)
    return bs_fail(BS_ERR_INPUT, "%s: the archive holds no .csv or .arff file",
                   show);
  return BS_OK;
}

/* A file that may hold rows. */
static bs_status add_candidate(search *s, const char *path, const char *show,
                               const char *name, const struct stat *info)
{
  bs_magic magic;
  if (info->st_size == 0)
    return bs_fail(BS_ERR_INPUT, "%s: the file is empty", show);
  BS_TRY(bs_magic_of(path, show, &magic));
  if (magic == BS_MAGIC_RAR4)
    return bs_fail(BS_ERR_INPUT,
                   "%s: a RAR 4 archive, which cannot be read "
                   "safely here: unpack it with 'unar' and "
                   "convert the folder",
                   show);
  if (magic == BS_MAGIC_ARCHIVE || bs_is_tar_name(path))
    return add_archive(s, path, show, name, info);
  if (magic == BS_MAGIC_COMPRESSED)
    return add_file(s, path, show, name, NULL, BS_COMPRESSED, info);
  if (is_packed_name(path))
    return bs_fail(BS_ERR_INPUT, "%s: damaged: not what its name says", show);
  return add_file(s, path, show, name, NULL, BS_PLAIN, info);
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
  return strcmp((*a)->d_name, (*b)->d_name);
}

static bs_status walk(search *s, const char *path, const char *show,
                      const char *name, int depth);

static bs_status visit_entry(search *s, const char *path, const char *show,
                             const char *name, int depth)
{
  struct stat info;
  const char *last = base_name(path);
  if (strcmp(last, BS_SIMULATED_MARKER) == 0)
    s->source->simulated = true;
  if (last[0] == '.' || is_side_table(last))
    return BS_OK;
  if (stat(path, &info) != 0)
    return bs_fail(BS_ERR_INPUT, "cannot read %s: %s", show, strerror(errno));
  if (S_ISDIR(info.st_mode))
    return walk(s, path, show, name, depth + 1);
  if (!S_ISREG(info.st_mode) ||
      (!bs_has_suffix(last, ".csv") && !is_archive_name(last)))
    return BS_OK;
  return add_candidate(s, path, show, name, &info);
}

static bs_status walk(search *s, const char *path, const char *show,
                      const char *name, int depth)
{
  struct dirent **entry;
  char below[PATH_ROOM], show_below[PATH_ROOM], name_below[PATH_ROOM];
  if (depth > MAX_DEPTH)
    return bs_fail(BS_ERR_INPUT, "%s: folders are nested too deeply", show);
  int count = scandir(path, &entry, NULL, compare_names);
  if (count < 0)
    return bs_fail(BS_ERR_INPUT, "cannot read folder %s: %s", show,
                   strerror(errno));
  bs_status st = BS_OK;
  for (int i = 0; i < count; i++) {
    const char *last = entry[i]->d_name;
    if (st == BS_OK && last[0] != '.') {
      if (snprintf(below, sizeof below, "%s/%s", path, last) >= PATH_ROOM ||
          snprintf(show_below, sizeof show_below, "%s/%s", show, last) >=
              PATH_ROOM ||
          snprintf(name_below, sizeof name_below, "%s/%s", name, last) >=
              PATH_ROOM)
        st = bs_fail(BS_ERR_INPUT, "path too long below %.200s", show);
      else
        st = visit_entry(s, below, show_below, name_below, depth);
    }
    free(entry[i]);
  }
  free(entry);
  return st;
}

/* The marker may lie beside what was named: in the folder above it. */
static bool marked_above(const char *real)
{
  char path[PATH_ROOM + 32];
  const char *slash = strrchr(real, '/');
  struct stat info;
  if (slash == NULL)
    return false;
  snprintf(path, sizeof path, "%.*s/%s", (int)(slash - real), real,
           BS_SIMULATED_MARKER);
  return stat(path, &info) == 0;
}

/* What a source is called in the data file: its last component, for a file
 * with its folder, and with the folder above those of the families: these tell
 * device and attack. */
static const char *name_of(const char *real, bool file)
{
  const char *p = strrchr(real, '/');
  if (file)
    while (p > real && *--p != '/')
      ;
  if (strncasecmp(p + 1, "gafgyt_attacks", 14) == 0 ||
      strncasecmp(p + 1, "mirai_attacks", 13) == 0)
    while (p > real && *--p != '/')
      ;
  return *p == '/' ? p + 1 : p;
}

/* One SOURCE of the command line. */
static bs_status search_path(search *s, const char *path)
{
  struct stat info;
  char real[PATH_ROOM], show[PATH_ROOM];
  if (stat(path, &info) != 0 || realpath(path, real) == NULL)
    return bs_fail(BS_ERR_INPUT, "cannot read %s: %s", path, strerror(errno));
  snprintf(show, sizeof show, "%s", path);
  for (size_t n = strlen(show); n > 1 && show[n - 1] == '/'; n--)
    show[n - 1] = '\0';
  s->source->simulated = s->source->simulated || marked_above(real);
  if (s->source->base == NULL)
    s->source->base = strdup(base_name(real));
  if (s->source->base == NULL)
    return bs_fail(BS_ERR_RESOURCE, "out of memory");
  const char *name = name_of(real, S_ISREG(info.st_mode));
  if (S_ISDIR(info.st_mode))
    return walk(s, real, show, name, 0);
  if (!S_ISREG(info.st_mode))
    return bs_fail(BS_ERR_INPUT, "%s: neither a file nor a folder", path);
  return add_candidate(s, real, show, name, &info);
}

bs_status bs_source_search(int count, char *const *paths, bs_source *source)
{
  search s = {.source = source};
  for (int i = 0; i < count; i++) {
    int before = source->files;
    BS_TRY(search_path(&s, paths[i]));
    if (source->files == before)
      return bs_fail(BS_ERR_INPUT, "%s: no data files in this folder",
                     paths[i]);
  }
  return BS_OK;
}
