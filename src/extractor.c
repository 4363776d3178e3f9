/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/extractor.h"

#include "src/decay.h"
#include "src/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double lambda[BS_WINDOWS] = {5, 3, 1, 0.1, 0.01};

/* No weight is let fall below this: the sums would lose their digits, and with
 * them the mean and variance of a stream that has been silent for long. */
static const double faintest = 1e-200;

/* ------------------------------------------------------- damped statistics */

typedef struct damped {
  double last; /* time of the last decay, s */
  double w[BS_WINDOWS], s1[BS_WINDOWS], s2[BS_WINDOWS];
} damped;

static void damped_decay(damped *d, double t)
{
  if (!(t > d->last))
    return;
  double dt = t - d->last;
  d->last = t;
  for (int k = 0; k < BS_WINDOWS; k++) {
    double g = bs_exp2_minus(lambda[k] * dt);
    if (d->w[k] * g < faintest)
      g = d->w[k] > faintest ? faintest / d->w[k] : 1;
    d->w[k] *= g;
    d->s1[k] *= g;
    d->s2[k] *= g;
  }
}

static void damped_insert(damped *d, double x)
{
  for (int k = 0; k < BS_WINDOWS; k++) {
    d->w[k] += 1;
    d->s1[k] += x;
    d->s2[k] += x * x;
  }
}

/* A stream that never sent has mean and variance 0. */
static double damped_mean(const damped *d, int k)
{
  return d->w[k] > 0 ? d->s1[k] / d->w[k] : 0;
}

static double damped_variance(const damped *d, int k)
{
  double mean = damped_mean(d, k);
  return d->w[k] > 0 ? fabs(d->s2[k] / d->w[k] - mean * mean) : 0;
}

static double *put_damped(const damped *d, double *row)
{
  for (int k = 0; k < BS_WINDOWS; k++) {
    *row++ = d->w[k];
    *row++ = damped_mean(d, k);
    *row++ = damped_variance(d, k);
  }
  return row;
}

/* ------------------------------------------------- channels of two streams */

/* Both directions between two ends. In a window, c is twice the sum of products
 * of residuals, and the covariance c over the weights of both directions. Every
 * packet decays c by the ages of both directions' last packets. Kitsune's
 * program, a later one, decays it by the age of the pair's last packet and has
 * no factor of 2; but both are in the published rows: from the pings and the
 * page fetched in Ennio_Doorbell/gafgyt_attacks/tcp.csv, whose packets the
 * other columns tell, follow the covariances of all windows, from 1e2 down to
 * 1e-40. */
typedef struct channel {
  damped side[2];
  double arrived[2];              /* last packet, s; 0: none yet */
  double residual[2][BS_WINDOWS]; /* of that packet */
  double c[BS_WINDOWS];
} channel;

static void channel_insert(channel *ch, int i, double t, double x)
{
  damped_decay(&ch->side[i], t);
  damped_insert(&ch->side[i], x);
  damped_decay(&ch->side[!i], t);
  for (int k = 0; k < BS_WINDOWS; k++) {
    double own = bs_exp2_minus(lambda[k] * (t - ch->arrived[i]));
    double other = bs_exp2_minus(lambda[k] * (t - ch->arrived[!i]));
    double residual = x - damped_mean(&ch->side[i], k);
    ch->c[k] *= own * other;
    ch->c[k] += 2 * residual * (other * ch->residual[!i][k]);
    ch->residual[i][k] = residual;
  }
  ch->arrived[i] = t;
}

static double *put_channel(const channel *ch, int i, double *row)
{
  for (int k = 0; k < BS_WINDOWS; k++) {
    const damped *a = &ch->side[i], *b = &ch->side[!i];
    double mean_a = damped_mean(a, k), mean_b = damped_mean(b, k);
    double var_a = damped_variance(a, k), var_b = damped_variance(b, k);
    double std_a = sqrt(var_a), product = std_a * sqrt(var_b);
    double covariance = ch->c[k] / (a->w[k] + b->w[k]);
    *row++ = a->w[k];
    *row++ = mean_a;
    *row++ = std_a;
    *row++ = sqrt(mean_a * mean_a + mean_b * mean_b);
    *row++ = sqrt(var_a * var_a + var_b * var_b);
    *row++ = covariance;
    *row++ = product > 0 ? covariance / product : 0;
  }
  return row;
}

