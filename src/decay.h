/* SPDX-License-Identifier: BSD-3-Clause */
/** \file decay.h
 * Powers of two that have the same bits on every machine.
 *
 * The mathematics library of one machine rounds exp2 other than that of the
 * next (with or without fused multiply-add), and a simulated capture must be
 * the same file everywhere. This uses only + - *, in a fixed order.
 */
#ifndef BS_DECAY_H
#define BS_DECAY_H

/** 2^-x for x >= 0; within 2 units in the last place; 0 from x = 1022 on. */
double bs_exp2_minus(double x);

#endif /* BS_DECAY_H */
