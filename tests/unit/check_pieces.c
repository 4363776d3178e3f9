/* SPDX-License-Identifier: BSD-3-Clause */
/* The input cut into pieces: all of each file, whatever the lengths. */
#include "io/pieces.h"
#include "tests/unit/unit.h"

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

static const uint64_t text[] = {1, 0,        BS_PIECE_BYTES,     5000,
                                0, 10000000, BS_PIECE_BYTES + 1, 300000007};
enum { FILES = sizeof text / sizeof *text };

START_TEST(pieces_hold_all_of_each_file_once)
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
      ck_assert(text[i] == 0 || p->end - p->begin <= BS_PIECE_BYTES);
      at = p->end;
    } while (at < end);
    ck_assert_uint_eq(at, end);
  }
  ck_assert_int_eq(k, pieces->count);
  ck_assert(pieces->packed);
  bs_pieces_destroy(&pieces);
}
END_TEST

/* Or a checkpoint would be of no use to a run of other ranks. */
START_TEST(pieces_are_the_same_for_any_number_of_ranks)
{
  bs_source_file file[FILES];
  bs_pieces *one = cut(text, FILES, file, 1), *many = cut(text, FILES, file, 7);
  ck_assert_int_eq(one->count, many->count);
  for (int k = 0; k < one->count; k++) {
    ck_assert_uint_eq(one->piece[k].begin, many->piece[k].begin);
    ck_assert_uint_eq(one->piece[k].end, many->piece[k].end);
    ck_assert_int_eq(one->piece[k].owner, 0);
    ck_assert(many->piece[k].owner >= 0 && many->piece[k].owner < 7);
  }
  bs_pieces_destroy(&one);
  bs_pieces_destroy(&many);
}
END_TEST

START_TEST(no_piece_behind_the_first_few_is_a_short_one)
{
  const uint64_t long_one = 300000007;
  bs_source_file file[1];
  bs_pieces *pieces = cut(&long_one, 1, file, 2);
  for (int k = 8; k < pieces->count; k++) {
    const bs_piece *p = &pieces->piece[k];
    ck_assert_uint_gt(p->end - p->begin, BS_PIECE_BYTES * 9 / 10);
  }
  bs_pieces_destroy(&pieces);
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(pieces_hold_all_of_each_file_once),
      BS_UNIT(pieces_are_the_same_for_any_number_of_ranks),
      BS_UNIT(no_piece_behind_the_first_few_is_a_short_one)};
  return bs_unit_run("pieces", tests, sizeof tests / sizeof *tests);
}
