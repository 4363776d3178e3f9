#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The main job on real rows: folder to data file to comparison, the same bytes
# at 1, 2 and 4 ranks; the data file opens in h5py.
# shellcheck source=tests/cli/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
unpack_sample

for n in 1 2 4; do
  OMP_NUM_THREADS=1 ranks $n "$botsieve" convert "$sample" \
    --output "$work/$n.h5" 2>/dev/null
  OMP_NUM_THREADS=1 ranks $n "$botsieve" compare "$work/$n.h5" \
    --output "$work/out$n" >"$work/printed$n" 2>"$work/log$n" ||
    fail "compare at $n ranks: $(cat "$work/log$n")"
  same "$work/out1/results.json" "$work/out$n/results.json"
  same "$work/out1/summary.txt" "$work/out$n/summary.txt"
  [ -s "$work/out$n/run.json" ] || fail "no run record"
done

/usr/bin/python3 - "$work" <<'PY' || fail "h5py or the results disagree"
import glob, json, sys
import h5py
work = sys.argv[1]
rows = [l for f in ["benign_traffic.csv"] +
        ["gafgyt_attacks/%s.csv" % a for a in "combo scan tcp udp".split()] +
        ["mirai_attacks/%s.csv" % a for a in
         "ack scan syn udp udpplain".split()]
        for l in open("%s/sample/%s" % (work, f)).read().split("\n")[1:] if l]
with h5py.File(work + "/4.h5") as f:
    x, y = f["X"], f["y"]
    assert x.shape == (26783, 115) and x.dtype == "<f8"
    for i in list(range(0, 26783, 379)) + [26782]:
        assert [float(v) for v in rows[i].split(",")] == list(x[i]), i
    assert [n.decode() for n in f["class_name"][:]] == \
        ["benign", "gafgyt", "mirai"]
    assert [int((y[:] == k).sum()) for k in range(3)] == [10933, 6690, 9160]
r = json.load(open(work + "/out1/results.json"))
assert r["data"]["rows"] == 26783
for name, features in (("j48_all", 115), ("j48_table1", 10)):
    e = r["experiments"][name]
    m = e["confusion"]
    assert len(e["features"]) == features
    assert sum(map(sum, m)) + e["unclassified"] == 26783
    assert e["correct"] == sum(m[k][k] for k in range(3))
    assert sum(f["test"] for f in e["folds"]) == 26783
    assert e["accuracy"] > 0.99 and len(e["per_class"]) == 3
PY
echo "same bytes at 1, 2 and 4 ranks"
