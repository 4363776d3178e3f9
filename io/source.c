/* SPDX-License-Identifier: BSD-3-Clause */
/* For realpath. */
#define _XOPEN_SOURCE 700
#include "io/source.h"

#include "io/arff.h"
#include "io/datafile.h"
#include "io/lines.h"
#include "io/nbaiot.h"
#include "io/row.h"
#include "io/unpack.h"
#include "src/mem.h"
#include <dirent.h>
#include <errno.h>
#include <limits.h>
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

/* Does the name, without a suffix of compression, end in \a suffix? */
static bool has_suffix(const char *name, const char *suffix)
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
  f->seconds = (int64_t)info->st_mtime;
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
  BS_TRY(bs_magic_of(path, &magic));
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
      (!has_suffix(last, ".csv") && !is_archive_name(last)))
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

/* ---- Headers. */

typedef bs_status (*line_visitor)(void *context, const char *p, const char *end,
                                  bool *stop, bs_row_error *error);

bs_status bs_source_line_error(const bs_source_file *file, uint64_t line,
                               const bs_row_error *error)
{
  if (error->column > 0)
    return bs_fail(BS_ERR_INPUT, "%s:%llu:%d: %s", file->show,
                   (unsigned long long)line, error->column, error->text);
  return bs_fail(BS_ERR_INPUT, "%s:%llu: %s", file->show,
                 (unsigned long long)line, error->text);
}

/* Visit the lines of one block; *used is where the next line starts. */
static bs_status visit_lines(const bs_source_file *file, const char *text,
                             size_t length, bool cut, uint64_t *lines,
                             size_t *used, line_visitor visit, void *context,
                             bool *stop)
{
  bs_row_error error = {0, ""};
  const char *p = text, *limit = text + length;
  if (*lines == 0 && length >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
    p += 3; /* byte order mark */
  while (p < limit && !*stop) {
    const char *end = memchr(p, '\n', (size_t)(limit - p));
    const char *next = end == NULL ? limit : end + 1;
    if (end == NULL)
      end = limit;
    if (end - p >= BS_MAX_LINE || (cut && next == limit)) {
      snprintf(error.text, sizeof error.text, "the line is longer than 8 MiB");
      return bs_source_line_error(file, *lines + 1, &error);
    }
    if (end > p && end[-1] == '\r')
      end--;
    (*lines)++;
    bs_status st = visit(context, p, end, stop, &error);
    if (st == BS_ERR_INPUT)
      return bs_source_line_error(file, *lines, &error);
    BS_TRY(st);
    p = next;
  }
  *used = (size_t)(p - text);
  return BS_OK;
}

/* Visit lines from the start of a file until the visitor stops; where they end
 * is where the data begin. */
static bs_status read_header(bs_source_file *file, line_visitor visit,
                             void *context, bool *stopped)
{
  bs_lines *lines = NULL;
  const char *text;
  size_t length, used = 0;
  uint64_t end = file->packing == BS_PLAIN ? file->size : UINT64_MAX;
  *stopped = false;
  file->data_begin = file->data_line = 0;
  BS_TRY(bs_lines_open(file, 0, end, &lines));
  bs_status st;
  uint64_t begin = 0, count = 0;
  while ((st = bs_lines_next(lines, &text, &length)) == BS_OK && length > 0 &&
         !*stopped) {
    st = visit_lines(file, text, length, bs_lines_cut(lines), &count, &used,
                     visit, context, stopped);
    if (st != BS_OK)
      break;
    begin += used;
  }
  bs_lines_close(&lines);
  file->data_begin = begin;
  file->data_line = count;
  return st;
}

typedef struct csv_header {
  char **field;
  int count;
} csv_header;

static bs_status visit_csv(void *context, const char *p, const char *end,
                           bool *stop, bs_row_error *error)
{
  csv_header *header = context;
  *stop = true;
  return bs_row_split(p, end, &header->field, &header->count, error);
}

static bs_status check_nbaiot(const bs_source_file *file,
                              const csv_header *header)
{
  bs_row_error error;
  if (bs_nbaiot_header(header->field, header->count, &error.column, error.text,
                       sizeof error.text))
    return BS_OK;
  return bs_source_line_error(file, 1, &error);
}

/* The first CSV file says what the columns are; others must say the same. */
static bs_status take_csv(bs_source *source, const bs_source_file *file,
                          const csv_header *header)
{
  bs_row_error error = {0, ""};
  for (int j = 0; j < header->count; j++) {
    const char *name = header->field[j];
    error.column = j + 1;
    if (name[0] == '\0')
      snprintf(error.text, sizeof error.text, "a column without a name");
    else if (file == source->file &&
             bs_names_find(&source->columns, name, strlen(name)) >= 0)
      snprintf(error.text, sizeof error.text,
               "column name '%.60s' is there twice", name);
    else if (file != source->file &&
             (j >= source->columns.count ||
              strcmp(name, source->columns.item[j]) != 0))
      snprintf(error.text, sizeof error.text,
               "the header differs from that of the first file");
    if (error.text[0] != '\0')
      return bs_source_line_error(file, 1, &error);
    if (file == source->file)
      BS_TRY(bs_names_add(&source->columns, name, strlen(name), NULL));
  }
  if (header->count == source->columns.count)
    return BS_OK;
  snprintf(error.text, sizeof error.text,
           "the header differs from that of the first file");
  return bs_source_line_error(file, 1, &error);
}

static bs_status read_csv_header(bs_source *source, bs_source_file *file)
{
  csv_header header = {NULL, 0};
  bool stopped;
  bs_status st = read_header(file, visit_csv, &header, &stopped);
  if (st == BS_OK && !stopped)
    st = bs_fail(BS_ERR_INPUT, "%s: the file is empty", file->show);
  if (st == BS_OK)
    st = source->kind == BS_SOURCE_NBAIOT ? check_nbaiot(file, &header)
                                          : take_csv(source, file, &header);
  for (int j = 0; j < header.count; j++)
    free(header.field[j]);
  free(header.field);
  return st;
}

static bs_status visit_arff(void *context, const char *p, const char *end,
                            bool *stop, bs_row_error *error)
{
  bs_arff *arff = context;
  bs_status st = bs_arff_line(arff, p, end, error);
  *stop = arff->data;
  return st;
}

/* For rows to be predicted: any attributes, perhaps a class among them. */
static bs_status take_arff_rows(bs_source *source, bs_arff *arff,
                                const char *label, bool must)
{
  int index =
      label == NULL ? -1 : bs_names_find(&arff->names, label, strlen(label));
  if (must && (index < 0 || arff->type[index] != NULL))
    return bs_fail(BS_ERR_INPUT, "%s: no nominal attribute is called '%.200s'",
                   source->file->show, label);
  if (index < 0)
    index = arff->count - 1;
  if (index >= 0 && arff->type[index] != NULL)
    index = -1;
  source->class_column = index;
  source->columns = arff->names;
  arff->names = (bs_names)BS_NAMES_NONE;
  if (index >= 0) {
    source->classes = arff->values[index];
    arff->values[index] = (bs_names)BS_NAMES_NONE;
  }
  return BS_OK;
}

static bs_status take_arff(bs_source *source, bs_arff *arff,
                           const char *class_column, bool must)
{
  bs_row_error error = {0, ""};
  if (source->lenient)
    return take_arff_rows(source, arff, class_column, must);
  source->class_column = bs_arff_class(arff, class_column, &error);
  if (source->class_column < 0)
    return bs_fail(BS_ERR_INPUT, "%s: %s", source->file->show, error.text);
  source->columns = arff->names;
  arff->names = (bs_names)BS_NAMES_NONE;
  source->classes = arff->values[source->class_column];
  arff->values[source->class_column] = (bs_names)BS_NAMES_NONE;
  return BS_OK;
}

static bs_status read_arff_header(bs_source *source, const char *class_column,
                                  bool must)
{
  bs_arff arff = {0};
  bool stopped;
  bs_status st = read_header(source->file, visit_arff, &arff, &stopped);
  if (st == BS_OK && !stopped)
    st = bs_fail(BS_ERR_INPUT, "%s: no @data line", source->file->show);
  if (st == BS_OK)
    st = take_arff(source, &arff, class_column, must);
  bs_arff_free(&arff);
  return st;
}

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
    BS_TRY(read_csv_header(source, &source->file[i]));
  for (int j = 0; j < BS_NBAIOT_FEATURES; j++) {
    const char *name = bs_nbaiot_feature(j);
    BS_TRY(bs_names_add(&source->columns, name, strlen(name), NULL));
  }
  return BS_OK;
}

