/* SPDX-License-Identifier: BSD-3-Clause */
/** \file weka.h
 * Whose rules apply where the two branches of Weka differ.
 */
#ifndef BS_WEKA_H
#define BS_WEKA_H

typedef enum bs_weka {
  BS_WEKA_36, /**< Weka 3.6.14 */
  BS_WEKA_38  /**< Weka 3.8.x */
} bs_weka;

#endif /* BS_WEKA_H */
