/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/row.h"

#include "io/datafile.h"
#include "io/json.h"
#include "io/number.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_blank(char ch)
{
  return ch == ' ' || ch == '\t';
}

static const char *skip_blanks(const char *p, const char *end)
{
  while (p < end && is_blank(*p))
    p++;
  return p;
}

static bool fail_at(bs_row_error *error, int column, const char *text)
{
  error->column = column;
  snprintf(error->text, sizeof error->text, "%s", text);
  return false;
}

/* A field as a message can show it: at most 40 characters, printable ASCII. */
static void show_field(const char *p, const char *end, char *to)
{
  enum { SHOWN = 40 };
  int n = 0;
  for (; p < end && n < SHOWN; p++)
    to[n++] = *p >= 0x20 && *p < 0x7f ? *p : '?';
  strcpy(to + n, p < end ? "..." : "");
}

static bool is_binary(const char *p, const char *end)
{
  for (; p < end; p++)
    if (((unsigned char)*p < 0x20 && *p != '\t' && *p != '\r') ||
        (unsigned char)*p >= 0x7f)
      return true;
  return false;
}

static bool is_word(const char *p, const char *end, const char *word)
{
  if (p < end && (*p == '+' || *p == '-'))
    p++;
  for (; p < end && *word != '\0' && (*p | 0x20) == *word; p++)
    word++;
  return p == end && *word == '\0';
}

/* Say why a field is no finite number. */
static bool fail_number(const bs_row_format *format, int column, const char *p,
                        const char *end, bs_row_error *error)
{
  char shown[64], text[256];
  while (end > p && is_blank(end[-1]))
    end--;
  show_field(p, end, shown);
  if (p == end)
    snprintf(text, sizeof text, "empty field");
  else if (end - p == 1 && *p == '?')
    snprintf(text, sizeof text, "missing value '?'");
  else if (is_word(p, end, "nan"))
    snprintf(text, sizeof text, "'%s' is not a number that can be used", shown);
  else if (is_word(p, end, "inf") || is_word(p, end, "infinity"))
    snprintf(text, sizeof text, "'%s' is not finite", shown);
  else if (is_binary(p, end))
    snprintf(text, sizeof text, "binary bytes where a number belongs");
  else
    snprintf(text, sizeof text, "'%s' is not a number", shown);
  if (format->names != NULL && column <= format->names->count)
    snprintf(text + strlen(text), sizeof text - strlen(text), " (%.60s)",
             format->names->item[column - 1]);
  return fail_at(error, column, text);
}

static bool fail_range(int column, const char *p, const char *end,
                       bs_row_error *error)
{
  char shown[64], text[128];
  show_field(p, end, shown);
  snprintf(text, sizeof text, "'%s' is too large for a double", shown);
  return fail_at(error, column, text);
}

/* ---- CSV. */

const char *bs_field_text(const char *p, const char *end, char *to, size_t room,
                          size_t *length, const char **text)
{
  size_t n = 0;
  *text = "the field is too long";
  p = skip_blanks(p, end);
  if (p < end && *p == '"') {
    for (p++;; p++) {
      if (p == end) {
        *text = "a quote is not closed on its line";
        return NULL;
      }
      if (*p == '"') {
        if (p + 1 == end || p[1] != '"')
          break;
        p++;
      }
      if (n == room)
        return NULL;
      to[n++] = *p;
    }
    p = skip_blanks(p + 1, end);
    if (p < end && *p != ',') {
      *text = "text follows a closing quote";
      return NULL;
    }
  } else {
    for (; p < end && *p != ','; p++) {
      if (n == room)
        return NULL;
      to[n++] = *p;
    }
    while (n > 0 && is_blank(to[n - 1]))
      n--;
  }
  *length = n;
  return p;
}

static int count_fields(const char *p, const char *end)
{
  int fields = 1;
  bool quoted = false;
  for (; p < end; p++) {
    quoted ^= *p == '"';
    fields += !quoted && *p == ',';
  }
  return fields;
}

static bool fail_count(const bs_row_format *format, const char *line,
                       const char *end, bs_row_error *error)
{
  char text[128];
  int fields = count_fields(line, end);
  bool shorter = fields < format->columns;
  snprintf(text, sizeof text, "%s row: %d field%s where the header has %d",
           shorter ? "short" : "long", fields, fields == 1 ? "" : "s",
           format->columns);
  return fail_at(error, shorter ? fields + 1 : format->columns + 1, text);
}

/* A quoted number: rare, so it goes through a buffer. */
static const char *parse_quoted(const bs_row_format *format, const char *p,
                                const char *end, int column, double *x,
                                bs_row_error *error)
{
  char buffer[BS_MAX_NAME];
  const char *text;
  size_t length;
  p = bs_field_text(p, end, buffer, sizeof buffer, &length, &text);
  if (p == NULL) {
    fail_at(error, column, text);
    return NULL;
  }
  const char *start = skip_blanks(buffer, buffer + length);
  const char *after = bs_number_parse(start, buffer + length, x);
  if (after == NULL || skip_blanks(after, buffer + length) != buffer + length) {
    fail_number(format, column, start, buffer + length, error);
    return NULL;
  }
  if (!isfinite(*x)) {
    fail_range(column, start, after, error);
    return NULL;
  }
  return p;
}

