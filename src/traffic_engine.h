/* SPDX-License-Identifier: BSD-3-Clause */
/** \file traffic_engine.h
 * What the traffic models share: a clock, a queue, actors, and dialogues.
 * For src/traffic*.c only.
 */
#ifndef BS_TRAFFIC_ENGINE_H
#define BS_TRAFFIC_ENGINE_H
#include "src/noise.h"
#include "src/traffic.h"
#include <stddef.h>

/** Times are whole microseconds since 1970, as a capture's stamps are. */
enum { BS_SECOND = 1000000 };

/** Addresses: the device 10.0.1.101, hosts beside it, 10.0.1.1 the router. */
enum {
  BS_IP_LOCAL = 0x0a000100,
  BS_IP_DEVICE = BS_IP_LOCAL + 101,
  BS_MAC_DEVICE = 1,
  BS_MAC_LOCAL = 1000 /* + last byte of the address */
};

typedef struct bs_actor bs_actor;
/** Something that sends: act is called when its time has come, queues packets
 * from now on, and returns when to be called again, in us; < 0: never. */
struct bs_actor {
  int64_t (*act)(bs_traffic *traffic, bs_actor *self, int64_t now);
  const void *model; /**< parameters, static */
  int64_t count;     /**< state, whatever act keeps there */
  int64_t until;
  double level;
  uint32_t port;
};

/** How a dialogue picks its sockets. */
typedef enum bs_socket {
  BS_SOCKET_KEEP, /**< the same ports always: a lasting connection, shared by
                       dialogues with the same host and port */
  BS_SOCKET_NEW,  /**< a new local port each time */
  BS_SOCKET_ICMP, /**< no ports */
  BS_SOCKET_ARP   /**< no IP: the ends are MACs */
} bs_socket;

enum { BS_MAX_FRAMES = 16 };

/** A dialogue between the device and one host, held again and again. */
typedef struct bs_dialogue {
  double every;  /**< s from one start to the next, mean */
  double spread; /**< of that gap: 0 a clock, 1 without memory */
  int times[2];  /**< held so many times in a row, from, to; 0 0 means once */
  double pause;  /**< s between these, mean, without memory */
  bool overlap;  /**< pause is from start to start: they are held at once */
  double encore; /**< s after which the whole row comes once more; 0: not */
  double gap;    /**< s between frames, mean, without memory */
  bool backoff;  /**< instead: gap s, then twice as long each (RFC 6298) */
  int vary;      /**< frames of over 100 bytes are up to so many bytes longer */
  int loop[2];   /**< the frames from index loop[0] on come 1 to loop[1] times,
                      any order of magnitude as likely; 0 0: once */
  bs_socket socket;
  uint32_t host; /**< IP of the other end; 0: a new stranger each time */
  int hosts;     /**< held with so many hosts one after the other, host,
                      host + 1, ...; 0 means 1 */
  uint16_t port; /**< its port */
  int16_t frame[BS_MAX_FRAMES]; /**< bytes; > 0 the device's, < 0 the other's;
                                     0 ends the list */
} bs_dialogue;

struct bs_traffic {
  bs_noise noise;
  int64_t now;
  int64_t rows_from;    /**< packets before only warm the statistics up */
  int64_t absent_until; /**< until then nobody hears or reaches the device */
  int64_t line_free;    /**< until then the device's frames wait */
  int64_t line_gap;     /**< us between frames that waited */
  uint32_t next_port;   /**< ephemeral ports, handed out in turn */
  bs_actor *actor;
  size_t actors, actor_room;
  struct bs_event *event; /**< binary heap, soonest first */
  size_t events, event_room;
  uint64_t order; /**< of queueing: settles ties */
  bs_status failed;
};

/** Add an actor, a copy of \a actor, that first acts \a start us from now. */
void bs_traffic_add(bs_traffic *t, const bs_actor *actor, int64_t start);
/** Queue a packet for time \a at (us). */
void bs_traffic_send(bs_traffic *t, int64_t at, const bs_packet *packet);
/** Let the device's frames wait until \a until, then go out one by one. */
void bs_traffic_hold_line(bs_traffic *t, int64_t until);
/** A packet from the device to a host, or back; ports as in bs_packet. */
bs_packet bs_traffic_out(uint32_t host, uint32_t port, uint32_t own_port,
                         int length);
bs_packet bs_traffic_back(const bs_packet *out, int length);
/** Next ephemeral port of the device. */
uint32_t bs_traffic_port(bs_traffic *t);
/** A random address somewhere in the world. */
uint32_t bs_traffic_stranger(bs_traffic *t);
/** us from s. */
int64_t bs_traffic_us(double s);
/** Add an actor for each dialogue; every == 0 ends the list. */
void bs_traffic_talk(bs_traffic *t, const bs_dialogue *dialogues);

/** Hold a dialogue once, with \a host, from \a at on (us); its own port matters
 * if it has ports. Returns when the last frame was sent. */
int64_t bs_traffic_hold(bs_traffic *t, const bs_dialogue *d, uint32_t host,
                        uint32_t own_port, int64_t at);

/** Start the noise and the clock of a capture and populate it, by family. */
void bs_traffic_benign(bs_traffic *t, uint64_t seed, int device);
void bs_traffic_gafgyt(bs_traffic *t, uint64_t seed, int device, int attack);
void bs_traffic_mirai(bs_traffic *t, uint64_t seed, int device, int attack);

#endif /* BS_TRAFFIC_ENGINE_H */
