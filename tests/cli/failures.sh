#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What a user can cause ends alike on all ranks, with one line and its code;
# a rank that dies takes the job down.
# shellcheck source=tests/cli/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

printf '@relation r\n@attribute a numeric\n@attribute b numeric\n' >"$work/d.arff"
printf '@attribute class {x,y}\n@data\n' >>"$work/d.arff"
awk 'BEGIN { srand(3); for (i = 0; i < 20000; i++)
  printf "%.6f,%.6f,%s\n", rand(), rand(), rand() < 0.5 ? "x" : "y" }' \
  >>"$work/d.arff"
"$botsieve" convert "$work/d.arff" --output "$work/d.h5" 2>/dev/null
printf 'no HDF5' >"$work/text.h5"
head -c 20000 "$work/d.h5" >"$work/short.h5"
touch "$work/file"

# refuses CODE TEXT ARGS...: at 1 and at 3 ranks, with the same one line.
refuses() {
  local code=$1 text=$2 n rc
  shift 2
  for n in 1 3; do
    rc=0
    timeout 60 mpirun --oversubscribe --bind-to none -n $n "$botsieve" "$@" \
      >"$work/out" 2>"$work/err" || rc=$?
    grep '^botsieve ' "$work/err" >"$work/line$n" || true
    [ $rc = "$code" ] || fail "$*: exit $rc at $n ranks, not $code"
    [ "$(wc -l <"$work/line$n")" = 1 ] || fail "$*: not one line at $n ranks"
    grep -qF -- "$text" "$work/line$n" ||
      fail "$*: '$(cat "$work/line$n")' lacks '$text'"
  done
  same "$work/line1" "$work/line3"
}

refuses 2 "option --folds: '1' is not" cv "$work/d.h5" --folds 1
refuses 2 "fold" cv "$work/d.h5" --folds 20001
refuses 2 "no-mdl" cv "$work/d.h5" --weka 3.6 --no-mdl
refuses 2 "--labels" cv "$work/d.h5" --labels attack
refuses 2 "'c'" cv "$work/d.h5" --features a,c
refuses 2 "--output" train "$work/d.h5"
refuses 2 "--layout" cv "$work/d.h5" --layout 5x5
refuses 3 "none.h5" cv "$work/none.h5"
refuses 3 "text.h5" train "$work/text.h5" --output "$work/m.json"
refuses 3 "short.h5" cv "$work/short.h5"
refuses 5 "$work/none/m.json" train "$work/d.h5" --output "$work/none/m.json"
refuses 5 "$work/file" compare "$work/d.h5" --output "$work/file"
if ls "$work"/*.part "$work/m.json" >/dev/null 2>&1; then
  fail "something half-written is left"
fi

# One rank of four is killed while it grows trees of noise.
mpirun --oversubscribe --bind-to none -n 4 "$botsieve" cv "$work/d.h5" \
  --repeats 200 >/dev/null 2>"$work/err" &
job=$!
victim=''
for _ in $(seq 100); do
  victim=$(pgrep -f "^$botsieve cv $work/d.h5" | tail -n 1) || true
  if [ -n "$victim" ] && grep -q layout: "$work/err"; then
    break
  fi
  sleep 0.1
done
[ -n "$victim" ] || fail "the job did not start"
kill -9 "$victim"
start=$(date +%s) rc=0
wait $job || rc=$?
took=$(($(date +%s) - start))
[ $rc != 0 ] || fail "the job went on without a rank"
[ $took -le 10 ] || fail "the job took $took s to end"
if pgrep -f "^$botsieve cv $work/d.h5" >/dev/null; then
  fail "a rank is left behind"
fi
echo "refusals alike; a killed rank ended the job in $took s with code $rc"
