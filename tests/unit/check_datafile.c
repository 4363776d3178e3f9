/* SPDX-License-Identifier: BSD-3-Clause */
/* Loading: columns, labels and provenance into node-shared memory, and damaged
 * files refused. Runs on any number of ranks; asserts hold on every rank. */
#include "io/convert.h"
#include "io/datafile.h"
#include "io/nbaiot.h"
#include "src/comm.h"
#include "src/mem.h"
#include "tests/unit/unit.h"

#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static bs_node node;
static int rank;

static const char *in_folder(const char *name)
{
  static char path[4][256];
  static int turn;
  turn = (turn + 1) % 4;
  snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
  return path[turn];
}

static double value(int file, int row, int j)
{
  return file * 1000 + row + j / 128.;
}

/* An N-BaIoT file whose values tell where they belong. */
static void write_nbaiot(const char *name, int file, int rows)
{
  FILE *f = fopen(in_folder(name), "w");
  for (int j = 0; j < BS_NBAIOT_FEATURES; j++)
    fprintf(f, "%s%c", bs_nbaiot_feature(j), j < 114 ? ',' : '\n');
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < BS_NBAIOT_FEATURES; j++)
      fprintf(f, "%.17g%c", value(file, i, j), j < 114 ? ',' : '\n');
  fclose(f);
}

static void convert(const char *source, const char *output)
{
  bs_convert_options options = {.threads = 1};
  bs_datafile *facts;
  char *paths[] = {(char *)source};
  bs_status st =
      bs_convert(MPI_COMM_WORLD, 1, paths, output, &options, &facts, NULL);
  if (st != BS_OK) {
    fprintf(stderr, "%s\n", bs_error_text());
    MPI_Abort(MPI_COMM_WORLD, 1);
  }
  bs_datafile_close(&facts);
}

static bs_datafile *open_file(const char *path)
{
  bs_datafile *file;
  bs_status st = bs_datafile_open(MPI_COMM_WORLD, path, &file);
  ck_assert_msg(st == BS_OK, "%s", bs_error_text());
  return file;
}

/* Rows: 4 benign, 3 gafgyt_tcp, 5 mirai_syn. */
static void make_nbaiot(void)
{
  if (rank == 0) {
    mkdir(in_folder("d"), 0777);
    write_nbaiot("d/5.benign.csv", 0, 4);
    write_nbaiot("d/5.mirai.syn.csv", 2, 5);
    write_nbaiot("d/5.gafgyt.tcp.csv", 1, 3);
  }
  MPI_Barrier(MPI_COMM_WORLD);
  convert(in_folder("d"), in_folder("d.h5"));
}

static const int file_rows[] = {4, 3, 5};

static void check_classes(const char *name, const char *labels, int c,
                          const int *class_of)
{
  static const int columns[] = {3, 66, 114};
  bs_datafile *file = open_file(in_folder(name));
  bs_dataset *data;
  bs_status st = bs_datafile_load(MPI_COMM_WORLD, file, &node, 2, labels, 3,
                                  columns, &data);
  ck_assert_msg(st == BS_OK, "%s", bs_error_text());
  ck_assert_uint_eq(data->n, 12);
  ck_assert_int_eq(data->d, 3);
  ck_assert_int_eq(data->c, c);
  size_t i = 0;
  for (int f = 0; f < 3; f++)
    for (int row = 0; row < file_rows[f]; row++, i++) {
      ck_assert_int_eq(data->y[i], class_of[f]);
      for (int k = 0; k < 3; k++)
        ck_assert(data->x[(size_t)k * 12 + i] == value(f, row, columns[k]));
    }
  ck_assert_str_eq(data->feature[1], "HH_jit_L5_mean");
  ck_assert_str_eq(data->source, "N-BaIoT");
  ck_assert_str_eq(data->checksum, file->checksum);
  bs_dataset_destroy(&data);
  bs_datafile_close(&file);
}

START_TEST(columns_and_labels_are_loaded)
{
  static const int family[] = {0, 1, 2}, binary[] = {0, 1, 1};
  check_classes("d.h5", NULL, 3, family);
  check_classes("d.h5", "family", 3, family);
  check_classes("d.h5", "attack", 3, family);
  check_classes("d.h5", "binary", 2, binary);
}
END_TEST

