/* SPDX-License-Identifier: BSD-3-Clause */
/* What the devices do when nobody has broken in. Frame lengths, answers and
 * periods are those that the published rows of benign traffic show: a socket's
 * first row tells the length, the magnitude the answer's, HH_jit the period.
 * Which device they belong to follows from the rates (rows of the file over the
 * three days of the capture), which is certain for few of them. PT_737E was
 * fitted to its published means as well; the others are rough.
 */
#include "src/traffic_engine.h"

enum { PT_737E = 4 };
enum { ROUTER = BS_IP_LOCAL + 1, SERVER = 0x0c000010, PEER = BS_IP_LOCAL + 30 };

#define KEEP .socket = BS_SOCKET_KEEP
#define NEW .socket = BS_SOCKET_NEW
#define PING .socket = BS_SOCKET_ICMP
#define ARP .socket = BS_SOCKET_ARP, .gap = 0.0006
#define TELL .gap = 0.02 /* s, to a server and back */
#define LOCAL .gap = 0.0006
#define END                                                                    \
  {                                                                            \
    .every = 0                                                                 \
  }
/* Asking for a name; and a stranger's address now and then, which gives the few
 * rows with the Unix time in HH_jit. */
#define NAMES(seconds)                                                         \
  {                                                                            \
    .every = seconds, .spread = 0.2, .times = {1, 2}, .pause = 5, TELL, NEW,   \
    .host = ROUTER, .port = 53, .frame = {                                     \
      73,                                                                      \
      -89                                                                      \
    }                                                                          \
  }
#define STRANGERS(seconds)                                                     \
  {                                                                            \
    .every = seconds, .spread = 0.5, .gap = 0.05, NEW, .port = 32100,          \
    .frame = {                                                                 \
      60,                                                                      \
      -60                                                                      \
    }                                                                          \
  }

/* A doorbell: three announcements of some 450 bytes every 30 s. */
static const bs_dialogue danmini[] = {
    {.every = 30,
     .spread = 0.001,
     .gap = 0.05,
     KEEP,
     .host = BS_IP_LOCAL + 250,
     .port = 8001,
     .frame = {429, 469, 471}},
    {.every = 29.6,
     .spread = 0.01,
     TELL,
     KEEP,
     .host = SERVER,
     .port = 8002,
     .frame = {204, -183}},
    {.every = 60, .spread = 0.01, ARP, .host = ROUTER, .frame = {60, -60}},
    {.every = 60, .spread = 0.5, ARP, .host = SERVER, .frame = {60, -60}},
    {.every = 127,
     .spread = 0.02,
     LOCAL,
     KEEP,
     .host = ROUTER + 1,
     .port = 7,
     .frame = {62}},
    NAMES(200),
    STRANGERS(4000),
    END};

static const bs_dialogue ecobee[] = {
    {.every = 60,
     .spread = 0.1,
     TELL,
     KEEP,
     .host = SERVER,
     .port = 8089,
     .frame = {380, -380}},
    {.every = 90,
     .spread = 0.5,
     TELL,
     KEEP,
     .host = SERVER,
     .port = 8090,
     .frame = {67, -150, 68}},
    {.every = 60, .spread = 0.02, ARP, .host = ROUTER, .frame = {60, -60}},
    {.every = 250, .spread = 0.6, ARP, .host = ROUTER + 1, .frame = {60}},
    STRANGERS(2500),
    END};

/* A doorbell that pings and asks for its lease. */
static const bs_dialogue ennio[] = {
    {.every = 25.05,
     .spread = 0.001,
     TELL,
     KEEP,
     .host = SERVER,
     .hosts = 2,
     .port = 5060,
     .frame = {330, -278}},
    {.every = 25.04, .spread = 0.01, ARP, .host = ROUTER, .frame = {60, -60}},
    {.every = 240,
     .spread = 0.6,
     .times = {4, 15},
     .pause = 1,
     LOCAL,
     PING,
     .host = ROUTER,
     .frame = {98, -98}},
    {.every = 127, .spread = 0.02, ARP, .host = ROUTER + 1, .frame = {60}},
    {.every = 900,
     .spread = 0.5,
     .times = {1, 4},
     .pause = 1.5,
     TELL,
     NEW,
     .host = SERVER + 3,
     .port = 80,
     .frame = {60, -60, 60, 300, -1514, -1514, 60, -1514, 60, 60}},
    STRANGERS(2500),
    END};

