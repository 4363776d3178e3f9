/* SPDX-License-Identifier: BSD-3-Clause */
/** \file weka_format.h
 * Numbers as text, the way Weka and Java write them.
 */
#ifndef BS_WEKA_FORMAT_H
#define BS_WEKA_FORMAT_H
#include "src/weka.h"

/** Room for any number written here, with the terminating 0: 309 digits before
 * the point, at most BS_DECIMALS_MAX after it, or that much width. */
#define BS_NUMBER_TEXT 448

/** Most decimals, and greatest width, that can be asked for. */
#define BS_DECIMALS_MAX 100

/** At most \a decimals decimals, trailing zeros removed (Utils.doubleToString).
 * 3.6 rounds half up after scaling the double, and writes Java's notation once
 * the scaled value reaches 2^63. 3.8 rounds half up on the exact value, keeps
 * the sign of a value rounded to "-0" and never uses an exponent.
 */
void bs_format_fixed(bs_weka weka, double x, int decimals,
                     char text[BS_NUMBER_TEXT]);

/** The same with the place of the point fixed in a field of \a width
 * characters, filled with spaces on both sides; the bare number where it does
 * not fit.
 */
void bs_format_aligned(bs_weka weka, double x, int width, int decimals,
                       char text[BS_NUMBER_TEXT]);

/** Exactly \a decimals decimals, as String.format("%.3f") does: half up on the
 * shortest digits that read back to x. */
void bs_format_padded(double x, int decimals, char text[BS_NUMBER_TEXT]);

/** Double.toString: the shortest digits that read back to x, the closest of
 * them, at least one decimal; outside [1e-3, 1e7) as 1.0E7. As of JDK 19; older
 * ones print a digit more than needed now and then. */
void bs_format_java(double x, char text[BS_NUMBER_TEXT]);

#endif /* BS_WEKA_FORMAT_H */
