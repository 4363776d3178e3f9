/* SPDX-License-Identifier: BSD-3-Clause */
#define BS_ISA ref
#include "kernels/clustering_body.h"
