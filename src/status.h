/* SPDX-License-Identifier: BSD-3-Clause */
/** \file status.h
 * One error scheme for the whole program: a status that is also the exit code,
 * and one line of text stored beside it.
 */
#ifndef BS_STATUS_H
#define BS_STATUS_H

/** Outcome of a function that can fail; its value is the exit code. */
typedef enum bs_status {
  BS_OK = 0,
  BS_ERR_RUNTIME = 1,  /**< failed at run time */
  BS_ERR_USAGE = 2,    /**< wrong usage */
  BS_ERR_INPUT = 3,    /**< bad or missing input */
  BS_ERR_CHECK = 4,    /**< a check failed */
  BS_ERR_RESOURCE = 5, /**< out of memory or disk */
  BS_ERR_LAUNCH = 6,   /**< wrongly launched */
  BS_STOPPED = 85      /**< stopped cleanly; the same command goes on */
} bs_status;

/** Longest error text kept, in bytes with the terminating 0. */
#define BS_ERROR_TEXT 2048

/** Store an error text (printf style, lower case, no full stop) for the calling
 * thread and return \a code. Control characters become '?' so that the text
 * stays one line. Not collective.
 */
bs_status bs_fail(bs_status code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Text stored by the last bs_fail of the calling thread; "" if none. */
const char *bs_error_text(void);

/** Leave the function with the status of \a call unless it is BS_OK. Only where
 * nothing is owned yet. */
#define BS_TRY(call)                                                           \
  do {                                                                         \
    bs_status bs_try_status_ = (call);                                         \
    if (bs_try_status_ != BS_OK)                                               \
      return bs_try_status_;                                                   \
  } while (0)

/** The same for a function with a clean-up label: sets \a st, goes to done. */
#define BS_GO(st, call)                                                        \
  do {                                                                         \
    (st) = (call);                                                             \
    if ((st) != BS_OK)                                                         \
      goto done;                                                               \
  } while (0)

#endif /* BS_STATUS_H */
