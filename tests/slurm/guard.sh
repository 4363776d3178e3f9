#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The program itself under Slurm: copies that are no job end with exit code 6,
# one process in an allocation of several tasks is fine, and the log of a job
# has its header once.
# shellcheck source=tests/slurm/cluster.sh
. "$(dirname "${BASH_SOURCE[0]}")/cluster.sh" 3
export BOTSIEVE=$PWD/../jobs/botsieve OMP_NUM_THREADS=1
cd "$scratch"
printf '@relation r\n@attribute a numeric\n@attribute class {x,y}\n@data\n' >d.arff
for ((i = 0; i < 60; i++)); do
  echo "$((i * 37 % 100)),$([ $((i % 3)) = 0 ] && echo x || echo y)"
done >>d.arff
"$BOTSIEVE" convert d.arff --output d.h5 >convert.log 2>&1 ||
  fail "convert: $(cat convert.log)"

# Each line: exit code wanted, then the command, in a script of sbatch.
cat >commands <<'END'
6 srun --mpi=none -N 2 -n 2 botsieve info d.h5
6 srun --mpi=none -N 2 -n 2 botsieve convert d.arff --output never.h5
6 srun --mpi=pmi2 -N 2 -n 2 botsieve info d.h5
6 srun --mpi=pmi2 -N 1 -n 1 botsieve convert d.arff --output never.h5
0 srun --mpi=pmi2 -N 2 -n 2 botsieve --version
0 srun --mpi=pmi2 -N 1 -n 1 mpirun --host localhost -n 1 botsieve info d.h5
0 srun --mpi=none -N 2 -n 2 botsieve --version
0 srun --mpi=none -N 2 -n 2 botsieve cv --help
0 srun --mpi=pmix -N 2 -n 2 botsieve info d.h5
0 srun --mpi=pmix -N 1 -n 1 botsieve info d.h5
0 botsieve info d.h5
0 mpirun -n 1 botsieve info d.h5
0 mpirun -n 3 botsieve info d.h5
0 srun --mpi=none -N 1 -n 1 mpirun --host localhost -n 1 botsieve info d.h5
END
cat >script <<'END'
#!/usr/bin/env bash
i=0
while read -r want words; do
  i=$((i + 1))
  bash -c "${words/botsieve/\"$BOTSIEVE\"}" >out.$i 2>err.$i </dev/null
  echo "$? $want $i $words"
done <commands
END
run_job guard -N 3 --ntasks-per-node=2 script || fail "the script failed"
[ "$(wc -l <guard.log)" = "$(wc -l <commands)" ] || fail "not all commands ran"
while read -r got want i words; do
  [ "$got" = "$want" ] || fail "$words: exit $got: $(cat "err.$i")"
  if [ "$want" = 6 ]; then
    [ "$(grep -c '^botsieve .*: error: srun .*srun --mpi=pmix' "err.$i")" = 1 ] ||
      fail "$words: not one sentence: $(cat "err.$i")"
    [ "$(grep -c '^STATUS: FAILED code=6$' "err.$i")" = 1 ] ||
      fail "$words: no status"
  elif [[ $words == *info* ]]; then
    [ "$(grep -c '^STATUS: OK code=0$' "err.$i")" = 1 ] ||
      fail "$words: $(cat "err.$i")"
  fi
done <guard.log
[ ! -e never.h5 ] || fail "copies wrote a file"

for launcher in srun mpirun; do
  BOTSIEVE_LAUNCHER=$launcher run_job log-$launcher -N 3 \
    "$root/slurm/cv.sbatch" d.h5 || fail "$launcher: the job failed"
  log=log-$launcher.log
  grep -q '\] botsieve .* cv, .*: 6 ranks on 3 nodes, 2 threads each$' "$log" ||
    fail "$launcher: no header"
  grep -q '\] job: [0-9]* (botsieve-cv), restart 0, on n\[1-3\]$' "$log" ||
    fail "$launcher: no job"
  [ "$(grep -c 'ranks  *host  *CPUs$' "$log")" = 1 ] || fail "$launcher: no table"
  grep -q '\] 0-1  *n1 ' "$log" || fail "$launcher: n1 is not in the table"
  grep -q '\] 2-5  *n2 .. n3 (2)  *as on n1$' "$log" ||
    fail "$launcher: the other nodes are not in the table"
  grep -q '^STATUS: OK code=0$' "$log" || fail "$launcher: no status"
done