static bs_status prepare_csv(bs_source *source, const char *class_column)
{
  for (int i = 0; i < source->files; i++)
    BS_TRY(read_csv_header(source, &source->file[i]));
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
    arff = arff || has_suffix(source->file[i].name, ".arff");
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
    return read_arff_header(source, label, must);
  if (source->kind == BS_SOURCE_NBAIOT)
    return prepare_nbaiot(source, NULL);
  for (int i = 0; i < source->files; i++)
    BS_TRY(read_csv_header(source, &source->file[i]));
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
    return read_arff_header(source, class_column, true);
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
  search s = {.source = source};
  bs_status st = BS_OK;
  for (int i = 0; i < count && st == BS_OK; i++) {
    int before = source->files;
    st = search_path(&s, paths[i]);
    if (st == BS_OK && source->files == before)
      st = bs_fail(BS_ERR_INPUT, "%s: no data files in this folder", paths[i]);
  }
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

/* ---- JSON. Paths and names need not be UTF-8, so they travel as bytes in
 * hexadecimal. */

static json_t *bytes_to_json(const char *text)
{
  static const char digits[] = "0123456789abcdef";
  if (text == NULL)
    return json_null();
  size_t n = strlen(text);
  char *hex = malloc(2 * n + 1);
  if (hex == NULL)
    return NULL;
  for (size_t i = 0; i < n; i++) {
    hex[2 * i] = digits[(unsigned char)text[i] >> 4];
    hex[2 * i + 1] = digits[(unsigned char)text[i] & 15];
  }
  json_t *json = json_stringn(hex, 2 * n);
  free(hex);
  return json;
}

static int hex_digit(char ch)
{
  return ch <= '9' ? ch - '0' : ch - 'a' + 10;
}

/* NULL for null, and where memory runs out. */
static char *bytes_from_json(const json_t *json)
{
  const char *hex = json_string_value(json);
  if (hex == NULL)
    return NULL;
  size_t n = strlen(hex) / 2;
  char *text = malloc(n + 1);
  for (size_t i = 0; text != NULL && i < n; i++)
    text[i] = (char)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
  if (text != NULL)
    text[n] = '\0';
  return text;
}

static json_t *names_to_json(const bs_names *names)
{
  json_t *list = json_array();
  for (int i = 0; i < names->count; i++)
    json_array_append_new(list, bytes_to_json(names->item[i]));
  return list;
}

static bs_status names_from_json(const json_t *list, bs_names *names)
{
  for (size_t i = 0; i < json_array_size(list); i++) {
    char *text = bytes_from_json(json_array_get(list, i));
    if (text == NULL)
      return bs_fail(BS_ERR_RESOURCE, "out of memory for names");
    bs_status st = bs_names_add(names, text, strlen(text), NULL);
    free(text);
    BS_TRY(st);
  }
  return BS_OK;
}

json_t *bs_source_to_json(const bs_source *s)
{
  json_t *files = json_array();
  for (int i = 0; i < s->files; i++) {
    const bs_source_file *f = &s->file[i];
    json_array_append_new(
        files, json_pack("[ooooiIIiiII]", bytes_to_json(f->show),
                         bytes_to_json(f->name), bytes_to_json(f->path),
                         bytes_to_json(f->member), (int)f->packing,
                         (json_int_t)f->size, (json_int_t)f->seconds, f->device,
                         f->attack, (json_int_t)f->data_begin,
                         (json_int_t)f->data_line));
  }
  return json_pack(
      "{s:b, s:i, s:i, s:b, s:o, s:o, s:o, s:o, s:o}", "lenient", s->lenient,
      "kind", (int)s->kind, "class_column", s->class_column, "simulated",
      s->simulated, "base", bytes_to_json(s->base), "files", files, "devices",
      names_to_json(&s->devices), "columns", names_to_json(&s->columns),
      "classes", names_to_json(&s->classes));
}

static bs_status file_from_json(const json_t *json, bs_source_file *f)
{
  json_t *show, *name, *path, *member;
  int packing;
  json_int_t size, seconds, begin, line;
  if (json_unpack((json_t *)json, "[ooooiIIiiII]", &show, &name, &path, &member,
                  &packing, &size, &seconds, &f->device, &f->attack, &begin,
                  &line) != 0)
    return bs_fail(BS_ERR_RUNTIME, "bad description of an input file");
  f->packing = (bs_packing)packing;
  f->size = (uint64_t)size;
  f->seconds = seconds;
  f->data_begin = (uint64_t)begin;
  f->data_line = (uint64_t)line;
  f->show = bytes_from_json(show);
  f->name = bytes_from_json(name);
  f->path = bytes_from_json(path);
  f->member = bytes_from_json(member);
  if (f->show == NULL || f->name == NULL || f->path == NULL ||
      (f->member == NULL && !json_is_null(member)))
    return bs_fail(BS_ERR_RESOURCE, "out of memory for input files");
  return BS_OK;
}

static bs_status fill_from_json(const json_t *json, bs_source *s)
{
  int kind, simulated, lenient;
  json_t *base, *files, *devices, *columns, *classes;
  if (json_unpack(
          (json_t *)json, "{s:b, s:i, s:i, s:b, s:o, s:o, s:o, s:o, s:o}",
          "lenient", &lenient, "kind", &kind, "class_column", &s->class_column,
          "simulated", &simulated, "base", &base, "files", &files, "devices",
          &devices, "columns", &columns, "classes", &classes) != 0)
    return bs_fail(BS_ERR_RUNTIME, "bad description of the input");
  s->kind = (bs_source_kind)kind;
  s->simulated = simulated;
  s->lenient = lenient;
  s->base = bytes_from_json(base);
  size_t count = json_array_size(files);
  s->file = calloc(count + 1, sizeof *s->file);
  if (s->base == NULL || s->file == NULL)
    return bs_fail(BS_ERR_RESOURCE, "out of memory for input files");
  for (size_t i = 0; i < count; i++) {
    s->files++;
    BS_TRY(file_from_json(json_array_get(files, i), &s->file[i]));
  }
  BS_TRY(names_from_json(devices, &s->devices));
  BS_TRY(names_from_json(columns, &s->columns));
  return names_from_json(classes, &s->classes);
}

bs_status bs_source_from_json(const json_t *json, bs_source **out)
{
  bs_source *s;
  *out = NULL;
  BS_TRY(bs_mem_zalloc(1, sizeof *s, &s));
  bs_status st = fill_from_json(json, s);
  if (st != BS_OK)
    bs_source_destroy(&s);
  *out = s;
  return st;
}
