/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/arff.h"

#include "io/datafile.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bs_status fail_line(bs_row_error *error, const char *format,
                           const char *text)
{
  error->column = 0;
  snprintf(error->text, sizeof error->text, format, text);
  return BS_ERR_INPUT;
}

static bs_status make_room(bs_arff *arff)
{
  if (arff->count < arff->room)
    return BS_OK;
  int room = arff->room == 0 ? 128 : 2 * arff->room;
  bs_names *values = realloc(arff->values, (size_t)room * sizeof *values);
  if (values != NULL)
    arff->values = values;
  char **type = realloc(arff->type, (size_t)room * sizeof *type);
  if (type != NULL)
    arff->type = type;
  if (values == NULL || type == NULL)
    return bs_fail(BS_ERR_RESOURCE, "out of memory for %d attributes", room);
  arff->room = room;
  return BS_OK;
}

/* The values of a nominal attribute, behind its opening brace. */
static bs_status take_values(bs_names *values, const char *p, const char *end,
                             bs_row_error *error)
{
  char token[BS_MAX_NAME];
  size_t length;
  bool quoted;
  for (;;) {
    while (p < end && (*p == ' ' || *p == '\t' || *p == ','))
      p++;
    if (p < end && *p == '}')
      return BS_OK;
    p = bs_arff_token(p, end, ",}", token, sizeof token, &length, &quoted);
    if (p == NULL || (length == 0 && !quoted))
      return fail_line(error, "the list of values is not closed%s", "");
    if (length == 0 || memchr(token, 0, length) != NULL)
      return fail_line(error, "an empty or binary class value%s", "");
    if (bs_names_find(values, token, length) >= 0)
      return fail_line(error, "a class value is declared twice%s", "");
    if (values->count == BS_MAX_CLASSES)
      return fail_line(error, "more than 65535 class values%s", "");
    BS_TRY(bs_names_add(values, token, length, NULL));
  }
}

static bs_status take_attribute(bs_arff *arff, const char *p, const char *end,
                                bs_row_error *error)
{
  char token[BS_MAX_NAME];
  size_t length;
  bool quoted;
  p = bs_arff_token(p, end, "{", token, sizeof token, &length, &quoted);
  if (p == NULL || length == 0 || memchr(token, 0, length) != NULL)
    return fail_line(error, "an attribute without a name that can be read%s",
                     "");
  if (bs_names_find(&arff->names, token, length) >= 0) {
    token[length < 100 ? length : 100] = '\0';
    return fail_line(error, "attribute '%.200s' is declared twice", token);
  }
  BS_TRY(make_room(arff));
  BS_TRY(bs_names_add(&arff->names, token, length, NULL));
  int index = arff->count++;
  arff->values[index] = (bs_names)BS_NAMES_NONE;
  arff->type[index] = NULL;
  while (p < end && (*p == ' ' || *p == '\t'))
    p++;
  if (p < end && *p == '{')
    return take_values(&arff->values[index], p + 1, end, error);
  p = bs_arff_token(p, end, "%", token, sizeof token, &length, &quoted);
  if (p == NULL || length == 0)
    return fail_line(error, "attribute '%.200s' has no type",
                     arff->names.item[index]);
  arff->type[index] = strndup(token, length);
  return arff->type[index] == NULL
             ? bs_fail(BS_ERR_RESOURCE, "out of memory for an attribute")
             : BS_OK;
}

bs_status bs_arff_line(bs_arff *arff, const char *p, const char *end,
                       bs_row_error *error)
{
  char token[BS_MAX_NAME];
  size_t length;
  bool quoted;
  p = bs_arff_token(p, end, "%", token, sizeof token - 1, &length, &quoted);
  if (p == NULL)
    return fail_line(error, "not a line of an ARFF header%s", "");
  if (length == 0)
    return BS_OK; /* blank, or a comment */
  token[length] = '\0';
  if (strcasecmp(token, "@relation") == 0)
    return BS_OK;
  if (strcasecmp(token, "@attribute") == 0)
    return take_attribute(arff, p, end, error);
  if (strcasecmp(token, "@data") == 0) {
    arff->data = true;
    return BS_OK;
  }
  token[length < 40 ? length : 40] = '\0';
  return fail_line(
      error, "'%.200s' where @relation, @attribute or @data belongs", token);
}

static bool is_numeric(const char *type)
{
  return type != NULL &&
         (strcasecmp(type, "numeric") == 0 || strcasecmp(type, "real") == 0 ||
          strcasecmp(type, "integer") == 0);
}

int bs_arff_class(const bs_arff *arff, const char *name, bs_row_error *error)
{
  int index = arff->count - 1;
  if (arff->count < 2) {
    fail_line(error, "an ARFF file of %.20s attributes has no features",
              arff->count == 0 ? "no" : "one");
    return -1;
  }
  if (name != NULL)
    index = bs_names_find(&arff->names, name, strlen(name));
  if (index < 0) {
    fail_line(error, "no attribute is called '%.200s'", name);
    return -1;
  }
  if (arff->type[index] != NULL || arff->values[index].count == 0) {
    fail_line(error,
              "the class attribute '%.200s' is not nominal; name another with "
              "--class-column",
              arff->names.item[index]);
    return -1;
  }
  for (int j = 0; j < arff->count; j++)
    if (j != index && !is_numeric(arff->type[j])) {
      char what[300];
      snprintf(what, sizeof what, "%.200s' is %.40s", arff->names.item[j],
               arff->type[j] == NULL ? "nominal" : arff->type[j]);
      fail_line(error, "attribute '%s: only numeric ones can be features",
                what);
      return -1;
    }
  return index;
}

void bs_arff_free(bs_arff *arff)
{
  for (int j = 0; j < arff->count; j++) {
    bs_names_free(&arff->values[j]);
    free(arff->type[j]);
  }
  free(arff->values);
  free(arff->type);
  bs_names_free(&arff->names);
  memset(arff, 0, sizeof *arff);
}
