/* SPDX-License-Identifier: BSD-3-Clause */
/** \file mem.h
 * Checked allocation, aligned to 64 bytes.
 */
#ifndef BS_MEM_H
#define BS_MEM_H
#include "src/status.h"
#include <stddef.h>

/** Allocate \a count elements of \a size bytes, aligned to 64 bytes, contents
 * undefined. Free with bs_mem_free. Not collective.
 * \param [out] out  NULL on failure; never on success, even for 0 elements.
 * \return           BS_OK, or BS_ERR_RESOURCE with a text naming the size.
 */
bs_status bs_mem_alloc(size_t count, size_t size, void *out);
/** The same in huge pages, where the system has them, and in multiples of 2
 * MiB: for megabytes that are gone through by strides of a page or so, again
 * and again. */
bs_status bs_mem_alloc_huge(size_t count, size_t size, void *out);

/** The same, zeroed. */
bs_status bs_mem_zalloc(size_t count, size_t size, void *out);

/** Free *\a pointer and set it to NULL; *pointer == NULL is a no-op. */
void bs_mem_free(void *pointer);

#endif /* BS_MEM_H */
