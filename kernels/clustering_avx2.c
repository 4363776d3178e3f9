#define BS_ISA avx2
#include "kernels/clustering_body.h"