START_TEST(attack_labels_leave_out_empty_classes)
{
  bs_datafile *file = open_file(in_folder("d.h5"));
  bs_dataset *data;
  ck_assert_int_eq(bs_datafile_load(MPI_COMM_WORLD, file, &node, 2, "attack", 0,
                                    NULL, &data),
                   BS_OK);
  ck_assert_int_eq(data->d, 115);
  ck_assert_int_eq(data->c, 3);
  ck_assert_str_eq(data->class_name[1], "gafgyt_tcp");
  ck_assert_str_eq(data->class_name[2], "mirai_syn");
  bs_dataset_destroy(&data);
  ck_assert_int_eq(bs_datafile_load(MPI_COMM_WORLD, file, &node, 2, "families",
                                    0, NULL, &data),
                   BS_ERR_USAGE);
  ck_assert_ptr_null(data);
  bs_datafile_close(&file);
}
END_TEST

START_TEST(rows_tell_where_they_came_from)
{
  bs_datafile *file = open_file(in_folder("d.h5"));
  bs_rows *rows;
  static const int attack[] = {0, 4, 8};
  ck_assert_int_eq(bs_datafile_load_rows(MPI_COMM_WORLD, file, &node, &rows),
                   BS_OK);
  size_t i = 0;
  for (int f = 0; f < 3; f++)
    for (int row = 0; row < file_rows[f]; row++, i++) {
      ck_assert_int_eq(rows->device[i], 0);
      ck_assert_int_eq(rows->attack[i], attack[f]);
      ck_assert_uint_eq(rows->file_id[i], (unsigned)f);
      ck_assert_uint_eq(rows->row_in_file[i], (unsigned)row);
    }
  ck_assert_str_eq(file->device[0], "PT_737E");
  bs_rows_destroy(&rows);
  bs_datafile_close(&file);
}
END_TEST

START_TEST(declared_classes_stay_and_labels_are_refused)
{
  if (rank == 0) {
    FILE *f = fopen(in_folder("a.arff"), "w");
    fputs("@relation r\n@attribute v real\n@attribute c {p,q,r}\n@data\n"
          "1,r\n2,p\n",
          f);
    fclose(f);
  }
  MPI_Barrier(MPI_COMM_WORLD);
  convert(in_folder("a.arff"), in_folder("a.h5"));
  bs_datafile *file = open_file(in_folder("a.h5"));
  bs_dataset *data;
  bs_rows *rows;
  ck_assert_int_eq(
      bs_datafile_load(MPI_COMM_WORLD, file, &node, 2, NULL, 0, NULL, &data),
      BS_OK);
  ck_assert_int_eq(data->c, 3);
  ck_assert_int_eq(data->y[0], 2);
  ck_assert_int_eq(data->y[1], 0);
  bs_dataset_destroy(&data);
  ck_assert_int_eq(bs_datafile_load(MPI_COMM_WORLD, file, &node, 2, "binary", 0,
                                    NULL, &data),
                   BS_ERR_USAGE);
  ck_assert_int_eq(bs_datafile_load_rows(MPI_COMM_WORLD, file, &node, &rows),
                   BS_ERR_USAGE);
  bs_datafile_close(&file);
}
END_TEST

/* ---- Damage: a copy of the good file with something changed by HDF5. */

static void copy_file(const char *from, const char *to, long bytes)
{
  FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
  int ch;
  while (bytes-- != 0 && (ch = fgetc(in)) != EOF)
    fputc(ch, out);
  fclose(in);
  fclose(out);
}

static void set_x(hid_t h5)
{
  hid_t set = H5Dopen2(h5, "X", H5P_DEFAULT), space = H5Dget_space(set);
  hsize_t at[2] = {5, 66};
  double bad = NAN;
  H5Sselect_elements(space, H5S_SELECT_SET, 1, at);
  hid_t one = H5Screate(H5S_SCALAR);
  H5Dwrite(set, H5T_NATIVE_DOUBLE, one, space, H5P_DEFAULT, &bad);
  H5Sclose(one);
  H5Sclose(space);
  H5Dclose(set);
}

