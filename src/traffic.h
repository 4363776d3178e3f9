/* SPDX-License-Identifier: BSD-3-Clause */
/** \file traffic.h
 * Simulated packets of one N-BaIoT file: what a device sent, and the answers.
 *
 * A model of the traffic, not of the features: hosts talk, bots scan and flood,
 * and whatever structure the features then have comes out of the extractor.
 */
#ifndef BS_TRAFFIC_H
#define BS_TRAFFIC_H
#include "src/extractor.h"
#include "src/status.h"
#include <stdbool.h>
#include <stdint.h>

/** An endless capture. Opaque. */
typedef struct bs_traffic bs_traffic;

/** Start the capture of a file. Not collective.
 * \param [in] device  0 .. 8, in UCI order.
 * \param [in] attack  0 benign, 1 .. 5 gafgyt combo, junk, scan, tcp, udp,
 *                     6 .. 10 mirai ack, scan, syn, udp, udpplain.
 * \param [in] seed    The same seed gives the same packets, always.
 * \param [out] out    Owned by the caller, see bs_traffic_destroy.
 * \return             BS_OK or BS_ERR_RESOURCE.
 */
bs_status bs_traffic_create(int device, int attack, uint64_t seed,
                            bs_traffic **out);
/** Free *traffic and set it to NULL; NULL is a no-op. */
void bs_traffic_destroy(bs_traffic **traffic);

/** The next packet in time.
 * \param [out] own  True if the device sent it and the file has begun. Only
 * these have a row; the others the statistics see all the same. \return BS_OK
 * or BS_ERR_RESOURCE.
 */
bs_status bs_traffic_next(bs_traffic *traffic, bs_packet *packet, bool *own);

#endif /* BS_TRAFFIC_H */