/* A baby monitor with four lasting connections to one server, each used every
 * 17 s and probed by the server now and then, of which one tells more every
 * other time, and one to another server. */
#define LINE(number, seconds, first)                                           \
  {                                                                            \
    .every = seconds, .spread = 0.01, TELL, KEEP, .host = SERVER,              \
    .port = number, .frame = {                                                 \
      first,                                                                   \
      -103,                                                                    \
      66                                                                       \
    }                                                                          \
  }
#define PROBE(number)                                                          \
  {                                                                            \
    .every = 55, .spread = 0.3, TELL, KEEP, .host = SERVER, .port = number,    \
    .frame = {                                                                 \
      -66,                                                                     \
      66                                                                       \
    }                                                                          \
  }
static const bs_dialogue philips[] = {
    LINE(441, 17, 66),
    LINE(442, 17, 66),
    LINE(443, 17, 66),
    LINE(444, 34, 66),
    LINE(444, 34, 156),
    PROBE(441),
    PROBE(442),
    PROBE(443),
    PROBE(444),
    {.every = 15,
     .spread = 0.01,
     TELL,
     KEEP,
     .host = SERVER + 1,
     .port = 443,
     .frame = {66, -66}},
    {.every = 40,
     .spread = 0.5,
     TELL,
     KEEP,
     .host = SERVER + 1,
     .port = 443,
     .frame = {82, -66}},
    {.every = 60,
     .spread = 0.5,
     TELL,
     KEEP,
     .host = SERVER + 1,
     .port = 443,
     .frame = {-82, 66}},
    {.every = 120,
     .spread = 0.8,
     TELL,
     KEEP,
     .host = SERVER + 1,
     .port = 443,
     .frame = {72, -82, 73}},
    {.every = 31, .spread = 0.3, ARP, .host = ROUTER, .frame = {60, -60}},
    {.every = 1500,
     .spread = 1,
     .times = {2, 5},
     .pause = 0.3,
     .gap = 0.004,
     KEEP,
     .host = SERVER,
     .port = 443,
     .frame = {66, 600, -103, 800, 66, 66, -103}},
    STRANGERS(5000),
    END};

/* The cameras keep three servers' address translation open every 44 s, ask for
 * their addresses now and then, and when they see motion send two volleys of
 * short connections to their recorder. Rarely something is fetched. */
#define CAMERA                                                                 \
  {.every = 44,                                                                \
   .spread = 0.008,                                                            \
   TELL,                                                                       \
   KEEP,                                                                       \
   .host = SERVER,                                                             \
   .hosts = 3,                                                                 \
   .port = 10240,                                                              \
   .frame = {90, -60}},                                                        \
      {.every = 190,                                                           \
       .spread = 0.3,                                                          \
       TELL,                                                                   \
       KEEP,                                                                   \
       .port = 10240,                                                          \
       .host = SERVER,                                                         \
       .hosts = 3,                                                             \
       .frame = {60, -60}},                                                    \
      {.every = 25,                                                            \
       .spread = 0.02,                                                         \
       .gap = 0.01,                                                            \
       KEEP,                                                                   \
       .host = SERVER + 8,                                                     \
       .port = 80,                                                             \
       .frame = {60, -60}},                                                    \
      {.every = 48, .spread = 0.3, ARP, .host = PEER, .frame = {60, -60}},     \
      {.every = 200,                                                           \
       .spread = 0.5,                                                          \
       .times = {2, 3},                                                        \
       .pause = 2,                                                             \
       NEW,                                                                    \
       .host = PEER + 5,                                                       \
       .port = 8000,                                                           \
       .gap = 0.001,                                                           \
       .frame = {74, -60}},                                                    \
      {.every = 6000,                                                          \
       .spread = 0.9,                                                          \
       .times = {2, 6},                                                        \
       .pause = 0.02,                                                          \
       .gap = 0.001,                                                           \
       NEW,                                                                    \
       .host = PEER,                                                           \
       .port = 80,                                                             \
       .frame = {74, -74, 66, 180, -66, -1514, 66, -1514, 66, -1100, 66, 66}}, \
      NAMES(200)