static void set_y(hid_t h5)
{
  hid_t set = H5Dopen2(h5, "y", H5P_DEFAULT), space = H5Dget_space(set);
  hsize_t at = 6;
  uint16_t bad = 3;
  H5Sselect_elements(space, H5S_SELECT_SET, 1, &at);
  hid_t one = H5Screate(H5S_SCALAR);
  H5Dwrite(set, H5T_NATIVE_UINT16, one, space, H5P_DEFAULT, &bad);
  H5Sclose(one);
  H5Sclose(space);
  H5Dclose(set);
}

static void drop_y(hid_t h5)
{
  H5Ldelete(h5, "y", H5P_DEFAULT);
}

static void drop_feature(hid_t h5)
{
  H5Ldelete(h5, "feature", H5P_DEFAULT);
}

static void drop_version(hid_t h5)
{
  H5Adelete(h5, "schema_version");
}

static void set_version(hid_t h5)
{
  int version = 99;
  hid_t attr = H5Aopen(h5, "schema_version", H5P_DEFAULT);
  H5Awrite(attr, H5T_NATIVE_INT, &version);
  H5Aclose(attr);
}

/* A huge X that was never written. */
static void grow_x(hid_t h5)
{
  hsize_t shape[2] = {1ull << 33, 115}, chunk[2] = {65536, 1}, n = 1ull << 33;
  H5Ldelete(h5, "X", H5P_DEFAULT);
  H5Ldelete(h5, "y", H5P_DEFAULT);
  hid_t plist = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(plist, 2, chunk);
  hid_t space = H5Screate_simple(2, shape, NULL);
  H5Dclose(H5Dcreate2(h5, "X", H5T_IEEE_F64LE, space, H5P_DEFAULT, plist,
                      H5P_DEFAULT));
  H5Sclose(space);
  space = H5Screate_simple(1, &n, NULL);
  H5Dclose(H5Dcreate2(h5, "y", H5T_STD_U16LE, space, H5P_DEFAULT, H5P_DEFAULT,
                      H5P_DEFAULT));
  H5Sclose(space);
  H5Pclose(plist);
}

static void damage(void (*change)(hid_t))
{
  if (rank == 0) {
    copy_file(in_folder("d.h5"), in_folder("bad.h5"), -1);
    hid_t h5 = H5Fopen(in_folder("bad.h5"), H5F_ACC_RDWR, H5P_DEFAULT);
    change(h5);
    H5Fclose(h5);
  }
  MPI_Barrier(MPI_COMM_WORLD);
}

/* The end of the error that loading everything gives. */
static const char *load_error(void)
{
  bs_datafile *file = NULL;
  bs_dataset *data;
  bs_status st = bs_datafile_open(MPI_COMM_WORLD, in_folder("bad.h5"), &file);
  if (st == BS_OK)
    st = bs_datafile_load(MPI_COMM_WORLD, file, &node, 2, NULL, 0, NULL, &data);
  ck_assert_int_eq(st, BS_ERR_INPUT);
  bs_datafile_close(&file);
  const char *text = strstr(bs_error_text(), "bad.h5: ");
  ck_assert_msg(text != NULL, "%s", bs_error_text());
  MPI_Barrier(MPI_COMM_WORLD);
  return text + 8;
}

/* Other values stand where the linked file has its own. */
static void link_x(hid_t h5)
{
  static const double zeros[12 * 115];
  hid_t x = H5Dopen2(h5, "X", H5P_DEFAULT);
  H5Dwrite(x, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, zeros);
  H5Dclose(x);
  H5Lmove(h5, "X", h5, "other", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_external("d.h5", "X", h5, "X", H5P_DEFAULT, H5P_DEFAULT);
}

START_TEST(a_link_to_the_values_is_followed)
{
  static const int family[] = {0, 1, 2};
  damage(link_x);
  check_classes("bad.h5", NULL, 3, family);
}
END_TEST

/* Several chunks a column, the last ones first in the file. */
static void reorder_x(hid_t h5)
{
  static double x[12 * 115];
  const hsize_t shape[2] = {12, 115}, chunk[2] = {5, 1}, column[2] = {12, 1};
  hid_t set = H5Dopen2(h5, "X", H5P_DEFAULT);
  H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x);
  H5Dclose(set);
  H5Ldelete(h5, "X", H5P_DEFAULT);
  hid_t plist = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(plist, 2, chunk);
  hid_t space = H5Screate_simple(2, shape, NULL);
  set = H5Dcreate2(h5, "X", H5T_IEEE_F64LE, space, H5P_DEFAULT, plist,
                   H5P_DEFAULT);
  for (hsize_t j = 115; j-- > 0;) {
    const hsize_t start[2] = {0, j};
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, column, NULL);
    H5Dwrite(set, H5T_NATIVE_DOUBLE, space, space, H5P_DEFAULT, x);
    H5Dflush(set);
  }
  H5Sclose(space);
  H5Pclose(plist);
  H5Dclose(set);
}

