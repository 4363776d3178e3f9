/* SPDX-License-Identifier: BSD-3-Clause */
/* What is known about N-BaIoT: columns, names, counts, labels. */
#include "io/nbaiot.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

START_TEST(columns_stand_where_the_data_set_has_them)
{
  ck_assert_str_eq(bs_nbaiot_feature(0), "MI_dir_L5_weight");
  ck_assert_str_eq(bs_nbaiot_feature(28), "H_L0.01_mean");
  ck_assert_str_eq(bs_nbaiot_feature(30), "HH_L5_weight");
  ck_assert_str_eq(bs_nbaiot_feature(64), "HH_L0.01_pcc");
  ck_assert_str_eq(bs_nbaiot_feature(66), "HH_jit_L5_mean");
  ck_assert_str_eq(bs_nbaiot_feature(80), "HpHp_L5_weight");
  ck_assert_str_eq(bs_nbaiot_feature(114), "HpHp_L0.01_pcc");
}
END_TEST

START_TEST(published_rows_add_up_to_the_stated_total)
{
  uint64_t total = 0, pt_737e = 0;
  int files = 0;
  for (int i = 0; i < BS_NBAIOT_DEVICES; i++)
    for (int a = 0; a < BS_NBAIOT_ATTACKS; a++) {
      total += bs_nbaiot_rows(i, a);
      files += bs_nbaiot_rows(i, a) > 0;
      pt_737e += i == 4 ? bs_nbaiot_rows(i, a) : 0;
    }
  ck_assert_uint_eq(total, 7062606);
  ck_assert_int_eq(files, 89);
  ck_assert_uint_eq(pt_737e, 828260);
}
END_TEST

START_TEST(digests_are_64_hexadecimal_digits_and_differ)
{
  char seen[22][65];
  int count = 0;
  for (int i = 0; i < BS_NBAIOT_DEVICES; i++)
    for (int a = 0; a < BS_NBAIOT_ATTACKS; a++) {
      const char *digest = bs_nbaiot_sha256(i, a);
      if (digest == NULL)
        continue;
      ck_assert_uint_eq(strlen(digest), 64);
      ck_assert_uint_eq(strspn(digest, "0123456789abcdef"), 64);
      for (int k = 0; k < count; k++)
        ck_assert_str_ne(digest, seen[k]);
      strcpy(seen[count++], digest);
    }
  ck_assert_int_eq(count, 22);
}
END_TEST