static const bs_dialogue pt_737e[] = {
    CAMERA,
    /* The router's address, asked for again while it is in use */
    {.every = 60, .spread = 0.4, ARP, .host = ROUTER, .frame = {60, -60}},
    /* IGMP: the answer to a query every 125 s (RFC 2236) */
    {.every = 125,
     .spread = 0.05,
     LOCAL,
     PING,
     .host = 0xeffffffa,
     .frame = {60}},
    /* Motion: connections to the recorder one after the other, since in real
     * bursts the mean length stays between 165 and 185 bytes however many
     * frames came; as many and as often as the published means of
     * MI_dir_L5_weight and L0.1_weight want */
    {.every = 1850,
     .spread = 0.4,
     .times = {8, 11},
     .pause = 0.0025,
     .encore = 0.75,
     .gap = 0.0006,
     NEW,
     .host = PEER,
     .port = 80,
     .frame = {74, -74, 66, 710, -66, -280, -690, 66, 66, 66, -66}},
    /* In a third of all devices' benign rows the socket weighs more than 12 in
     * the slowest window: connections that last, in use every few seconds.
     * Here they are sessions of minutes, a handful a day, since the rows of the
     * file over three days leave room for no more; what they are for is a
     * guess. Their frames are short, as the published mean of 94 bytes wants.
     *
     * A control point looks for UPnP devices every few seconds for a while, and
     * is answered (UPnP Device Architecture 1.0, section 1.2.3) */
    {.every = 18000,
     .spread = 0.8,
     .times = {8, 30},
     .pause = 6,
     LOCAL,
     KEEP,
     .host = PEER + 3,
     .port = 1900,
     .frame = {-133, 421}},
    /* Someone on the same network has its page open, which asks for news on one
     * connection */
    {.every = 25000,
     .spread = 0.8,
     .times = {40, 300},
     .pause = 2.5,
     .gap = 0.004,
     KEEP,
     .host = PEER + 2,
     .port = 80,
     .frame = {-110, 66, 102, -66}},
    /* Someone away watches its state through the maker's relay */
    {.every = 25000,
     .spread = 0.8,
     .times = {60, 400},
     .pause = 2,
     .overlap = true,
     TELL,
     KEEP,
     .host = SERVER + 12,
     .port = 32100,
     .frame = {92, -76}},
    /* or straight from another address each time */
    {.every = 16000,
     .spread = 0.8,
     .gap = 0.6,
     .loop = {3, 150},
     NEW,
     .port = 32100,
     .frame = {74, -74, 66, -110, 98, -66}},
    /* and peers that it is told of: the Unix time in 0.2 % of the rows */
    {.every = 7000,
     .spread = 0.5,
     .gap = 3,
     .loop = {0, 30},
     NEW,
     .port = 32100,
     .frame = {60, -60}},
    END};
/* Hardly quiet; and it calls a host that is not there. */
static const bs_dialogue pt_838[] = {
    CAMERA,
    {.every = 470,
     .spread = 0.9,
     .times = {8, 14},
     .pause = 0.015,
     .overlap = true,
     .encore = 6,
     .gap = 0.012,
     NEW,
     .host = PEER,
     .port = 80,
     .frame = {74, -74, 66, 721, -66, -285, -699, 66, 66, 66, -66}},
    {.every = 3600,
     .spread = 0.8,
     .times = {30, 90},
     .pause = 1,
     ARP,
     .host = PEER + 9,
     .frame = {60}},
    {.every = 3600,
     .spread = 0.8,
     .times = {10, 30},
     .pause = 0.5,
     .gap = 1.5,
     NEW,
     .host = PEER + 9,
     .port = 80,
     .frame = {74, 74}},
    STRANGERS(2150),
    END};