/* The gaps of both directions of a channel. The first is the time itself. */
typedef struct gaps {
  damped side[2];
} gaps;

static void gaps_insert(gaps *g, int i, double t)
{
  damped *d = &g->side[i];
  double gap = t > d->last ? t - d->last : 0;
  damped_decay(d, t);
  damped_insert(d, gap);
}

/* ------------------------------------------------------- tables of streams */

/* What is known of a stream: its first packet, and a state from the second on.
 * Most streams of a flood with forged addresses never need one. */
typedef struct entry {
  uint64_t key[2];
  double first_time;
  uint32_t first_length;
  uint32_t state; /* index in the table's states + 1; 0: one packet so far */
  uint8_t used, side; /* side: direction of the first packet */
} entry;

typedef enum stream_kind {
  KIND_SOURCE,
  KIND_CHANNEL,
  KIND_CHANNEL_GAPS
} stream_kind;

/* State of a stream, by kind: damped | channel | channel and gaps. */
typedef struct table {
  stream_kind kind;
  size_t state_size;
  entry *entry; /* (capacity), open addressing; capacity is a power of 2 */
  size_t capacity, used;
  unsigned char *state;
  size_t states, state_room;
} table;

typedef struct channel_gaps {
  channel channel;
  gaps gaps;
} channel_gaps;

static size_t hash(const uint64_t key[2])
{
  uint64_t h = key[0] * 0x9e3779b97f4a7c15U;
  h = (h ^ (h >> 29) ^ key[1]) * 0xbf58476d1ce4e5b9U;
  return (size_t)(h ^ (h >> 32));
}

static entry *probe(entry *entries, size_t capacity, const uint64_t key[2])
{
  size_t i = hash(key) & (capacity - 1);
  while (entries[i].used &&
         (entries[i].key[0] != key[0] || entries[i].key[1] != key[1]))
    i = (i + 1) & (capacity - 1);
  return &entries[i];
}

static bool forgotten(const entry *e, double now, double forget)
{
  return e->state == 0 && now - e->first_time > forget;
}

/* Make room for one more entry; leaves out those that are forgotten. */
static bs_status table_reserve(table *t, double now, double forget)
{
  if (t->used * 2 < t->capacity)
    return BS_OK;
  size_t live = 0, capacity = 64;
  for (size_t i = 0; i < t->capacity; i++)
    live += t->entry[i].used && !forgotten(&t->entry[i], now, forget);
  while (capacity < 4 * (live + 1))
    capacity *= 2;
  entry *grown;
  BS_TRY(bs_mem_zalloc(capacity, sizeof *grown, &grown));
  for (size_t i = 0; i < t->capacity; i++)
    if (t->entry[i].used && !forgotten(&t->entry[i], now, forget))
      *probe(grown, capacity, t->entry[i].key) = t->entry[i];
  bs_mem_free(&t->entry);
  t->entry = grown;
  t->capacity = capacity;
  t->used = live;
  return BS_OK;
}

static void state_insert(stream_kind kind, void *state, int side, double time,
                         double length)
{
  if (kind == KIND_SOURCE) {
    damped_decay(state, time);
    damped_insert(state, length);
    return;
  }
  /* The channel is the first member of channel_gaps. */
  channel_insert(state, side, time, length);
  if (kind == KIND_CHANNEL_GAPS)
    gaps_insert(&((channel_gaps *)state)->gaps, side, time);
}

/* Give the entry a state that has seen its first packet. */
static bs_status table_promote(table *t, entry *e)
{
  if (t->states == t->state_room) {
    size_t room = t->state_room == 0 ? 16 : 2 * t->state_room;
    unsigned char *grown;
    BS_TRY(bs_mem_zalloc(room, t->state_size, &grown));
    if (t->states > 0)
      memcpy(grown, t->state, t->states * t->state_size);
    bs_mem_free(&t->state);
    t->state = grown;
    t->state_room = room;
  }
  e->state = (uint32_t)++t->states;
  state_insert(t->kind, t->state + (e->state - 1) * t->state_size, e->side,
               e->first_time, e->first_length);
  return BS_OK;
}

