/* SPDX-License-Identifier: BSD-3-Clause */
/** \file spreadsheet.h
 * Numbers as a spreadsheet shows them.
 *
 * The published benign files went through one: their values have at most eleven
 * characters, where the attack files have all 17 digits. The loss is in the
 * data: rounding noise of 1e-13 survives with three digits, times of day lose
 * theirs.
 */
#ifndef BS_SPREADSHEET_H
#define BS_SPREADSHEET_H

/** The value that is left of a finite \a x: eleven characters (ten digits and
 * the point) from 1e-4 to 1e11, six digits up to 1e16, three elsewhere. */
double bs_spreadsheet_round(double x);

#endif /* BS_SPREADSHEET_H */
