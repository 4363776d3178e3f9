/* SPDX-License-Identifier: BSD-3-Clause */
#define BS_ISA avx2
#include "kernels/clustering_body.h"
