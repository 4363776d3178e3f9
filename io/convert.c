/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/convert.h"

#include "io/checksum.h"
#include "io/convert_facts.h"
#include "io/convert_rows.h"
#include "io/datafile_write.h"
#include "io/digest.h"
#include "io/json.h"
#include "io/nbaiot.h"
#include "io/pieces_keep.h"
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
  int rank, threads;
  const bs_convert_options *options;
  bs_source *source;
  bs_pieces *pieces;
  bs_datafile *facts;
  bs_checkpoint *checkpoint; /* or NULL */
  bs_writer *writer;
  bs_checksum *sum;
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

/* ---- The checkpoint. */

/* An input file as it is now, under its name. */
static bool describe_file(const bs_source_file *f, json_t *files)
{
  json_t *name = bs_json_bytes(f->show);
  const bool good =
      name != NULL &&
      json_object_set_new(
          files, json_string_value(name),
          json_sprintf("%llu bytes of %lld.%09ld", (unsigned long long)f->size,
                       (long long)f->seconds, f->nanoseconds)) == 0;
  json_decref(name);
  return good;
}

/* What decides what the output holds; rank 0. */
static bs_status describe(const conversion *c, const char *output,
                          json_t *about)
{
  json_t *files = json_object();
  bool good = true;
  for (int i = 0; i < c->source->files; i++)
    good = good && describe_file(&c->source->file[i], files);
  good =
      json_object_set_new(about, "output", bs_json_bytes(output)) == 0 && good;
  good = json_object_set_new(about, "files", json_integer(c->source->files)) ==
             0 &&
         good;
  good = json_object_set_new(about, "input", files) == 0 && good;
  return good ? BS_OK : bs_fail(BS_ERR_RESOURCE, "out of memory: checkpoint");
}

static bs_status open_checkpoint(conversion *c, const char *output)
{
  if (c->options->checkpoint == NULL)
    return BS_OK;
  bs_checkpoint_options options = *c->options->checkpoint;
  json_t *about = NULL;
  bs_status st = BS_OK;
  if (c->rank == 0) {
    about = json_copy((json_t *)options.about);
    st = describe(c, output, about);
  }
  options.about = about;
  st = bs_agree(c->comm, st);
  if (st == BS_OK)
    st = bs_checkpoint_open(c->comm, &options, &c->checkpoint);
  json_decref(about);
  return st;
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

/* ---- Signals. */

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
  BS_TRY(bs_writer_pack(c->writer));
  BS_TRY(bs_agree(c->comm, check_interrupt()));
  bs_origin origin = bs_facts_origin(c->source, c->facts);
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

static bs_status count_rows(conversion *c)
{
  const bs_keep *keep = bs_checkpoint_keep(c->checkpoint);
  bool counted;
  BS_TRY(bs_pieces_fetch(c->comm, keep, c->source, c->pieces, &counted));
  if (counted)
    return BS_OK;
  BS_TRY(bs_pieces_count(c->comm, c->threads, c->source, c->pieces));
  if (c->rank == 0)
    bs_pieces_keep(keep, c->source, c->pieces);
  return BS_OK;
}

static bs_status start_writing(conversion *c, const char *output)
{
  bs_status st = bs_facts_create(c->source, c->pieces, output, &c->facts);
  if (st == BS_OK)
    st = bs_checksum_create(c->facts->feature, c->facts->d,
                            c->facts->class_name, c->facts->c, &c->sum);
  BS_TRY(bs_agree(c->comm, st));
  BS_TRY(verify(c));
  set_unfinished(c->rank, output);
  BS_TRY(bs_agree(c->comm, check_interrupt()));
  return bs_writer_create_kept(c->comm, output, c->facts, c->options->deflate,
                               bs_checkpoint_keep(c->checkpoint),
                               c->pieces->count, &c->writer);
}

/* Several ranks take turns, and it is any of their threads that calls MPI. */
static int threads_allowed(MPI_Comm comm, int asked)
{
  int level;
  BS_MPI(MPI_Query_thread(&level));
  return bs_comm_size(comm) == 1 || level >= MPI_THREAD_SERIALIZED ? asked : 1;
}

static void end_phase(const conversion *c, const char *name)
{
  if (c->options->phase != NULL)
    c->options->phase(c->options->context, name);
}

static bs_status run(conversion *c, int count, char *const *paths,
                     const char *output)
{
  BS_TRY(find_source(c, count, paths));
  BS_TRY(prepare(c, output));
  BS_TRY(open_checkpoint(c, output));
  end_phase(c, "find");
  BS_TRY(count_rows(c));
  end_phase(c, "count");
  BS_TRY(start_writing(c, output));
  const bs_rows_task task = {c->comm,  c->threads, c->source,   c->pieces,
                             c->facts, c->writer,  &interrupted};
  BS_TRY(bs_rows_convert(&task, c->sum));
  end_phase(c, "write");
  return finish(c);
}

bs_status bs_convert(MPI_Comm comm, int count, char *const *paths,
                     const char *output, const bs_convert_options *options,
                     bs_datafile **facts, uint64_t *bytes)
{
  conversion c = {.comm = comm, .options = options};
  c.rank = bs_comm_rank(comm);
  c.threads = threads_allowed(comm, options->threads);
  *facts = NULL;
  bs_status st = run(&c, count, paths, output);
  /* Without a file to go on with the checkpoint is of no use; it may be in the
   * way of the same command on better input. */
  const bool written = c.writer != NULL,
             left = bs_writer_give_up(&c.writer, st);
  bs_checkpoint_close(&c.checkpoint, st == BS_OK || (written && !left));
  set_unfinished(c.rank, NULL);
  if (st != BS_OK)
    st = blame_signal(comm, st);
  if (bytes != NULL) {
    *bytes = 0;
    for (int i = 0; st == BS_OK && i < c.source->files; i++)
      *bytes += c.source->file[i].size;
  }
  if (st == BS_OK) {
    *facts = c.facts;
    c.facts = NULL;
  }
  bs_datafile_close(&c.facts);
  bs_checksum_destroy(&c.sum);
  bs_pieces_destroy(&c.pieces);
  bs_source_destroy(&c.source);
  bs_mem_free(&c.digest);
  return st;
}
