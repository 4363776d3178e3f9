/** \file kernels.h
 * Arrays in, arrays out: no MPI, no HDF5, no allocation, no printing.
 */
#ifndef BS_KERNELS_H
#define BS_KERNELS_H
#endif /* BS_KERNELS_H */