static const bs_dialogue samsung[] = {
    {.every = 39.02,
     .spread = 0.003,
     TELL,
     KEEP,
     .host = SERVER,
     .hosts = 4,
     .port = 5222,
     .frame = {102, -102}},
    {.every = 15.6, .spread = 0.5, ARP, .host = ROUTER, .frame = {60, -60}},
    {.every = 127, .spread = 0.05, ARP, .host = ROUTER + 1, .frame = {60}},
    {.every = 90,
     .spread = 0.6,
     .times = {1, 3},
     .pause = 4,
     .gap = 1,
     NEW,
     .host = SERVER + 6,
     .port = 443,
     .frame = {74, 74}},
    NAMES(100),
    STRANGERS(2500),
    END};

static const bs_dialogue xcs7_1002[] = {
    {.every = 44,
     .spread = 0.008,
     TELL,
     KEEP,
     .host = SERVER,
     .hosts = 3,
     .port = 10240,
     .frame = {90, -60}},
    {.every = 25.1,
     .spread = 0.5,
     LOCAL,
     PING,
     .host = ROUTER,
     .frame = {98, -98}},
    {.every = 25.1, .spread = 0.1, ARP, .host = ROUTER, .frame = {60, -60}},
    {.every = 130,
     .spread = 0.4,
     .times = {1, 5},
     .pause = 1,
     ARP,
     .host = ROUTER + 1,
     .frame = {60}},
    {.every = 300,
     .spread = 0.4,
     .times = {3, 6},
     .pause = 0.1,
     LOCAL,
     KEEP,
     .host = SERVER + 5,
     .port = 1900,
     .frame = {75, -60}},
    NAMES(60),
    STRANGERS(2500),
    END};

static const bs_dialogue xcs7_1003[] = {
    {.every = 40.41,
     .spread = 0.001,
     TELL,
     KEEP,
     .host = SERVER,
     .hosts = 3,
     .port = 10240,
     .frame = {90, -60}},
    {.every = 40.4, .spread = 0.2, ARP, .host = ROUTER, .frame = {60, -60}},
    {.every = 500,
     .spread = 0.4,
     .times = {3, 6},
     .pause = 0.1,
     LOCAL,
     KEEP,
     .host = SERVER + 5,
     .port = 1900,
     .frame = {75, -60}},
    NAMES(300),
    STRANGERS(2500),
    END};

/* What any device does besides, by the protocols' own lengths and periods. Its
 * share is bounded by PT_737E's published deviations, which leave little room
 * for long frames. */
static const bs_dialogue protocols[] = {
    /* The time, every two hours (RFC 4330) */
    {.every = 7200,
     .spread = 0.05,
     TELL,
     KEEP,
     .host = SERVER + 20,
     .port = 123,
     .frame = {90, -90}},
    /* Other names, with longer answers */
    {.every = 1500,
     .spread = 1,
     .times = {1, 2},
     .pause = 0.02,
     .vary = 120,
     TELL,
     NEW,
     .host = ROUTER,
     .port = 53,
     .frame = {81, -130}},
    /* DHCP, renewed after half of four hours (RFC 2131) */
    {.every = 7200,
     .spread = 0.01,
     LOCAL,
     KEEP,
     .host = ROUTER,
     .port = 67,
     .frame = {342, -342}},
    /* SYN to a host that is off (RFC 6298) */
    {.every = 1500,
     .spread = 1,
     .gap = 1,
     .backoff = true,
     NEW,
     .host = PEER + 9,
     .port = 80,
     .frame = {74, 74, 74, 74}},
    /* TLS to one of a cloud's many servers */
    {.every = 12000,
     .spread = 1,
     .gap = 0.03,
     .vary = 250,
     .loop = {12, 12},
     NEW,
     .port = 443,
     .frame = {74, -74, 66, 230, -66, -1514, 66, -700, 66, 192, -117, 66, 250,
               -66}},
    /* A report to its own server */
    {.every = 20000,
     .spread = 1,
     .gap = 0.02,
     .vary = 400,
     .loop = {3, 30},
     NEW,
     .host = SERVER + 9,
     .port = 80,
     .frame = {74, -74, 66, 300, -66, -150, 66}},
    /* Something fetched, in full segments */
    {.every = 20000,
     .spread = 1,
     .gap = 0.006,
     .vary = 300,
     .loop = {5, 12},
     NEW,
     .host = SERVER + 10,
     .port = 80,
     .frame = {74, -74, 66, 150, -66, -1514, -1514, 66}},
    /* A picture mailed */
    {.every = 120000,
     .spread = 1,
     .gap = 0.004,
     .vary = 200,
     .loop = {7, 10},
     NEW,
     .host = SERVER + 11,
     .port = 25,
     .frame = {74, -74, 66, -120, 90, -110, 66, 1514, 1514, -66}},
    END};

