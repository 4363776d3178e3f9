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

# Reads ctest's record: a line for each skipped test, with what it said last,
# then the counts. A test whose program is missing failed, whatever the record
# calls it. Exit code 1 unless some test passed and none failed.
summarise() {
  awk '
    function plain(text) {
      gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text)
      gsub(/&quot;/, "\"", text); gsub(/&amp;/, "\\&", text)
      return text
    }
    /<testcase / {
      name = $0; sub(/.*<testcase name="/, "", name); sub(/".*/, "", name)
      status = $0; sub(/.*status="/, "", status); sub(/".*/, "", status)
      said = ""
    }
    /<skipped message="SKIP_/ { status = "disabled" }
    /<system-out>/ { inside = 1; sub(/.*<system-out>/, "") }
    inside {
      line = $0; last = sub(/<\/system-out>.*/, "", line)
      if (line ~ /[^ \t]/) said = line
      inside = !last
    }
    /<\/testcase>/ {
      if (status == "run") passed++
      else if (status != "disabled") failed++
      else { skipped++; print name ": " plain(said) }
    }
    END {
      printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
      exit !(passed > 0 && failed == 0)
    }
  ' "$1"
}

jobs/install-deps.sh build test slurm
cmake --preset ci
cmake --build --preset ci
rm -f "$junit"
touch "$junit"
status=0
cores=$(env -u OMP_NUM_THREADS nproc) # or nproc would tell that number
ctest --preset ci -j "$cores" --output-junit "$junit" "$@" || status=$?
echo
summarise "$junit" || status=$((status == 0 ? 1 : status))
exit "$status"
