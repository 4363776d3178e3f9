/* SPDX-License-Identifier: BSD-3-Clause */
/** \file extractor.h
 * The 115 features of N-BaIoT from a stream of packets.
 *
 * Every packet updates damped sums of the streams it belongs to, in five time
 * windows: its source (MAC and IP; IP), its channel (source IP to destination
 * IP), and its socket (the same with ports). A window of decay rate lambda
 * halves its memory every 1 / lambda seconds. Definitions: Meidan et al.,
 * "N-BaIoT" (IEEE Pervasive Computing 17(3), 2018), Table 2, and Mirsky et al.,
 * "Kitsune" (NDSS 2018), section IV.C; base 2 and the first gap of a channel
 * (the Unix time itself) as found in the published rows.
 */
#ifndef BS_EXTRACTOR_H
#define BS_EXTRACTOR_H
#include "src/status.h"
#include <stdbool.h>
#include <stdint.h>

enum { BS_FEATURES = 115, BS_WINDOWS = 5 };

/** The port of a packet that has none, such as ICMP: no real port. */
enum { BS_NO_PORT = 65536 };

typedef struct bs_packet {
  double time;                 /**< s since 1970; never falls in a stream */
  uint64_t src_mac, dst_mac;   /**< 48 bits each */
  uint32_t src_ip, dst_ip;     /**< IPv4, or a number that stands for another */
  uint32_t src_port, dst_port; /**< TCP or UDP; else BS_NO_PORT */
  uint32_t length;             /**< of the frame, bytes */
  bool by_mac; /**< no IP, as ARP: the two MACs are the socket's ends */
} bs_packet;

/** The streams met so far. Opaque. */
typedef struct bs_extractor bs_extractor;

/** Create an extractor that has seen nothing. Not collective.
 * \param [in] forget  s; a stream of one packet is as if it had never been once
 *                     this long has passed, so that floods of new addresses
 * take bounded memory. A stream of two packets stays. \param [out] out    Owned
 * by the caller, see bs_extractor_destroy. \return             BS_OK or
 * BS_ERR_RESOURCE.
 */
bs_status bs_extractor_create(double forget, bs_extractor **out);
/** Free *extractor and set it to NULL; NULL is a no-op. */
void bs_extractor_destroy(bs_extractor **extractor);

/** Insert a packet into its streams, then describe it.
 * \param [out] row  (115) the features after the insertion, in the order of
 *                   bs_feature_name; NULL: insert only (answers, which have no
 *                   row of their own).
 * \return           BS_OK or BS_ERR_RESOURCE.
 */
bs_status bs_extractor_insert(bs_extractor *extractor, const bs_packet *packet,
                              double *row);

#endif /* BS_EXTRACTOR_H */