/* Behind the comma that ends a field, quotes heeded; NULL where none does. */
static const char *skip_field(const char *p, const char *end)
{
  for (bool quoted = false; p < end; p++) {
    quoted ^= *p == '"';
    if (*p == ',' && !quoted)
      return p + 1;
  }
  return NULL;
}

/* A class name that can be kept: not empty, UTF-8, no 0 bytes. */
static bool check_class(const char *name, size_t length, int column,
                        bs_row_error *error)
{
  char text[BS_MAX_NAME + 1];
  if (length == 0)
    return fail_at(error, column, "empty class");
  memcpy(text, name, length);
  text[length] = '\0';
  return (strlen(text) == length && bs_json_is_text(text)) ||
         fail_at(error, column, "binary bytes in a class");
}

static const char *parse_class(const bs_row_format *format, const char *p,
                               const char *end, int column, uint16_t *y,
                               bs_row_error *error)
{
  char name[BS_MAX_NAME];
  const char *text;
  size_t length;
  p = bs_field_text(p, end, name, sizeof name, &length, &text);
  if (p == NULL) {
    fail_at(error, column, text);
    return NULL;
  }
  int code = bs_names_find(format->classes, name, length);
  if (code < 0 && format->lenient) {
    *y = UINT16_MAX;
    return p;
  }
  if (code < 0) {
    if (check_class(name, length, column, error))
      fail_at(error, column,
              "a class that was not there before: the file "
              "changed while it was read");
    return NULL;
  }
  *y = (uint16_t)code;
  return p;
}

/* A number with what may be around it: blanks, quotes. Behind it, or NULL. */
static const char *parse_field(const bs_row_format *format, const char *line,
                               const char *start, const char *end, int j,
                               double *x, bs_row_error *error)
{
  const char *p = bs_number_parse(start, end, x), *stop = p;
  if (p == NULL && start < end && *start == '"')
    return parse_quoted(format, start, end, j + 1, x, error);
  if (p != NULL)
    p = skip_blanks(p, end);
  if (p != NULL && (p == end || *p == ',')) {
    if (isfinite(*x))
      return p;
    fail_range(j + 1, start, stop, error);
    return NULL;
  }
  /* An empty end of the line before the last field: the row is short. */
  if (start == end && j > 0 && j < format->columns - 1) {
    fail_count(format, line, end, error);
    return NULL;
  }
  for (stop = start; stop < end && *stop != ',';)
    stop++;
  fail_number(format, j + 1, start, stop, error);
  return NULL;
}

/* Behind a field that is not looked at: the comma, or the end of the line. */
static const char *pass_field(const char *p, const char *end, int column,
                              double *x, bs_row_error *error)
{
  bool quoted = false;
  *x = 0;
  for (; p < end && (quoted || *p != ','); p++)
    quoted ^= *p == '"';
  if (!quoted)
    return p;
  fail_at(error, column, "a quote is not closed on its line");
  return NULL;
}

static bool parse_csv(const bs_row_format *format, const char *line,
                      const char *end, double *x, uint16_t *y,
                      bs_row_error *error)
{
  int columns = format->columns;
  const char *p = line;
  /* Plain numbers up to the class at full speed, what is left with care. */
  int plain = format->class_column < 0 ? columns : format->class_column;
  int done = format->skip != NULL ? 0 : bs_numbers_parse(&p, end, plain, x);
  x += done;
  for (int j = done; j < columns; j++) {
    if (j > 0) {
      if (p == end)
        return fail_count(format, line, end, error);
      p++; /* the comma */
    }
    p = skip_blanks(p, end);
    if (j == format->class_column)
      p = parse_class(format, p, end, j + 1, y, error);
    else if (format->skip != NULL && format->skip[j])
      p = pass_field(p, end, j + 1, x++, error);
    else
      p = parse_field(format, line, p, end, j, x++, error);
    if (p == NULL)
      return false;
  }
  return p == end || fail_count(format, line, end, error);
}

int bs_row_class(const bs_row_format *format, const char *p, const char *end,
                 char *to, size_t room, bs_row_error *error)
{
  const char *line = p, *text;
  size_t length;
  int column = format->class_column + 1;
  for (int j = 1; j < column; j++) {
    p = skip_field(p, end);
    if (p == NULL) {
      fail_count(format, line, end, error);
      return -1;
    }
  }
  p = bs_field_text(p, end, to, room, &length, &text);
  if (p == NULL) {
    fail_at(error, column, text);
    return -1;
  }
  return check_class(to, length, column, error) ? (int)length : -1;
}

