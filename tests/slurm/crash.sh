#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A start that crashes before the program's first line is tried once more, and
# only once; a crash after it is final.
# shellcheck source=tests/slurm/cluster.sh
. "$(dirname "${BASH_SOURCE[0]}")/cluster.sh" 1

# Stands in for botsieve: crashes as often as told, with or without a line.
cat >"$scratch/program" <<'END_OF_PROGRAM'
#!/usr/bin/env bash
folder=$2 crashes=$3 line=$4
started=$folder/rank$PMIX_RANK
echo start >>"$started"
[ -z "$line" ] || echo "[    0.00 s] $line" >&2
[ "$(wc -l <"$started")" -gt "$crashes" ] || kill -SEGV $$
exit 0
END_OF_PROGRAM
chmod +x "$scratch/program"
export BOTSIEVE=$scratch/program BOTSIEVE_LAUNCHER=srun

try() { # CRASHES LINE STARTS STATUS
  local folder=$scratch/$1-${2:-none} status=0 starts
  mkdir "$folder"
  run_job "$1-${2:-none}" "$root/slurm/cv.sbatch" "$folder" "$1" "$2" ||
    status=$?
  starts=$(wc -l <"$folder/rank0")
  [ "$status $starts" = "$4 $3" ] ||
    fail "$1 crashes, line '$2': exit $status after $starts starts"
}
try 0 "" 1 0
try 1 "" 2 0
try 2 "" 2 139
try 1 header 1 139
