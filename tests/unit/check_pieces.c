/* SPDX-License-Identifier: BSD-3-Clause */
/* The input cut into blocks, and counted into pieces: all of each file once,
 * whatever the lengths. */
#include "io/pieces.h"
#include "src/mem.h"
#include "tests/unit/unit.h"

#include <mpi.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Files of one header's length; a packed one where the length is 0. */
static bs_pieces *cut(const uint64_t *text, int files, bs_source_file *file,
                      int ranks)
{
  const uint64_t header = 100;
  bs_source source = {.files = files, .file = file};
  bs_pieces *pieces;
  for (int i = 0; i < files; i++)
    file[i] = text[i] == 0 ? (bs_source_file){.packing = BS_MEMBER}
                           : (bs_source_file){.packing = BS_PLAIN,
                                              .size = header + text[i],
                                              .data_begin = header};
  ck_assert_int_eq(bs_pieces_create(&source, ranks, &pieces), BS_OK);
  return pieces;
}

static const uint64_t text[] = {1, 0,        BS_BLOCK_BYTES,     5000,
                                0, 10000000, BS_BLOCK_BYTES + 1, 300000007};
enum { FILES = sizeof text / sizeof *text };

START_TEST(blocks_hold_all_of_each_file_once)
{
  bs_source_file file[FILES];
  bs_pieces *pieces = cut(text, FILES, file, 3);
  int k = 0;
  for (int i = 0; i < FILES; i++) {
    uint64_t at = file[i].data_begin;
    const uint64_t end = text[i] == 0 ? UINT64_MAX : file[i].size;
    do {
      ck_assert_int_lt(k, pieces->count);
      const bs_piece *p = &pieces->piece[k++];
      ck_assert_int_eq(p->file, i);
      ck_assert_uint_eq(p->begin, at);
      ck_assert_uint_gt(p->end, at);
      ck_assert(text[i] == 0 || p->end - p->begin <= BS_BLOCK_BYTES);
      at = p->end;
    } while (at < end);
    ck_assert_uint_eq(at, end);
  }
  ck_assert_int_eq(k, pieces->count);
  ck_assert(pieces->packed);
  bs_pieces_destroy(&pieces);
}
END_TEST

/* ---- Pieces. */

/* A file of text that no text before it is equal to. */
typedef struct input {
  char path[64];
  char *bytes;
  size_t length;
} input;

/* \a kind 0: rows of one length; 1: of any, with blank lines and comments, as
 * ARFF files may have them; 2: the same, and no last line end. */
static input make_input(int kind, int rows)
{
  input in = {.bytes = malloc((size_t)rows * 40 + 64)};
  unsigned random = (unsigned)rows;
  char *to = in.bytes;
  for (int i = 0; i < rows; i++) {
    random = random * 1664525 + 1013904223;
    if (kind > 0 && random >> 30 == 0)
      to += sprintf(to, "%s", random >> 28 == 0 ? "\n" : "  % no row\r\n");
    to += kind == 0 ? sprintf(to, "%07d,0000000\n", i)
                    : sprintf(to, "%d,%u%s", i, random >> random % 32,
                              random >> 29 == 7 ? "\r\n" : "\n");
  }
  in.length = (size_t)(to - in.bytes) - (kind == 2);
  strcpy(in.path, "/tmp/botsieve-pieces-XXXXXX");
  const int fd = mkstemp(in.path);
  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(write(fd, in.bytes, in.length), (ssize_t)in.length);
  close(fd);
  return in;
}

static void drop_input(input *in)
{
  unlink(in->path);
  free(in->bytes);
}

static bs_source *make_source(input *in, int files)
{
  bs_source *source;
  ck_assert_int_eq(bs_mem_zalloc(1, sizeof *source, &source), BS_OK);
  source->kind = BS_SOURCE_ARFF;
  source->files = files;
  ck_assert_int_eq(
      bs_mem_zalloc((size_t)files, sizeof *source->file, &source->file), BS_OK);
  for (int i = 0; i < files; i++)
    source->file[i] = (bs_source_file){.show = in[i].path,
                                       .path = in[i].path,
                                       .packing = BS_PLAIN,
                                       .size = in[i].length,
                                       .data_line = 3};
  return source;
}

static bs_pieces *count(bs_source *source, int threads)
{
  bs_pieces *pieces;
  ck_assert_int_eq(bs_pieces_create(source, 1, &pieces), BS_OK);
  ck_assert_int_eq(bs_pieces_count(MPI_COMM_SELF, threads, source, pieces),
                   BS_OK);
  return pieces;
}

/* Each piece of a file has the rows of the lines that start in it, and says how
 * many rows and lines there are before; returns the first piece behind. */
static int check_file(const bs_pieces *pieces, int k, int file, const input *in)
{
  uint64_t line = 3, row = 0, at = 0;
  const char *next = in->bytes, *limit = in->bytes + in->length, *end;
  for (; k < pieces->count && pieces->piece[k].file == file; k++) {
    const bs_piece *p = &pieces->piece[k];
    ck_assert_uint_eq(p->begin, at);
    ck_assert_uint_eq(p->line, line);
    ck_assert_uint_eq(p->file_row, row);
    while ((uint64_t)(next - in->bytes) < p->end) {
      const char *start = next;
      end = bs_line_end(&next, limit);
      line++;
      row += !bs_line_is_blank(start, end, true);
    }
    ck_assert_uint_eq(p->rows, row - p->file_row);
    at = p->end;
  }
  ck_assert_uint_eq(at, in->length);
  ck_assert_uint_eq(pieces->file_rows[file], row);
  return k;
}

