/* SPDX-License-Identifier: BSD-3-Clause */
#define _XOPEN_SOURCE 700 /* for nftw */
#include "io/uci_folder.h"

#include "io/nbaiot.h"
#include "src/comm.h"
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char marker[] = "SIMULATED_CAPTURE.txt";
static const char notice[] =
    "simulated capture\n"
    "\n"
    "These files are not N-BaIoT. A program (botsieve synth) simulated "
    "packets\n"
    "and computed the 115 features from them. Results from these rows say\n"
    "nothing about real devices and are not those of any study of N-BaIoT.\n";

void bs_uci_path(int device, int attack, char *to)
{
  const char *folder = bs_nbaiot_device_folder(device);
  const char *name = bs_nbaiot_attack(attack);
  const char *type = strchr(name, '_');
  if (type == NULL)
    sprintf(to, "%s/benign_traffic.csv", folder);
  else
    sprintf(to, "%s/%.*s_attacks/%s.csv", folder, (int)(type - name), name,
            type + 1);
}

static bs_status fail(const char *what, const char *path)
{
  return bs_fail(BS_ERR_RESOURCE, "cannot %s %s: %s", what, path,
                 strerror(errno));
}

static int remove_entry(const char *path, const struct stat *info, int type,
                        struct FTW *walk)
{
  (void)info, (void)type, (void)walk;
  return remove(path);
}

static bs_status remove_tree(const char *path)
{
  return nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0
             ? BS_OK
             : fail("remove", path);
}

bs_status bs_uci_part(const char *path, const char *below, char *to)
{
  size_t length = strlen(path);
  while (length > 1 && path[length - 1] == '/')
    length--;
  int n = snprintf(to, BS_UCI_PATH_ROOM, "%.*s.part%s%s", (int)length, path,
                   below[0] != '\0' ? "/" : "", below);
  return n < BS_UCI_PATH_ROOM
             ? BS_OK
             : bs_fail(BS_ERR_USAGE, "the path of the output is too long");
}

/* PATH may be missing or an empty folder; a PATH.part left behind by a killed
 * run of ours is removed. */
static bs_status check_free(const char *path)
{
  char part[BS_UCI_PATH_ROOM], file[BS_UCI_PATH_ROOM];
  struct stat info;
  if (lstat(path, &info) == 0) {
    DIR *dir = S_ISDIR(info.st_mode) ? opendir(path) : NULL;
    int entries = 0;
    while (dir != NULL && readdir(dir) != NULL)
      entries++;
    if (dir != NULL)
      closedir(dir);
    if (entries != 2) /* . and .. */
      return bs_fail(BS_ERR_USAGE, "%s exists and is not an empty folder",
                     path);
  }
  BS_TRY(bs_uci_part(path, "", part));
  BS_TRY(bs_uci_part(path, marker, file));
  if (lstat(part, &info) != 0)
    return BS_OK;
  if (lstat(file, &info) != 0)
    return bs_fail(BS_ERR_USAGE, "%s is in the way", part);
  return remove_tree(part);
}

static bs_status make(const char *path, const char *below)
{
  char folder[BS_UCI_PATH_ROOM];
  BS_TRY(bs_uci_part(path, below, folder));
  return mkdir(folder, 0777) == 0 ? BS_OK : fail("create", folder);
}

static bs_status write_marker(const char *path)
{
  char file[BS_UCI_PATH_ROOM];
  BS_TRY(bs_uci_part(path, marker, file));
  FILE *out = fopen(file, "w");
  if (out == NULL)
    return fail("create", file);
  bool good = fputs(notice, out) >= 0;
  good = (fclose(out) == 0) & good;
  return good ? BS_OK : fail("write", file);
}

static bs_status make_device(const char *path, int device)
{
  static const char *const families[] = {"gafgyt_attacks", "mirai_attacks"};
  static const int first[] = {1, 6}; /* an attack of each */
  char below[256];
  const char *folder = bs_nbaiot_device_folder(device);
  BS_TRY(make(path, folder));
  for (int i = 0; i < 2; i++) {
    if (bs_nbaiot_rows(device, first[i]) == 0)
      continue;
    snprintf(below, sizeof below, "%s/%s", folder, families[i]);
    BS_TRY(make(path, below));
  }
  return BS_OK;
}

static bs_status begin(const char *path, const bool *device)
{
  char part[BS_UCI_PATH_ROOM];
  BS_TRY(check_free(path));
  BS_TRY(bs_uci_part(path, "", part));
  BS_TRY(make(path, ""));
  bs_status st = write_marker(path);
  for (int i = 0; st == BS_OK && i < BS_NBAIOT_DEVICES; i++)
    if (device[i])
      st = make_device(path, i);
  if (st != BS_OK)
    nftw(part, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
  return st;
}

bs_status bs_uci_begin(MPI_Comm comm, const char *path, const bool *device)
{
  bs_status st = bs_comm_rank(comm) == 0 ? begin(path, device) : BS_OK;
  return bs_agree(comm, st);
}

static bs_status end(const char *path, bs_status st)
{
  char part[BS_UCI_PATH_ROOM];
  BS_TRY(bs_uci_part(path, "", part));
  if (st == BS_OK && rename(part, path) != 0)
    st = fail("create", path);
  if (st != BS_OK)
    nftw(part, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
  return st;
}

bs_status bs_uci_end(MPI_Comm comm, const char *path, bs_status st)
{
  if (bs_comm_rank(comm) == 0)
    st = end(path, st);
  return bs_agree(comm, st);
}
