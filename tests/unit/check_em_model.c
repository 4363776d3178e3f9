/* SPDX-License-Identifier: BSD-3-Clause */
/* Saved mixtures: what is read back, and what is refused. */
#include "io/model.h"
#include "tests/unit/unit.h"

#include <string.h>

static const char good[] =
    "{\"schema\": 1, \"learner\": \"em\", \"weka\": \"3.6\","
    " \"sums\": \"weka\", \"class\": \"kind\","
    " \"features\": [\"a\", \"b\"], \"classes\": [\"x\", \"y\", \"z\"],"
    " \"clusters\": 2, \"data\": {\"rows\": 10},"
    " \"priors\": [0.25, 0.75], \"means\": [[1, 2.5], [-3, 1e300]],"
    " \"sds\": [[1e-6, 2], [3, 4]], \"sizes\": [3, 7],"
    " \"classes_to_clusters\": {\"mapping\": [2, null], \"incorrect\": 8,"
    "  \"counts\": [[1, 0], [0, 7], [2, 0]]}}";

START_TEST(a_saved_model_is_read_back)
{
  bs_model *m;
  json_t *json = json_loads(good, 0, NULL);
  ck_assert_int_eq(bs_model_parse(json, "m.json", &m), BS_OK);
  const bs_mixture *mixture = &m->em->mixture;
  ck_assert_ptr_null(m->tree);
  ck_assert(mixture->k == 2 && mixture->d == 2 && m->classes.count == 3);
  ck_assert(m->rules == BS_WEKA_36 && m->em->sums == BS_SUMS_WEKA);
  ck_assert(mixture->prior[1] == 0.75 && mixture->mean[3] == 1e300);
  ck_assert(mixture->sd[0] == 1e-6 && mixture->mean[2] == -3);
  ck_assert(m->em->mapping[0] == 2 && m->em->mapping[1] == -1);
  ck_assert_str_eq(m->features.item[1], "b");
  ck_assert_str_eq(m->classes.item[2], "z");
  ck_assert_str_eq(m->label, "kind");
  bs_model_destroy(&m);
  json_decref(json);
}
END_TEST

/* The model with one member replaced is refused by the name of a member. */
static void refuse(const char *name, const char *value, const char *named)
{
  bs_model *m;
  char text[200];
  json_t *json = json_loads(good, 0, NULL);
  json_t *match = json_object_get(json, "classes_to_clusters");
  json_t *owner = json_object_get(match, name) != NULL ? match : json;
  json_object_set_new(owner, name, json_loads(value, JSON_DECODE_ANY, NULL));
  snprintf(text, sizeof text,
           "m.json: not a model of botsieve em, or damaged: \"%s\"", named);
  ck_assert_int_eq(bs_model_parse(json, "m.json", &m), BS_ERR_INPUT);
  ck_assert_str_eq(bs_error_text(), text);
  ck_assert_ptr_null(m);
  json_decref(json);
}

START_TEST(what_is_wrong_is_named)
{
  static const struct {
    const char *name, *value;
  } cases[] = {
      {"sums", "3"},
      {"sums", "\"fast\""},
      {"priors", "[]"},
      {"priors", "{}"},
      {"priors", "[0.5, \"x\"]"},
      {"priors", "[1.5, -0.5]"},
      {"priors", "[0.5, 0.6]"},
      {"clusters", "3"},
      {"clusters", "2.0"},
      {"means", "null"},
      {"means", "[[1, 2]]"},
      {"means", "[[1, 2], [3]]"},
      {"means", "[[1, 2], [3, true]]"},
      {"means", "[[1, 2], 3]"},
      {"sds", "[[1, 0], [3, 4]]"},
      {"sds", "[[1, -1], [3, 4]]"},
      {"sds", "[[1, 2, 3], [3, 4, 5]]"},
      {"mapping", "[3, null]"},
      {"mapping", "[0]"},
      {"mapping", "[2, 2]"},
      {"mapping", "[2, -1.5]"},
      {"mapping", "\"2\""},
      {"counts", "[[1, 0], [0, 7]]"},
      {"counts", "[[1, 0], [0, 7], [2]]"},
      {"counts", "[[1, 0], [0, 7], [2, -1]]"},
      {"counts", "7"},
      {"sizes", "[3]"},
      {"sizes", "[3, 8]"},
      {"incorrect", "7"},
      {"incorrect", "null"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    refuse(cases[i].name, cases[i].value, cases[i].name);
  refuse("data", "{\"rows\": 11}", "rows");
  refuse("data", "[]", "rows");
  refuse("counts", "[[1, 0], [0, 8], [2, 0]]", "sizes");
  refuse("classes_to_clusters", "[]", "mapping");
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(a_saved_model_is_read_back),
      BS_UNIT(what_is_wrong_is_named),
  };
  return bs_unit_run("em_model", tests, sizeof tests / sizeof *tests);
}
