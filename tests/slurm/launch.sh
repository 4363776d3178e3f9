#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A job has as many ranks and threads as it asked for, on every node, under srun
# and under mpirun; its exit code is the program's.
# shellcheck source=tests/slurm/cluster.sh
. "$(dirname "${BASH_SOURCE[0]}")/cluster.sh" 3

# Stands in for botsieve: says where each copy runs, and exits as told.
cat >"$scratch/program" <<'END'
#!/usr/bin/env bash
rank=${OMPI_COMM_WORLD_RANK-$PMIX_RANK}
echo "copy $rank $(hostname -s) $OMP_NUM_THREADS $*"
exit "$3"
END
chmod +x "$scratch/program"
export BOTSIEVE=$scratch/program
export BOTSIEVE_CHECKPOINT=none # as nothing but the words given

for launcher in srun mpirun; do
  export BOTSIEVE_LAUNCHER=$launcher
  run_job $launcher -N 3 "$root/slurm/cv.sbatch" file.h5 0 ||
    fail "$launcher: the job failed"
  sort -o "$scratch/got" <(grep '^copy' "$scratch/$launcher.log")
  for rank in 0 1 2 3 4 5; do
    echo "copy $rank n$((rank / 2 + 1)) 2 cv file.h5 0"
  done >"$scratch/want"
  diff "$scratch/want" "$scratch/got" || fail "$launcher: not these copies"
done
status=0
run_job code "$root/slurm/cv.sbatch" file.h5 3 || status=$?
[ "$status" = 3 ] || fail "exit code 3 became $status"
status=0
BOTSIEVE=/nowhere run_job missing "$root/slurm/cv.sbatch" || status=$?
[ "$status" = 6 ] || fail "a missing program: exit $status, not 6"
grep -q "error: no program '/nowhere'" "$scratch/missing.log" ||
  fail "a missing program is not named"
status=0
BOTSIEVE_LAUNCHER=srun BOTSIEVE_PMI=pmi9 \
  run_job pmi "$root/slurm/cv.sbatch" file.h5 0 || status=$?
[ "$status" = 6 ] || fail "a missing PMI: exit $status, not 6"
