#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Installs what is missing, builds with warnings as errors, runs every test.
#
#   tests/run.sh [CTEST OPTION...]     for example: tests/run.sh -L unit
#
# Tests on real rows run where BOTSIEVE_REAL_DATA names their folder. The last
# line counts the tests; the exit code is 0 only if some ran and none failed.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
junit=$root/build-ci/junit.xml

# Why each skipped test was skipped: the last line it printed.
print_skipped() {
  awk '
    /<testcase / { name = $0; sub(/.*<testcase name="/, "", name)
                   sub(/".*/, "", name); skipped = 0; last = "" }
    /<skipped/ { skipped = 1 }
    /<system-out>/ { inside = 1; sub(/.*<system-out>/, "") }
    inside { line = $0; end = sub(/<\/system-out>.*/, "", line)
             if (line ~ /[^ \t]/) last = line
             if (end) inside = 0 }
    /<\/testcase>/ && skipped { print "skipped: " name ": " last }
  ' "$1"
}

count() { # STATUS...: test cases with one of these
  local status total=0 n
  for status in "$@"; do
    n=$(grep -c "<testcase .*status=\"$status\"" "$junit" || true)
    total=$((total + n))
  done
  echo "$total"
}

jobs/install-deps.sh build test slurm
cmake --preset ci
cmake --build --preset ci
rm -f "$junit"
status=0
ctest --preset ci -j "$(nproc)" --output-junit "$junit" "$@" || status=$?
if [ ! -s "$junit" ]; then
  echo "tests/run.sh: ctest wrote no $junit" >&2
  echo "0 passed, 0 failed, 0 skipped"
  exit 1
fi
passed=$(count run)
failed=$(count fail)
skipped=$(count notrun disabled)
echo
print_skipped "$junit"
echo "$passed passed, $failed failed, $skipped skipped"
if [ "$status" = 0 ] && { [ "$failed" != 0 ] || [ "$passed" = 0 ]; }; then
  status=1
fi
exit "$status"
