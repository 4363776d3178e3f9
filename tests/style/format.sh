#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Every C and C++ file is as clang-format 14 would lay it out; --fix makes it so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/style/sources.sh
. tests/style/sources.sh
if ! command -v clang-format-14 >/dev/null; then
  echo "skipped: no clang-format-14 here"
  exit 77
fi
mapfile -t files < <(sources '*.c' '*.h' '*.cc')
[ ${#files[@]} -gt 0 ] || { echo "no sources found"; exit 1; }
if [ "${1-}" = --fix ]; then
  clang-format-14 -i "${files[@]}"
else
  clang-format-14 --dry-run -Werror "${files[@]}"
fi
echo "${#files[@]} files"