bs_status bs_row_split(const char *p, const char *end, char ***field,
                       int *count, bs_row_error *error)
{
  char text[BS_MAX_NAME];
  const char *why;
  size_t length;
  int room = count_fields(p, end);
  *count = 0;
  *field = calloc((size_t)room, sizeof **field);
  if (*field == NULL)
    return bs_fail(BS_ERR_RESOURCE, "out of memory for %d columns", room);
  for (;; p++) {
    p = bs_field_text(p, end, text, sizeof text, &length, &why);
    if (p != NULL && memchr(text, 0, length) != NULL) {
      why = "binary bytes where a name belongs";
      p = NULL;
    }
    if (p == NULL) {
      fail_at(error, *count + 1, why);
      return BS_ERR_INPUT;
    }
    (*field)[*count] = strndup(text, length);
    if ((*field)[*count] == NULL)
      return bs_fail(BS_ERR_RESOURCE, "out of memory for %d columns", room);
    (*count)++;
    if (p == end || *count == room)
      return BS_OK;
  }
}

/* ---- ARFF. */

/* What a backslash and the next character stand for. */
static char unescape(char ch)
{
  switch (ch) {
  case 'n':
    return '\n';
  case 'r':
    return '\r';
  case 't':
    return '\t';
  default:
    return ch;
  }
}

const char *bs_arff_token(const char *p, const char *end, const char *stops,
                          char *to, size_t room, size_t *length, bool *quoted)
{
  size_t n = 0;
  char quote = '\0';
  p = skip_blanks(p, end);
  if (p < end && (*p == '"' || *p == '\''))
    quote = *p++;
  *quoted = quote != '\0';
  for (;; p++) {
    if (p == end) {
      if (quote != '\0')
        return NULL;
      break;
    }
    if (quote != '\0' ? *p == quote : is_blank(*p) || strchr(stops, *p) != NULL)
      break;
    char ch = *p;
    if (quote != '\0' && ch == '\\' && p + 1 < end)
      ch = unescape(*++p);
    if (n == room)
      return NULL;
    to[n++] = ch;
  }
  *length = n;
  return quote != '\0' ? p + 1 : p;
}

static const char *next_arff_field(const char *p, const char *end, int j)
{
  p = skip_blanks(p, end);
  if (j > 0 && p < end && *p == ',')
    p = skip_blanks(p + 1, end);
  return p < end && *p == '%' ? end : p;
}

static bool fail_arff(const bs_row_format *format, int column, const char *what,
                      const char *token, size_t length, bs_row_error *error)
{
  char shown[64], text[256];
  show_field(token, token + length, shown);
  snprintf(text, sizeof text, "%s '%s' of attribute '%.60s'", what, shown,
           format->names->item[column - 1]);
  return fail_at(error, column, text);
}

/* One value of an ARFF line: a number, or the class. */
static bool set_arff(const bs_row_format *format, int j, const char *token,
                     size_t length, bool quoted, double *x, uint16_t *y,
                     bs_row_error *error)
{
  const char *end = token + length;
  if (format->skip != NULL && format->skip[j]) {
    *x = 0;
    return true;
  }
  if (format->lenient && j == format->class_column && length == 1 &&
      token[0] == '?' && !quoted) {
    *y = UINT16_MAX;
    return true;
  }
  if (length == 1 && token[0] == '?' && !quoted)
    return fail_arff(format, j + 1, "missing value", token, length, error);
  if (length == 0 && !quoted)
    return fail_arff(format, j + 1, "empty value", token, length, error);
  if (j == format->class_column) {
    int code = bs_names_find(format->classes, token, length);
    if (code < 0)
      return fail_arff(format, j + 1, "undeclared value", token, length, error);
    *y = (uint16_t)code;
    return true;
  }
  if (bs_number_parse(token, end, x) != end)
    return fail_number(format, j + 1, token, end, error);
  return isfinite(*x) || fail_range(j + 1, token, end, error);
}

static bool parse_arff(const bs_row_format *format, const char *p,
                       const char *end, double *x, uint16_t *y,
                       bs_row_error *error)
{
  char token[BS_MAX_NAME];
  size_t length;
  bool quoted;
  p = skip_blanks(p, end);
  if (p < end && *p == '{')
    return fail_at(error, 1, "sparse ARFF rows are not supported");
  for (int j = 0; j < format->columns; j++) {
    p = next_arff_field(p, end, j);
    if (p == end) {
      char text[128];
      snprintf(text, sizeof text, "short row: %d values of %d attributes", j,
               format->columns);
      return fail_at(error, j + 1, text);
    }
    p = bs_arff_token(p, end, ",%", token, sizeof token, &length, &quoted);
    if (p == NULL)
      return fail_at(error, j + 1,
                     "a quote is not closed on its line, or "
                     "the value is too long");
    if (!set_arff(format, j, token, length, quoted, x, y, error))
      return false;
    x += j != format->class_column;
  }
  if (next_arff_field(p, end, 0) != end) {
    char text[128];
    snprintf(text, sizeof text, "long row: more than the %d attributes",
             format->columns);
    return fail_at(error, format->columns + 1, text);
  }
  return true;
}

bool bs_row_parse(const bs_row_format *format, const char *p, const char *end,
                  double *x, uint16_t *y, bs_row_error *error)
{
  return format->arff ? parse_arff(format, p, end, x, y, error)
                      : parse_csv(format, p, end, x, y, error);
}
