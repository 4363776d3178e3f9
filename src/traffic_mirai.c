/* SPDX-License-Identifier: BSD-3-Clause */
/* Mirai captures. Every bot scans all the time; an attack adds a flood on one
 * channel. Three captures exist (by the times in the HH_jit columns): Danmini
 * and Philips, Ecobee and both XCS7, both PT cameras; devices of one share
 * packets. The bot's loops are those of its published source (scanner.c,
 * attack_*.c); paces are set so that the weights of the published rows come
 * out.
 */
#include "src/traffic_engine.h"

enum { ACK = 6, SCAN, SYN, UDP, UDPPLAIN };
typedef enum group { FAST, MIDDLE, PT } group;

static group group_of(int device)
{
  static const group of[] = {FAST, MIDDLE, FAST,   FAST,  PT,
                             PT,   FAST,   MIDDLE, MIDDLE};
  return of[device];
}

/* ---- The scanner: 160 SYNs (SCANNER_RAW_PPS) of 60 bytes to random addresses
 * in one go, then it waits for its second to pass. */

typedef struct scanner {
  double period;   /* s from burst to burst, mean */
  double wobble;   /* its deviation, s */
  double gap;      /* s between the SYNs of a burst, mean */
  double hiccup;   /* chance that a SYN waits for the CPU */
  double hiccup_s; /* how long, mean */
} scanner;

static int64_t act_scanner(bs_traffic *t, bs_actor *self, int64_t now)
{
  enum { BURST = 160 };
  const scanner *m = self->model;
  if (self->count == 0) {
    self->count = BURST;
    self->until =
        now + bs_traffic_us(m->period + m->wobble * bs_noise_normal(&t->noise));
    self->level = 0.7 + 0.6 * bs_noise_uniform(&t->noise);
  }
  bs_packet p = bs_traffic_out(bs_traffic_stranger(t), 23, self->port, 60);
  bs_traffic_send(t, now, &p);
  double gap = bs_noise_exponential(&t->noise, m->gap * self->level);
  if (bs_noise_uniform(&t->noise) < m->hiccup)
    gap += bs_noise_exponential(&t->noise, m->hiccup_s);
  if (--self->count > 0)
    return now + bs_traffic_us(gap);
  return self->until > now ? self->until : now + bs_traffic_us(gap);
}

/* ---- The flood: trains of frames while the device has the CPU (or the air),
 * then a rest. */

typedef struct flood {
  int length;    /* bytes */
  bool one_port; /* udpplain connects its socket; the others draw ports */
  double gap;    /* s between the frames of a train, mean */
  double train;  /* frames, mean */
  double rest;   /* s, mean */
  double sway;   /* deviation of the pace over seconds, as a part */
} flood;

static int64_t act_flood(bs_traffic *t, bs_actor *self, int64_t now)
{
  const flood *m = self->model;
  if (now >= self->until) {
    self->until = now + bs_traffic_us(2 + bs_noise_exponential(&t->noise, 10));
    self->level = 1 + m->sway * bs_noise_normal(&t->noise);
    if (self->level < 0.3)
      self->level = 0.3;
  }
  if (self->count == 0)
    self->count = bs_noise_geometric(&t->noise, m->train);
  uint32_t own = self->port, port = 9;
  if (!m->one_port) {
    own = (uint32_t)bs_noise_between(&t->noise, 1024, 65535);
    port = (uint32_t)bs_noise_between(&t->noise, 1, 65535);
  }
  bs_packet p = bs_traffic_out(BS_IP_LOCAL + 200, port, own, m->length);
  bs_traffic_send(t, now, &p);
  double gap = bs_noise_exponential(&t->noise, m->gap);
  if (--self->count == 0)
    gap += bs_noise_exponential(&t->noise, m->rest / self->level);
  return now + bs_traffic_us(gap);
}

