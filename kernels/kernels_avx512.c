#define BS_ISA avx512
#include "kernels/kernels_body.h"
