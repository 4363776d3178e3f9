#define BS_ISA ref
#include "kernels/kernels_body.h"
