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

/* ARP requests for the target: nobody answers there. */
static const bs_dialogue target_arp[] = {{.every = 8,
                                          .spread = 0.7,
                                          .gap = 0.001,
                                          .socket = BS_SOCKET_ARP,
                                          .host = BS_IP_LOCAL + 200,
                                          .frame = {60}},
                                         {.every = 0}};

/* What else the device sends: names it asks for in vain, ARP. */
static const bs_dialogue background[] = {{.every = 1.07,
                                          .spread = 0.6,
                                          .gap = 0.001,
                                          .socket = BS_SOCKET_NEW,
                                          .host = BS_IP_LOCAL + 1,
                                          .port = 53,
                                          .frame = {74}},
                                         {.every = 20,
                                          .spread = 0.3,
                                          .gap = 0.001,
                                          .socket = BS_SOCKET_ARP,
                                          .host = BS_IP_LOCAL + 1,
                                          .frame = {60, -60}},
                                         {.every = 0}};

typedef struct capture {
  int64_t begin; /* s since 1970, 10 October 2017 */
  double lead;   /* s of scanning before the flood starts */
  scanner scanner;
  flood flood; /* length 0: none */
} capture;

/* By group, by attack: ack, scan, syn, udp, udpplain. */
static const capture captures[3][5] = {
    [FAST] =
        {{1507658670,
          8,
          {1.0, 0.03, 0.0003, 0.002, 0.01},
          {566, false, 0.0009, 20, 0.042, 0.05}},
         {1507652975, 0, {1.0, 0.02, 0.00022, 0.002, 0.005}, {.length = 0}},
         {1507657060,
          8,
          {1.0, 0.03, 0.0003, 0.002, 0.01},
          {74, false, 0.0009, 20, 0.045, 0.05}},
         {1507655925,
          8,
          {1.0, 0.03, 0.0003, 0.002, 0.01},
          {554, false, 0.0009, 20, 0.045, 0.05}},
         {1507659305,
          8,
          {1.0, 0.03, 0.0003, 0.002, 0.01},
          {554, true, 0.0011, 20, 0.06, 0.05}}},
    [MIDDLE] = {{1507657910,
                 8,
                 {1.15, 0.04, 0.0006, 0.01, 0.01},
                 {566, false, 0.0012, 10, 0.022, 0.02}},
                {1507655194, 0, {1.2, 0.05, 0.0007, 0.01, 0.01}, {.length = 0}},
                {1507657060,
                 8,
                 {1.15, 0.04, 0.0006, 0.01, 0.01},
                 {74, false, 0.0012, 10, 0.021, 0.02}},
                {1507655925,
                 8,
                 {1.15, 0.04, 0.0006, 0.01, 0.01},
                 {554, false, 0.0012, 10, 0.022, 0.02}},
                {1507659305,
                 8,
                 {1.15, 0.04, 0.0006, 0.01, 0.01},
                 {554, true, 0.0015, 10, 0.033, 0.02}}},
    [PT] = {{1507657898,
             15,
             {1.52, 0.2, 0.0008, 0.01, 0.02},
             {566, false, 0.0022, 22, 0.115, 0.2}},
            {1507652955, 20, {1.155, 0.06, 0.0009, 0.01, 0.03}, {.length = 0}},
            {1507657047,
             15,
             {1.5, 0.2, 0.0008, 0.01, 0.02},
             {74, false, 0.0013, 45, 0.24, 0.2}},
            {1507655910,
             15,
             {1.4, 0.15, 0.0015, 0.01, 0.02},
             {554, false, 0.0036, 10, 0.027, 0.08}},
            {1507659293,
             15,
             {1.46, 0.15, 0.0015, 0.01, 0.02},
             {554, true, 0.0046, 9, 0.033, 0.1}}},
};

void bs_traffic_mirai(bs_traffic *t, uint64_t seed, int device, int attack)
{
  group g = group_of(device);
  const capture *c = &captures[g][attack - ACK];
  t->noise = bs_noise_start(seed, 2000 + (uint64_t)g, (uint64_t)attack);
  t->now = c->begin * BS_SECOND + bs_noise_between(&t->noise, 0, 999999);
  bs_traffic_talk(t, background);
  bs_actor scan = {.act = act_scanner, .model = &c->scanner};
  scan.port = bs_traffic_port(t);
  bs_traffic_add(t, &scan, 0);
  t->now += bs_traffic_us(c->lead);
  t->rows_from = t->now;
  if (c->flood.length == 0)
    return;
  bs_actor flooder = {.act = act_flood, .model = &c->flood};
  flooder.port = bs_traffic_port(t);
  bs_traffic_add(t, &flooder, 0);
  bs_traffic_talk(t, target_arp);
}
