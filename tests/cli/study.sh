#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Ranking, learners and splits on real rows: the same bytes for any number of
# ranks and threads; what the data cannot support is refused with the reason.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
unpack_sample
"$botsieve" convert "$sample" --output "$work/d.h5" 2>/dev/null

# alike NAME COMMAND ARGS...: results and print at 1, 2 and 3 ranks.
alike() {
  local name=$1 command=$2
  shift 2
  for layout in 1x3 2x1 3x2; do
    OMP_NUM_THREADS=${layout#*x} ranks ${layout%x*} "$botsieve" "$command" \
      "$work/d.h5" "$@" --json "$work/now.json" >"$work/now.txt" \
      2>"$work/log" || fail "$name at $layout: $(cat "$work/log")"
    if [ ! -e "$work/$name.json" ]; then
      mv "$work/now.json" "$work/$name.json"
      mv "$work/now.txt" "$work/$name.txt"
    else
      same "$work/$name.json" "$work/now.json"
      same "$work/$name.txt" "$work/now.txt"
    fi
  done
}

alike rank rank
for learner in oner zeror nb; do
  alike $learner cv --learner $learner --features table1
done
alike top cv --features top:5@fold --learner oner
for split in dedup blocked:gap=20 tail attack-out; do
  alike "$split" cv --split $split --features table1
done
alike transfer cv --split family-transfer --labels binary --features table1

# refused OPTIONS TEXT: exit code 3 and the reason.
refused() {
  local text=$1 code=0
  shift
  "$botsieve" cv "$work/d.h5" --features table1 "$@" >/dev/null \
    2>"$work/log" || code=$?
  [ $code = 3 ] || fail "$*: exit code $code"
  grep -q "$text" "$work/log" || fail "$*: $(tail -1 "$work/log")"
}
refused "1 device; two or more" --split device-out
refused "try --labels binary" --split family-transfer
refused "smaller gap" --split blocked:gap=100000

"$botsieve" cv "$work/d.h5" --features table1 --split blocked:gap=20 \
  --save-split "$work/split.h5" --json "$work/now.json" >/dev/null 2>&1
same "$work/blocked:gap=20.json" "$work/now.json"
/usr/bin/python3 - "$work" <<'PY' || fail "the split saved is not the one used"
import json, sys
import h5py
import numpy as np
work = sys.argv[1]
r = json.load(open(work + "/now.json"))
with h5py.File(work + "/split.h5") as f:
    g = f["blocked:gap=20"]
    fold, out, start = g["fold"][:], g["left_out"][:], g["left_start"][:]
with h5py.File(work + "/d.h5") as f:
    part = f["row/file_id"][:]
assert len(start) == 11 and r["split"]["rows_left_out"] == len(out)
for k in range(10):
    tested = np.flatnonzero(fold == k)
    left = out[start[k]:start[k + 1]]
    assert r["folds"][k]["test"] == len(tested)
    assert r["folds"][k]["train"] == len(fold) - len(tested) - len(left)
    train = np.setdiff1d(np.arange(len(fold)), np.union1d(tested, left))
    for p in np.unique(part):
        a, b = tested[part[tested] == p], train[part[train] == p]
        at = np.searchsorted(a, b)
        near = [abs(b - a[np.clip(at + i, 0, len(a) - 1)]) for i in (-1, 0)]
        assert min(n.min() for n in near) > 20
PY

python=$(/usr/bin/python3 -c '
import json, sys
r = json.load(open(sys.argv[1] + "/rank.json"))["ranking"]
twins = [x for x in r if "same_as" in x]
merit = {x["name"]: x["merit"] for x in r}
assert len(r) == 115 and [x["rank"] for x in r] == list(range(1, 116))
assert all(a["merit"] >= b["merit"] for a, b in zip(r, r[1:]))
assert twins and all(merit[x["name"]] == merit[x["same_as"]] for x in twins)
print(len(twins))' "$work")
echo "same bytes at all layouts; $python twins"
