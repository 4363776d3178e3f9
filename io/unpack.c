/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/unpack.h"

#include "io/rar5.h"
#include "src/mem.h"
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <zlib.h>

enum { READ_BYTES = 1 << 18 };

/* libarchive 3.6 does not look at gzip's checksums, so gzip is zlib's work
 * here: alone for a compressed file, below libarchive for a .tar.gz. */
struct bs_unpack {
  struct archive *archive; /* or NULL */
  gzFile gzip;             /* or NULL */
  char *gzip_buffer;       /* (READ_BYTES) for libarchive */
  char *show;
  bool checked;      /* libarchive 3.6 does not check what RAR 5 only stores */
  uint32_t crc, sum; /* stated, and so far */
};

static bool ends_with(const char *name, const char *suffix)
{
  size_t n = strlen(name), s = strlen(suffix);
  return n > s && strcasecmp(name + n - s, suffix) == 0;
}

bool bs_is_tar_name(const char *name)
{
  static const char *const suffixes[] = {
      ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.zst", ".tar.bz2"};
  for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
    if (ends_with(name, suffixes[i]))
      return true;
  return false;
}

bs_status bs_magic_of(const char *path, const char *show, bs_magic *magic)
{
  static const struct {
    const char *bytes;
    size_t length;
    bs_magic magic;
  } known[] = {
      {"\x1f\x8b", 2, BS_MAGIC_COMPRESSED},
      {"\xfd"
       "7zXZ\0",
       6, BS_MAGIC_COMPRESSED},
      {"\x28\xb5\x2f\xfd", 4, BS_MAGIC_COMPRESSED},
      {"BZh", 3, BS_MAGIC_COMPRESSED},
      {"PK\x03\x04", 4, BS_MAGIC_ARCHIVE},
      {"PK\x05\x06", 4, BS_MAGIC_ARCHIVE},
      {"7z\xbc\xaf\x27\x1c", 6, BS_MAGIC_ARCHIVE},
      {"Rar!\x1a\x07\x01\x00", 8, BS_MAGIC_ARCHIVE},
      {"Rar!\x1a\x07\x00", 7, BS_MAGIC_RAR4},
  };
  unsigned char head[8] = {0};
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t got = fd < 0 ? -1 : read(fd, head, sizeof head);
  int error = errno;
  if (fd >= 0)
    close(fd);
  if (got < 0)
    return bs_fail(BS_ERR_INPUT, "cannot read %s: %s", show, strerror(error));
  *magic = BS_MAGIC_OTHER;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if ((size_t)got >= known[i].length &&
        memcmp(head, known[i].bytes, known[i].length) == 0)
      *magic = known[i].magic;
  return BS_OK;
}

static bs_status broken_because(const bs_unpack *u, const char *why)
{
  return bs_fail(BS_ERR_INPUT, "%s: damaged or incomplete: %.200s", u->show,
                 why == NULL ? "cannot be unpacked" : why);
}

static bs_status broken(const bs_unpack *u)
{
  return broken_because(u, archive_error_string(u->archive));
}

/* ---- gzip. */

/* Without the file descriptor's name that zlib puts before its message. */
static const char *gzip_error(gzFile gzip)
{
  int code;
  const char *text = gzerror(gzip, &code);
  const char *colon = strstr(text, ": ");
  return code == Z_ERRNO ? strerror(errno) : colon == NULL ? text : colon + 2;
}

/* The next bytes; -1 where they are damaged or the end is missing. */
static int gzip_read(gzFile gzip, void *to, size_t room)
{
  enum { STEP = 1 << 30 };
  int code, got = gzread(gzip, to, room > STEP ? STEP : (unsigned)room);
  gzerror(gzip, &code);
  return code == Z_BUF_ERROR ? -1 : got;
}

static la_ssize_t feed_gzip(struct archive *archive, void *context,
                            const void **buffer)
{
  bs_unpack *u = context;
  int got = gzip_read(u->gzip, u->gzip_buffer, READ_BYTES);
  *buffer = u->gzip_buffer;
  if (got < 0)
    archive_set_error(archive, EINVAL, "%s", gzip_error(u->gzip));
  return got < 0 ? ARCHIVE_FATAL : got;
}

/* To the end, where the checksum is. */
static bs_status drain_gzip(bs_unpack *u)
{
  char buffer[1 << 14];
  int got;
  while ((got = gzip_read(u->gzip, buffer, sizeof buffer)) > 0)
    ;
  return got < 0 ? broken_because(u, gzip_error(u->gzip)) : BS_OK;
}

static bool is_gzip(const char *path)
{
  unsigned char head[2] = {0, 0};
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t got = fd < 0 ? 0 : read(fd, head, sizeof head);
  if (fd >= 0)
    close(fd);
  return got == 2 && head[0] == 0x1f && head[1] == 0x8b;
}

static bs_status open_gzip(const char *path, bs_unpack *u)
{
  BS_TRY(bs_mem_alloc(READ_BYTES, 1, &u->gzip_buffer));
  u->gzip = gzopen(path, "rbe");
  if (u->gzip == NULL)
    return bs_fail(BS_ERR_INPUT, "cannot read %s: %s", u->show,
                   strerror(errno));
  gzbuffer(u->gzip, READ_BYTES);
  return BS_OK;
}

/* ---- Everything else. */

/* Archives and compressed single files need different readers: a plain text
 * inside a .gz must not be taken for some archive. */
static int open_archive(const char *path, bool members, bs_unpack *u)
{
  archive_read_support_filter_xz(u->archive);
  archive_read_support_filter_zstd(u->archive);
  archive_read_support_filter_bzip2(u->archive);
  if (members) {
    archive_read_support_format_zip(u->archive);
    archive_read_support_format_tar(u->archive);
    archive_read_support_format_rar5(u->archive);
    archive_read_support_format_7zip(u->archive);
  } else {
    archive_read_support_format_raw(u->archive);
  }
  return u->gzip == NULL
             ? archive_read_open_filename(u->archive, path, READ_BYTES)
             : archive_read_open(u->archive, u, NULL, feed_gzip, NULL);
}

static bs_status open_all(const char *path, bool members, bs_unpack *u)
{
  if (u->show == NULL)
    return bs_fail(BS_ERR_RESOURCE, "out of memory to unpack %s", path);
  if (is_gzip(path))
    BS_TRY(open_gzip(path, u));
  if (u->gzip != NULL && !members)
    return BS_OK;
  u->archive = archive_read_new();
  if (u->archive == NULL)
    return bs_fail(BS_ERR_RESOURCE, "out of memory to unpack %s", path);
  return open_archive(path, members, u) == ARCHIVE_OK ? BS_OK : broken(u);
}

static bs_status create(const char *path, bool members, const char *show,
                        bs_unpack **out)
{
  bs_unpack *u;
  *out = NULL;
  BS_TRY(bs_mem_zalloc(1, sizeof *u, &u));
  u->show = strdup(show);
  bs_status st = open_all(path, members, u);
  if (st != BS_OK)
    bs_unpack_close(&u);
  *out = u;
  return st;
}

/* A path that would leave the folder it is unpacked in. We write nothing by
 * these names, but such an archive is not to be trusted. */
static bool leads_outside(const char *name)
{
  if (name[0] == '/' || name[0] == '\\' || (name[0] != '\0' && name[1] == ':'))
    return true;
  for (const char *p = name; *p != '\0';) {
    size_t length = strcspn(p, "/\\");
    if (length == 2 && p[0] == '.' && p[1] == '.')
      return true;
    p += length + (p[length] != '\0');
  }
  return false;
}

/* Go to the next regular file; *name is NULL at the end. */
static bs_status next_member(bs_unpack *u, const char **name)
{
  struct archive_entry *entry;
  *name = NULL;
  for (;;) {
    int code = archive_read_next_header(u->archive, &entry);
    if (code == ARCHIVE_EOF)
      return BS_OK;
    if (code != ARCHIVE_OK)
      return broken(u);
    const char *path = archive_entry_pathname_utf8(entry);
    if (path == NULL)
      path = archive_entry_pathname(entry);
    if (path == NULL)
      return bs_fail(BS_ERR_INPUT, "%s: a member without a name", u->show);
    if (leads_outside(path))
      return bs_fail(BS_ERR_INPUT,
                     "%s: member '%.200s' leads outside the "
                     "archive",
                     u->show, path);
    if (archive_entry_is_encrypted(entry))
      return bs_fail(BS_ERR_INPUT, "%s: member '%.200s' is encrypted", u->show,
                     path);
    if (archive_entry_filetype(entry) == AE_IFREG) {
      *name = path;
      return BS_OK;
    }
  }
}

static bs_status find_member(bs_unpack *u, const char *member)
{
  const char *name;
  do {
    BS_TRY(next_member(u, &name));
    if (name == NULL)
      return bs_fail(BS_ERR_INPUT, "%s: no longer in its archive", u->show);
  } while (strcmp(name, member) != 0);
  return BS_OK;
}

bs_status bs_unpack_open(const char *path, const char *member, const char *show,
                         bs_unpack **out)
{
  struct archive_entry *entry;
  bs_unpack *u;
  *out = NULL;
  BS_TRY(create(path, member != NULL, show, &u));
  bs_status st = BS_OK;
  if (member != NULL) {
    st = find_member(u, member);
    u->checked = bs_rar5_crc(path, member, &u->crc);
  } else if (u->archive != NULL &&
             archive_read_next_header(u->archive, &entry) != ARCHIVE_OK) {
    st = broken(u);
  }
  if (st != BS_OK)
    bs_unpack_close(&u);
  *out = u;
  return st;
}

bs_status bs_unpack_read(bs_unpack *u, char *to, size_t room, size_t *got)
{
  *got = 0;
  if (u->archive == NULL) {
    int n = gzip_read(u->gzip, to, room);
    *got = n < 0 ? 0 : (size_t)n;
    return n < 0 ? broken_because(u, gzip_error(u->gzip)) : BS_OK;
  }
  la_ssize_t n = archive_read_data(u->archive, to, room);
  if (n < 0) /* warnings too: a wrong checksum can be one */
    return broken(u);
  *got = (size_t)n;
  if (u->checked)
    u->sum = (uint32_t)crc32_z(u->sum, (const unsigned char *)to, *got);
  if (n == 0 && u->checked && u->sum != u->crc)
    return broken_because(u, "wrong checksum");
  return n == 0 && u->gzip != NULL ? drain_gzip(u) : BS_OK;
}

void bs_unpack_close(bs_unpack **u)
{
  if (*u == NULL)
    return;
  if ((*u)->archive != NULL)
    archive_read_free((*u)->archive);
  if ((*u)->gzip != NULL)
    gzclose((*u)->gzip);
  bs_mem_free(&(*u)->gzip_buffer);
  free((*u)->show);
  bs_mem_free(u);
}

bs_status bs_unpack_list(const char *path, const char *show,
                         bs_status (*visit)(void *context, const char *member),
                         void *context)
{
  bs_unpack *u;
  const char *name;
  BS_TRY(create(path, true, show, &u));
  bs_status st;
  while ((st = next_member(u, &name)) == BS_OK && name != NULL) {
    st = visit(context, name);
    if (st != BS_OK)
      break;
  }
  bs_unpack_close(&u);
  return st;
}
