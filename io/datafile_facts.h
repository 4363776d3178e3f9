/* SPDX-License-Identifier: BSD-3-Clause */
/** \file datafile_facts.h
 * What a data file says of itself: names, dimensions, input files, attributes.
 */
#ifndef BS_DATAFILE_FACTS_H
#define BS_DATAFILE_FACTS_H
#include "io/datafile_write.h"

/** Write all facts into a file whose values are there. Not collective: one
 * rank calls it.
 * \return  BS_OK, or BS_ERR_RESOURCE. */
bs_status bs_datafile_put_facts(const char *path, const bs_datafile *facts,
                                const bs_origin *origin);

#endif /* BS_DATAFILE_FACTS_H */
