/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/convert.h"

#include "io/checksum.h"
#include "io/datafile_write.h"
#include "io/digest.h"
#include "io/lines.h"
#include "io/nbaiot.h"
#include "io/pieces.h"
#include "src/comm.h"
#include "src/mem.h"
#include <errno.h>
#include <hdf5.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;
/* What rank 0 is writing; a launcher may give us no time for more than that. */
static char unfinished[2][4096];

void bs_convert_interrupt(int signal)
{
  interrupted = signal;
  for (int i = 0; i < 2; i++)
    if (unfinished[i][0] != '\0')
      unlink(unfinished[i]);
}

static void set_unfinished(int rank, const char *output)
{
  static const char *const suffix[2] = {".part", ".packed.part"};
  for (int i = 0; i < 2; i++)
    if (rank == 0 && output != NULL && strlen(output) < 4000)
      snprintf(unfinished[i], sizeof unfinished[i], "%s%s", output, suffix[i]);
    else
      unfinished[i][0] = '\0';
}

/* A conversion under way. */
typedef struct conversion {
  MPI_Comm comm;
  int rank;
  const bs_convert_options *options;
  bs_source *source;
  bs_pieces *pieces;
  bs_datafile *facts;
  bs_writer *writer;
  bs_checksum *sum;
  bs_row_format format;
  bs_lines *lines; /* the text being parsed */
  double *x;       /* (room_rows, d): rows of a block */
  uint16_t *y;     /* (room_rows) */
  size_t room_rows;
  char (*digest)[BS_DIGEST_ROOM]; /* (files) where they were asked for */
} conversion;

/* ---- Finding the input. */

static bs_status find_source(conversion *c, int count, char *const *paths)
{
  json_t *json = NULL;
  bs_status st = BS_OK;
  if (c->rank == 0) {
    st = bs_source_find(count, paths, c->options->class_column,
                        c->options->device, &c->source);
    if (st == BS_OK)
      json = bs_source_to_json(c->source);
  }
  BS_GO(st, bs_agree(c->comm, st));
  BS_GO(st, bs_json_bcast(c->comm, &json));
  if (c->rank != 0)
    st = bs_source_from_json(json, &c->source);
  st = bs_agree(c->comm, st);
done:
  json_decref(json);
  return st;
}

/* The output must not be one of the inputs: it would replace it. */
static bs_status check_output(const bs_source *source, const char *output)
{
  struct stat out, in;
  if (stat(output, &out) != 0)
    return BS_OK;
  for (int i = 0; i < source->files; i++)
    if (stat(source->file[i].path, &in) == 0 && in.st_dev == out.st_dev &&
        in.st_ino == out.st_ino)
      return bs_fail(BS_ERR_USAGE, "option --output: %s is an input file",
                     output);
  return BS_OK;
}

/* ---- Facts. */

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

static bs_status set_parts(const conversion *c)
{
  bs_datafile *f = c->facts;
  f->part = calloc((size_t)c->source->files, sizeof *f->part);
  if (f->part == NULL)
    return no_memory();
  for (int i = 0; i < c->source->files; i++) {
    const bs_source_file *file = &c->source->file[i];
    bs_file_part *part = &f->part[f->parts++];
    part->device = file->device;
    part->attack = file->attack;
    part->first = f->n;
    part->rows = c->pieces->file_rows[i];
    part->name = clean_name(file->name);
    if (part->name == NULL)
      return no_memory();
    f->n += part->rows;
  }
  return BS_OK;
}

static bs_status set_features(const conversion *c)
{
  bs_datafile *f = c->facts;
  const bs_names *columns = &c->source->columns;
  f->feature = calloc((size_t)columns->count + 1, sizeof *f->feature);
  for (int j = 0; j < columns->count && f->feature != NULL; j++) {
    if (j == c->source->class_column)
      continue;
    f->feature[f->d] = strdup(columns->item[j]);
    if (f->feature[f->d++] == NULL)
      return no_memory();
  }
  return f->feature == NULL ? no_memory() : BS_OK;
}

