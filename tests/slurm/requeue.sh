#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A job that is told its time is up stops, goes back into the queue, and is
# done the second time; the log has both runs.
# shellcheck source=tests/slurm/cluster.sh
. "$(dirname "${BASH_SOURCE[0]}")/cluster.sh" 2

# Stands in for botsieve: told USR1 it leaves a mark and exits with 85; where it
# finds the mark it is done.
cat >"$scratch/program" <<'END'
#!/usr/bin/env bash
mark=$3
[ ! -e "$mark" ] || { echo "went on"; exit 0; }
trap 'sleep 1; touch "$mark"; exit 85' USR1
echo ready >"$mark.ready"
for ((i = 0; i < 600; i++)); do sleep 0.1; done
exit 1
END
chmod +x "$scratch/program"
export BOTSIEVE=$scratch/program

cd "$scratch"
job=$(sbatch --parsable -N 2 --output=requeue.log "$root/slurm/cv.sbatch" \
  file.h5 "$scratch/mark")
wait_until 20 test -e "$scratch/mark.ready" || fail "the job does not start"
scancel --signal=USR1 --batch "$job"
wait_until 60 job_state "$job" COMPLETED || fail "$(scontrol show job "$job")"
grep -q ' exit 85$' requeue.log || fail "no trace of the first run"
grep -q 'restart 1 ' requeue.log || fail "no trace of the second run"
grep -q '^went on$' requeue.log || fail "the second run did not go on"
