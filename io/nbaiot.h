/* SPDX-License-Identifier: BSD-3-Clause */
/** \file nbaiot.h
 * What is known about the N-BaIoT data set: its 115 columns, its devices, the
 * names, row counts and digests of its files, and its three ways to label.
 */
#ifndef BS_NBAIOT_H
#define BS_NBAIOT_H
#include "src/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  BS_NBAIOT_FEATURES = 115,
  BS_NBAIOT_DEVICES = 9,
  BS_NBAIOT_ATTACKS = 11 /**< "benign" counted as attack 0 */
};

/** Labelings of N-BaIoT rows. */
typedef enum bs_labels {
  BS_LABELS_FAMILY, /**< benign, gafgyt, mirai */
  BS_LABELS_ATTACK, /**< benign, gafgyt_combo, ... */
  BS_LABELS_BINARY, /**< benign, attack */
  BS_LABELS_LAST
} bs_labels;

/** Name of column \a j, 0 .. 114, e.g. "MI_dir_L5_weight"; static. */
const char *bs_nbaiot_feature(int j);
/** Name of a device in UCI order, 0 .. 8, e.g. "PT_737E"; static. */
const char *bs_nbaiot_device(int device);
/** The folder UCI gives a device, e.g. "Provision_PT_737E_Security_Camera". */
const char *bs_nbaiot_device_folder(int device);
/** Device whose known name \a text contains, in any case and with '-' as '_';
 * -1 if none. */
int bs_nbaiot_find_device(const char *text);
/** Name of an attack in the order rows are kept, 0 .. 10: "benign",
 * "gafgyt_combo", ..., "mirai_udpplain"; static. */
const char *bs_nbaiot_attack(int attack);

/** Number of classes of a labeling, name of one, and class of an attack. */
int bs_labels_count(bs_labels labels);
const char *bs_labels_class(bs_labels labels, int code);
int bs_labels_of_attack(bs_labels labels, int attack);
/** Name of a labeling: "family", "attack", "binary". */
const char *bs_labels_name(bs_labels labels);

/** Rows published for a file; 0 where the device has no such file. */
uint64_t bs_nbaiot_rows(int device, int attack);
/** Published sha256 of a file in hex, NULL where none is known. */
const char *bs_nbaiot_sha256(int device, int attack);

/** Attack of a file by its path ('/' between components): a UCI name such as
 * "DEVICE/gafgyt_attacks/combo.csv" or "DEVICE/benign_traffic.csv", or a Kaggle
 * name such as "5.gafgyt.combo.csv". Archive and compression suffixes of the
 * components do not matter.
 * \param [out] device  The device, -1 if the path names no known one.
 * \param [out] folder  (room bytes): name of the device's folder.
 * \return              The attack, or -1.
 */
int bs_nbaiot_classify(const char *path, int *device, char *folder,
                       size_t room);

/** Check the header of an N-BaIoT file.
 * \param [in] names  (d): fields of its first line.
 * \param [out] column  1-based column that is wrong, 0 for the line as such.
 * \param [out] text  What is wrong with it; at least 256 bytes.
 * \return  True if the header is right.
 */
bool bs_nbaiot_header(char *const *names, int d, int *column, char *text,
                      size_t room);

#endif /* BS_NBAIOT_H */
