/* SPDX-License-Identifier: BSD-3-Clause */
/** \file log.h
 * The log on standard error: whole lines, each with the seconds since the
 * start; on a terminal a bar at the bottom. One per process, of which that of
 * rank 0 speaks. Any thread may call any of these.
 */
#ifndef BS_LOG_H
#define BS_LOG_H
#include <stdarg.h>
#include <stdbool.h>

/** Begin at 0 seconds. \param [in] speaks  On rank 0: print what comes. */
void bs_log_open(bool speaks);

/** Seconds since bs_log_open. */
double bs_log_seconds(void);

/** One line (printf style, no newline); control characters become '?'. */
void bs_log(const char *format, ...) __attribute__((format(printf, 1, 2)));
void bs_vlog(const char *format, va_list args);

/** One line without the seconds: errors, and the last line. */
void bs_log_plain(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/** Is there a terminal, to draw a bar on? */
bool bs_log_has_bar(void);

/** Draw \a text, of any length, over the last bar; "" wipes it. Nothing where
 * there is no terminal. */
void bs_log_bar(const char *text);

#endif /* BS_LOG_H */
