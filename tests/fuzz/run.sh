#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# run.sh TARGET SEEDS SECONDS: fuzz with a corpus that is thrown away.
set -euo pipefail
corpus=$(mktemp -d)
trap 'rm -rf "$corpus"' EXIT
cd "$corpus"
"$1" -max_total_time="$3" -max_len=65536 -timeout=20 -rss_limit_mb=4096 \
  -print_final_stats=1 "$corpus" "$2" 2>&1 |
  grep -vE '^#[0-9]+\s+(NEW|REDUCE|pulse)' | tail -40
