/* SPDX-License-Identifier: BSD-3-Clause */
/* A checkpoint's files are whole or refused, whatever happens to them. */
#include "io/checkpoint.h"
#include "io/checkpoint_internal.h"
#include "io/record_file.h"
#include "src/mem.h"
#include "src/stop.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { IDENTITY = 42 };

static char folder[64], told[4096];

static const char *in_folder(const char *name)
{
  static char path[4][128];
  static int turn;
  turn = (turn + 1) % 4;
  snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
  return path[turn];
}

static size_t read_bytes(const char *path, char *data, size_t room)
{
  FILE *f = fopen(path, "rb");
  ck_assert_ptr_nonnull(f);
  const size_t bytes = fread(data, 1, room, f);
  fclose(f);
  return bytes;
}

static void write_bytes(const char *path, const char *data, size_t bytes)
{
  FILE *f = fopen(path, "wb");
  ck_assert_ptr_nonnull(f);
  ck_assert_uint_eq(fwrite(data, 1, bytes, f), bytes);
  fclose(f);
}

/* Two records; returns the bytes of the file. */
static size_t write_records(const char *path, char *data, size_t room)
{
  bs_pack records = {0};
  bs_record_add(&records, "first", "abc", 3);
  bs_record_add(&records, "second", NULL, 0);
  ck_assert_int_eq(bs_record_file_write(path, IDENTITY, 7, &records), BS_OK);
  bs_pack_clear(&records);
  return read_bytes(path, data, room);
}

static bs_status read_back(const char *path, uint64_t identity)
{
  uint64_t sequence;
  char *data;
  size_t bytes;
  const bs_status st =
      bs_record_file_read(path, identity, &sequence, &data, &bytes);
  ck_assert(st == BS_OK || data == NULL);
  bs_mem_free(&data);
  return st;
}

START_TEST(records_come_back)
{
  char whole[256], key[16], *data;
  const char *at;
  uint64_t sequence;
  size_t bytes, length;
  write_records(in_folder("r"), whole, sizeof whole);
  ck_assert_int_eq(
      bs_record_file_read(in_folder("r"), IDENTITY, &sequence, &data, &bytes),
      BS_OK);
  ck_assert_uint_eq(sequence, 7);
  bs_unpack from = {data, bytes};
  ck_assert(bs_record_next(&from, key, sizeof key, &at, &length));
  ck_assert_str_eq(key, "first");
  ck_assert(length == 3 && memcmp(at, "abc", 3) == 0);
  ck_assert(bs_record_next(&from, key, sizeof key, &at, &length));
  ck_assert_str_eq(key, "second");
  ck_assert_uint_eq(length, 0);
  ck_assert(!bs_record_next(&from, key, sizeof key, &at, &length));
  bs_mem_free(&data);
}
END_TEST

START_TEST(every_flipped_bit_is_seen)
{
  char whole[256];
  const size_t bytes = write_records(in_folder("r"), whole, sizeof whole);
  ck_assert_uint_gt(bytes, 60);
  for (size_t i = 0; i < 8 * bytes; i++) {
    whole[i / 8] = (char)(whole[i / 8] ^ 1 << i % 8);
    write_bytes(in_folder("r"), whole, bytes);
    ck_assert_int_eq(read_back(in_folder("r"), IDENTITY), BS_ERR_INPUT);
    whole[i / 8] = (char)(whole[i / 8] ^ 1 << i % 8);
  }
  write_bytes(in_folder("r"), whole, bytes);
  ck_assert_int_eq(read_back(in_folder("r"), IDENTITY), BS_OK);
}
END_TEST

START_TEST(every_length_but_the_whole_is_refused)
{
  char whole[256];
  const size_t bytes = write_records(in_folder("r"), whole, sizeof whole);
  for (size_t i = 0; i < bytes; i++) {
    write_bytes(in_folder("r"), whole, i);
    ck_assert_int_eq(read_back(in_folder("r"), IDENTITY), BS_ERR_INPUT);
  }
  whole[bytes] = 0;
  write_bytes(in_folder("r"), whole, bytes + 1);
  ck_assert_int_eq(read_back(in_folder("r"), IDENTITY), BS_ERR_INPUT);
}
END_TEST

START_TEST(another_runs_file_is_refused)
{
  char whole[256];
  write_records(in_folder("r"), whole, sizeof whole);
  ck_assert_int_eq(read_back(in_folder("r"), IDENTITY + 1), BS_ERR_INPUT);
}
END_TEST

static void note(const void *context, const char *line)
{
  (void)context;
  snprintf(told, sizeof told, "%s", line);
}

static bs_status open_checkpoint(int seed, bs_checkpoint **out)
{
  json_t *about = json_pack("{s:s, s:{s:i, s:n}}", "command", "test",
                            "parameters", "seed", seed, "split");
  const bs_checkpoint_options options = {in_folder("c"), about, 0, note, NULL};
  const bs_status st = bs_checkpoint_open(MPI_COMM_WORLD, &options, out);
  json_decref(about);
  return st;
}

