/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/digest.h"

#include "io/first_fault.h"
#include "io/pieces.h"
#include "io/unpack.h"
#include "src/comm.h"
#include "src/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 1 << 20 };

static bs_status digest_plain(const bs_source_file *f, EVP_MD_CTX *sum,
                              char *buffer)
{
  int fd = open(f->path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return bs_fail(BS_ERR_INPUT, "cannot read %s: %s", f->show,
                   strerror(errno));
  ssize_t got;
  while ((got = read(fd, buffer, BLOCK)) > 0)
    EVP_DigestUpdate(sum, buffer, (size_t)got);
  int error = errno;
  close(fd);
  return got < 0 ? bs_fail(BS_ERR_INPUT, "cannot read %s: %s", f->show,
                           strerror(error))
                 : BS_OK;
}

static bs_status digest_packed(const bs_source_file *f, EVP_MD_CTX *sum,
                               char *buffer)
{
  bs_unpack *u;
  size_t got = 1;
  bs_status st;
  BS_TRY(bs_unpack_open(f->path, f->member, f->show, &u));
  while ((st = bs_unpack_read(u, buffer, BLOCK, &got)) == BS_OK && got > 0)
    EVP_DigestUpdate(sum, buffer, got);
  bs_unpack_close(&u);
  return st;
}

static bs_status digest_file(const bs_source_file *f, char *buffer, char *hex)
{
  unsigned char bytes[EVP_MAX_MD_SIZE];
  EVP_MD_CTX *sum = EVP_MD_CTX_new();
  if (sum == NULL || EVP_DigestInit_ex(sum, EVP_sha256(), NULL) != 1) {
    EVP_MD_CTX_free(sum);
    return bs_fail(BS_ERR_RESOURCE, "cannot start a SHA-256 digest");
  }
  bs_status st = f->packing == BS_PLAIN ? digest_plain(f, sum, buffer)
                                        : digest_packed(f, sum, buffer);
  EVP_DigestFinal_ex(sum, bytes, NULL);
  EVP_MD_CTX_free(sum);
  for (int i = 0; i < 32; i++)
    snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
  return st;
}

bs_status bs_digest_files(MPI_Comm comm, const bs_source *source,
                          char (*digest)[BS_DIGEST_ROOM])
{
  int rank = bs_comm_rank(comm), size = bs_comm_size(comm), failed = 0;
  char *buffer = NULL;
  memset(digest, 0, (size_t)source->files * BS_DIGEST_ROOM);
  bs_status st = bs_mem_alloc(BLOCK, 1, &buffer);
  BS_GO(st, bs_agree(comm, st));
  for (int i = rank; i < source->files && st == BS_OK; i += size) {
    st = digest_file(&source->file[i], buffer, digest[i]);
    failed = i;
  }
  BS_GO(st, bs_agree_first(comm, st, failed));
  /* All but one rank hold zeros. */
  BS_MPI(MPI_Allreduce(MPI_IN_PLACE, digest, source->files * BS_DIGEST_ROOM,
                       MPI_CHAR, MPI_BOR, comm));
done:
  bs_mem_free(&buffer);
  return st;
}