START_TEST(chunks_may_lie_in_any_order)
{
  static const int family[] = {0, 1, 2};
  damage(reorder_x);
  check_classes("bad.h5", NULL, 3, family);
}
END_TEST

START_TEST(damaged_files_are_refused)
{
  static const struct {
    void (*change)(hid_t);
    const char *text;
  } cases[] = {
      {set_x, "/X holds a value that is not finite at row 6, column 67 "
              "(counted from 1)"},
      {set_y, "/y holds class 3 at row 7, of 3 classes"},
      {drop_y, "damaged or incomplete data file: /y does not go with /X"},
      {drop_feature,
       "damaged or incomplete data file: /feature does not go with /X"},
      {drop_version, "an HDF5 file, but not one of botsieve convert"},
      {set_version, "written with schema 99, this program reads schema 1"},
      {grow_x, "damaged or incomplete data file: values of /X are missing"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    damage(cases[i].change);
    ck_assert_str_eq(load_error(), cases[i].text);
  }
}
END_TEST

START_TEST(files_cut_short_or_of_other_kinds_are_refused)
{
  static const long lengths[] = {0, 1, 100, 3000, 20000};
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    if (rank == 0)
      copy_file(in_folder("d.h5"), in_folder("bad.h5"), lengths[i]);
    MPI_Barrier(MPI_COMM_WORLD);
    ck_assert_str_eq(load_error(),
                     "not an HDF5 file, or a damaged or locked one");
  }
  if (rank == 0)
    copy_file(in_folder("d/5.benign.csv"), in_folder("bad.h5"), -1);
  MPI_Barrier(MPI_COMM_WORLD);
  ck_assert_str_eq(load_error(),
                   "not an HDF5 file, or a damaged or locked one");
}
END_TEST

static void make_folder(void)
{
  strcpy(folder, "/tmp/botsieve-datafile-XXXXXX");
  if (rank == 0 && mkdtemp(folder) == NULL)
    MPI_Abort(MPI_COMM_WORLD, 1);
  MPI_Bcast(folder, sizeof folder, MPI_CHAR, 0, MPI_COMM_WORLD);
}

static void remove_folder(void)
{
  static const char *const names[] = {"d/5.benign.csv",
                                      "d/5.mirai.syn.csv",
                                      "d/5.gafgyt.tcp.csv",
                                      "d.h5",
                                      "a.arff",
                                      "a.h5",
                                      "bad.h5"};
  MPI_Barrier(MPI_COMM_WORLD);
  if (rank != 0)
    return;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    unlink(in_folder(names[i]));
  rmdir(in_folder("d"));
  rmdir(folder);
}

int main(int argc, char **argv)
{
  const bs_unit_test tests[] = {
      BS_UNIT(columns_and_labels_are_loaded),
      BS_UNIT(attack_labels_leave_out_empty_classes),
      BS_UNIT(rows_tell_where_they_came_from),
      BS_UNIT(declared_classes_stay_and_labels_are_refused),
      BS_UNIT(a_link_to_the_values_is_followed),
      BS_UNIT(chunks_may_lie_in_any_order),
      BS_UNIT(damaged_files_are_refused),
      BS_UNIT(files_cut_short_or_of_other_kinds_are_refused),
  };
  MPI_Init(&argc, &argv);
  setenv("CK_FORK", "no", 1); /* MPI does not survive a fork */
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  bs_node_create(MPI_COMM_WORLD, &node);
  make_folder();
  make_nbaiot();
  int code = bs_unit_run("datafile", tests, sizeof tests / sizeof *tests);
  remove_folder();
  bs_node_destroy(&node);
  MPI_Finalize();
  return code;
}
