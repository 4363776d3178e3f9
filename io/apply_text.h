/* SPDX-License-Identifier: BSD-3-Clause */
/** \file apply_text.h
 * The part of apply.h that reads CSV and ARFF files.
 */
#ifndef BS_APPLY_TEXT_H
#define BS_APPLY_TEXT_H
#include "io/apply.h"

/** As bs_apply, for text. */
bs_status bs_apply_text(MPI_Comm comm, const bs_model *model, int count,
                        char *const *paths, const bs_apply_options *options,
                        bs_applied *out);

/** Rank 0 gets room for out->n rows. Local: agree on the status. */
bs_status bs_applied_room(MPI_Comm comm, bs_applied *out);

/** Codes of an input's classes: those of the model, BS_NO_CLASS for others, the
 * first of which goes to out->unknown; sets out->labelled. Local.
 * \param [out] code  (count).
 */
bs_status bs_apply_classes(const bs_model *model, int count, char *const *name,
                           uint16_t *code, bs_applied *out);

#endif /* BS_APPLY_TEXT_H */
