/* SPDX-License-Identifier: BSD-3-Clause */
/** \file synth.h
 * Rows of a simulated N-BaIoT file: traffic, run through the extractor.
 */
#ifndef BS_SYNTH_H
#define BS_SYNTH_H
#include "src/extractor.h"
#include "src/status.h"
#include <stddef.h>
#include <stdint.h>

/** A file in the making. Opaque. */
typedef struct bs_synth bs_synth;

/** Start a file. Not collective; files are independent of one another.
 * \param [in] device, attack  As in bs_traffic_create.
 * \param [in] rows   Rows that will be asked for in all.
 * \param [in] seed   The same seed gives the same rows.
 * \param [out] out   Owned by the caller, see bs_synth_destroy; NULL on
 * failure. \return            BS_OK or BS_ERR_RESOURCE.
 */
bs_status bs_synth_create(int device, int attack, uint64_t rows, uint64_t seed,
                          bs_synth **out);
/** Free *synth and set it to NULL; NULL is a no-op. */
void bs_synth_destroy(bs_synth **synth);

/** The next rows, in the order of the capture.
 * \param [out] x  (count, BS_FEATURES) row-major.
 * \return         BS_OK or BS_ERR_RESOURCE.
 */
bs_status bs_synth_rows(bs_synth *synth, size_t count, double *x);

#endif /* BS_SYNTH_H */