/* When it is back on the network: its lease (RFC 2131), whether its address is
 * free (RFC 5227), the way out, the time, names; what it offers is announced
 * to all, and once more (UPnP Device Architecture 1.0, section 1.1.2). */
static const bs_dialogue start_up[] = {
    {LOCAL, KEEP, .host = ROUTER, .port = 67, .frame = {342, -342, 354, -342}},
    {.gap = 1,
     .socket = BS_SOCKET_ARP,
     .host = BS_IP_DEVICE,
     .frame = {60, 60, 60}},
    {ARP, .host = ROUTER, .frame = {60, -60}},
    {.gap = 0.5,
     PING,
     .host = ROUTER,
     .frame = {98, -98, 98, -98, 98, -98, 98, -98}},
    {TELL, KEEP, .host = ROUTER, .port = 53, .frame = {73, -89, 77, -93}},
    {TELL, KEEP, .host = SERVER + 20, .port = 123, .frame = {90, -90}},
    {.gap = 0.3,
     KEEP,
     .host = 0xeffffffa,
     .port = 1900,
     .frame = {337, 346, 397, 405, 451, 337, 346, 397, 405, 451}},
    END};

/* Now and then it is off the network, unplugged or out of the radio's reach,
 * for some minutes. How often is a guess: a twentieth of all devices' published
 * benign rows have a MI_dir_L0.01_weight below 17, to which a camera that never
 * leaves does not fall; most may be of slower devices. */
static int64_t act_absence(bs_traffic *t, bs_actor *self, int64_t now)
{
  self->count = !self->count;
  if (self->count) {
    t->absent_until =
        now + bs_traffic_us(20 + bs_noise_exponential(&t->noise, 300));
    return t->absent_until;
  }
  for (const bs_dialogue *d = start_up; d->frame[0] != 0; d++)
    now = bs_traffic_hold(t, d, d->host, bs_traffic_port(t), now) +
          bs_traffic_us(bs_noise_exponential(&t->noise, 2));
  return now + bs_traffic_us(14000 * (0.4 + 1.2 * bs_noise_uniform(&t->noise)));
}

void bs_traffic_benign(bs_traffic *t, uint64_t seed, int device)
{
  static const bs_dialogue *const models[] = {danmini, ecobee,    ennio,
                                              philips, pt_737e,   pt_838,
                                              samsung, xcs7_1002, xcs7_1003};
  t->noise = bs_noise_start(seed, 3000, (uint64_t)device);
  /* 17 September 2017, 14:07, when the clock of most of them begins. */
  t->now = 1505657220 * (int64_t)BS_SECOND;
  t->rows_from = t->now;
  bs_traffic_talk(t, models[device]);
  bs_traffic_talk(t, protocols);
  if (device == PT_737E)
    bs_traffic_add(t, &(bs_actor){.act = act_absence},
                   bs_noise_between(&t->noise, 3000, 9000) * BS_SECOND);
}
