#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Jobs that are told to stop by Slurm's signal or by --time-limit, and one
# whose node dies, go back into the queue, go on where they were, and end with
# the bytes of an unbroken run.
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

check() { # NAME JOB
  wait_until 300 job_state "$2" COMPLETED FAILED TIMEOUT NODE_FAIL ||
    fail "job $1 does not end: $(scontrol show job "$2")"
  job_state "$2" COMPLETED || fail "$(scontrol show job "$2")"
  cmp "$1.json" plain.json || fail "$1: other results than an unbroken run"
  grep -q 'restart 1' "$1.log" || fail "$1: no trace of the second run"
  grep -q 'trees taken over' "$1.log" || fail "$1: nothing was taken over"
  [ ! -e "$1-$2.checkpoint" ] || fail "$1: the checkpoint is still there"
}

# --- stopped by its own time limit, again and again ---------------------------
limited=$(submit limited -N 2 -- "${words[@]}" --time-limit 00:00:04)
check limited "$limited"
grep -q 'at the time limit' limited.log || fail "no stop at the time limit"
grep -q ' exit 85$' limited.log || fail "limited: no exit code 85"

# --- stopped by the signal that --signal=B:USR1@300 sends to the job's shell ---
signalled=$(submit signalled -N 2 -- "${words[@]}")
wait_until 60 has_begun signalled "$signalled" || fail "no tree is kept"
scancel --signal=USR1 --batch "$signalled"
check signalled "$signalled"
grep -q 'by signal 10' signalled.log || fail "no stop by the signal"

# --- a node dies ----------------------------------------------------------------
crashed=$(submit crashed -N 2 -- "${words[@]}")
wait_until 60 has_begun crashed "$crashed" || fail "crashed: no tree is kept"
node=$(squeue -h -j "$crashed" -o %N)
node=$(scontrol show hostnames "$node" | tail -n 1)
"$cluster" crash "$node"
check crashed "$crashed"
