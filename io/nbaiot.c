/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/nbaiot.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- Columns: five blocks, in each five windows, in each its statistics. */

typedef struct block {
  const char *name;
  int first; /* column */
  bool pair; /* seven statistics of a pair of streams, or three of one */
} block;

static const block blocks[] = {{"MI_dir", 0, false},
                               {"H", 15, false},
                               {"HH", 30, true},
                               {"HH_jit", 65, false},
                               {"HpHp", 80, true}};
static const char *const windows[] = {"L5", "L3", "L1", "L0.1", "L0.01"};
static const char *const single_stats[] = {"weight", "mean", "variance"};
static const char *const pair_stats[] = {
    "weight", "mean", "std", "magnitude", "radius", "covariance", "pcc"};

enum { NAME_ROOM = 32 };

const char *bs_nbaiot_feature(int j)
{
  static char names[BS_NBAIOT_FEATURES][NAME_ROOM];
  if (names[j][0] == '\0') {
    int b = 4;
    while (blocks[b].first > j)
      b--;
    int stats = blocks[b].pair ? 7 : 3;
    int window = (j - blocks[b].first) / stats;
    int stat = (j - blocks[b].first) % stats;
    snprintf(names[j], NAME_ROOM, "%s_%s_%s", blocks[b].name, windows[window],
             blocks[b].pair ? pair_stats[stat] : single_stats[stat]);
  }
  return names[j];
}

/* ---- Devices and attacks. */

typedef struct device_entry {
  const char *name;
  const char *key, *key2; /* parts of a folder's name that tell the device */
  const char *folder;
} device_entry;

static const device_entry devices[BS_NBAIOT_DEVICES] = {
    {"Danmini_Doorbell", "danmini", NULL, "Danmini_Doorbell"},
    {"Ecobee_Thermostat", "ecobee", NULL, "Ecobee_Thermostat"},
    {"Ennio_Doorbell", "ennio", NULL, "Ennio_Doorbell"},
    {"Philips_B120N10", "b120n10", "philips", "Philips_B120N10_Baby_Monitor"},
    {"PT_737E", "pt_737e", NULL, "Provision_PT_737E_Security_Camera"},
    {"PT_838", "pt_838", NULL, "Provision_PT_838_Security_Camera"},
    {"SNH_1011_N", "snh_1011", "samsung", "Samsung_SNH_1011_N_Webcam"},
    {"XCS7_1002_WHT", "1002_wht", "xcs7_1002",
     "SimpleHome_XCS7_1002_WHT_Security_Camera"},
    {"XCS7_1003_WHT", "1003_wht", "xcs7_1003",
     "SimpleHome_XCS7_1003_WHT_Security_Camera"},
};

static const char *const attacks[BS_NBAIOT_ATTACKS] = {
    "benign",     "gafgyt_combo", "gafgyt_junk",   "gafgyt_scan",
    "gafgyt_tcp", "gafgyt_udp",   "mirai_ack",     "mirai_scan",
    "mirai_syn",  "mirai_udp",    "mirai_udpplain"};
static const char *const families[] = {"benign", "gafgyt", "mirai"};
static const char *const binaries[] = {"benign", "attack"};

enum { FIRST_GAFGYT = 1, FIRST_MIRAI = 6 };

const char *bs_nbaiot_device(int device)
{
  return devices[device].name;
}

const char *bs_nbaiot_device_folder(int device)
{
  return devices[device].folder;
}

const char *bs_nbaiot_attack(int attack)
{
  return attacks[attack];
}

/* Does text start with word, in any case and with '-' as '_'? */
static bool starts_with(const char *text, const char *word)
{
  for (; *word != '\0'; text++, word++) {
    char ch = *text == '-' ? '_' : (char)tolower((unsigned char)*text);
    if (ch != *word)
      return false;
  }
  return true;
}

int bs_nbaiot_find_device(const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    for (int i = 0; i < BS_NBAIOT_DEVICES; i++)
      if (starts_with(p, devices[i].key) ||
          (devices[i].key2 != NULL && starts_with(p, devices[i].key2)))
        return i;
  return -1;
}

/* ---- Labels. */

int bs_labels_count(bs_labels labels)
{
  static const int count[] = {3, BS_NBAIOT_ATTACKS, 2};
  return count[labels];
}

const char *bs_labels_class(bs_labels labels, int code)
{
  static const char *const *const names[] = {families, attacks, binaries};
  return names[labels][code];
}

int bs_labels_of_attack(bs_labels labels, int attack)
{
  switch (labels) {
  case BS_LABELS_FAMILY:
    return attack == 0 ? 0 : attack < FIRST_MIRAI ? 1 : 2;
  case BS_LABELS_BINARY:
    return attack > 0;
  case BS_LABELS_ATTACK:
  case BS_LABELS_LAST:
    break;
  }
  return attack;
}

const char *bs_labels_name(bs_labels labels)
{
  static const char *const names[] = {"family", "attack", "binary"};
  return names[labels];
}

