/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/source_header.h"

#include "io/arff.h"
#include "io/lines.h"
#include "io/nbaiot.h"
#include "io/row.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef bs_status (*line_visitor)(void *context, const char *p, const char *end,
                                  bool *stop, bs_row_error *error);

bs_status bs_source_line_error(const bs_source_file *file, uint64_t line,
                               const bs_row_error *error)
{
  if (error->column > 0)
    return bs_fail(BS_ERR_INPUT, "%s:%llu:%d: %s", file->show,
                   (unsigned long long)line, error->column, error->text);
  return bs_fail(BS_ERR_INPUT, "%s:%llu: %s", file->show,
                 (unsigned long long)line, error->text);
}

bs_status bs_source_changed(const bs_source_file *file)
{
  return bs_fail(BS_ERR_INPUT, "%s: the file changed while it was read",
                 file->show);
}

/* Visit the lines of one block; *used is where the next line starts. */
static bs_status visit_lines(const bs_source_file *file, const char *text,
                             size_t length, bool cut, uint64_t *lines,
                             size_t *used, line_visitor visit, void *context,
                             bool *stop)
{
  bs_row_error error = {0, ""};
  const char *p = text, *limit = text + length;
  if (*lines == 0 && length >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
    p += 3; /* byte order mark */
  while (p < limit && !*stop) {
    const char *end = memchr(p, '\n', (size_t)(limit - p));
    const char *next = end == NULL ? limit : end + 1;
    if (end == NULL)
      end = limit;
    if (end - p >= BS_MAX_LINE || (cut && next == limit)) {
      snprintf(error.text, sizeof error.text, "the line is longer than 8 MiB");
      return bs_source_line_error(file, *lines + 1, &error);
    }
    if (end > p && end[-1] == '\r')
      end--;
    (*lines)++;
    bs_status st = visit(context, p, end, stop, &error);
    if (st == BS_ERR_INPUT)
      return bs_source_line_error(file, *lines, &error);
    BS_TRY(st);
    p = next;
  }
  *used = (size_t)(p - text);
  return BS_OK;
}

/* Visit lines from the start of a file until the visitor stops; where they end
 * is where the data begin. */
static bs_status read_header(bs_source_file *file, line_visitor visit,
                             void *context, bool *stopped)
{
  bs_lines *lines = NULL;
  const char *text;
  size_t length, used = 0;
  uint64_t end = file->packing == BS_PLAIN ? file->size : UINT64_MAX;
  *stopped = false;
  file->data_begin = file->data_line = 0;
  BS_TRY(bs_lines_open(file, 0, end, &lines));
  bs_status st;
  uint64_t begin = 0, count = 0;
  while ((st = bs_lines_next(lines, &text, &length)) == BS_OK && length > 0 &&
         !*stopped) {
    st = visit_lines(file, text, length, bs_lines_cut(lines), &count, &used,
                     visit, context, stopped);
    if (st != BS_OK)
      break;
    begin += used;
  }
  bs_lines_close(&lines);
  file->data_begin = begin;
  file->data_line = count;
  return st;
}

typedef struct csv_header {
  char **field;
  int count;
} csv_header;

static bs_status visit_csv(void *context, const char *p, const char *end,
                           bool *stop, bs_row_error *error)
{
  csv_header *header = context;
  *stop = true;
  return bs_row_split(p, end, &header->field, &header->count, error);
}

static bs_status check_nbaiot(const bs_source_file *file,
                              const csv_header *header)
{
  bs_row_error error;
  if (bs_nbaiot_header(header->field, header->count, &error.column, error.text,
                       sizeof error.text))
    return BS_OK;
  return bs_source_line_error(file, 1, &error);
}

/* The first CSV file says what the columns are; others must say the same. */
static bs_status take_csv(bs_source *source, const bs_source_file *file,
                          const csv_header *header)
{
  bs_row_error error = {0, ""};
  for (int j = 0; j < header->count; j++) {
    const char *name = header->field[j];
    error.column = j + 1;
    if (name[0] == '\0')
      snprintf(error.text, sizeof error.text, "a column without a name");
    else if (file == source->file &&
             bs_names_find(&source->columns, name, strlen(name)) >= 0)
      snprintf(error.text, sizeof error.text,
               "column name '%.60s' is there twice", name);
    else if (file != source->file &&
             (j >= source->columns.count ||
              strcmp(name, source->columns.item[j]) != 0))
      snprintf(error.text, sizeof error.text,
               "the header differs from that of the first file");
    if (error.text[0] != '\0')
      return bs_source_line_error(file, 1, &error);
    if (file == source->file)
      BS_TRY(bs_names_add(&source->columns, name, strlen(name), NULL));
  }
  if (header->count == source->columns.count)
    return BS_OK;
  snprintf(error.text, sizeof error.text,
           "the header differs from that of the first file");
  return bs_source_line_error(file, 1, &error);
}

bs_status bs_source_csv_header(bs_source *source, bs_source_file *file)
{
  csv_header header = {NULL, 0};
  bool stopped;
  bs_status st = read_header(file, visit_csv, &header, &stopped);
  if (st == BS_OK && !stopped)
    st = bs_fail(BS_ERR_INPUT, "%s: the file is empty", file->show);
  if (st == BS_OK)
    st = source->kind == BS_SOURCE_NBAIOT ? check_nbaiot(file, &header)
                                          : take_csv(source, file, &header);
  for (int j = 0; j < header.count; j++)
    free(header.field[j]);
  free(header.field);
  return st;
}

static bs_status visit_arff(void *context, const char *p, const char *end,
                            bool *stop, bs_row_error *error)
{
  bs_arff *arff = context;
  bs_status st = bs_arff_line(arff, p, end, error);
  *stop = arff->data;
  return st;
}

/* For rows to be predicted: any attributes, perhaps a class among them. */
static bs_status take_arff_rows(bs_source *source, bs_arff *arff,
                                const char *label, bool must)
{
  int index =
      label == NULL ? -1 : bs_names_find(&arff->names, label, strlen(label));
  if (must && (index < 0 || arff->type[index] != NULL))
    return bs_fail(BS_ERR_INPUT, "%s: no nominal attribute is called '%.200s'",
                   source->file->show, label);
  if (index < 0)
    index = arff->count - 1;
  if (index >= 0 && arff->type[index] != NULL)
    index = -1;
  source->class_column = index;
  source->columns = arff->names;
  arff->names = (bs_names)BS_NAMES_NONE;
  if (index >= 0) {
    source->classes = arff->values[index];
    arff->values[index] = (bs_names)BS_NAMES_NONE;
  }
  return BS_OK;
}

static bs_status take_arff(bs_source *source, bs_arff *arff,
                           const char *class_column, bool must)
{
  bs_row_error error = {0, ""};
  if (source->lenient)
    return take_arff_rows(source, arff, class_column, must);
  source->class_column = bs_arff_class(arff, class_column, &error);
  if (source->class_column < 0)
    return bs_fail(BS_ERR_INPUT, "%s: %s", source->file->show, error.text);
  source->columns = arff->names;
  arff->names = (bs_names)BS_NAMES_NONE;
  source->classes = arff->values[source->class_column];
  arff->values[source->class_column] = (bs_names)BS_NAMES_NONE;
  return BS_OK;
}

bs_status bs_source_arff_header(bs_source *source, const char *class_column,
                                bool must)
{
  bs_arff arff = {0};
  bool stopped;
  bs_status st = read_header(source->file, visit_arff, &arff, &stopped);
  if (st == BS_OK && !stopped)
    st = bs_fail(BS_ERR_INPUT, "%s: no @data line", source->file->show);
  if (st == BS_OK)
    st = take_arff(source, &arff, class_column, must);
  bs_arff_free(&arff);
  return st;
}
