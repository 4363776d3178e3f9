/* SPDX-License-Identifier: BSD-3-Clause */
/* The size of a terminal is asked for by ioctl. */
#define _DEFAULT_SOURCE
#include "src/log.h"

#include "src/meter.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { LINE = 4096 };

static struct {
  pthread_mutex_t lock;
  double start; /* bs_clock */
  bool speaks, terminal;
  bool bar; /* one is on the screen */
} state = {.lock = PTHREAD_MUTEX_INITIALIZER};

void bs_log_open(bool speaks)
{
  state.start = bs_clock();
  state.speaks = speaks;
  state.terminal = speaks && isatty(STDERR_FILENO);
}

double bs_log_seconds(void)
{
  return bs_clock() - state.start;
}

static void wipe_bar(void)
{
  if (state.bar)
    fputs("\r\033[K", stderr);
  state.bar = false;
}

/* The line goes out by one call, so that lines of others don't cut it. */
static void put_line(char *line)
{
  for (char *p = line; *p != '\0'; p++)
    if ((unsigned char)*p < 0x20 || *p == 0x7f)
      *p = '?';
  pthread_mutex_lock(&state.lock);
  wipe_bar();
  fprintf(stderr, "%s\n", line);
  fflush(stderr);
  pthread_mutex_unlock(&state.lock);
}

void bs_vlog(const char *format, va_list args)
{
  char line[LINE];
  if (!state.speaks)
    return;
  int used = snprintf(line, sizeof line, "[%8.2f s] ", bs_log_seconds());
  vsnprintf(line + used, sizeof line - (size_t)used, format, args);
  put_line(line);
}

void bs_log(const char *format, ...)
{
  va_list args;
  va_start(args, format);
  bs_vlog(format, args);
  va_end(args);
}

void bs_log_plain(const char *format, ...)
{
  char line[LINE];
  va_list args;
  if (!state.speaks)
    return;
  va_start(args, format);
  vsnprintf(line, sizeof line, format, args);
  va_end(args);
  put_line(line);
}

bool bs_log_has_bar(void)
{
  return state.terminal;
}

void bs_log_bar(const char *text)
{
  struct winsize size;
  int columns = 80;
  if (!state.terminal)
    return;
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    columns = size.ws_col;
  pthread_mutex_lock(&state.lock);
  wipe_bar();
  if (text[0] != '\0') {
    fprintf(stderr, "%.*s", columns - 1, text);
    state.bar = true;
  }
  fflush(stderr);
  pthread_mutex_unlock(&state.lock);
}