START_TEST(paths_tell_device_and_attack)
{
  static const struct {
    const char *path, *attack, *device, *folder;
  } cases[] = {
      {"Danmini_Doorbell/benign_traffic.csv", "benign", "Danmini_Doorbell",
       "Danmini_Doorbell"},
      {"PT_737E/gafgyt_attacks/combo.csv", "gafgyt_combo", "PT_737E",
       "PT_737E"},
      {"x/Provision_PT-737E_Security_Camera/mirai_attacks/scan.csv.gz",
       "mirai_scan", "PT_737E", "Provision_PT-737E_Security_Camera"},
      {"Ennio_Doorbell/gafgyt_attacks.rar/udp.csv", "gafgyt_udp",
       "Ennio_Doorbell", "Ennio_Doorbell"},
      {"Ennio_Doorbell.zip/gafgyt_attacks/gafgyt_attacks/udp.csv", "gafgyt_udp",
       "Ennio_Doorbell", "Ennio_Doorbell"},
      {"any/5.benign.csv", "benign", "PT_737E", "any"},
      {"any/9.mirai.udpplain.csv.xz", "mirai_udpplain", "XCS7_1003_WHT", "any"},
      {"any/5.benign.csv.zip/5.benign.csv", "benign", "PT_737E", "any"},
      {"ennio/sample/benign_traffic.csv", "benign", NULL, "sample"},
      {"ennio/sample/mirai_attacks/tcp.csv", NULL, NULL, "sample"},
      {"d/gafgyt_attacks/ack.csv", NULL, NULL, "d"},
      {"d/0.benign.csv", NULL, NULL, "d"},
      {"d/5.benign.scan.csv", NULL, NULL, "d"},
      {"d/5.mirai.csv", NULL, NULL, "d"},
      {"d/combo.csv", NULL, NULL, "d"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int device;
    char folder[256];
    int attack =
        bs_nbaiot_classify(cases[i].path, &device, folder, sizeof folder);
    ck_assert_msg((attack < 0) == (cases[i].attack == NULL), "%s",
                  cases[i].path);
    if (attack >= 0)
      ck_assert_str_eq(bs_nbaiot_attack(attack), cases[i].attack);
    ck_assert_msg((device < 0) == (cases[i].device == NULL), "%s",
                  cases[i].path);
    if (device >= 0)
      ck_assert_str_eq(bs_nbaiot_device(device), cases[i].device);
    ck_assert_str_eq(folder, cases[i].folder);
  }
}
END_TEST

START_TEST(every_published_folder_names_its_device)
{
  for (int i = 0; i < BS_NBAIOT_DEVICES; i++) {
    ck_assert_int_eq(bs_nbaiot_find_device(bs_nbaiot_device_folder(i)), i);
    ck_assert_int_eq(bs_nbaiot_find_device(bs_nbaiot_device(i)), i);
  }
}
END_TEST

static const char *header_error(int d, int swap, const char *other)
{
  static char text[256];
  char *names[BS_NBAIOT_FEATURES + 1];
  int column = -1;
  for (int j = 0; j <= BS_NBAIOT_FEATURES; j++)
    names[j] = (char *)bs_nbaiot_feature(j < BS_NBAIOT_FEATURES ? j : 0);
  if (swap > 0) {
    names[swap] = (char *)bs_nbaiot_feature(swap + 1);
    names[swap + 1] = (char *)bs_nbaiot_feature(swap);
  }
  if (other != NULL)
    names[0] = (char *)other;
  text[0] = '\0';
  ck_assert_int_eq(bs_nbaiot_header(names, d, &column, text, sizeof text),
                   text[0] == '\0');
  return text;
}

START_TEST(wrong_headers_are_told_apart)
{
  ck_assert_str_eq(header_error(115, 0, NULL), "");
  ck_assert_str_eq(header_error(115, 7, NULL),
                   "the columns are reordered: 'MI_dir_L1_variance' where "
                   "N-BaIoT has 'MI_dir_L1_mean'");
  ck_assert_str_eq(header_error(114, 0, NULL),
                   "wrong header: 114 columns where N-BaIoT has 115");
  ck_assert_str_eq(header_error(116, 0, NULL),
                   "wrong header: 116 columns where N-BaIoT has 115");
  ck_assert_str_eq(header_error(115, 0, "other"),
                   "wrong header: 'other' where N-BaIoT has "
                   "'MI_dir_L5_weight'");
  ck_assert_str_eq(header_error(115, 0, "1.5"), "the header line is missing");
}
END_TEST

START_TEST(labels_group_the_attacks)
{
  static const int family[] = {0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2};
  for (int a = 0; a < BS_NBAIOT_ATTACKS; a++) {
    ck_assert_int_eq(bs_labels_of_attack(BS_LABELS_FAMILY, a), family[a]);
    ck_assert_int_eq(bs_labels_of_attack(BS_LABELS_BINARY, a), a > 0);
    ck_assert_int_eq(bs_labels_of_attack(BS_LABELS_ATTACK, a), a);
    ck_assert_str_eq(bs_labels_class(BS_LABELS_ATTACK, a), bs_nbaiot_attack(a));
  }
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(columns_stand_where_the_data_set_has_them),
      BS_UNIT(published_rows_add_up_to_the_stated_total),
      BS_UNIT(digests_are_64_hexadecimal_digits_and_differ),
      BS_UNIT(paths_tell_device_and_attack),
      BS_UNIT(every_published_folder_names_its_device),
      BS_UNIT(wrong_headers_are_told_apart),
      BS_UNIT(labels_group_the_attacks),
  };
  return bs_unit_run("nbaiot", tests, sizeof tests / sizeof *tests);
}
