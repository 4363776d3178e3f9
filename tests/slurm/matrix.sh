#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Every job script gives the results of one process on any number of nodes,
# under srun and under mpirun. In ctest each script runs once under each, on
# three nodes or four; by hand
#   tests/slurm/matrix.sh BOTSIEVE all
# tries every script on 1, 2, 3 and 4 nodes, and prints a table.
# shellcheck source=tests/slurm/cluster.sh
. "$(dirname "${BASH_SOURCE[0]}")/cluster.sh" 4
BOTSIEVE=$(realpath "$1")
which=${2:-few}
export BOTSIEVE
make_capture

# What a job of this script leaves in folder $2, to compare.
outcome() { # SCRIPT FOLDER
  case $1 in
  convert) "$BOTSIEVE" info "$2/data.h5" | sed 1d ;;
  compare) cat "$2/results.json" ;;
  experiments) cat "$2/1.json" ;;
  *) cat "$2/result.json" ;;
  esac
}

arguments() { # SCRIPT FOLDER: into the array arguments
  case $1 in
  convert) arguments=("$capture" --output "$2/data.h5") ;;
  compare) arguments=("$scratch/one.h5" --output "$2") ;;
  experiments) arguments=("$scratch/one.h5" "$2") ;;
  *) arguments=("$scratch/one.h5" --json "$2/result.json") ;;
  esac
}

try() { # SCRIPT NODES LAUNCHER
  local name=$1-$2-$3 began seconds
  mkdir "$scratch/$name"
  arguments "$1" "$scratch/$name"
  began=$(date +%s.%N)
  BOTSIEVE_LAUNCHER=$3 run_job "$name" -N "$2" "$root/slurm/$1.sbatch" \
    "${arguments[@]}" || fail "$name: exit code $?"
  seconds=$(echo "$(date +%s.%N) $began" | awk '{ printf "%.1f", $1 - $2 }')
  cmp <(outcome "$1" "$scratch/one") <(outcome "$1" "$scratch/$name") ||
    fail "$name: not the results of one process"
  grep -qE ": $((2 * $2)) ranks on $2 nodes?," "$scratch/$name.log" ||
    fail "$name: not two ranks on each of $2 nodes"
  printf '%-12s %s nodes  %-6s  %5s s\n' "$1" "$2" "$3" "$seconds"
}

# The same by one process.
export OMP_NUM_THREADS=1
mkdir "$scratch/one"
"$BOTSIEVE" convert "$capture" --output "$scratch/one.h5" &>/dev/null
cp "$scratch/one.h5" "$scratch/one/data.h5"
"$BOTSIEVE" compare "$scratch/one.h5" --output "$scratch/one" &>/dev/null
unset OMP_NUM_THREADS

scripts=(convert rank cv em compare experiments)
nodes=4
for script in "${scripts[@]}"; do
  case $script in
  rank | cv | em)
    "$BOTSIEVE" "$script" "$scratch/one.h5" \
      --json "$scratch/one/result.json" &>/dev/null
    ;;
  experiments)
    read -ra words <"$root/slurm/experiments.txt"
    "$BOTSIEVE" "${words[0]}" "$scratch/one.h5" "${words[@]:1}" \
      --json "$scratch/one/1.json" &>/dev/null
    ;;
  esac
  for launcher in srun mpirun; do
    if [ "$which" = all ]; then
      for nodes in 1 2 3 4; do try "$script" "$nodes" "$launcher"; done
    else
      try "$script" "$nodes" "$launcher"
      nodes=$((7 - nodes)) # 4, 3, 4, ...
    fi
  done
done
