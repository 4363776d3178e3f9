/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/traffic_engine.h"

#include "src/decay.h"
#include "src/exact_math.h"
#include "src/mem.h"
#include <stdlib.h>
#include <string.h>

/* ---- The queue: packets and actors, by time, then by order of queueing. */

typedef struct bs_event {
  int64_t at;
  uint64_t order;
  int64_t actor; /* index, or -1: the packet */
  bs_packet packet;
} bs_event;

static bool sooner(const bs_event *a, const bs_event *b)
{
  return a->at != b->at ? a->at < b->at : a->order < b->order;
}

/* Double the room of an array when it is full. */
static bs_status grow(void *array, size_t size, size_t used, size_t *room)
{
  void *old, *grown;
  if (used < *room)
    return BS_OK;
  memcpy(&old, array, sizeof old);
  size_t more = *room == 0 ? 64 : 2 * *room;
  BS_TRY(bs_mem_alloc(more, size, &grown));
  if (used > 0)
    memcpy(grown, old, used * size);
  bs_mem_free(array);
  memcpy(array, &grown, sizeof grown);
  *room = more;
  return BS_OK;
}

static void push(bs_traffic *t, const bs_event *event)
{
  if (t->failed == BS_OK)
    t->failed = grow(&t->event, sizeof *t->event, t->events, &t->event_room);
  if (t->failed != BS_OK)
    return;
  size_t i = t->events++;
  for (; i > 0 && sooner(event, &t->event[(i - 1) / 2]); i = (i - 1) / 2)
    t->event[i] = t->event[(i - 1) / 2];
  t->event[i] = *event;
}

static bs_event pop(bs_traffic *t)
{
  bs_event top = t->event[0], last = t->event[--t->events];
  size_t i = 0, child;
  while ((child = 2 * i + 1) < t->events) {
    if (child + 1 < t->events && sooner(&t->event[child + 1], &t->event[child]))
      child++;
    if (!sooner(&t->event[child], &last))
      break;
    t->event[i] = t->event[child];
    i = child;
  }
  t->event[i] = last;
  return top;
}

static void wake(bs_traffic *t, int64_t at, size_t actor)
{
  bs_event event = {.at = at, .order = t->order++, .actor = (int64_t)actor};
  push(t, &event);
}

void bs_traffic_hold_line(bs_traffic *t, int64_t until)
{
  if (until > t->line_free)
    t->line_free = until;
}

void bs_traffic_send(bs_traffic *t, int64_t at, const bs_packet *packet)
{
  if (at < t->line_free && packet->src_mac == BS_MAC_DEVICE) {
    at = t->line_free;
    t->line_free += t->line_gap;
  }
  bs_event event = {
      .at = at, .order = t->order++, .actor = -1, .packet = *packet};
  push(t, &event);
}

void bs_traffic_add(bs_traffic *t, const bs_actor *actor, int64_t start)
{
  if (t->failed == BS_OK)
    t->failed = grow(&t->actor, sizeof *t->actor, t->actors, &t->actor_room);
  if (t->failed != BS_OK)
    return;
  t->actor[t->actors++] = *actor;
  wake(t, t->now + start, t->actors - 1);
}

/* ---- Packets. */

static uint64_t mac_of(uint32_t ip)
{
  /* Strangers are behind the router. */
  return BS_MAC_LOCAL + ((ip & ~0xffU) == BS_IP_LOCAL ? ip & 0xff : 1);
}

bs_packet bs_traffic_out(uint32_t host, uint32_t port, uint32_t own_port,
                         int length)
{
  return (bs_packet){.src_mac = BS_MAC_DEVICE,
                     .dst_mac = mac_of(host),
                     .src_ip = BS_IP_DEVICE,
                     .dst_ip = host,
                     .src_port = own_port,
                     .dst_port = port,
                     .length = (uint32_t)length};
}

bs_packet bs_traffic_back(const bs_packet *out, int length)
{
  return (bs_packet){.src_mac = out->dst_mac,
                     .dst_mac = out->src_mac,
                     .src_ip = out->dst_ip,
                     .dst_ip = out->src_ip,
                     .src_port = out->dst_port,
                     .dst_port = out->src_port,
                     .length = (uint32_t)length,
                     .by_mac = out->by_mac};
}

/* Linux' ip_local_port_range. */
enum { FIRST_PORT = 32768, PORTS = 28232 };

uint32_t bs_traffic_port(bs_traffic *t)
{
  t->next_port = (t->next_port + 1) % PORTS;
  return FIRST_PORT + t->next_port;
}

uint32_t bs_traffic_stranger(bs_traffic *t)
{
  return (uint32_t)bs_noise_between(&t->noise, 0x0b000000, 0xa8ffffff);
}

int64_t bs_traffic_us(double s)
{
  return (int64_t)(s * BS_SECOND + 0.5);
}

/* ---- Dialogues. */

enum { LONGEST = 1514 }; /* Ethernet without its check sum */

/* Length of a frame with the sign of the dialogue's. */
static int draw_length(bs_traffic *t, const bs_dialogue *d, int frame)
{
  if (d->vary == 0 || abs(frame) <= 100)
    return frame;
  int more = (int)bs_noise_between(&t->noise, 0, d->vary);
  int length = abs(frame) + more < LONGEST ? abs(frame) + more : LONGEST;
  return frame > 0 ? length : -length;
}

/* How many frames the dialogue has this time, loops counted; *from is where a
 * loop begins, *count its length. */
