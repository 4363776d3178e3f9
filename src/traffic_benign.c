/* What the devices do when nobody has broken in. Frame lengths, answers and
 * periods are those that the published rows of benign traffic show (a socket's
 * first row tells the length, the magnitude the answer's, HH_jit the period);
 * which device they belong to follows from the rows' rates, which is certain
 * for few of them. PT_737E was fitted to its published means; the others are
 * rough.
 */
#include "src/traffic_engine.h"

enum { ROUTER = BS_IP_LOCAL + 1, SERVER = 0x0c000010, PEER = BS_IP_LOCAL + 30 };

#define KEEP .socket = BS_SOCKET_KEEP
#define NEW .socket = BS_SOCKET_NEW
#define ARP .socket = BS_SOCKET_ARP, .gap = 0.0006
#define END                                                                    \
  {                                                                            \
    .every = 0                                                                 \
  }

/* The camera keeps three servers' address translation open every 44 s, asks for
 * their addresses now and then, and when it sees motion sends two volleys of
 * short connections to its recorder. */
static const bs_dialogue pt_737e[] = {
    {.every = 44,
     .gap = 0.02,
     KEEP,
     .host = SERVER,
     .hosts = 3,
     .port = 10240,
     .frame = {90, -60}},
    {.every = 190,
     .spread = 0.3,
     ARP,
     .host = SERVER,
     .hosts = 3,
     .frame = {60, -60}},
    {.every = 25,
     .spread = 0.02,
     .gap = 0.01,
     KEEP,
     .host = SERVER + 8,
     .port = 80,
     .frame = {60, -60}},
    {.every = 48, .spread = 0.3, ARP, .host = PEER, .frame = {60, -60}},
    {.every = 120,
     .spread = 0.2,
     .times = {1, 2},
     .pause = 5,
     .gap = 0.02,
     NEW,
     .host = ROUTER,
     .port = 53,
     .frame = {74, -90}},
    {.every = 200,
     .spread = 0.5,
     .times = {2, 3},
     .pause = 2,
     NEW,
     .host = PEER + 5,
     .port = 8000,
     .gap = 0.001,
     .frame = {74, -60}},
    {.every = 1900,
     .spread = 1,
     NEW,
     .gap = 0.05,
     .port = 32100,
     .frame = {60, -60}},
    {.every = 1760,
     .spread = 0.9,
     .times = {8, 10},
     .pause = 0.002,
     .encore = 0.75,
     .gap = 0.0006,
     NEW,
     .host = PEER,
     .port = 80,
     .frame = {74, -74, 66, 725, -66, -712, 66, 66, -66, 66}},
    END};

void bs_traffic_benign(bs_traffic *t, uint64_t seed, int device)
{
  t->noise = bs_noise_start(seed, 3000, (uint64_t)device);
  t->now = 1505657220 * (int64_t)BS_SECOND;
  bs_traffic_talk(t, pt_737e);
}
