#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Every shell script passes shellcheck.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/style/sources.sh
. tests/style/sources.sh
if ! command -v shellcheck >/dev/null; then
  echo "skipped: no shellcheck here"
  exit 77
fi
mapfile -t files < <(sources '*.sh' '*.sbatch')
[ ${#files[@]} -gt 0 ] || { echo "no scripts found"; exit 1; }
shellcheck -x .ci/run "${files[@]}"
echo "$((${#files[@]} + 1)) scripts"
