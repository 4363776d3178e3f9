/** \file dispatch.h
 * Which of the instruction sets' kernels to use.
 */
#ifndef BS_DISPATCH_H
#define BS_DISPATCH_H
#include "kernels/clustering.h"

/** Known names, for messages. */
#define BS_KERNEL_NAMES "ref, avx2, avx512"

/** The kernels of that name: NULL if there is no such name. \a name == NULL
 * means the best this machine runs. */
const bs_kernels *bs_kernels_find(const char *name);

/** True if this machine can run them. */
bool bs_kernels_run_here(const bs_kernels *kernels);

#endif /* BS_DISPATCH_H */
