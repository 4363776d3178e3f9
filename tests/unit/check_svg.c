/* SPDX-License-Identifier: BSD-3-Clause */
/* Drawings: whole, escaped, clipped. */
#include "io/svg.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char text[8192];

static void written(bs_svg *svg)
{
  char path[] = "/tmp/check_svg_XXXXXX";
  const int fd = mkstemp(path);
  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(bs_svg_write(svg, path), BS_OK);
  bs_svg_destroy(&svg);
  FILE *in = fopen(path, "r");
  text[fread(text, 1, sizeof text - 1, in)] = '\0';
  fclose(in);
  close(fd);
  unlink(path);
}

START_TEST(text_is_escaped_and_turned)
{
  bs_svg *svg = bs_svg_create(100, 50, "a < b");
  bs_svg_text(svg, 10, 20, 12, BS_SVG_END, -90, "x<y> & \n");
  written(svg);
  ck_assert_ptr_nonnull(strstr(text, "<title>a &lt; b</title>"));
  ck_assert_ptr_nonnull(
      strstr(text, "text-anchor=\"end\" transform=\"rotate(-90.0 10.00 "
                   "20.00)\">x&lt;y&gt; &amp; ?</text>"));
  ck_assert_str_eq(text + strlen(text) - 7, "</svg>\n");
}
END_TEST

START_TEST(what_is_clipped_is_in_a_group)
{
  static const double x[] = {0, 1.005, 2}, y[] = {2, 1, 0};
  bs_svg *svg = bs_svg_create(100, 50, "t");
  bs_svg_clip(svg, 1, 2, 3, 4);
  bs_svg_path(svg, x, y, 3, "#123456", 1);
  bs_svg_unclip(svg);
  written(svg);
  const char *group = strstr(text, "<g clip-path=\"url(#c1)\">");
  ck_assert_ptr_nonnull(group);
  ck_assert_ptr_nonnull(
      strstr(group, "points=\"0.00,2.00 1.00,1.00 2.00,0.00"));
  ck_assert_ptr_nonnull(strstr(group, "</g>"));
}
END_TEST

START_TEST(a_folder_that_is_not_there_is_told)
{
  bs_svg *svg = bs_svg_create(10, 10, "t");
  ck_assert_int_eq(bs_svg_write(svg, "/nonexistent/figure.svg"),
                   BS_ERR_RESOURCE);
  bs_svg_destroy(&svg);
  ck_assert_ptr_null(svg);
}
END_TEST

int main(void)
{
  const bs_unit_test tests[] = {
      BS_UNIT(text_is_escaped_and_turned),
      BS_UNIT(what_is_clipped_is_in_a_group),
      BS_UNIT(a_folder_that_is_not_there_is_told),
  };
  return bs_unit_run("svg", tests, sizeof tests / sizeof *tests);
}
