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
  diff -r "$work/out1/figures" "$work/out$n/figures" ||
    fail "figures differ at $n ranks"
  [ -s "$work/out$n/run.json" ] || fail "no run record"
done

/usr/bin/python3 - "$work" <<'PY' || fail "h5py or the results disagree"
import glob, json, os, sys, xml.dom.minidom
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
for svg in glob.glob(work + "/out1/figures/*.svg"):
    xml.dom.minidom.parse(svg)
    assert open(svg[:-3] + "csv").readline().count(",") >= 2, svg
names = {os.path.basename(p)[:-4]
         for p in glob.glob(work + "/out1/figures/*.svg")}
assert {"roc_benign", "roc_gafgyt", "roc_mirai", "ranking", "clusters_table1",
        "accuracy_by_split", "confusion_j48_all"} <= names, names
for name in ("zeror", "oner_all", "j48_top10", "j48_top10_fold", "em_table1",
             "j48_no_clock", "j48_no_twins", "j48_all_dedup",
             "j48_table1_blocked", "j48_top10_fold_tail",
             "j48_all_attack-out"):
    e = r["experiments"][name]
    if "accuracy_interval" in e:
        low, high = e["accuracy_interval"]
        assert 0 <= low <= e["accuracy"] <= high <= 1, name
assert "1 device" in r["splits"]["device-out"]["refused"]
assert r["comparisons"]["j48_all - j48_table1"]["only_first_right"] > 0
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
