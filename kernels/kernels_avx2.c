#define BS_ISA avx2
#include "kernels/kernels_body.h"
