#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# From a fresh Debian machine to results: installs what is missing, builds,
# converts FOLDER and compares all 115 features with the ten of the study.
#
#   jobs/quickstart.sh [FOLDER] [--output DIR]
#     FOLDER  a download of N-BaIoT, as for PT_737E from UCI or Kaggle, unpacked;
#             without one the rows are simulated, and the results say so
#     DIR     where the results go, default botsieve-results
#
# Run again, it does again only what has changed.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() { sed -n '3,11s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }

folder='' output=botsieve-results
while [ $# -gt 0 ]; do
  case $1 in
  --help)
    usage
    exit 0
    ;;
  --output)
    output=${2:?quickstart.sh: --output needs a folder}
    shift
    ;;
  -*)
    echo "quickstart.sh: unknown option '$1'" >&2
    exit 2
    ;;
  *)
    [ -z "$folder" ] || { echo "quickstart.sh: one FOLDER only" >&2; exit 2; }
    folder=$1
    ;;
  esac
  shift
done
if [ -n "$folder" ] && [ ! -d "$folder" ]; then
  echo "quickstart.sh: no folder '$folder'" >&2
  exit 3
fi

# The cores this shell may use, under a container's quota where there is one.
usable_cores() {
  local cores quota=max period=1
  cores=$(env -u OMP_NUM_THREADS nproc) # or nproc would tell that number
  if [ -r /sys/fs/cgroup/cpu.max ]; then
    read -r quota period </sys/fs/cgroup/cpu.max
  fi
  if [ "$quota" != max ] && [ $((quota / period)) -lt "$cores" ]; then
    cores=$((quota / period))
  fi
  [ "$cores" -ge 1 ] || cores=1
  echo "$cores"
}

# Ten folds want up to ten ranks; threads fill the cores up evenly.
choose_ranks() {
  local ranks
  for ranks in 10 9 8 7 6 5 4 3 2 1; do
    [ $(($1 % ranks)) != 0 ] || break
  done
  echo "$ranks"
}

"$root/jobs/install-deps.sh" build
if [ ! -e "$root/build/CMakeCache.txt" ]; then
  cmake -S "$root" -B "$root/build" -G Ninja -DBUILD_TESTING=OFF >/dev/null
fi
cmake --build "$root/build" --target botsieve
botsieve=$root/build/jobs/botsieve

cores=$(usable_cores)
ranks=$(choose_ranks "$cores")
threads=$((cores / ranks))
export OMP_NUM_THREADS=$threads
if [ "$(id -u)" = 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
on_all_cores() {
  # mpirun counts cores its own way, and would refuse hyperthreads.
  mpirun --oversubscribe --bind-to none -n "$ranks" "$@"
}

mkdir -p "$output"
data=$output/data.h5
origin=$output/data.origin # which folder data.h5 was made of
simulated='simulated capture'
if [ -n "$folder" ]; then
  folder=$(cd "$folder" && pwd)
fi
# Is data.h5 what this run would make?
is_there() {
  [ -e "$data" ] && [ "$data" -nt "$botsieve" ] &&
    [ "$(cat "$origin" 2>/dev/null)" = "${folder:-$simulated}" ] &&
    [ -z "${folder:+$(find -L "$folder" -newer "$data" -print -quit)}" ]
}
if is_there; then
  echo "made already: $data"
else
  rm -f "$origin"
  if [ -n "$folder" ]; then
    echo "converting $folder on $ranks ranks"
    on_all_cores "$botsieve" convert "$folder" --output "$data"
  else
    echo "no folder of N-BaIoT given: simulating a capture of PT_737E"
    on_all_cores "$botsieve" synth --output "$data"
  fi
  echo "${folder:-$simulated}" >"$origin"
fi
echo "comparing on $ranks ranks x $threads threads"
on_all_cores "$botsieve" compare "$data" --output "$output"
echo "results: $output/summary.txt, the same for programs: $output/results.json"