/* ---- The radio: now and then it is away from its channel for two seconds, as
 * one that looks for other access points is; frames wait and then go out in one
 * train. Of the 14, 49 and 17 labelled rows of PT_737E's ack, udp and udpplain
 * files one each has an L1 weight (630, 666, 507) and an L5 weight (241, 201,
 * 168) that only a train of some 800 frames a second has, as many as gather in
 * two seconds. Combo's pauses are as long. */

static int64_t act_radio(bs_traffic *t, bs_actor *self, int64_t now)
{
  (void)self;
  bs_traffic_hold_line(
      t, now + bs_traffic_us(2.3 + 0.2 * bs_noise_normal(&t->noise)));
  return now + bs_traffic_us(10 + bs_noise_exponential(&t->noise, 50));
}

/* ARP requests for the target (nobody answers there), by how often. */
#define TARGET_ARP(seconds)                                                    \
  {                                                                            \
    {.every = seconds,                                                         \
     .spread = 0.7,                                                            \
     .gap = 0.001,                                                             \
     .socket = BS_SOCKET_ARP,                                                  \
     .host = BS_IP_LOCAL + 200,                                                \
     .frame = {60}},                                                           \
    {                                                                          \
      .every = 0                                                               \
    }                                                                          \
  }
static const bs_dialogue arp_8[] = TARGET_ARP(8), arp_24[] = TARGET_ARP(24),
                         arp_40[] = TARGET_ARP(40);

/* What else the devices send, by capture: pings and ARP; a chatty minute; names
 * asked for in vain. */
static const bs_dialogue background[3][4] = {
    [FAST] = {{.every = 16,
               .spread = 0.2,
               .gap = 0.001,
               .socket = BS_SOCKET_ICMP,
               .host = BS_IP_LOCAL + 1,
               .frame = {98}},
              {.every = 20,
               .spread = 0.3,
               .gap = 0.001,
               .socket = BS_SOCKET_ARP,
               .host = BS_IP_LOCAL + 1,
               .frame = {60}},
              {.every = 0}},
    [MIDDLE] = {{.every = 14,
                 .spread = 0.9,
                 .times = {1, 4},
                 .pause = 0.5,
                 .gap = 0.05,
                 .socket = BS_SOCKET_KEEP,
                 .host = 0x0c000004,
                 .port = 443,
                 .frame = {97, -66, -97, 66, 97, 66}},
                {.every = 20,
                 .spread = 0.3,
                 .gap = 0.001,
                 .socket = BS_SOCKET_ARP,
                 .host = BS_IP_LOCAL + 1,
                 .frame = {60, -60}},
                {.every = 0}},
    [PT] = {{.every = 1.07,
             .spread = 0.6,
             .gap = 0.001,
             .socket = BS_SOCKET_NEW,
             .host = BS_IP_LOCAL + 1,
             .port = 53,
             .frame = {74}},
            {.every = 37,
             .spread = 0.6,
             .gap = 0.001,
             .socket = BS_SOCKET_ICMP,
             .host = BS_IP_LOCAL + 1,
             .frame = {98}},
            {.every = 60,
             .spread = 0.3,
             .gap = 0.001,
             .socket = BS_SOCKET_ARP,
             .host = BS_IP_LOCAL + 2,
             .frame = {60}},
            {.every = 0}},
};

typedef struct capture {
  int64_t begin; /* s since 1970, 10 October 2017 */
  double lead;   /* s before the file begins */
  scanner scanner;
  flood flood; /* length 0: none */
  const bs_dialogue *arp;
} capture;

/* By group, by attack: ack, scan, syn, udp, udpplain. The first published rows
 * of a flood have the weights of a capture some four seconds old, and mean
 * lengths as if it had flooded all that time. */