static void save_number(bs_checkpoint *c, const char *key, int number)
{
  const bs_keep *keep = bs_checkpoint_keep(c);
  bs_pack pack = {0};
  bs_pack_add(&pack, &number, sizeof number);
  keep->save(keep->store, key, &pack);
  bs_pack_clear(&pack);
}

static int kept_number(bs_checkpoint *c, const char *key)
{
  const bs_keep *keep = bs_checkpoint_keep(c);
  char *data;
  size_t bytes;
  int number = -1;
  ck_assert_int_eq(keep->get(keep->store, key, &data, &bytes), BS_OK);
  if (data != NULL)
    memcpy(&number, data, sizeof number);
  bs_mem_free(&data);
  return number;
}

/* Leave a checkpoint of the run of seed 1. */
static void keep_something(void)
{
  bs_checkpoint *c;
  ck_assert_int_eq(open_checkpoint(1, &c), BS_OK);
  save_number(c, "s", 1);
  bs_checkpoint_close(&c, false);
}

START_TEST(nothing_kept_leaves_nothing)
{
  bs_checkpoint *c;
  ck_assert_int_eq(open_checkpoint(1, &c), BS_OK);
  bs_checkpoint_close(&c, false);
  ck_assert_int_ne(access(in_folder("c"), F_OK), 0);
}
END_TEST

START_TEST(the_newest_whole_state_counts)
{
  bs_checkpoint *c;
  char whole[256];
  ck_assert_int_eq(open_checkpoint(1, &c), BS_OK);
  for (int i = 1; i <= 4; i++)
    save_number(c, "s", i);
  bs_checkpoint_close(&c, false);
  ck_assert_int_eq(open_checkpoint(1, &c), BS_OK);
  ck_assert_int_eq(kept_number(c, "s"), 4);
  ck_assert_int_eq(kept_number(c, "t"), -1);
  bs_checkpoint_close(&c, false);
  const size_t bytes = read_bytes(in_folder("c/s.state0"), whole, sizeof whole);
  write_bytes(in_folder("c/s.state0"), whole, bytes - 1);
  told[0] = '\0';
  ck_assert_int_eq(open_checkpoint(1, &c), BS_OK);
  ck_assert_int_eq(kept_number(c, "s"), 3);
  save_number(c, "s", 5); /* over the damaged one, not the good one */
  bs_checkpoint_close(&c, false);
  ck_assert_int_eq(open_checkpoint(1, &c), BS_OK);
  ck_assert_int_eq(kept_number(c, "s"), 5);
  bs_checkpoint_close(&c, true);
  ck_assert_int_ne(access(in_folder("c"), F_OK), 0);
}
END_TEST

START_TEST(units_come_back_and_leave_with_the_run)
{
  bs_checkpoint *c;
  ck_assert_int_eq(open_checkpoint(1, &c), BS_OK);
  const bs_keep *keep = bs_checkpoint_keep(c);
  for (int i = 0; i < 5; i++) {
    char key[16];
    bs_pack pack = {0};
    snprintf(key, sizeof key, "u-%d", i);
    bs_pack_add(&pack, &i, sizeof i);
    keep->put(keep->store, key, &pack);
    bs_pack_clear(&pack);
  }
  bs_checkpoint_close(&c, false);
  ck_assert_int_eq(open_checkpoint(1, &c), BS_OK);
  for (int i = 0; i < 5; i++) {
    char key[16];
    snprintf(key, sizeof key, "u-%d", i);
    ck_assert_int_eq(kept_number(c, key), i);
  }
  bs_checkpoint_close(&c, true);
  ck_assert_int_ne(access(in_folder("c"), F_OK), 0);
}
END_TEST

START_TEST(a_stale_checkpoint_is_refused_by_name)
{
  bs_checkpoint *c;
  keep_something();
  ck_assert_int_eq(open_checkpoint(2, &c), BS_ERR_INPUT);
  ck_assert_ptr_null(c);
  ck_assert_ptr_nonnull(strstr(bs_error_text(), "seed was 1, now 2"));
  ck_assert_int_eq(open_checkpoint(1, &c), BS_OK);
  bs_checkpoint_close(&c, true);
}
END_TEST

/* As another version of the program would have written it. */
static void change_version(const char *path)
{
  char digest[17];
  json_t *manifest = json_load_file(path, 0, NULL);
  ck_assert_ptr_nonnull(manifest);
  json_object_del(manifest, "digest");
  json_object_set_new(manifest, "version", json_string("0.0.9"));
  char *text = json_dumps(manifest, JSON_COMPACT | JSON_SORT_KEYS);
  snprintf(digest, sizeof digest, "%016llx",
           (unsigned long long)bs_bytes_hash(text, strlen(text)));
  json_object_set_new(manifest, "digest", json_string(digest));
  ck_assert_int_eq(json_dump_file(manifest, path, 0), 0);
  free(text);
  json_decref(manifest);
}

