#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Results do not depend on ranks, threads, groups of ranks or instruction set.
# shellcheck source=tests/cli/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# 5 classes, 12 columns: ties, values 1e-6 to 1e-5 apart, a twin, a constant,
# large offsets; classes that follow some columns with noise.
awk 'BEGIN {
  srand(7)
  print "@relation r"
  for (j = 0; j < 12; j++) printf "@attribute a%d numeric\n", j
  print "@attribute class {p,q,r,s,t}\n@data"
  for (i = 0; i < 6000; i++) {
    k = int(5 * rand()); u = rand()
    a = int(k + 3 * rand()); b = 1e9 + k * 0.37 + rand()
    c = int(40 * rand()) * 4e-6 + k * 3e-5
    printf "%d,%.6f,%.7f,%d,%d,%.3f,%.9g,%.2f,7,%d,%.5f,%.6g,%s\n", a, b, c, a,
      int(9 * rand()), u, k * 1e-5 * rand(), k + 4 * rand(), (k + a) % 4,
      u * k, exp(20 * rand()) * (k + 1), substr("pqrst", k + 1, 1)
  }
}' >"$work/data.arff"
OMP_NUM_THREADS=1 "$botsieve" convert "$work/data.arff" --output "$work/d.h5" \
  2>/dev/null

runs=0
# run NAME ISA RANKS THREADS OPTIONS...: one cross-validation, compared with the
# first of its name, in results and in print.
run() {
  local name=$1 isa=$2 n=$3 threads=$4
  shift 4
  BOTSIEVE_ISA=$isa OMP_NUM_THREADS=$threads ranks "$n" "$botsieve" cv \
    "$work/d.h5" "$@" --json "$work/now.json" >"$work/now.txt" \
    2>"$work/log" || fail "$name $isa $n $threads $*: $(cat "$work/log")"
  if [ ! -e "$work/$name.json" ]; then
    mv "$work/now.json" "$work/$name.json"
    mv "$work/now.txt" "$work/$name.txt"
  else
    same "$work/$name.json" "$work/now.json"
    same "$work/$name.txt" "$work/now.txt"
  fi
  runs=$((runs + 1))
}

for rules in 3.6 3.8; do
  run $rules ref 1 1 --weka $rules
  for run in 1x2 1x4 2x1 2x2 3x1 3x4 4x1 7x2 16x1; do
    run $rules ref ${run%x*} ${run#*x} --weka $rules
  done
  for layout in 1x2 2x1 1x3 2x2 1x7 7x1 3x4 10x2; do
    n=$((${layout%x*} * ${layout#*x}))
    run $rules ref $n 2 --weka $rules --layout $layout
  done
  for isa in avx2 avx512; do
    grep -qw "${isa/avx512/avx512f}" /proc/cpuinfo || continue
    run $rules $isa 1 2 --weka $rules
    run $rules $isa 4 1 --weka $rules --layout 2x2
  done
done
# More ranks than columns, and than trees.
for n in 20 40; do
  run 3.8 ref $n 1 --weka 3.8
  run 3.8 ref $n 1 --weka 3.8 --layout 1x$n
done
echo "$runs runs, results and print identical"
