/* SPDX-License-Identifier: BSD-3-Clause */
/** \file convert_facts.h
 * What can be said of a data file before its values are known.
 */
#ifndef BS_CONVERT_FACTS_H
#define BS_CONVERT_FACTS_H
#include "io/datafile_write.h"
#include "io/pieces.h"

/** Facts of the data file that a source will make; rows of the classes and
 * checksum are still 0. Not collective, but the same on every rank.
 * \param [in] pieces  Counted.
 * \param [out] out    See bs_datafile_close; NULL on failure. */
bs_status bs_facts_create(const bs_source *source, const bs_pieces *pieces,
                          const char *output, bs_datafile **out);

/** Title, licence, date: texts that live as long as \a facts. */
bs_origin bs_facts_origin(const bs_source *source, const bs_datafile *facts);

#endif /* BS_CONVERT_FACTS_H */
