/* SPDX-License-Identifier: BSD-3-Clause */
#define _XOPEN_SOURCE 700 /* for nftw */
#include "io/uci_folder.h"

#include "io/nbaiot.h"
#include "io/record_file.h"
#include "io/unfinished.h"
#include "src/comm.h"
#include "src/mem.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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

/* PATH may be missing or an empty folder. */
static bs_status check_path(const char *path)
{
  struct stat info;
  if (lstat(path, &info) != 0)
    return BS_OK;
  DIR *dir = S_ISDIR(info.st_mode) ? opendir(path) : NULL;
  int entries = 0;
  while (dir != NULL && readdir(dir) != NULL)
    entries++;
  if (dir != NULL)
    closedir(dir);
  return entries == 2 /* . and .. */
             ? BS_OK
             : bs_fail(BS_ERR_USAGE, "%s exists and is not an empty folder",
                       path);
}

/* A PATH.part left behind by a killed run of ours is removed. */
static bs_status check_part(const char *path)
{
  char part[BS_UCI_PATH_ROOM], file[BS_UCI_PATH_ROOM];
  struct stat info;
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
  const bool good =
      mkdir(folder, 0777) == 0 || (errno == EEXIST && below[0] != '\0');
  return good ? BS_OK : fail("create", folder);
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

static void remove_part(const char *path)
{
  char part[BS_UCI_PATH_ROOM];
  if (bs_uci_part(path, "", part) == BS_OK)
    nftw(part, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static bs_status make_devices(const char *path, const bool *device)
{
  for (int i = 0; i < BS_NBAIOT_DEVICES; i++)
    if (device[i])
      BS_TRY(make_device(path, i));
  return BS_OK;
}

static bs_status begin(const char *path, const bool *device)
{
  BS_TRY(check_part(path));
  BS_TRY(make(path, ""));
  bs_status st = write_marker(path);
  if (st == BS_OK)
    st = make_devices(path, device);
  if (st != BS_OK)
    remove_part(path);
  return st;
}

/* ---- A folder in the making. */

struct bs_uci {
  MPI_Comm comm;
  const char *path;
  const bs_capture_part *file;   /* (files) */
  bs_unfinished *kept;           /* files that are done; its mark is behind the
                                    marker file; or NULL */
  char marker[BS_UCI_PATH_ROOM]; /* the marker file in PATH.part */
  int fd;                        /* of the marker file, while files are kept */
};

static bs_status file_path(const bs_uci *u, int file, char *to)
{
  char below[128];
  bs_uci_path(u->file[file].device, u->file[file].attack, below);
  return bs_uci_part(u->path, below, to);
}

static bool is_there(const void *uci, int file, uint64_t bytes)
{
  char path[BS_UCI_PATH_ROOM];
  struct stat info;
  return file_path(uci, file, path) == BS_OK && lstat(path, &info) == 0 &&
         S_ISREG(info.st_mode) && (uint64_t)info.st_size == bytes;
}

/* The file is on the disk, but perhaps not yet in its folder there, nor that in
 * the one above it. */
static bool flush_folders(const bs_uci *u, char *path)
{
  const size_t top = strlen(u->path);
  while (strlen(path) > top) {
    if (!bs_folder_flush(path))
      return false;
    char *slash = strrchr(path, '/');
    *(slash == NULL ? path : slash) = '\0';
  }
  return true;
}

/* Make the folder, unless it has been begun; PATH is free. */
static bs_status start(bs_uci *u, const bool *device)
{
  const bool root = bs_comm_rank(u->comm) == 0;
  if (u->kept != NULL && bs_unfinished_taken(u->kept) > 0)
    return bs_agree(u->comm, root ? make_devices(u->path, device) : BS_OK);
  BS_TRY(bs_agree(u->comm, root ? begin(u->path, device) : BS_OK));
  if (u->kept == NULL)
    return BS_OK;
  const bs_status st = bs_unfinished_start(u->comm, u->kept);
  if (st != BS_OK && root)
    remove_part(u->path);
  return st;
}

static bs_status open_marker(bs_uci *u)
{
  if (u->kept == NULL)
    return BS_OK;
  u->fd = open(u->marker, O_RDONLY | O_CLOEXEC);
  return u->fd >= 0 ? BS_OK : fail("open", u->marker);
}

static void free_uci(bs_uci **uci)
{
  if (*uci == NULL)
    return;
  bs_unfinished_free(&(*uci)->kept);
  if ((*uci)->fd >= 0)
    close((*uci)->fd);
  bs_mem_free(uci);
}

bs_status bs_uci_open(MPI_Comm comm, const char *path, const bool *device,
                      const bs_keep *keep, int files,
                      const bs_capture_part *file, bs_uci **out)
{
  bs_uci *u = NULL;
  *out = NULL;
  bs_status st = bs_mem_zalloc(1, sizeof *u, &u);
  if (st == BS_OK) {
    u->comm = comm;
    u->path = path;
    u->file = file;
    u->fd = -1;
    st = bs_uci_part(path, marker, u->marker);
  }
  BS_GO(st, bs_agree(comm, st));
  if (bs_comm_rank(comm) == 0)
    st = check_path(path);
  BS_GO(st, bs_agree(comm, st));
  if (keep != NULL)
    BS_GO(st, bs_unfinished_find(comm, keep, u->marker, files, is_there, u,
                                 &u->kept));
  BS_GO(st, start(u, device));
  st = bs_agree(comm, open_marker(u));
done:
  if (st != BS_OK)
    free_uci(&u);
  *out = u;
  return st;
}

bool bs_uci_has(const bs_uci *u, int file)
{
  return u->kept != NULL && bs_unfinished_has(u->kept, file);
}

bool bs_uci_keeps(const bs_uci *u)
{
  return u->kept != NULL;
}

bs_status bs_uci_done(bs_uci *u, int file)
{
  char path[BS_UCI_PATH_ROOM];
  struct stat info;
  if (u->kept == NULL)
    return BS_OK;
  BS_TRY(file_path(u, file, path));
  if (stat(path, &info) != 0 || !flush_folders(u, path))
    return fail("write", path);
  return bs_unfinished_done(u->kept, file, (uint64_t)info.st_size, u->fd);
}

static bs_status give_name(const bs_uci *u)
{
  char part[BS_UCI_PATH_ROOM];
  BS_TRY(bs_uci_part(u->path, "", part));
  if (rename(part, u->path) != 0)
    return bs_fail(BS_ERR_RESOURCE, "cannot create %s: %s; all of it is in %s",
                   u->path, strerror(errno), part);
  bs_folder_flush(part); /* it is there, whatever that says */
  return BS_OK;
}

/* The run ends with st: leave the folder to a later run, or remove it. Is it
 * left? */
static bool give_up(const bs_uci *u, bs_status st)
{
  const bool goes_on = u->kept != NULL && bs_unfinished_goes_on(st);
  if (goes_on)
    bs_unfinished_leave(u->kept, u->fd);
  else if (bs_comm_rank(u->comm) == 0)
    remove_part(u->path);
  return goes_on;
}

bs_status bs_uci_close(bs_uci **uci, bs_checkpoint **checkpoint, bs_status st)
{
  bs_uci *u = *uci;
  const bool root = bs_comm_rank(u->comm) == 0;
  st = bs_agree(u->comm, st);
  if (st == BS_OK && u->kept != NULL)
    st = bs_agree(u->comm, bs_unfinished_save(u->kept, u->fd));
  if (st == BS_OK && u->kept != NULL)
    st = bs_agree(u->comm, root ? bs_unfinished_end(u->kept) : BS_OK);
  const bool left = st != BS_OK && give_up(u, st);
  bs_checkpoint_close(checkpoint, !left);
  if (st == BS_OK)
    st = bs_agree(u->comm, root ? give_name(u) : BS_OK);
  free_uci(uci);
  return st;
}