START_TEST(another_versions_checkpoint_is_refused_by_name)
{
  bs_checkpoint *c;
  keep_something();
  change_version(in_folder("c/manifest.json"));
  ck_assert_int_eq(open_checkpoint(1, &c), BS_ERR_INPUT);
  ck_assert_ptr_nonnull(strstr(bs_error_text(), "version was \"0.0.9\", now"));
  bs_folder_remove(in_folder("c"));
}
END_TEST

START_TEST(every_flipped_byte_of_the_manifest_is_refused)
{
  bs_checkpoint *c;
  char whole[1024], path[128];
  keep_something();
  strcpy(path, in_folder("c/manifest.json"));
  const size_t bytes = read_bytes(path, whole, sizeof whole);
  for (size_t i = 0; i <= bytes; i++) {
    if (i < bytes && strchr(" \n", whole[i]) != NULL)
      continue; /* more or less white space is no damage */
    if (i < bytes)
      whole[i] ^= 1;
    write_bytes(path, whole, i < bytes ? bytes : bytes - 3);
    ck_assert_int_eq(open_checkpoint(1, &c), BS_ERR_INPUT);
    if (i < bytes)
      whole[i] ^= 1;
  }
  bs_folder_remove(in_folder("c"));
}
END_TEST

START_TEST(a_folder_of_other_files_is_refused_and_left_alone)
{
  bs_checkpoint *c;
  ck_assert_int_eq(mkdir(in_folder("c"), 0777), 0);
  write_bytes(in_folder("c/thesis.tex"), "x", 1);
  ck_assert_int_eq(open_checkpoint(1, &c), BS_ERR_USAGE);
  ck_assert_int_eq(access(in_folder("c/thesis.tex"), F_OK), 0);
  unlink(in_folder("c/thesis.tex"));
  bs_folder_remove(in_folder("c"));
}
END_TEST

START_TEST(a_folder_in_use_is_refused)
{
  int lock, status;
  ck_assert_int_eq(bs_folder_lock(in_folder("c"), &lock), BS_OK);
  const pid_t child = fork();
  if (child == 0) { /* no MPI here */
    int other;
    _exit((int)bs_folder_lock(in_folder("c"), &other));
  }
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  ck_assert_int_eq(WEXITSTATUS(status), BS_ERR_LAUNCH);
  close(lock);
  bs_folder_remove(in_folder("c"));
}
END_TEST

START_TEST(time_limits_are_read)
{
  static const struct {
    const char *text;
    double seconds;
  } good[] = {{"1", 1},
              {"3600", 3600},
              {"00:00:01", 1},
              {"01:02:03", 3723},
              {"1-00:00:00", 86400},
              {"100:00:00", 360000},
              {"2-03:04:05", 183845}};
  static const char *const bad[] = {
      "",    "0",        "x",    "1x", "00:01",   "1:2:60",  "1:60:0", "-1",
      "1-2", "1-24:0:0", "1::2", " 1", "1:2:3:4", "0-0:0:0", "1e3",    "1."};
  double seconds;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    ck_assert_int_eq(bs_stop_parse(good[i].text, &seconds), BS_OK);
    ck_assert_double_eq(seconds, good[i].seconds);
  }
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    ck_assert_int_eq(bs_stop_parse(bad[i], &seconds), BS_ERR_USAGE);
}
END_TEST

int main(int argc, char **argv)
{
  const bs_unit_test tests[] = {
      BS_UNIT(records_come_back),
      BS_UNIT(every_flipped_bit_is_seen),
      BS_UNIT(every_length_but_the_whole_is_refused),
      BS_UNIT(another_runs_file_is_refused),
      BS_UNIT(nothing_kept_leaves_nothing),
      BS_UNIT(the_newest_whole_state_counts),
      BS_UNIT(units_come_back_and_leave_with_the_run),
      BS_UNIT(a_stale_checkpoint_is_refused_by_name),
      BS_UNIT(another_versions_checkpoint_is_refused_by_name),
      BS_UNIT(every_flipped_byte_of_the_manifest_is_refused),
      BS_UNIT(a_folder_of_other_files_is_refused_and_left_alone),
      BS_UNIT(a_folder_in_use_is_refused),
      BS_UNIT(time_limits_are_read),
  };
  MPI_Init(&argc, &argv);
  setenv("CK_FORK", "no", 1); /* MPI does not survive a fork */
  strcpy(folder, "/tmp/check_checkpoint.XXXXXX");
  const int code =
      mkdtemp(folder) == NULL
          ? EXIT_FAILURE
          : bs_unit_run("checkpoint", tests, sizeof tests / sizeof *tests);
  unlink(in_folder("r"));
  rmdir(folder);
  MPI_Finalize();
  return code;
}
