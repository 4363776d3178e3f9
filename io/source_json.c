/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/source.h"

#include "src/mem.h"
#include <stdlib.h>
#include <string.h>

/* Paths and names need not be UTF-8, so they travel as bytes in
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
