/* SPDX-License-Identifier: BSD-3-Clause */
/* Gafgyt (BASHLITE) captures. All nine devices were infected and told to attack
 * together, and what was captured is one bot's traffic: the nine files of an
 * attack hold (nearly) the same packets, so the device plays no part here.
 * Figures without a source were measured on published rows, mostly of
 * Ennio_Doorbell/gafgyt_attacks/tcp.csv: its 115 columns give back the packets.
 */
#include "src/traffic_engine.h"

enum { COMBO = 1, JUNK, SCAN, TCP, UDP };

/* Its combo and junk files have the most rows. A flood of the published mean
 * L0.1 weight that began with the file would have a larger deviation than the
 * published: the files begin 2.7 s (combo) and 0.6 s (junk) after their flood.
 * Those of the other devices begin at a weight of 2,000. */
enum { PT_737E = 4 };

/* Day of the attacks: 20 September 2017; when each began, s since 1970, from
 * the first gaps that HH_jit columns show. */
static const int64_t begin[] = {0,          1505913823, 1505914021,
                                1505912776, 1505913529, 1505913417};

/* What the device does besides attacking, in every capture: it is pinged once a
 * second by its watchdog, keeps its registrations with two servers (SIP's
 * keep-alive), resolves addresses. */
enum { ROUTER = BS_IP_LOCAL + 1, PRINTER = BS_IP_LOCAL + 250 };
static const bs_dialogue background[] = {
    /* The watchdog */
    {.every = 1.025,
     .spread = 0.02,
     .gap = 0.0006,
     .socket = BS_SOCKET_ICMP,
     .host = ROUTER,
     .frame = {98, -98}},
    {.every = 16.7,
     .spread = 0.1,
     .gap = 0.0006,
     .socket = BS_SOCKET_ARP,
     .host = ROUTER,
     .frame = {60, -60}},
    {.every = 16,
     .spread = 0.8,
     .times = {1, 3},
     .pause = 1,
     .gap = 0.0006,
     .socket = BS_SOCKET_ARP,
     .host = BS_IP_LOCAL + 20,
     .frame = {60, -60}},
    {.every = 25.01,
     .spread = 0.001,
     .gap = 0.01,
     .socket = BS_SOCKET_KEEP,
     .host = 0x0c000010,
     .hosts = 2,
     .port = 5060,
     .frame = {330, -330}},
    {.every = 25,
     .spread = 0.3,
     .gap = 0.05,
     .socket = BS_SOCKET_NEW,
     .port = 443,
     .frame = {66, -96, 83}},
    {.every = 0}};

/* It also looks for others by WS-Discovery: six frames of 909 bytes, and the
 * same once more after 10 s. */
static void send_probes(bs_traffic *t, int64_t at, double gap)
{
  bs_packet p = bs_traffic_out(PRINTER, 3702, bs_traffic_port(t), 909);
  for (int i = 0; i < 6; i++) {
    bs_traffic_send(t, at, &p);
    at += bs_traffic_us(bs_noise_exponential(&t->noise, gap));
  }
}

/* Five seconds after the first frame the kernel asks for the neighbour's
 * address again (Linux' delay_first_probe_time). */
static int64_t act_probes(bs_traffic *t, bs_actor *self, int64_t now)
{
  bs_packet who = bs_traffic_out(PRINTER, BS_NO_PORT, BS_NO_PORT, 60);
  who.by_mac = true;
  self->count = !self->count;
  send_probes(t, now, 0.17);
  if (self->count)
    bs_traffic_send(t, now + 5 * BS_SECOND, &who);
  return now + bs_traffic_us(self->count ? 10 : 50);
}

/* And it fetches a page from a server that answers nothing for a while: the
 * request goes out again after a second, and after twice as long each time
 * (RFC 6298, section 5.5), until ten full segments come in one go. */
