/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/record_file.h"

#include "src/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

/* The machine's own byte order must be the file's. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "numbers are written as they lie in memory");

typedef struct header {
  char magic[8];
  uint64_t identity, sequence, bytes;
} header;
_Static_assert(sizeof(header) == BS_RECORD_HEADER, "no padding");

static const char magic[8] = {'B', 'S', 'R', 'E', 'C', 'S', '0', '1'};

uint64_t bs_bytes_hash(const void *data, size_t bytes)
{
  return XXH3_64bits(data, bytes);
}

void bs_record_add(bs_pack *records, const char *key, const void *data,
                   size_t bytes)
{
  const uint32_t length = (uint32_t)strlen(key);
  const uint64_t size = bytes;
  bs_pack_add(records, &length, sizeof length);
  bs_pack_add(records, &size, sizeof size);
  bs_pack_add(records, key, length);
  bs_pack_add(records, data, bytes);
}

bool bs_record_next(bs_unpack *from, char *key, size_t room, const char **data,
                    size_t *bytes)
{
  uint32_t length;
  uint64_t size;
  if (!bs_unpack_take(from, &length, sizeof length) ||
      !bs_unpack_take(from, &size, sizeof size) || length >= room ||
      !bs_unpack_take(from, key, length) || size > from->left)
    return false;
  key[length] = '\0';
  *data = from->data;
  *bytes = (size_t)size;
  from->data += size;
  from->left -= (size_t)size;
  return true;
}

/* ---- Writing. */

static bool write_all(int file, const char *data, size_t bytes)
{
  while (bytes > 0) {
    const ssize_t done = write(file, data, bytes);
    if (done < 0 && errno == EINTR)
      continue;
    if (done <= 0)
      return false;
    data += done;
    bytes -= (size_t)done;
  }
  return true;
}

bool bs_folder_flush(const char *path)
{
  char folder[4096];
  const char *slash = strrchr(path, '/');
  snprintf(folder, sizeof folder, "%.*s",
           slash == NULL ? 1 : (int)(slash - path + 1),
           slash == NULL ? "." : path);
  const int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0)
    return false;
  /* Some file systems cannot flush a folder, and need not. */
  const bool good = fsync(file) == 0 || errno == EINVAL;
  close(file);
  return good;
}

bs_status bs_file_replace(const char *path, const void *data, size_t bytes)
{
  char part[4096];
  if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part)
    return bs_fail(BS_ERR_RESOURCE, "path too long: %s", path);
  const int file = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  bool good = file >= 0 && write_all(file, data, bytes) && fsync(file) == 0;
  int why = errno;
  if (file >= 0 && close(file) != 0 && good) {
    good = false;
    why = errno;
  }
  if (good && (rename(part, path) != 0 || !bs_folder_flush(path))) {
    good = false;
    why = errno;
  }
  if (good)
    return BS_OK;
  if (file >= 0)
    unlink(part);
  return bs_fail(BS_ERR_RESOURCE, "cannot write %s: %s", path, strerror(why));
}

bs_status bs_record_file_write(const char *path, uint64_t identity,
                               uint64_t sequence, const bs_pack *records)
{
  header h = {
      .identity = identity, .sequence = sequence, .bytes = records->bytes};
  bs_pack all = {0};
  memcpy(h.magic, magic, sizeof magic);
  bs_pack_add(&all, &h, sizeof h);
  bs_pack_add(&all, records->data, records->bytes);
  const uint64_t hash = bs_bytes_hash(all.data, all.bytes);
  bs_pack_add(&all, &hash, sizeof hash);
  const bs_status st =
      records->failed || all.failed
          ? bs_fail(BS_ERR_RESOURCE, "out of memory for %s", path)
          : bs_file_replace(path, all.data, all.bytes);
  bs_pack_clear(&all);
  return st;
}

/* ---- Reading. */

static bs_status read_all(const char *path, char **data, size_t *bytes)
{
  struct stat info;
  FILE *file = fopen(path, "rb");
  if (file == NULL || fstat(fileno(file), &info) != 0) {
    if (file != NULL)
      fclose(file);
    return bs_fail(BS_ERR_INPUT, "cannot read %s: %s", path, strerror(errno));
  }
  *bytes = (size_t)info.st_size;
  bs_status st = bs_mem_alloc(*bytes, 1, data);
  if (st == BS_OK && fread(*data, 1, *bytes, file) != *bytes)
    st = bs_fail(BS_ERR_INPUT, "cannot read %s", path);
  fclose(file);
  if (st != BS_OK)
    bs_mem_free(data);
  return st;
}

/* Is a file of so many bytes whole, and ours? */
static const char *find_fault(const char *data, size_t bytes, uint64_t identity,
                              header *h)
{
  uint64_t hash;
  if (bytes < sizeof *h + sizeof hash)
    return "cut short";
  memcpy(h, data, sizeof *h);
  memcpy(&hash, data + bytes - sizeof hash, sizeof hash);
  if (memcmp(h->magic, magic, sizeof magic) != 0)
    return "not a file of this kind";
  if (h->bytes != bytes - sizeof *h - sizeof hash)
    return "of the wrong length";
  if (hash != bs_bytes_hash(data, bytes - sizeof hash))
    return "damaged";
  return h->identity == identity ? NULL : "of another run";
}

bs_status bs_record_file_read(const char *path, uint64_t identity,
                              uint64_t *sequence, char **data, size_t *bytes)
{
  header h;
  *data = NULL;
  BS_TRY(read_all(path, data, bytes));
  const char *fault = find_fault(*data, *bytes, identity, &h);
  if (fault != NULL) {
    bs_mem_free(data);
    return bs_fail(BS_ERR_INPUT, "%s is %s", path, fault);
  }
  *sequence = h.sequence;
  *bytes = (size_t)h.bytes;
  memmove(*data, *data + sizeof h, *bytes);
  return BS_OK;
}
