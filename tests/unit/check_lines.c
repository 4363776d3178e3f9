/* SPDX-License-Identifier: BSD-3-Clause */
/* Text in blocks of whole lines: each line once, whatever the range, and a file
 * that changes meanwhile is noticed. */
#include "io/lines.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[64];
static bs_source_file file;

static void make_file(const char *text, size_t length)
{
  strcpy(path, "/tmp/botsieve-lines-XXXXXX");
  int fd = mkstemp(path);
  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(write(fd, text, length), (ssize_t)length);
  close(fd);
  file = (bs_source_file){
      .show = "some.csv", .path = path, .packing = BS_PLAIN, .size = length};
}

/* Everything in a range, as one text. */
static size_t read_range(uint64_t begin, uint64_t end, char *to)
{
  bs_lines *lines = NULL;
  const char *text;
  size_t length, total = 0;
  ck_assert_int_eq(bs_lines_open(&file, begin, end, &lines), BS_OK);
  while (bs_lines_next(lines, &text, &length) == BS_OK && length > 0) {
    memcpy(to + total, text, length);
    total += length;
  }
  bs_lines_close(&lines);
  return total;
}

START_TEST(any_two_ranges_give_each_line_once)
{
  static const char *const texts[] = {
      "a\nbb\nccc\n", "a\nbb\nccc", "\n\n\na\n\n", "abc", "\n", "a\r\nb\r\n"};
  for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
    size_t length = strlen(texts[t]);
    make_file(texts[t], length);
    for (uint64_t cut = 1; cut < length; cut++) {
      char both[64];
      size_t first = read_range(0, cut, both);
      size_t all = first + read_range(cut, length, both + first);
      ck_assert_uint_eq(all, length);
      ck_assert_int_eq(memcmp(both, texts[t], length), 0);
      ck_assert(first == length || first == 0 || both[first - 1] == '\n');
    }
    unlink(path);
  }
}
END_TEST

START_TEST(a_file_that_shrinks_is_an_error)
{
  char text[1000];
  memset(text, 'x', sizeof text);
  text[499] = text[999] = '\n';
  make_file(text, sizeof text);
  bs_lines *lines = NULL;
  const char *block;
  size_t length;
  ck_assert_int_eq(bs_lines_open(&file, 0, 500, &lines), BS_OK);
  ck_assert_int_eq(truncate(path, 300), 0);
  ck_assert_int_eq(bs_lines_next(lines, &block, &length), BS_ERR_INPUT);
  ck_assert_str_eq(bs_error_text(),
                   "some.csv: the file changed while it was read");
  bs_lines_close(&lines);
  /* And one that had changed before it was opened. */
  ck_assert_int_eq(bs_lines_open(&file, 0, 500, &lines), BS_ERR_INPUT);
  ck_assert_ptr_null(lines);
  unlink(path);
}
END_TEST

/* Lines much shorter and longer than what is read at once. */
START_TEST(ranges_of_any_length_give_each_line_once)
{
  size_t length = 3 << 20, total = 0;
  char *text = malloc(length), *all = malloc(length);
  uint64_t seed = 1;
  memset(text, 'x', length);
  for (size_t at = 0; at < length; at += total) {
    text[at] = '\n';
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    total = 1 + (seed >> 40) % ((seed >> 33) % 50 == 0 ? 400000 : 3000);
  }
  make_file(text, length);
  for (int t = 0; t < 20; t++) {
    uint64_t begin = 0, end;
    for (total = 0; begin < length; begin = end) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      end = begin + 1 + (seed >> 33) % (t % 2 == 0 ? 1 << 20 : 1 << 18);
      end = end > length || t == 0 ? length : end;
      total += read_range(begin, end, all + total);
      ck_assert(total == length || total == 0 || all[total - 1] == '\n');
      ck_assert_uint_ge(total, end);
    }
    ck_assert_uint_eq(total, length);
    ck_assert_int_eq(memcmp(all, text, length), 0);
  }
  unlink(path);
  free(text);
  free(all);
}
END_TEST

START_TEST(a_line_without_end_is_cut)
{
  size_t length = 3 * (size_t)BS_MAX_LINE, total = 0;
  char *text = malloc(length);
  memset(text, '1', length);
  text[1] = '\n';
  make_file(text, length);
  bs_lines *lines = NULL;
  const char *block;
  size_t got = 1;
  ck_assert_int_eq(bs_lines_open(&file, 0, length, &lines), BS_OK);
  for (; got > 0; total += got) {
    ck_assert(total <= 2 || bs_lines_cut(lines));
    ck_assert_int_eq(bs_lines_next(lines, &block, &got), BS_OK);
  }
  ck_assert(bs_lines_cut(lines));
  ck_assert_uint_ge(total, 2 + (size_t)BS_MAX_LINE);
  ck_assert_uint_le(total, 2 + (size_t)BS_LINES_MOST);
  bs_lines_close(&lines);
  unlink(path);
  free(text);
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(any_two_ranges_give_each_line_once),
      BS_UNIT(ranges_of_any_length_give_each_line_once),
      BS_UNIT(a_file_that_shrinks_is_an_error),
      BS_UNIT(a_line_without_end_is_cut),
  };
  return bs_unit_run("lines", tests, sizeof tests / sizeof *tests);
}