static int64_t act_fetch(bs_traffic *t, bs_actor *self, int64_t now)
{
  bs_packet p = bs_traffic_out(self->port, 80, bs_traffic_port(t), 74);
  bs_packet answer = bs_traffic_back(&p, 74);
  int64_t at = now, wait = BS_SECOND + bs_noise_between(&t->noise, 0, 99999);
  bs_traffic_send(t, at, &p);
  bs_traffic_send(t, at += bs_noise_between(&t->noise, 200000, 400000),
                  &answer);
  p.length = 66;
  bs_traffic_send(t, at += 400, &p);
  p.length = 475;
  for (int tries = (int)bs_noise_between(&t->noise, 2, 5); tries > 0; tries--) {
    bs_traffic_send(t, at += 3000, &p);
    at += wait;
    wait *= 2;
  }
  p.length = 66;
  answer.length = 1514;
  for (int i = 0; i < 10; i++) {
    bs_traffic_send(t, at += bs_noise_between(&t->noise, 1, 60), &answer);
    bs_traffic_send(t, at += bs_noise_between(&t->noise, 20, 90), &p);
  }
  return at + bs_traffic_us(20 + bs_noise_exponential(&t->noise, 20));
}

/* ---- tcp, udp: 60-byte frames from forged addresses, as fast as the device
 * can. Trains of frames a few us apart (1 to 19, measured), then the CPU goes
 * elsewhere for milliseconds. */

static int train_length(bs_noise *noise)
{
  double u = bs_noise_uniform(noise);
  if (u < 0.37)
    return 1;
  if (u < 0.87)
    return (int)bs_noise_between(noise, 2, 9);
  return (int)bs_noise_between(noise, 9, u < 0.91 ? 13 : 19);
}

static int64_t act_forged(bs_traffic *t, bs_actor *self, int64_t now)
{
  uint32_t host = BS_IP_LOCAL + 200;
  int64_t at = now;
  for (int i = train_length(&t->noise); i > 0; i--) {
    bs_packet p = bs_traffic_out(host, 80, bs_traffic_port(t), 60);
    p.src_ip = bs_traffic_stranger(t);
    bs_traffic_send(t, at, &p);
    if (i > 1) /* sum of two: 0 us in a twelfth of the gaps, 19 at most */
      at += bs_noise_uniform(&t->noise) < 0.08
                ? 0
                : bs_noise_between(&t->noise, 0, 11) +
                      bs_noise_between(&t->noise, 0, 8);
  }
  (void)self;
  double away = 0.0003 + bs_noise_exponential(&t->noise, 0.0024);
  return at + bs_traffic_us(away);
}

/* ---- combo, junk: one connection after the other to one closed port: 74-byte
 * SYN, 60-byte RST. The bot works through its sockets every 10 ms, a tick of
 * the kernel's clock, and local ports come in turn: after 28,232 connections,
 * some 50 s, a port comes again, which is all that tells late rows from early
 * ones. In the 176 s that the published rows of both attacks cover it pauses
 * eight times, for 0.4 to 2.1 s, but in 5 % of them the L1 weight is below 520,
 * which takes a pause every 17 s; the L0.1 weight comes close to 7,950, the
 * largest published. */

static const double tick = 0.01;  /* s */
static const double batch = 5.65; /* connections a tick, mean */
static const double between = 17; /* s from one pause to the next, mean */

static int64_t act_syns(bs_traffic *t, bs_actor *self, int64_t now)
{
  uint32_t host = BS_IP_LOCAL + 200;
  if (now >= self->until) { /* the pace drifts by the second */
    self->until = now + bs_traffic_us(0.4 + bs_noise_exponential(&t->noise, 1));
    self->level = 1 + 0.05 * bs_noise_normal(&t->noise);
  }
  if (now >= self->count) {
    bool first = self->count == 0;
    self->count =
        now +
        bs_traffic_us(between * (0.4 + 1.2 * bs_noise_uniform(&t->noise)));
    if (!first)
      return now + bs_traffic_us(0.4 + 1.7 * bs_noise_uniform(&t->noise));
  }
  double pace = self->level * batch + 2.6 * bs_noise_normal(&t->noise);
  double rest = tick;
  if (bs_noise_uniform(&t->noise) < 0.016) { /* held up, then makes up for it */
    double lost = bs_noise_exponential(&t->noise, 0.05);
    pace += 0.9 * pace * lost / tick;
    rest += lost;
  }
  int64_t at = now + bs_traffic_us(rest - tick);
  for (int i = (int)(pace + 0.5); i > 0; i--) {
    bs_packet p = bs_traffic_out(host, 23, bs_traffic_port(t), 74);
    bs_packet answer = bs_traffic_back(&p, 60);
    bs_traffic_send(t, at, &p);
    bs_traffic_send(t, at + bs_noise_between(&t->noise, 150, 420), &answer);
    at += 40 + bs_traffic_us(bs_noise_exponential(&t->noise, 0.00012));
  }
  int64_t next = now + bs_traffic_us(rest);
  return next > at ? next : at;
}

