#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Queues convert, then compare on what it wrote, and prints the job ids.
#
#   slurm/submit.sh FOLDER DIR [SBATCH OPTION...]    for example
#   slurm/submit.sh PT_737E results -N 4 --time=30
#
# The data file is DIR/data.h5; the logs are there, too. Where convert fails,
# compare is cancelled.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [ $# -lt 2 ]; then
  sed -n '3,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
fi
folder=$1 dir=$2
shift 2
mkdir -p "$dir"
export BOTSIEVE_ROOT=$root
submit=(sbatch --parsable --output="$dir/%x-%j.log" "$@")
convert=$("${submit[@]}" "$root/slurm/convert.sbatch" \
  "$folder" --output "$dir/data.h5")
echo "convert $convert"
compare=$("${submit[@]}" --dependency="afterok:$convert" \
  --kill-on-invalid-dep=yes "$root/slurm/compare.sbatch" \
  "$dir/data.h5" --output "$dir")
echo "compare $compare"
