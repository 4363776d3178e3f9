/* SPDX-License-Identifier: BSD-3-Clause */
/** \file number_text.h
 * Double to text, the shortest that reads back to the same double.
 */
#ifndef BS_NUMBER_TEXT_H
#define BS_NUMBER_TEXT_H
#ifdef __cplusplus
extern "C" {
#endif

/** Room that any number needs. */
enum { BS_NUMBER_ROOM = 32 };

/** Write a finite number as Python and the N-BaIoT files do: "1.0", "0.0001",
 * "1e-05", "123456.789", "1e+16".
 * \param [out] to  At least BS_NUMBER_ROOM bytes; not terminated.
 * \return          First byte behind the number.
 */
char *bs_number_print(double value, char *to);

#ifdef __cplusplus
}
#endif
#endif /* BS_NUMBER_TEXT_H */
