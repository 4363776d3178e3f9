#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# run.sh BUILD NAME SECONDS: build the target NAME in the folder BUILD and fuzz
# from its seeds, with a corpus that is thrown away. An input that fails stays in
# BUILD. Exits with 77 without clang.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if ! command -v clang-14 >/dev/null; then
  echo "libFuzzer needs clang-14"
  exit 77
fi
build=$(realpath -m "$1")
log=$(mktemp)
corpus=$(mktemp -d)
trap 'rm -rf "$log" "$corpus"' EXIT
cd "$here/../.."
if ! { cmake --preset fuzz -B "$build" &&
  cmake --build "$build" --target "fuzz_$2"; } >"$log" 2>&1; then
  tail -n 40 "$log"
  exit 1
fi
cd "$corpus"
"$build/tests/fuzz/fuzz_$2" -max_total_time="$3" -max_len=65536 -timeout=20 \
  -rss_limit_mb=4096 -print_final_stats=1 -artifact_prefix="$build/" \
  "$corpus" "$here/$2" 2>&1 |
  grep -vE '^#[0-9]+\s+(NEW|REDUCE|pulse)' | tail -40
