# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# Brings a local Slurm of $1 nodes up for the test that sources this, and takes
# it down at its end. Skips the test where no Slurm can run.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/botsieve-slurm.XXXXXX")
chmod 755 "$scratch" # munge refuses a socket that others cannot reach
export LOCAL_SLURM_DIR=$scratch/cluster
export BOTSIEVE_ROOT=$root
cluster=$root/slurm/local-slurm.sh

take_down() {
  local status=$?
  "$cluster" stop 2>/dev/null
  if [ "$status" != 0 ] && [ "$status" != 77 ]; then
    mapfile -t logs < <(ls -t "$scratch"/*.log "$scratch"/*/*.log 2>/dev/null)
    tail -n 60 "${logs[0]}" || true # the newest
  fi
  rm -rf "$scratch"
  exit "$status"
}
trap take_down EXIT

skip() {
  echo "skipped: $*"
  exit 77
}
fail() {
  echo "failed: $*"
  exit 1
}

"$root/jobs/install-deps.sh" slurm >/dev/null 2>"$scratch/deps" ||
  skip "Slurm is not installed: $(head -n 1 "$scratch/deps")"
new_names=(unshare --uts)
[ "$(id -u)" = 0 ] || new_names=(unshare --user --map-current-user --uts)
"${new_names[@]}" true 2>/dev/null ||
  skip "no Slurm can run here: no rights for a host name per node"
[ -n "$(ls /sys/fs/cgroup 2>/dev/null)" ] ||
  skip "no Slurm can run here: slurmd needs /sys/fs/cgroup"
"$cluster" start "$1" 2>"$scratch/start.log" ||
  fail "the cluster does not start"
# shellcheck source=/dev/null
. "$LOCAL_SLURM_DIR/env.sh"

# A small simulated capture, in the folder $capture. Needs $BOTSIEVE.
make_capture() {
  "$BOTSIEVE" synth --output "$scratch/capture" --scale 0.0004 2>/dev/null
  # shellcheck disable=SC2034 # for the test that sources this
  capture=$(echo "$scratch"/capture/*/)
}

wait_until() { # SECONDS CMD...
  local left=$(($1 * 5))
  shift
  until "$@"; do
    [ $((left -= 1)) -gt 0 ] || return 1
    sleep 0.2
  done
}

job_state() { # JOB STATE...: it is in one of these
  local job=$1 state
  state=$(scontrol show job "$job" | sed -n 's/.* *JobState=\([A-Z_]*\).*/\1/p')
  shift
  [[ " $* " == *" $state "* ]]
}

# Runs a job to its end, from the scratch folder. Returns its exit code; its log
# is $scratch/NAME.log.
run_job() { # NAME SBATCH ARGUMENT...
  local name=$1 job
  shift
  job=$(cd "$scratch" && sbatch --parsable --output="$name.log" "$@")
  wait_until 60 job_state "$job" COMPLETED FAILED CANCELLED TIMEOUT ||
    fail "job $name does not end: $(scontrol show job "$job")"
  return "$(scontrol show job "$job" |
    sed -n 's/.*ExitCode=\([0-9]*\):.*/\1/p')"
}