/* ---- Published rows and digests. */

/* Rows of the 89 files, from the data_summary.csv of the Kaggle copy; they add
 * up to the 7,062,606 rows that UCI states. */
static const uint32_t rows[BS_NBAIOT_DEVICES][BS_NBAIOT_ATTACKS] = {
    {49548, 59718, 29068, 29849, 92141, 105874, 102195, 107685, 122573, 237665,
     81982},
    {13113, 53012, 30312, 27494, 95021, 104791, 113285, 43192, 116807, 151481,
     87368},
    {39100, 53014, 29797, 28120, 101536, 103933, 0, 0, 0, 0, 0},
    {175240, 58152, 28349, 27859, 92581, 105782, 91123, 103621, 118128, 217034,
     80808},
    {62154, 61380, 30898, 29297, 104510, 104011, 60554, 96781, 65746, 156248,
     56681},
    {98514, 57530, 29068, 28397, 89387, 104658, 57997, 97096, 61851, 158608,
     53785},
    {52150, 58669, 28305, 27698, 97783, 110617, 0, 0, 0, 0, 0},
    {46585, 54283, 28579, 27825, 88816, 103720, 111480, 45930, 125715, 151879,
     78244},
    {19528, 59398, 27413, 28572, 98075, 102980, 107187, 43674, 122479, 157084,
     84436},
};

/* Digests that a public copy of the Kaggle files states (devices 2 and 5). */
static const char *const sha256_ecobee[BS_NBAIOT_ATTACKS] = {
    "87cc2a3d516491e92314d8a515dd2335cfe18c5dbef8a67328d78aed01f4dcfc",
    "2d2e95bd76c31d6efc17b47bde802ae711358df6d41e0ba9c19965f6f6dab14f",
    "f530a9c8c3582499121595c6bcfd04228dd807e1a20a3a5dcb7ab7c42fd4a258",
    "2f4f304637155627a083637e0a0b97dc7077f7ed810fb6f0a93874c629a086a7",
    "0283467266ee6d46d8a9208102246ab48783f47ef9878e5d5a7eb9bcb0a53c3d",
    "b03f41406c92f655b517e6839a5dc4036bfd5206a5ee30cb0366cd1f624890a1",
    "1bed3daa5688fcc5ebf3d6b67c51cff43165d45bb97fab76eef0460d3fce5706",
    "504328ca668a7c762f756702f2498f6f6b9c70f68d690454f6198945454da8a0",
    "c7cec6b498eab4a99ff63b4f6ca80fc8a4be433f0a9d282ff9dcb03f1b284cac",
    "db06c4cbdc550727c9f2886767123b3551a41fb85181a264a6193cf49a695e52",
    "3654c1188fbc2b4c7b59fcc2d06a39042edce949396b2b098f968aadd1b9f341"};
static const char *const sha256_pt_737e[BS_NBAIOT_ATTACKS] = {
    "521cd6f18ecb53dee6c750b6139a035179109988f75aeb81fa26f549a8084ae8",
    "836bd15576c15b64fcfca36720ec3e3929328d6d362cc3cd829336b65aec92e7",
    "043ce520adc36255d4f36bde7b243fdf07f2171443c4b11d44ec9894f7ed9dcb",
    "7946a18b9336cc719e1658e568b470f46f243a2ec4fafcb2477f23afc76e57a1",
    "bb9233efb3497494fcb71f19199d49ce18b7013f2aa371b92b8d86d91388298a",
    "bd9107b757128091288af71a69453136710907cc29f27313801274a0fc79eeaa",
    "3e38fe04f99c69cf7fd24b4ccb0cfa7c411b56cabfbb0d505fe13ce0506c9374",
    "2dcfcad287eff7ce72cc61a2c45e7f0d6888cbfd3eb8d177f59f15360f3e30c5",
    "d49b750bfa9c0178da5c517d180509bdc6a890485c11dbba8029e424ac1869cd",
    "568fc142fd90176ccde0953bc5c272499cf01bf0c268425c18a56591dedac978",
    "32ed5a5e34515d33a42f51132c1e5c03edf08b956f447ce68a7ddc92b5960597"};

uint64_t bs_nbaiot_rows(int device, int attack)
{
  return rows[device][attack];
}

const char *bs_nbaiot_sha256(int device, int attack)
{
  static const char *const *const known[BS_NBAIOT_DEVICES] = {
      [1] = sha256_ecobee, [4] = sha256_pt_737e};
  return known[device] == NULL ? NULL : known[device][attack];
}

/* ---- File names. */

/* Length of a component up to its first dot that starts a known suffix. */
static size_t stem_length(const char *text, size_t length)
{
  static const char *const suffixes[] = {".gz",  ".xz",  ".zst", ".zip",
                                         ".rar", ".csv", ".tar", ".tgz",
                                         ".7z",  ".bz2"};
  for (bool again = true; again;) {
    again = false;
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
      size_t n = strlen(suffixes[i]);
      if (length > n && strncasecmp(text + length - n, suffixes[i], n) == 0) {
        length -= n;
        again = true;
      }
    }
  }
  return length;
}

