#define BS_ISA ref
#include "kernels/clustering_body.h"
