/* SPDX-License-Identifier: BSD-3-Clause */
/** \file number.h
 * Text to double, exactly as strtod in the C locale.
 */
#ifndef BS_NUMBER_H
#define BS_NUMBER_H
#ifdef __cplusplus
extern "C" {
#endif

/** Read a decimal number at the start of [p, end): digits with an optional
 * sign, point and exponent ("+3", "1.", ".5", "1e-05"). The value is the double
 * nearest to it, ties to even, gradual underflow, as strtod gives. No blanks,
 * no hexadecimal, no "inf" or "nan".
 * \return  First character behind the number, or NULL where there is none. A
 *          number too large for a double gives an infinite value.
 */
const char *bs_number_parse(const char *p, const char *end, double *value);

/** Read up to \a count finite numbers, each as bs_number_parse reads it and
 * directly followed by a comma or by \a end.
 * \param [in,out] p  Start of the first; then the comma or end behind the last
 *                    one taken, unchanged where none was.
 * \param [out] x     (count): those taken; others are undefined.
 * \return  How many were taken; fewer than count where a field needs a closer
 *          look (blanks, quotes, no number at all) or the line has ended.
 */
int bs_numbers_parse(const char **p, const char *end, int count, double *x);

#ifdef __cplusplus
}
#endif
#endif /* BS_NUMBER_H */