static bool same(const char *text, size_t length, const char *word)
{
  return strlen(word) == length && strncasecmp(text, word, length) == 0;
}

/* Attack of a family's file by its stem, or -1. */
static int find_attack(const char *family, const char *text, size_t length)
{
  for (int a = FIRST_GAFGYT; a < BS_NBAIOT_ATTACKS; a++) {
    size_t n = strlen(family);
    if (strncmp(attacks[a], family, n) == 0 &&
        same(text, length, attacks[a] + n + 1))
      return a;
  }
  return -1;
}

/* "5.gafgyt.combo" or "5.benign": the number is the device's, from 1. */
static int classify_kaggle(const char *text, size_t length, int *device)
{
  if (length < 3 || text[0] < '1' || text[0] > '9' || text[1] != '.')
    return -1;
  text += 2, length -= 2;
  int attack = -1;
  if (same(text, length, "benign"))
    attack = 0;
  for (int f = 1; f <= 2 && attack < 0; f++) {
    size_t n = strlen(families[f]);
    if (length > n + 1 && strncasecmp(text, families[f], n) == 0 &&
        text[n] == '.')
      attack = find_attack(families[f], text + n + 1, length - n - 1);
  }
  if (attack >= 0)
    *device = text[-2] - '1';
  return attack;
}

/* Family of a folder "gafgyt_attacks" or "mirai_attacks", or NULL. */
static const char *folder_family(const char *text, size_t length)
{
  if (same(text, length, "gafgyt_attacks"))
    return families[1];
  return same(text, length, "mirai_attacks") ? families[2] : NULL;
}

int bs_nbaiot_classify(const char *path, int *device, char *folder, size_t room)
{
  const char *slash = strrchr(path, '/');
  const char *name = slash == NULL ? path : slash + 1;
  size_t length = stem_length(name, strlen(name));
  *device = -1;
  folder[0] = '\0';
  int attack = classify_kaggle(name, length, device);
  if (same(name, length, "benign_traffic"))
    attack = 0;
  /* Components above the file, from the nearest up: those of the family (or of
   * a single file's own archive), then the device's folder. */
  for (const char *end = slash; end != NULL && end > path;) {
    const char *start = end;
    while (start > path && start[-1] != '/')
      start--;
    size_t stem = stem_length(start, (size_t)(end - start));
    const char *family = folder_family(start, stem);
    bool own = stem == length && strncasecmp(start, name, length) == 0;
    if (family == NULL && !own) {
      snprintf(folder, room, "%.*s", (int)(stem > 255 ? 255 : stem), start);
      break;
    }
    if (family != NULL && attack < 0)
      attack = find_attack(family, name, length);
    end = start > path ? start - 1 : NULL;
  }
  if (*device < 0)
    *device = bs_nbaiot_find_device(folder);
  return attack;
}

/* ---- Header. */

static int find_feature(const char *name)
{
  for (int j = 0; j < BS_NBAIOT_FEATURES; j++)
    if (strcmp(name, bs_nbaiot_feature(j)) == 0)
      return j;
  return -1;
}

/* All 115 names, each once: then only the order can be wrong. */
static bool is_permutation(char *const *names, int d)
{
  bool seen[BS_NBAIOT_FEATURES] = {false};
  for (int j = 0; j < d; j++) {
    int found = find_feature(names[j]);
    if (found < 0 || seen[found])
      return false;
    seen[found] = true;
  }
  return d == BS_NBAIOT_FEATURES;
}

static bool looks_numeric(const char *text)
{
  char *end;
  strtod(text, &end);
  return end != text && *end == '\0';
}

bool bs_nbaiot_header(char *const *names, int d, int *column, char *text,
                      size_t room)
{
  int j = 0;
  while (j < d && j < BS_NBAIOT_FEATURES &&
         strcmp(names[j], bs_nbaiot_feature(j)) == 0)
    j++;
  if (j == BS_NBAIOT_FEATURES && d == j)
    return true;
  *column = 0;
  if (d > 0 && looks_numeric(names[0])) {
    snprintf(text, room, "the header line is missing");
  } else if (is_permutation(names, d)) {
    *column = j + 1;
    snprintf(text, room,
             "the columns are reordered: '%.60s' where N-BaIoT has '%s'",
             names[j], bs_nbaiot_feature(j));
  } else if (d != BS_NBAIOT_FEATURES) {
    snprintf(text, room, "wrong header: %d columns where N-BaIoT has %d", d,
             BS_NBAIOT_FEATURES);
  } else {
    *column = j + 1;
    snprintf(text, room, "wrong header: '%.60s' where N-BaIoT has '%s'",
             names[j], bs_nbaiot_feature(j));
  }
  return false;
}
