/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/rar5.h"

#include <stdio.h>
#include <string.h>

enum {
  HEADER_ROOM = 1 << 16,
  TYPE_FILE = 2,
  TYPE_END = 5,
  FLAG_EXTRA = 1, /* header flags: an extra area, data behind the header */
  FLAG_DATA = 2,
  FILE_DIRECTORY = 1, /* file flags */
  FILE_TIME = 2,
  FILE_CRC = 4
};

/* A header in memory; reading behind its end makes it bad. */
typedef struct header {
  unsigned char bytes[HEADER_ROOM];
  size_t length, at;
  bool bad;
} header;

static unsigned next_byte(header *h)
{
  if (h->at >= h->length) {
    h->bad = true;
    return 0;
  }
  return h->bytes[h->at++];
}

/* Seven bits a byte, the lowest first; the top bit says that more follow. */
static uint64_t next_number(header *h)
{
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    unsigned byte = next_byte(h);
    value |= (uint64_t)(byte & 127) << shift;
    if (byte < 128)
      return value;
  }
  h->bad = true;
  return 0;
}

static uint32_t next_word(header *h)
{
  uint32_t value = 0;
  for (int shift = 0; shift < 32; shift += 8)
    value |= (uint32_t)next_byte(h) << shift;
  return value;
}

/* The next header: its own CRC (4 bytes, which libarchive checks), its size,
 * and as many bytes. */
static bool read_header(FILE *file, header *h)
{
  uint64_t size = 0;
  int byte = 128;
  if (fseek(file, 4, SEEK_CUR) != 0)
    return false;
  for (int shift = 0; byte >= 128 && shift < 21; shift += 7) {
    byte = fgetc(file);
    if (byte == EOF)
      return false;
    size |= (uint64_t)(byte & 127) << shift;
  }
  if (size == 0 || size > HEADER_ROOM ||
      fread(h->bytes, 1, (size_t)size, file) != size)
    return false;
  h->length = (size_t)size;
  h->at = 0;
  h->bad = false;
  return true;
}

/* The rest of a file's header: is it the member, with a checksum? */
static bool take_file(header *h, const char *member, uint32_t *crc)
{
  uint64_t flags = next_number(h);
  next_number(h); /* unpacked size */
  next_number(h); /* attributes */
  if (flags & FILE_TIME)
    next_word(h);
  uint32_t stated = flags & FILE_CRC ? next_word(h) : 0;
  next_number(h); /* compression */
  next_number(h); /* system */
  uint64_t length = next_number(h);
  if (h->bad || (flags & FILE_DIRECTORY) || !(flags & FILE_CRC) ||
      length != strlen(member) || length > h->length - h->at ||
      memcmp(h->bytes + h->at, member, (size_t)length) != 0)
    return false;
  *crc = stated;
  return true;
}

static bool find(FILE *file, const char *member, uint32_t *crc)
{
  static const char magic[8] = "Rar!\x1a\x07\x01";
  char start[8];
  header h;
  if (fread(start, 1, 8, file) != 8 || memcmp(start, magic, 8) != 0)
    return false;
  while (read_header(file, &h)) {
    uint64_t type = next_number(&h), flags = next_number(&h);
    if (flags & FLAG_EXTRA)
      next_number(&h);
    uint64_t data = flags & FLAG_DATA ? next_number(&h) : 0;
    if (h.bad || type == TYPE_END || data > INT64_MAX)
      return false;
    if (type == TYPE_FILE && take_file(&h, member, crc))
      return true;
    if (fseek(file, (long)data, SEEK_CUR) != 0)
      return false;
  }
  return false;
}

bool bs_rar5_crc(const char *path, const char *member, uint32_t *crc)
{
  FILE *file = fopen(path, "rbe");
  if (file == NULL)
    return false;
  bool found = find(file, member, crc);
  fclose(file);
  return found;
}