/* Families with rows, or the classes of the file. */
static bs_status set_classes(const conversion *c)
{
  bs_datafile *f = c->facts;
  const bs_source *source = c->source;
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

static bs_status set_nature(const conversion *c)
{
  bs_datafile *f = c->facts;
  const bs_source *source = c->source;
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

static bs_status set_facts(conversion *c, const char *output)
{
  BS_TRY(bs_mem_zalloc(1, sizeof *c->facts, &c->facts));
  c->facts->path = strdup(output);
  if (c->facts->path == NULL)
    return no_memory();
  BS_TRY(set_parts(c));
  BS_TRY(set_features(c));
  BS_TRY(set_classes(c));
  return set_nature(c);
}

/* ---- Digests. */

/* Authentic is what has the published digest, each file of it. Nothing is said
 * where no digest is known for some file and the others are right. */
static void compare_digests(conversion *c)
{
  bs_datafile *f = c->facts;
  f->authentic = 1;
  for (int i = 0; i < f->parts; i++) {
    int known = bs_nbaiot_find_device(f->device[f->part[i].device]);
    const char *published =
        known < 0 ? NULL : bs_nbaiot_sha256(known, f->part[i].attack);
    if (known < 0 ||
        (published != NULL && strcmp(published, c->digest[i]) != 0))
      f->authentic = 0;
    else if (published == NULL && f->authentic == 1)
      f->authentic = -1;
  }
}

static bs_status verify(conversion *c)
{
  if (!c->options->verify)
    return BS_OK;
  if (c->source->kind != BS_SOURCE_NBAIOT)
    return bs_fail(BS_ERR_USAGE, "option --verify: digests are published for "
                                 "N-BaIoT files only");
  bs_status st =
      bs_mem_alloc((size_t)c->source->files, BS_DIGEST_ROOM, &c->digest);
  BS_TRY(bs_agree(c->comm, st));
  BS_TRY(bs_digest_files(c->comm, c->source, c->digest));
  compare_digests(c);
  return BS_OK;
}

/* ---- Parsing. */

/* Rows that \a length bytes can hold: a value takes a digit and what ends it.
 */
static bs_status make_room(conversion *c, size_t length)
{
  size_t rows = (length + 1) / (2 * (size_t)c->format.columns) + 1;
  if (rows <= c->room_rows)
    return BS_OK;
  bs_mem_free(&c->x);
  bs_mem_free(&c->y);
  c->room_rows = 0;
  BS_TRY(bs_mem_alloc(rows * (size_t)c->facts->d, sizeof *c->x, &c->x));
  BS_TRY(bs_mem_alloc(rows, sizeof *c->y, &c->y));
  c->room_rows = rows;
  return BS_OK;
}

/* Where parsing stands in a file. */
typedef struct position {
  int file;
  uint64_t line, row; /* of the file, before the next line */
  uint64_t skip;      /* header lines still to come */
} position;

static bs_status parse_line(conversion *c, const char *p, const char *end,
                            size_t row, const position *at)
{
  bs_row_error error = {0, ""};
  double *x = c->x + row * (size_t)c->facts->d;
  if (row < c->room_rows &&
      bs_row_parse(&c->format, p, end, x, &c->y[row], &error))
    return BS_OK;
  return bs_source_line_error(&c->source->file[at->file], at->line, &error);
}

/* A blank line is part of an ARFF file, or the end of a CSV file. */
static bs_status check_blank(const conversion *c, const position *at)
{
  bs_row_error error = {0, "empty line"};
  if (c->format.arff || at->row >= c->pieces->file_rows[at->file])
    return BS_OK;
  return bs_source_line_error(&c->source->file[at->file], at->line, &error);
}

static bs_status check_line(const conversion *c, const char *p, const char *end,
                            bool last_and_cut, const position *at)
{
  bs_row_error error = {0, "the line is longer than 8 MiB"};
  if (end - p < BS_MAX_LINE && !last_and_cut)
    return BS_OK;
  return bs_source_line_error(&c->source->file[at->file], at->line, &error);
}

/* Rows of a block into c->x and c->y. */
static bs_status parse_block(conversion *c, const char *text, size_t length,
                             bool cut, position *at, size_t *rows)
{
  const char *next = text, *limit = text + length, *end;
  *rows = 0;
  BS_TRY(make_room(c, length));
  for (const char *p = next; (end = bs_line_end(&next, limit)) != NULL;
       p = next) {
    if (at->skip > 0) {
      at->skip--;
      continue;
    }
    at->line++;
    BS_TRY(check_line(c, p, end, cut && next == limit, at));
    if (bs_line_is_blank(p, end, c->format.arff)) {
      BS_TRY(check_blank(c, at));
      continue;
    }
    BS_TRY(parse_line(c, p, end, *rows, at));
    at->row++;
    (*rows)++;
  }
  return BS_OK;
}

/* ---- Writing: one block after the other. */

static void label_rows(conversion *c, int file, size_t rows)
{
  if (c->source->kind != BS_SOURCE_NBAIOT)
    return;
  const char *name = bs_labels_class(
      BS_LABELS_FAMILY,
      bs_labels_of_attack(BS_LABELS_FAMILY, c->source->file[file].attack));
  uint16_t code = 0;
  while (strcmp(c->facts->class_name[code], name) != 0)
    code++;
  for (size_t i = 0; i < rows; i++)
    c->y[i] = code;
}

static bs_status put_rows(conversion *c, const position *at, size_t rows)
{
  uint64_t first = c->facts->part[at->file].first + at->row - rows;
  bs_slab slab = {first, rows, at->file, c->x, c->y};
  return bs_writer_put(c->writer, &slab);
}

/* All ranks have failed alike. Whatever a signal made fail, and on whichever
 * rank it arrived, the signal is the cause to tell. */
static bs_status blame_signal(MPI_Comm comm, bs_status st)
{
  int signal = (int)interrupted;
  BS_MPI(MPI_Allreduce(MPI_IN_PLACE, &signal, 1, MPI_INT, MPI_MAX, comm));
  return signal == 0 ? st
                     : bs_fail(BS_ERR_RUNTIME, "stopped by signal %d", signal);
}

static bs_status check_interrupt(void)
{
  if (interrupted == 0)
    return BS_OK;
  return bs_fail(BS_ERR_RUNTIME, "stopped by signal %d", (int)interrupted);
}

static bs_status changed(const conversion *c, int file)
{
  return bs_fail(BS_ERR_INPUT, "%s: the file changed while it was read",
                 c->source->file[file].show);
}

/* Rows of a piece must be what was counted, or they would overwrite others. */
static bs_status check_rows(const conversion *c, const bs_piece *piece,
                            const position *at, bool ended)
{
  uint64_t last = piece->file_row + piece->rows;
  if (at->row > last || (ended && at->row < last))
    return changed(c, piece->file);
  return BS_OK;
}

static position start_of(const conversion *c, const bs_piece *piece)
{
  const bs_source_file *f = &c->source->file[piece->file];
  position at = {piece->file, piece->line, piece->file_row, 0};
  if (f->packing != BS_PLAIN)
    at.skip = f->data_line;
  return at;
}

/* A packed file from start to end; the checksum comes later. */
static bs_status stream_piece(conversion *c, const bs_piece *piece)
{
  position at = start_of(c, piece);
  const char *text;
  size_t length, rows;
  BS_TRY(bs_lines_open(&c->source->file[piece->file], piece->begin, piece->end,
                       &c->lines));
  for (;;) {
    BS_TRY(check_interrupt());
    BS_TRY(bs_lines_next(c->lines, &text, &length));
    if (length == 0)
      return check_rows(c, piece, &at, true);
    BS_TRY(parse_block(c, text, length, bs_lines_cut(c->lines), &at, &rows));
    BS_TRY(check_rows(c, piece, &at, false));
    label_rows(c, piece->file, rows);
    BS_TRY(put_rows(c, &at, rows));
  }
}

/* A piece of a plain file: one block, so that it is in memory as a whole. */
static bs_status load_piece(conversion *c, const bs_piece *piece, position *at,
                            size_t *rows)
{
  const char *text;
  size_t length;
  *rows = 0;
  *at = start_of(c, piece);
  BS_TRY(check_interrupt());
  BS_TRY(bs_lines_open(&c->source->file[piece->file], piece->begin, piece->end,
                       &c->lines));
  BS_TRY(bs_lines_next(c->lines, &text, &length));
  if (length > 0)
    BS_TRY(parse_block(c, text, length, bs_lines_cut(c->lines), at, rows));
  label_rows(c, piece->file, *rows);
  return check_rows(c, piece, at, true);
}

/* The checksum goes from piece to piece in row order, with the word whether a
 * piece before has failed. */
enum { TAG_GOOD = 1, TAG_STATE = 2 };

static void receive_turn(conversion *c, int index, int *good)
{
  int before = index == 0 ? c->rank : c->pieces->piece[index - 1].owner;
  if (before == c->rank)
    return;
  int others;
  BS_MPI(MPI_Recv(&others, 1, MPI_INT, before, TAG_GOOD, c->comm,
                  MPI_STATUS_IGNORE));
  bs_checksum_receive(c->sum, before, TAG_STATE, c->comm);
  *good = *good && others;
}

static void pass_turn(conversion *c, int index, int good)
{
  bool last = index + 1 == c->pieces->count;
  int next = last ? 0 : c->pieces->piece[index + 1].owner;
  if (next == c->rank)
    return;
  BS_MPI(MPI_Send(&good, 1, MPI_INT, next, TAG_GOOD, c->comm));
  bs_checksum_send(c->sum, next, TAG_STATE, c->comm);
}

/* Rank 0 ends up with the checksum. */
static void take_last_turn(conversion *c)
{
  int last = c->pieces->piece[c->pieces->count - 1].owner, good;
  if (c->rank != 0 || last == 0)
    return;
  BS_MPI(
      MPI_Recv(&good, 1, MPI_INT, last, TAG_GOOD, c->comm, MPI_STATUS_IGNORE));
  bs_checksum_receive(c->sum, last, TAG_STATE, c->comm);
}

/* Plain files: parse, wait for one's turn at the checksum, write. After a
 * failure turns are still passed on, so that nobody waits for ever. */
static bs_status write_plain(conversion *c, int *failed)
{
  bs_status st = BS_OK;
  int good = 1; /* no piece before has failed */
  for (int i = 0; i < c->pieces->count; i++) {
    const bs_piece *piece = &c->pieces->piece[i];
    position at;
    size_t rows = 0;
    if (piece->owner != c->rank)
      continue;
    if (st == BS_OK && good) {
      st = load_piece(c, piece, &at, &rows);
      *failed = i;
    }
    receive_turn(c, i, &good);
    if (st == BS_OK && good)
      bs_checksum_values(c->sum, c->x, rows * (size_t)c->facts->d);
    pass_turn(c, i, good && st == BS_OK);
    if (st == BS_OK && good)
      st = put_rows(c, &at, rows);
  }
  take_last_turn(c);
  return st;
}

static bs_status write_packed(conversion *c, int *failed)
{
  for (int i = 0; i < c->pieces->count; i++) {
    const bs_piece *piece = &c->pieces->piece[i];
    const bs_source_file *f = &c->source->file[piece->file];
    if (piece->owner != c->rank)
      continue;
    *failed = i;
    if (f->packing != BS_PLAIN) {
      BS_TRY(stream_piece(c, piece));
    } else {
      position at;
      size_t rows;
      BS_TRY(load_piece(c, piece, &at, &rows));
      BS_TRY(put_rows(c, &at, rows));
    }
  }
  return BS_OK;
}

static bs_status write_all(conversion *c)
{
  int failed = 0;
  bs_status st =
      c->pieces->packed ? write_packed(c, &failed) : write_plain(c, &failed);
  BS_TRY(bs_agree_first(c->comm, st, failed));
  BS_TRY(bs_writer_close(c->writer));
  return c->pieces->packed
             ? bs_checksum_stored(c->comm, bs_writer_path(c->writer),
                                  c->facts->n, c->facts->d, c->sum)
             : BS_OK;
}

/* ---- The end: y is read back for the checksum and the count of classes. */

static bs_status sum_classes(conversion *c, hid_t set)
{
  enum { BLOCK = 1 << 20 };
  uint16_t *y;
  bs_status st = BS_OK;
  BS_TRY(bs_mem_alloc(BLOCK, sizeof *y, &y));
  hid_t space = H5Dget_space(set);
  for (uint64_t i = 0; i < c->facts->n && st == BS_OK; i += BLOCK) {
    hsize_t start = i,
            count = c->facts->n - i < BLOCK ? c->facts->n - i : BLOCK;
    hid_t memory = H5Screate_simple(1, &count, NULL);
    if (H5Sselect_hyperslab(space, H5S_SELECT_SET, &start, NULL, &count, NULL) <
            0 ||
        H5Dread(set, H5T_NATIVE_UINT16, memory, space, H5P_DEFAULT, y) < 0)
      st = bs_fail(BS_ERR_RUNTIME, "cannot read back %s",
                   bs_writer_path(c->writer));
    H5Sclose(memory);
    if (st == BS_OK)
      bs_checksum_classes(c->sum, y, (size_t)count);
    for (size_t r = 0; st == BS_OK && r < count; r++)
      c->facts->class_rows[y[r]]++;
  }
  H5Sclose(space);
  bs_mem_free(&y);
  return st;
}

static bs_status sum_on_root(conversion *c)
{
  char digits[17];
  hid_t h5 = H5Fopen(bs_writer_path(c->writer), H5F_ACC_RDONLY, H5P_DEFAULT);
  hid_t set = h5 < 0 ? H5I_INVALID_HID : H5Dopen2(h5, "y", H5P_DEFAULT);
  bs_status st = set < 0 ? bs_fail(BS_ERR_RUNTIME, "cannot read back %s",
                                   bs_writer_path(c->writer))
                         : sum_classes(c, set);
  if (set >= 0)
    H5Dclose(set);
  if (h5 >= 0)
    H5Fclose(h5);
  bs_checksum_digits(c->sum, digits);
  strcpy(c->facts->checksum, digits);
  return st;
}

static bs_origin describe(const conversion *c)
{
  bs_origin origin = {.title = "rows for classification",
                      .license =
                          "as the input file states; not known to this program",
                      .references = "none known",
                      .sources = c->facts->source};
  if (c->facts->nbaiot) {
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
  if (c->facts->simulated) {
    origin.title = "simulated capture in the format of N-BaIoT";
    origin.license = "made by botsieve synth; no restrictions";
  }
  for (int i = 0; i < c->source->files; i++)
    if (c->source->file[i].seconds > origin.seconds)
      origin.seconds = c->source->file[i].seconds;
  return origin;
}

/* Class counts and checksum are known to rank 0 alone so far. */
static void tell_results(conversion *c)
{
  BS_MPI(
      MPI_Bcast(c->facts->class_rows, c->facts->c, MPI_UINT64_T, 0, c->comm));
  BS_MPI(MPI_Bcast(c->facts->checksum, 17, MPI_CHAR, 0, c->comm));
}

static bs_status finish(conversion *c)
{
  bs_status st = c->rank == 0 ? sum_on_root(c) : BS_OK;
  BS_TRY(bs_agree(c->comm, st));
  tell_results(c);
  BS_TRY(bs_agree(c->comm, check_interrupt()));
  bs_origin origin = describe(c);
  char **digest = NULL;
  if (c->digest != NULL) {
    st = bs_mem_alloc((size_t)c->source->files, sizeof *digest, &digest);
    for (int i = 0; st == BS_OK && i < c->source->files; i++)
      digest[i] = c->digest[i];
    origin.sha256 = digest;
  }
  BS_GO(st, bs_agree(c->comm, st));
  st = bs_writer_finish(&c->writer, &origin);
done:
  bs_mem_free(&digest);
  return st;
}

/* ---- All of it. */

static bs_status prepare(conversion *c, const char *output)
{
  bs_status st = c->rank == 0 ? check_output(c->source, output) : BS_OK;
  BS_TRY(bs_agree(c->comm, st));
  st = bs_pieces_create(c->source, bs_comm_size(c->comm), &c->pieces);
  return bs_agree(c->comm, st);
}

static bs_status start_writing(conversion *c, const char *output)
{
  bs_status st = set_facts(c, output);
  c->format = bs_source_format(c->source);
  if (st == BS_OK)
    st = bs_checksum_create(c->facts->feature, c->facts->d,
                            c->facts->class_name, c->facts->c, &c->sum);
  BS_TRY(bs_agree(c->comm, st));
  BS_TRY(verify(c));
  set_unfinished(c->rank, output);
  BS_TRY(bs_agree(c->comm, check_interrupt()));
  return bs_writer_create(c->comm, output, c->facts, c->options->deflate,
                          &c->writer);
}

static bs_status run(conversion *c, int count, char *const *paths,
                     const char *output, bs_convert_times *times)
{
  double t = MPI_Wtime();
  BS_TRY(find_source(c, count, paths));
  BS_TRY(prepare(c, output));
  times->find = MPI_Wtime() - t, t += times->find;
  BS_TRY(bs_pieces_count(c->comm, c->source, c->pieces));
  times->count = MPI_Wtime() - t, t += times->count;
  BS_TRY(start_writing(c, output));
  BS_TRY(write_all(c));
  times->write = MPI_Wtime() - t, t += times->write;
  BS_TRY(finish(c));
  times->finish = MPI_Wtime() - t;
  return BS_OK;
}

bs_status bs_convert(MPI_Comm comm, int count, char *const *paths,
                     const char *output, const bs_convert_options *options,
                     bs_datafile **facts, bs_convert_times *times)
{
  bs_convert_times unused;
  conversion c = {.comm = comm, .options = options};
  c.rank = bs_comm_rank(comm);
  *facts = NULL;
  bs_status st = run(&c, count, paths, output, times == NULL ? &unused : times);
  bs_writer_abandon(&c.writer); /* a no-op when all went well */
  set_unfinished(c.rank, NULL);
  if (st != BS_OK)
    st = blame_signal(comm, st);
  if (st == BS_OK) {
    *facts = c.facts;
    c.facts = NULL;
  }
  bs_datafile_close(&c.facts);
  bs_checksum_destroy(&c.sum);
  bs_pieces_destroy(&c.pieces);
  bs_source_destroy(&c.source);
  bs_lines_close(&c.lines);
  bs_mem_free(&c.x);
  bs_mem_free(&c.y);
  bs_mem_free(&c.digest);
  return st;
}