/* ARP for the target, so its channel has a 60-byte frame now and then. */
static const bs_dialogue target_arp[] = {{.every = 14,
                                          .spread = 0.6,
                                          .gap = 0.0005,
                                          .socket = BS_SOCKET_ARP,
                                          .host = BS_IP_LOCAL + 200,
                                          .frame = {60, -60}},
                                         {.every = 0}};

/* ---- scan: some 500 strangers at a time are sent a SYN within seconds; none
 * answers, and the kernel repeats it after 3 and 6 more seconds (RFC 1122's
 * initial timeout of 3 s, doubled). Batches follow every 25 s. */

static int64_t act_scan(bs_traffic *t, bs_actor *self, int64_t now)
{
  if (self->count == 0) {
    self->count = bs_noise_between(&t->noise, 420, 630);
    self->until = now + bs_traffic_us(24.6 + 1.7 * bs_noise_normal(&t->noise));
    self->level = 1;
    if (self->port++ % 3 == 0) /* a third of the batches have probes */
      send_probes(t, now + bs_traffic_us(bs_noise_uniform(&t->noise)), 0.1);
  }
  if (bs_noise_uniform(&t->noise) < 0.012) /* pace: 60 to 500 a second */
    self->level = 1 / (0.3 + 2.4 * bs_noise_uniform(&t->noise));
  bs_packet p =
      bs_traffic_out(bs_traffic_stranger(t), 23, bs_traffic_port(t), 74);
  int64_t at = now;
  if (bs_noise_uniform(&t->noise) < 0.1) /* a tenth comes between batches */
    at += bs_noise_between(&t->noise, 0, 20 * BS_SECOND);
  bs_traffic_send(t, at, &p);
  bs_traffic_send(t, at + 3006000 + bs_noise_between(&t->noise, 0, 9000), &p);
  bs_traffic_send(t, at + 9018000 + bs_noise_between(&t->noise, 0, 20000), &p);
  if (--self->count == 0)
    return self->until;
  double gap = 0.0055 * self->level;
  if (bs_noise_uniform(&t->noise) < 0.015)
    gap *= 25; /* a straggler's socket comes late */
  return now + bs_traffic_us(bs_noise_exponential(&t->noise, gap));
}

void bs_traffic_gafgyt(bs_traffic *t, uint64_t seed, int device, int attack)
{
  t->noise = bs_noise_start(seed, 1000, (uint64_t)attack);
  t->now = begin[attack] * BS_SECOND + bs_noise_between(&t->noise, 0, 999999);
  bs_traffic_talk(t, background);
  t->rows_from = t->now;
  if (attack != SCAN)
    bs_traffic_add(t, &(bs_actor){.act = act_probes},
                   bs_noise_between(&t->noise, 5, 25) * BS_SECOND);
  bs_traffic_add(t, &(bs_actor){.act = act_fetch, .port = 0x0c000002},
                 bs_noise_between(&t->noise, 5, 60) * BS_SECOND);
  switch (attack) {
  case COMBO:
  case JUNK:
    bs_traffic_talk(t, target_arp);
    bs_traffic_add(t, &(bs_actor){.act = act_syns},
                   bs_traffic_us(attack == COMBO ? 0.5 : 1.2));
    t->rows_from += bs_traffic_us(device != PT_737E ? 4
                                  : attack == COMBO ? 3.2
                                                    : 1.8);
    break;
  case SCAN:
    t->rows_from += 15 * BS_SECOND;
    bs_traffic_add(t, &(bs_actor){.act = act_scan}, bs_traffic_us(0.5));
    break;
  default:
    bs_traffic_add(t, &(bs_actor){.act = act_forged}, 5 * BS_SECOND);
    break;
  }
}
