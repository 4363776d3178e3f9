#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Jobs that are told to stop by --time-limit or, as their time is up, by Slurm,
# and one whose node dies, go back into the queue, go on where they were, and end
# with the bytes of an unbroken run.
program=${1:-}
# shellcheck source=tests/slurm/cluster.sh
. "$(dirname "${BASH_SOURCE[0]}")/cluster.sh" 3

export BOTSIEVE=${program:-$root/build/jobs/botsieve}
cd "$scratch"
"$BOTSIEVE" synth --output d.h5 --device PT_737E --scale 0.05 2>synth.log >synth.txt
words=(d.h5 --repeats 40)
"$BOTSIEVE" cv "${words[@]}" --json plain.json >plain.txt 2>plain.log

submit() { # NAME SBATCH-OPTION... -- ARGUMENT...
  local name=$1 options=()
  shift
  while [ "$1" != -- ]; do
    options+=("$1")
    shift
  done
  shift
  sbatch --parsable -J "$name" --output="$name.log" "${options[@]}" \
    "$root/slurm/cv.sbatch" "$@" --json "$name.json"
}

has_begun() { # NAME JOB: a tree is kept
  compgen -G "$1-$2.checkpoint/*.units" >/dev/null
}

check() { # NAME JOB [EXPECTED]
  wait_until 300 job_state "$2" COMPLETED FAILED TIMEOUT NODE_FAIL ||
    fail "job $1 does not end: $(scontrol show job "$2")"
  job_state "$2" COMPLETED || fail "$(scontrol show job "$2")"
  cmp "$1.json" "${3-plain.json}" || fail "$1: other results than an unbroken run"
  grep -q 'restart 1' "$1.log" || fail "$1: no trace of the second run"
  grep -q 'trees taken over' "$1.log" || fail "$1: nothing was taken over"
  [ ! -e "$1-$2.checkpoint" ] || fail "$1: the checkpoint is still there"
}

# --- stopped by its own time limit, again and again ---------------------------
limited=$(submit limited -N 2 -- "${words[@]}" --time-limit 00:00:04)
check limited "$limited"
grep -q 'at the time limit' limited.log || fail "no stop at the time limit"
grep -q ' exit 85$' limited.log || fail "limited: no exit code 85"

# --- stopped by Slurm itself, a minute before the job's time limit ------------
# Slurm looks at the time every 30 s, so that the work of one thread must last
# for longer; meanwhile another thread does the same without a break.
seconds_of() { # REPEATS
  local begun
  begun=$(date +%s%N)
  OMP_NUM_THREADS=1 "$BOTSIEVE" cv d.h5 --repeats "$1" >/dev/null 2>&1
  echo $((($(date +%s%N) - begun) / 1000000))
}
few=$(seconds_of 10)
many=$(seconds_of 30)
long=(d.h5 --repeats $((20 * 45000 / (many - few))))
signalled=$(submit signalled --ntasks-per-node=1 --cpus-per-task=1 --time=1 \
  --signal=B:USR1@60 -- "${long[@]}")
OMP_NUM_THREADS=1 "$BOTSIEVE" cv "${long[@]}" --json long.json \
  >long.txt 2>long.log
check signalled "$signalled" long.json
grep -q 'by signal 10' signalled.log || fail "no stop by the signal"

# --- a node dies ----------------------------------------------------------------
crashed=$(submit crashed -N 2 -- "${words[@]}")
wait_until 60 has_begun crashed "$crashed" || fail "crashed: no tree is kept"
node=$(squeue -h -j "$crashed" -o %N)
node=$(scontrol show hostnames "$node" | tail -n 1)
"$cluster" crash "$node"
check crashed "$crashed"
