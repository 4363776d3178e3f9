#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# convert and compare, queued by submit.sh on three nodes, give the bytes of one
# process; so does every layout of the scaling job; a compare whose convert
# failed is cancelled; an array runs every line of its list.
# shellcheck source=tests/slurm/cluster.sh
. "$(dirname "${BASH_SOURCE[0]}")/cluster.sh" 3
BOTSIEVE=$(realpath "$1")
export BOTSIEVE OMP_NUM_THREADS=1

make_capture
cd "$scratch"
"$BOTSIEVE" convert "$capture" --output one.h5 >/dev/null 2>&1
"$BOTSIEVE" compare one.h5 --output one >/dev/null 2>&1

ended() {
  wait_until 90 job_state "$1" COMPLETED FAILED CANCELLED TIMEOUT NODE_FAIL
}
job_of() { # COMMAND: its id, from what submit.sh printed
  sed -n "s/^$1 //p" ids
}

"$root/slurm/submit.sh" "$capture" chain -N 3 >ids
ended "$(job_of compare)" || fail "compare does not end"
job_state "$(job_of compare)" COMPLETED ||
  fail "compare failed: $(tail chain/*.log)"
cmp one/results.json chain/results.json || fail "not the results of one process"

"$root/slurm/submit.sh" "$scratch/nowhere" broken >ids
ended "$(job_of compare)" || fail "compare waits for ever"
job_state "$(job_of convert)" FAILED || fail "convert of nothing did not fail"
job_state "$(job_of compare)" CANCELLED || fail "compare was not cancelled"

for launcher in srun mpirun; do
  BOTSIEVE_LAUNCHER=$launcher run_job "scaling-$launcher" -N 2 \
    "$root/slurm/scaling.sbatch" "scaling-$launcher" --scale 0.001 \
    --repeat 1 --commands cv --modes strong ||
    fail "scaling by $launcher failed"
  # 1, 2, 4 and 8 cores as ranks x threads: 1 + 2 + 3 + 3 layouts
  [ "$(grep -c ',True,' "scaling-$launcher/scaling.csv")" = 9 ] ||
    fail "scaling: $(cat "scaling-$launcher/scaling.csv")"
  [ -s "scaling-$launcher/time.svg" ] || fail "scaling: no drawing"
done

array=$(sbatch --parsable --array=1-2 --output=array-%a.log \
  "$root/slurm/experiments.sbatch" one.h5 experiments)
for line in 1 2; do
  ended "${array}_$line" || fail "experiment $line does not end"
  [ -s "experiments/$line.json" ] || fail "no experiment $line"
done