/* Insert a packet; *out is the stream's state, which the next call may move. */
static bs_status table_insert(table *t, const uint64_t key[2], int side,
                              const bs_packet *p, double forget, void **out)
{
  BS_TRY(table_reserve(t, p->time, forget));
  entry *e = probe(t->entry, t->capacity, key);
  *out = NULL;
  if (!e->used || forgotten(e, p->time, forget)) {
    t->used += !e->used;
    *e = (entry){.key = {key[0], key[1]},
                 .first_time = p->time,
                 .first_length = p->length,
                 .used = 1,
                 .side = (uint8_t)side};
    return BS_OK;
  }
  if (e->state == 0)
    BS_TRY(table_promote(t, e));
  *out = t->state + (e->state - 1) * t->state_size;
  state_insert(t->kind, *out, side, p->time, p->length);
  return BS_OK;
}

/* ---------------------------------------------------------- the extractor */

struct bs_extractor {
  double forget;
  table mac_ip, ip, channels, sockets;
};

bs_status bs_extractor_create(double forget, bs_extractor **out)
{
  bs_extractor *x;
  *out = NULL;
  BS_TRY(bs_mem_zalloc(1, sizeof *x, &x));
  x->forget = forget;
  x->mac_ip.state_size = x->ip.state_size = sizeof(damped);
  x->channels.kind = KIND_CHANNEL_GAPS;
  x->channels.state_size = sizeof(channel_gaps);
  x->sockets.kind = KIND_CHANNEL;
  x->sockets.state_size = sizeof(channel);
  *out = x;
  return BS_OK;
}

static void table_free(table *t)
{
  bs_mem_free(&t->entry);
  bs_mem_free(&t->state);
}

void bs_extractor_destroy(bs_extractor **extractor)
{
  bs_extractor *x = *extractor;
  if (x == NULL)
    return;
  table_free(&x->mac_ip);
  table_free(&x->ip);
  table_free(&x->channels);
  table_free(&x->sockets);
  bs_mem_free(extractor);
}

/* Order two ends so that both directions have one key; returns the side. */
static int order_ends(uint64_t from, uint64_t to, uint64_t key[2])
{
  int side = from > to;
  key[side] = from;
  key[!side] = to;
  return side;
}

static uint64_t socket_end(uint32_t ip, uint32_t port)
{
  return ((uint64_t)ip << 17) | port;
}

/* A stream's first packet needs no state to be described. */
static double *put_first_source(double length, double *row)
{
  for (int k = 0; k < BS_WINDOWS; k++) {
    *row++ = 1;
    *row++ = length;
    *row++ = 0;
  }
  return row;
}

static double *put_first_channel(double length, double *row)
{
  for (int k = 0; k < BS_WINDOWS; k++) {
    const double first[] = {1, length, 0, length, 0, 0, 0};
    memcpy(row, first, sizeof first);
    row += sizeof first / sizeof *first;
  }
  return row;
}

static double *put_source(const damped *d, const bs_packet *p, double *row)
{
  return d != NULL ? put_damped(d, row) : put_first_source(p->length, row);
}

bs_status bs_extractor_insert(bs_extractor *x, const bs_packet *p, double *row)
{
  void *mac_ip, *ip, *ch, *socket;
  uint64_t key[2] = {p->src_mac, p->src_ip};
  BS_TRY(table_insert(&x->mac_ip, key, 0, p, x->forget, &mac_ip));
  key[0] = 0;
  BS_TRY(table_insert(&x->ip, key, 0, p, x->forget, &ip));
  int side = order_ends(p->src_ip, p->dst_ip, key);
  BS_TRY(table_insert(&x->channels, key, side, p, x->forget, &ch));
  /* A set top bit keeps MACs apart from addresses with ports. */
  uint64_t mac = (uint64_t)1 << 63;
  int socket_side = p->by_mac
                        ? order_ends(mac | p->src_mac, mac | p->dst_mac, key)
                        : order_ends(socket_end(p->src_ip, p->src_port),
                                     socket_end(p->dst_ip, p->dst_port), key);
  BS_TRY(table_insert(&x->sockets, key, socket_side, p, x->forget, &socket));
  if (row == NULL)
    return BS_OK;
  row = put_source(mac_ip, p, row);
  row = put_source(ip, p, row);
  if (ch != NULL) {
    row = put_channel(ch, side, row);
    row = put_damped(&((channel_gaps *)ch)->gaps.side[side], row);
  } else {
    row = put_first_channel(p->length, row);
    row = put_first_source(p->time, row);
  }
  if (socket != NULL)
    put_channel(socket, socket_side, row);
  else
    put_first_channel(p->length, row);
  return BS_OK;
}
