/* SPDX-License-Identifier: BSD-3-Clause */
#include "jobs/ranking.h"

int bs_ranking_twin(const bs_session *s, int feature)
{
  return s->presort->sorted[s->presort->column[feature]].feature;
}

json_t *bs_ranking_json(const bs_session *s, const bs_ranking *ranking)
{
  char *const *name = s->data->feature;
  json_t *list = json_array();
  for (int i = 0; i < ranking->d; i++) {
    const int j = (int)ranking->order[i], twin = bs_ranking_twin(s, j);
    json_t *one = json_pack("{s:i, s:i, s:s, s:f}", "rank", i + 1, "index",
                            j + 1, "name", name[j], "merit", ranking->merit[j]);
    if (twin != j)
      json_object_set_new(one, "same_as", json_string(name[twin]));
    json_array_append_new(list, one);
  }
  return list;
}
