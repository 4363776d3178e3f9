/* SPDX-License-Identifier: BSD-3-Clause */
#include "src/stop.h"

#include <ctype.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOOK_SECONDS 0.5

static volatile sig_atomic_t caught; /* the signal */
static bool armed;
static double deadline; /* 0: none */
static char told[4096]; /* the file that spreads it; "" none */
static _Atomic double next_look;
static _Atomic bool wanted;

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A decimal number below the limit at *p, moved behind it; -1 if there is none.
 */
static double number(const char **p, double limit)
{
  double value = 0;
  if (!isdigit((unsigned char)**p))
    return -1;
  for (; isdigit((unsigned char)**p); ++*p)
    value = 10 * value + (**p - '0');
  return value < limit ? value : -1;
}

bs_status bs_stop_parse(const char *text, double *seconds)
{
  const char *p = text;
  double part[4] = {0}; /* days, hours, minutes, seconds */
  part[3] = number(&p, 1e9);
  if (*p == '-') {
    part[0] = part[3];
    p++;
    part[3] = number(&p, 24);
    if (*p != ':')
      part[3] = -1;
  }
  if (*p == ':') {
    part[1] = part[3];
    p++;
    part[2] = number(&p, 60);
    part[3] = *p == ':' ? (p++, number(&p, 60)) : -1;
  }
  *seconds = ((part[0] * 24 + part[1]) * 60 + part[2]) * 60 + part[3];
  if (*p != '\0' || part[0] < 0 || part[1] < 0 || part[2] < 0 || part[3] < 0 ||
      !(*seconds > 0))
    return bs_fail(BS_ERR_USAGE,
                   "option --time-limit: '%s' is neither [DD-]HH:MM:SS nor a "
                   "number of seconds above 0",
                   text);
  return BS_OK;
}

static void note(int signal)
{
  caught = signal;
}

void bs_stop_catch(double seconds)
{
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = note;
  action.sa_flags = SA_RESTART;
  sigaction(SIGUSR1, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  signal(SIGXFSZ, SIG_IGN); /* a file size limit is an error like others */
  deadline = seconds > 0 ? now() + seconds : 0;
  armed = true;
}

void bs_stop_spread(const char *path)
{
  if (path == NULL || strlen(path) >= sizeof told)
    told[0] = '\0';
  else
    strcpy(told, path);
}

/* The other ranks will find it. Failing that each stops when it is told. */
static void tell(void)
{
  if (atomic_exchange(&wanted, true) || told[0] == '\0')
    return;
  const int file = open(told, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (file >= 0)
    close(file);
}

bool bs_stop_wanted(void)
{
  if (!armed || atomic_load(&wanted))
    return armed;
  const double t = now();
  if (caught != 0 || (deadline > 0 && t >= deadline)) {
    tell();
    return true;
  }
  if (told[0] == '\0' || t < atomic_load(&next_look))
    return false;
  atomic_store(&next_look, t + LOOK_SECONDS);
  if (access(told, F_OK) == 0)
    atomic_store(&wanted, true);
  return atomic_load(&wanted);
}

bs_status bs_stop_check(void)
{
  if (!bs_stop_wanted())
    return BS_OK;
  char reason[64] = "as another rank was told to";
  if (caught != 0)
    snprintf(reason, sizeof reason, "by signal %d", (int)caught);
  else if (deadline > 0 && now() >= deadline)
    strcpy(reason, "at the time limit");
  return bs_fail(BS_STOPPED, "%s; the same command goes on", reason);
}
