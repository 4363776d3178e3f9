/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/synth.h"

#include "src/mem.h"
#include "src/spreadsheet.h"
#include "src/traffic.h"

/* s; no scanned stranger answers so late, and no stream with a second packet in
 * real rows had its first more than minutes before. */
static const double forget = 3600;

/* Of 31,150 random rows of PT_737E's benign file (half of it), 4,062 have a
 * twin among them, so about 26 % of all rows have one: a stretch of the capture
 * is in the file twice. Here the last 13 % repeat the first. */
enum { BENIGN = 0, PT_737E = 4 };
static const double repeated = 0.13;

struct bs_synth {
  int device, attack;
  uint64_t seed;
  uint64_t rows_before_repeat;
  bs_traffic *traffic;
  bs_extractor *extractor;
};

static bs_status start(bs_synth *s)
{
  bs_traffic_destroy(&s->traffic);
  bs_extractor_destroy(&s->extractor);
  BS_TRY(bs_traffic_create(s->device, s->attack, s->seed, &s->traffic));
  return bs_extractor_create(forget, &s->extractor);
}

bs_status bs_synth_create(int device, int attack, uint64_t rows, uint64_t seed,
                          bs_synth **out)
{
  bs_synth *s;
  *out = NULL;
  BS_TRY(bs_mem_zalloc(1, sizeof *s, &s));
  s->device = device;
  s->attack = attack;
  s->seed = seed;
  s->rows_before_repeat = rows;
  if (attack == BENIGN && device == PT_737E)
    s->rows_before_repeat -= (uint64_t)(repeated * (double)rows);
  bs_status st = start(s);
  if (st != BS_OK)
    bs_synth_destroy(&s);
  *out = s;
  return st;
}

void bs_synth_destroy(bs_synth **synth)
{
  if (*synth == NULL)
    return;
  bs_traffic_destroy(&(*synth)->traffic);
  bs_extractor_destroy(&(*synth)->extractor);
  bs_mem_free(synth);
}

static bs_status next_row(bs_synth *s, double *row)
{
  bs_packet packet;
  bool own = false;
  while (!own) {
    BS_TRY(bs_traffic_next(s->traffic, &packet, &own));
    BS_TRY(bs_extractor_insert(s->extractor, &packet, own ? row : NULL));
  }
  if (s->attack == BENIGN)
    for (int j = 0; j < BS_FEATURES; j++)
      row[j] = bs_spreadsheet_round(row[j]);
  return BS_OK;
}

bs_status bs_synth_rows(bs_synth *s, size_t count, double *x)
{
  for (size_t i = 0; i < count; i++) {
    if (s->rows_before_repeat-- == 0)
      BS_TRY(start(s)); /* counts on from 2^64: never again */
    BS_TRY(next_row(s, x + i * BS_FEATURES));
  }
  return BS_OK;
}