static const capture captures[3][5] = {
    [FAST] = {{1507657931,
               4,
               {1.03, 0.02, 0.00028, 0.002, 0.02},
               {566, false, 0.0009, 5, 0.013, 0.01},
               arp_40},
              {1507652960,
               18,
               {1.012, 0.01, 0.00022, 0.002, 0.01},
               {.length = 0},
               NULL},
              {1507657071,
               4,
               {1.11, 0.03, 0.00028, 0.002, 0.02},
               {74, false, 0.0009, 5, 0.0118, 0.012},
               arp_24},
              {1507655931,
               4,
               {1.11, 0.03, 0.00028, 0.002, 0.02},
               {554, false, 0.0009, 5, 0.0128, 0.012},
               arp_40},
              {1507659311,
               4,
               {1.04, 0.02, 0.00028, 0.002, 0.02},
               {554, true, 0.0009, 5, 0.021, 0.01},
               arp_40}},
    [MIDDLE] = {{1507658676,
                 4,
                 {1.52, 0.15, 0.0007, 0.006, 0.02},
                 {566, false, 0.00075, 4, 0.0092, 0.07},
                 arp_24},
                {1507655194,
                 0,
                 {1.19, 0.06, 0.0007, 0.006, 0.02},
                 {.length = 0},
                 NULL},
                {1507657071,
                 4,
                 {1.6, 0.15, 0.0007, 0.006, 0.02},
                 {74, false, 0.00075, 4, 0.0081, 0.2},
                 arp_24},
                {1507655931,
                 4,
                 {1.5, 0.15, 0.0007, 0.006, 0.02},
                 {554, false, 0.00075, 4, 0.0093, 0.1},
                 arp_24},
                {1507659311,
                 4,
                 {1.42, 0.15, 0.0007, 0.006, 0.02},
                 {554, true, 0.00075, 4, 0.0122, 0.06},
                 arp_24}},
    [PT] = {{1507657909,
             4,
             {1.52, 0.25, 0.0008, 0.01, 0.03},
             {566, false, 0.0022, 22, 0.118, 0.24},
             arp_8},
            {1507652955,
             22,
             {1.155, 0.06, 0.001, 0.01, 0.03},
             {.length = 0},
             NULL},
            {1507657058,
             4,
             {1.5, 0.2, 0.0008, 0.01, 0.02},
             {74, false, 0.0012, 60, 0.355, 0.15},
             arp_8},
            {1507655921,
             4,
             {1.39, 0.15, 0.0015, 0.01, 0.02},
             {554, false, 0.0036, 10, 0.0275, 0.17},
             arp_24},
            {1507659304,
             4,
             {1.46, 0.15, 0.0015, 0.01, 0.02},
             {554, true, 0.0046, 9, 0.0405, 0.2},
             arp_24}},
};

/* s between frames that had to wait. Over all files the L5 weight is at most
 * 438 (published), that of 1,500 frames a second. */
static const double line_gap[] = {
    [FAST] = 0.00075, [MIDDLE] = 0.00075, [PT] = 0.001};

void bs_traffic_mirai(bs_traffic *t, uint64_t seed, int device, int attack)
{
  group g = group_of(device);
  const capture *c = &captures[g][attack - ACK];
  t->noise = bs_noise_start(seed, 2000 + (uint64_t)g, (uint64_t)attack);
  t->now = c->begin * BS_SECOND + bs_noise_between(&t->noise, 0, 999999);
  bs_traffic_talk(t, background[g]);
  bs_actor scan = {.act = act_scanner, .model = &c->scanner};
  scan.port = bs_traffic_port(t);
  bs_traffic_add(t, &scan, 0);
  t->rows_from = t->now + bs_traffic_us(c->lead);
  if (c->flood.length == 0)
    return;
  t->line_gap = bs_traffic_us(line_gap[g]);
  bs_traffic_add(t, &(bs_actor){.act = act_radio},
                 bs_noise_between(&t->noise, 0, 60 * BS_SECOND));
  bs_actor flooder = {.act = act_flood, .model = &c->flood};
  flooder.port = bs_traffic_port(t);
  bs_traffic_add(t, &flooder, 0);
  bs_traffic_talk(t, c->arp);
}
