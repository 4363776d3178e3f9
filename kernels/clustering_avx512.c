#define BS_ISA avx512
#include "kernels/clustering_body.h"
