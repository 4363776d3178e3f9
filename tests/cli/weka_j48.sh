#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Tree, figures and matrices as the real Weka prints them beside us.
#   weka_j48.sh BOTSIEVE [sample]: on Weka's own examples, or on the real rows
# shellcheck source=tests/cli/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need_weka

# compare DATA.arff DATA.h5 WEKA-OPTIONS -- OUR-OPTIONS
compare() {
  local arff=$1 h5=$2
  shift 2
  local theirs=()
  while [ "$1" != -- ]; do
    theirs+=("$1")
    shift
  done
  shift
  weka weka.classifiers.trees.J48 -t "$arff" -i "${theirs[@]}" \
    >"$work/weka.out" 2>/dev/null
  "$botsieve" cv "$h5" --weka 3.6 "$@" >"$work/our.out" 2>/dev/null ||
    fail "cv $* on $arff"
  tree_and_cv <"$work/weka.out" >"$work/weka.txt"
  tree_and_cv <"$work/our.out" >"$work/our.txt"
  grep -q 'Confusion Matrix' "$work/weka.txt" || fail "Weka failed on $arff"
  diff "$work/weka.txt" "$work/our.txt" ||
    fail "$arff, ${theirs[*]}: Weka's (<) and ours (>) differ"
  echo "equal: $(basename "$arff") ${theirs[*]} ($(wc -l <"$work/our.txt") lines)"
}

if [ "${2-}" = sample ]; then
  unpack_sample
  "$botsieve" convert "$sample" --output "$work/s.h5" 2>/dev/null
  # The same rows in the same order as ARFF, every digit as it stands.
  {
    echo "@relation sample"
    head -n 1 "$sample/benign_traffic.csv" | tr -d '\r' | tr , '\n' |
      sed 's/.*/@attribute & numeric/'
    echo "@attribute class {benign,gafgyt,mirai}"
    echo "@data"
    for file in benign_traffic gafgyt_attacks/{combo,scan,tcp,udp} \
      mirai_attacks/{ack,scan,syn,udp,udpplain}; do
      class=${file%%_*}
      tail -n +2 "$sample/$file.csv" | tr -d '\r' | sed "s/$/,$class/"
    done
  } >"$work/s.arff"
  compare "$work/s.arff" "$work/s.h5" -x 10 -s 1 --
  exit
fi

examples=/usr/share/doc/weka/examples
[ -d $examples ] || skip "no $examples (package weka-doc)"
for name in iris glass segment-challenge; do
  "$botsieve" convert $examples/$name.arff --output "$work/$name.h5" 2>/dev/null
  compare $examples/$name.arff "$work/$name.h5" -x 10 -s 1 --
  compare $examples/$name.arff "$work/$name.h5" -x 7 -s 42 -C 0.1 -M 5 -- \
    --folds 7 --seed 42 --confidence 0.1 --min-leaf 5
  compare $examples/$name.arff "$work/$name.h5" -x 5 -s -3 -U -- \
    --folds 5 --seed -3 --unpruned
  compare $examples/$name.arff "$work/$name.h5" -x 3 -s 7 -S -C 0.4 -- \
    --folds 3 --seed 7 --no-raising --confidence 0.4
done