static void check_all(const bs_pieces *pieces, const input *in, int files)
{
  int k = 0;
  for (int i = 0; i < files; i++)
    k = check_file(pieces, k, i, &in[i]);
  ck_assert_int_eq(k, pieces->count);
}

/* Behind the first few, pieces end at multiples of one power of 2, or with
 * their file. */
static void check_ends(const bs_source *source, const bs_pieces *pieces)
{
  uint64_t most = 0, first = 0;
  for (int k = 0; k < pieces->count; k++)
    most = pieces->piece[k].rows > most ? pieces->piece[k].rows : most;
  ck_assert_uint_eq(most & (most - 1), 0);
  for (int k = 0; k < pieces->count; k++) {
    const bs_piece *p = &pieces->piece[k];
    const uint64_t end = p->file_row + p->rows;
    if (k >= 8 && end < pieces->file_rows[p->file])
      ck_assert_uint_eq((first + end) % most, 0);
    if (end == pieces->file_rows[p->file])
      first += end;
  }
  ck_assert_int_lt(source->files, pieces->count);
}

START_TEST(pieces_hold_all_of_each_file_once)
{
  enum { MANY = 4 };
  static const int rows[MANY] = {1, 3000000, 99999, 4000001};
  for (int kind = 0; kind < 3; kind++) {
    input in[MANY];
    for (int i = 0; i < MANY; i++)
      in[i] = make_input(kind, rows[i]);
    bs_source *source = make_source(in, MANY);
    bs_pieces *one = count(source, 1), *two = count(source, 2);
    check_all(one, in, MANY);
    check_ends(source, one);
    ck_assert_int_eq(one->count, two->count);
    ck_assert_int_eq(
        memcmp(one->piece, two->piece, (size_t)one->count * sizeof *one->piece),
        0);
    bs_pieces_destroy(&one);
    bs_pieces_destroy(&two);
    bs_mem_free(&source->file);
    bs_mem_free(&source);
    for (int i = 0; i < MANY; i++)
      drop_input(&in[i]);
  }
}
END_TEST

/* Rows as long as a piece may be: each is a piece. */
START_TEST(long_rows_are_pieces)
{
  enum { ROWS = 3 };
  const size_t length = BS_PIECE_BYTES / 2 + 1;
  input in = make_input(0, (int)(ROWS * length / 40));
  for (int i = 0; i < ROWS; i++) {
    memset(in.bytes + (size_t)i * length, '1', length - 1);
    in.bytes[((size_t)i + 1) * length - 1] = '\n';
  }
  in.length = ROWS * length;
  FILE *file = fopen(in.path, "wb");
  ck_assert_uint_eq(fwrite(in.bytes, 1, in.length, file), in.length);
  fclose(file);
  bs_source *source = make_source(&in, 1);
  bs_pieces *pieces = count(source, 2);
  ck_assert_int_eq(pieces->count, ROWS);
  check_all(pieces, &in, 1);
  bs_pieces_destroy(&pieces);
  bs_mem_free(&source->file);
  bs_mem_free(&source);
  drop_input(&in);
}
END_TEST

/* Blocks without a row belong to the pieces around them. */
START_TEST(lines_without_rows_are_in_pieces)
{
  const size_t blank = BS_BLOCK_BYTES * 5 / 2, row = 8;
  for (int where = 0; where < 3; where++) {
    input in = make_input(0, (int)(blank / 20));
    memset(in.bytes, '\n', blank);
    char *at = in.bytes + (where == 0 ? blank : 0);
    memcpy(at, "1,one+\r\n", row);
    memcpy(where == 1 ? in.bytes + blank : at + row, "2,two+\r\n", row);
    in.length = blank + (size_t)(2 - where) * row;
    FILE *file = fopen(in.path, "wb");
    ck_assert_uint_eq(fwrite(in.bytes, 1, in.length, file), in.length);
    fclose(file);
    bs_source *source = make_source(&in, 1);
    bs_pieces *pieces = count(source, 2);
    ck_assert_uint_eq(pieces->file_rows[0], 2);
    check_all(pieces, &in, 1);
    bs_pieces_destroy(&pieces);
    bs_mem_free(&source->file);
    bs_mem_free(&source);
    drop_input(&in);
  }
}
END_TEST

int main(int argc, char **argv)
{
  const bs_unit_test tests[] = {BS_UNIT(blocks_hold_all_of_each_file_once),
                                BS_UNIT(pieces_hold_all_of_each_file_once),
                                BS_UNIT(long_rows_are_pieces),
                                BS_UNIT(lines_without_rows_are_in_pieces)};
  setenv("CK_FORK", "no", 1); /* MPI does not survive a fork */
  int provided;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &provided);
  const int code = bs_unit_run("pieces", tests, sizeof tests / sizeof *tests);
  MPI_Finalize();
  return code;
}
