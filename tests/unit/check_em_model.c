/* SPDX-License-Identifier: BSD-3-Clause */
/* Saved mixtures: what is read back, and what is refused. */
#include "io/em_model.h"
#include "tests/unit/unit.h"

#include <string.h>

static const char good[] =
    "{\"learner\": \"em\", \"weka\": \"3.6\", \"sums\": \"weka\","
    " \"features\": [\"a\", \"b\"], \"classes\": [\"x\", \"y\", \"z\"],"
    " \"priors\": [0.25, 0.75], \"means\": [[1, 2.5], [-3, 1e300]],"
    " \"sds\": [[1e-6, 2], [3, 4]],"
    " \"classes_to_clusters\": {\"mapping\": [2, null]}}";

START_TEST(a_saved_model_is_read_back)
{
  bs_em_model m;
  json_t *json = json_loads(good, 0, NULL);
  ck_assert_int_eq(bs_em_model_read(json, "m.json", &m), BS_OK);
  ck_assert(m.mixture.k == 2 && m.mixture.d == 2 && m.c == 3);
  ck_assert(m.weka == BS_WEKA_36 && m.sums == BS_SUMS_WEKA);
  ck_assert(m.mixture.prior[1] == 0.75 && m.mixture.mean[3] == 1e300);
  ck_assert(m.mixture.sd[0] == 1e-6 && m.mixture.mean[2] == -3);
  ck_assert(m.mapping[0] == 2 && m.mapping[1] == -1);
  ck_assert_str_eq(m.feature[1], "b");
  ck_assert_str_eq(m.class_name[2], "z");
  bs_em_model_clear(&m);
  json_decref(json);
}
END_TEST

START_TEST(what_is_wrong_is_named)
{
  static const struct {
    const char *name, *value;
  } cases[] = {
      {"learner", "\"j48\""},
      {"weka", "\"3.7\""},
      {"sums", "3"},
      {"features", "[]"},
      {"features", "[\"a\", 2]"},
      {"classes", "null"},
      {"priors", "[0.5, \"x\"]"},
      {"priors", "[0.5, -0.1]"},
      {"means", "[[1, 2]]"},
      {"means", "[[1, 2], [3]]"},
      {"sds", "[[1, 0], [3, 4]]"},
      {"classes_to_clusters", "{\"mapping\": [3, null]}"},
      {"classes_to_clusters", "{\"mapping\": [0]}"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bs_em_model m;
    char text[200];
    json_t *json = json_loads(good, 0, NULL);
    json_object_set_new(json, cases[i].name,
                        json_loads(cases[i].value, JSON_DECODE_ANY, NULL));
    snprintf(text, sizeof text, "m.json: not an EM model: member \"%s\"",
             cases[i].name);
    ck_assert_int_eq(bs_em_model_read(json, "m.json", &m), BS_ERR_INPUT);
    ck_assert_str_eq(bs_error_text(), text);
    ck_assert(m.feature == NULL && m.mixture.mean == NULL);
    json_decref(json);
  }
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
