/* SPDX-License-Identifier: BSD-3-Clause */
#define BS_ISA avx512
#include "kernels/clustering_body.h"
