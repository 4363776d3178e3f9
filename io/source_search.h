/* SPDX-License-Identifier: BSD-3-Clause */
/** \file source_search.h
 * The files below the paths of a command line that may hold rows.
 */
#ifndef BS_SOURCE_SEARCH_H
#define BS_SOURCE_SEARCH_H
#include "io/source.h"

/** Find them, in the order of paths and names, into source->file; also sets
 * base and simulated. Not collective.
 * \return  BS_OK; BS_ERR_INPUT; BS_ERR_RESOURCE. */
bs_status bs_source_search(int count, char *const *paths, bs_source *source);

/** Does the name, without a suffix of compression, end in \a suffix? */
bool bs_has_suffix(const char *name, const char *suffix);

#endif /* BS_SOURCE_SEARCH_H */