static int count_frames(bs_traffic *t, const bs_dialogue *d, int *from,
                        int *count)
{
  int frames = 0;
  while (frames < BS_MAX_FRAMES && d->frame[frames] != 0)
    frames++;
  *from = d->loop[0];
  *count = frames - *from;
  if (d->loop[1] == 0)
    return frames;
  double most = d->loop[1];
  double loops = bs_exp2_minus((1 - bs_noise_uniform(&t->noise)) *
                               bs_exact_log(most) / bs_exact_log(2)) *
                 most;
  return *from + (int)(loops + 0.5) * *count;
}

int64_t bs_traffic_hold(bs_traffic *t, const bs_dialogue *d, uint32_t host,
                        uint32_t own_port, int64_t at)
{
  bool ports = d->socket == BS_SOCKET_KEEP || d->socket == BS_SOCKET_NEW;
  bs_packet out = ports ? bs_traffic_out(host, d->port, own_port, 0)
                        : bs_traffic_out(host, BS_NO_PORT, BS_NO_PORT, 0);
  out.by_mac = d->socket == BS_SOCKET_ARP;
  int from, loop, frames = count_frames(t, d, &from, &loop);
  double gap = d->gap;
  for (int i = 0; i < frames; i++) {
    if (i > 0)
      at += bs_traffic_us(d->backoff ? gap
                                     : bs_noise_exponential(&t->noise, gap));
    if (i > 0 && d->backoff)
      gap *= 2;
    int frame = d->frame[i < from ? i : from + (i - from) % loop];
    int length = draw_length(t, d, frame);
    bs_packet p = out;
    if (length > 0)
      p.length = (uint32_t)length;
    else
      p = bs_traffic_back(&out, -length);
    bs_traffic_send(t, at, &p);
  }
  return at;
}

/* s from one start to the next. */
static double wait(bs_traffic *t, const bs_dialogue *d)
{
  return (1 - d->spread) * d->every +
         bs_noise_exponential(&t->noise, d->spread * d->every);
}

/* Held count more times in a row; until is when the next row starts, level
 * tells whether this row has an encore still to come. */
static int64_t act_dialogue(bs_traffic *t, bs_actor *self, int64_t now)
{
  const bs_dialogue *d = self->model;
  if (self->count == 0) {
    self->count = d->times[0] > 0
                      ? bs_noise_between(&t->noise, d->times[0], d->times[1])
                      : 1;
    if (self->level > 0) {
      self->level = 0;
    } else {
      self->level = d->encore;
      self->until = now + bs_traffic_us(wait(t, d));
    }
  }
  int64_t end = now;
  uint32_t host = d->host != 0 ? d->host : bs_traffic_stranger(t);
  for (int i = 0; i == 0 || i < d->hosts; i++) {
    uint32_t port = d->socket == BS_SOCKET_NEW
                        ? bs_traffic_port(t)
                        : self->port; /* the same towards all hosts */
    end = bs_traffic_hold(t, d, host + (uint32_t)i, port, end);
    end += bs_noise_between(&t->noise, 20, 400);
  }
  if (--self->count > 0)
    return (d->overlap ? now : end) +
           bs_traffic_us(bs_noise_exponential(&t->noise, d->pause));
  if (self->level > 0)
    return end + bs_traffic_us(self->level);
  return self->until;
}

void bs_traffic_talk(bs_traffic *t, const bs_dialogue *d)
{
  for (; d->every > 0; d++) {
    bs_actor actor = {.act = act_dialogue, .model = d};
    actor.port =
        FIRST_PORT + d->port % PORTS; /* one socket, if others share it */
    double start = bs_noise_uniform(&t->noise) * d->every;
    bs_traffic_add(t, &actor, bs_traffic_us(start));
  }
}

/* ---- The capture. */

enum { FIRST_GAFGYT = 1, FIRST_MIRAI = 6 };

bs_status bs_traffic_create(int device, int attack, uint64_t seed,
                            bs_traffic **out)
{
  bs_traffic *t;
  *out = NULL;
  BS_TRY(bs_mem_zalloc(1, sizeof *t, &t));
  if (attack < FIRST_GAFGYT)
    bs_traffic_benign(t, seed, device);
  else if (attack < FIRST_MIRAI)
    bs_traffic_gafgyt(t, seed, device, attack);
  else
    bs_traffic_mirai(t, seed, device, attack);
  if (t->failed != BS_OK) {
    bs_status st = t->failed;
    bs_traffic_destroy(&t);
    return st;
  }
  *out = t;
  return BS_OK;
}

void bs_traffic_destroy(bs_traffic **traffic)
{
  bs_traffic *t = *traffic;
  if (t == NULL)
    return;
  bs_mem_free(&t->actor);
  bs_mem_free(&t->event);
  bs_mem_free(traffic);
}

bs_status bs_traffic_next(bs_traffic *t, bs_packet *packet, bool *own)
{
  while (t->failed == BS_OK) {
    bs_event event = pop(t);
    t->now = event.at;
    if (event.actor < 0) {
      if (event.at < t->absent_until)
        continue;
      *packet = event.packet;
      packet->time = (double)event.at / BS_SECOND;
      *own = packet->src_mac == BS_MAC_DEVICE && event.at >= t->rows_from;
      return BS_OK;
    }
    /* An act may add actors, which moves them: work on a copy. */
    bs_actor actor = t->actor[event.actor];
    int64_t again = actor.act(t, &actor, event.at);
    t->actor[event.actor] = actor;
    if (again >= 0)
      wake(t, again > event.at ? again : event.at + 1, (size_t)event.actor);
  }
  return t->failed;
}
