#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""No split leaks what it says it keeps apart, and whoever has splits.h5 and the
data file can replay it: from these two alone, the figures of every fold of ZeroR
are found again."""
import json
import random

import h5py
import numpy as np

from harness import convert, main, nbaiot, run, write

ROWS = 400
DEVICES = ("Danmini_Doorbell", "Ecobee_Thermostat")
FILES = ("benign_traffic", "gafgyt_attacks/tcp", "gafgyt_attacks/udp", "mirai_attacks/ack")


def capture():
    """Two devices, four files each, many rows twice, also across files."""
    r = random.Random(1)
    pool = [",".join(repr(r.random()) for _ in range(115)) for _ in range(1500)]
    for device in DEVICES:
        for file in FILES:
            rows = [r.choice(pool) for _ in range(ROWS)]
            write(f"all/{device}/{file}.csv", nbaiot(rows))
    convert("all", "--output", "d.h5")


class Split:
    """A saved split, and what the data file tells of the rows."""

    def __init__(self, saved, name):
        with h5py.File(saved) as f:
            group = f[name]
            self.fold = group["fold"][:]
            self.start = group["left_start"][:] if "left_out" in group else None
            self.out = group["left_out"][:] if "left_out" in group else None
        self.folds = int(self.fold[self.fold != 65535].max()) + 1
        with h5py.File("d.h5") as f:
            self.x = f["X"][:]
            self.part, self.row = f["row/file_id"][:], f["row/row_in_file"][:]
            self.device, self.attack = f["row/device"][:], f["row/attack"][:]

    def parts(self, k):
        """Rows that fold k tests, and rows it trains on."""
        tested = self.fold == k
        train = ~tested
        if self.out is not None:
            train[self.out[self.start[k]:self.start[k + 1]]] = False
        return tested, train


def saved(split, labels="binary", ranks=1):
    code, _, lines = run("cv", "d.h5", "--labels", labels, "--learner", "zeror",
                         "--split", split, "--save-split", "s.h5", "--json", "r.json",
                         ranks=ranks)
    assert code == 0, lines
    with open("r.json", encoding="utf-8") as file:
        return json.load(file), Split("s.h5", split)


def each_row_is_tested_once():
    capture()
    for split in ("random", "dedup", "blocked", "device-out", "attack-out",
                  "family-transfer"):
        results, s = saved(split)
        assert (s.fold != 65535).all() and s.folds == len(results["folds"])


def identical_rows_share_a_fold():
    capture()
    _, s = saved("dedup")
    _, which, count = np.unique(s.x, axis=0, return_inverse=True, return_counts=True)
    assert (count > 1).sum() > 300
    for group in range(len(count)):
        assert len(set(s.fold[which == group])) == 1
    sizes = np.bincount(s.fold)
    assert sizes.max() - sizes.min() < 0.2 * sizes.mean()
    _, plain = saved("random")
    assert any(len(set(plain.fold[which == g])) > 1 for g in range(len(count)))


def rows_near_a_border_are_left_out():
    capture()
    for split, gap in (("blocked:gap=7", 7), ("blocked", 100), ("tail:part=0.3,gap=11", 11)):
        _, s = saved(split)
        for k in range(s.folds):
            tested, train = s.parts(k)
            for part in np.unique(s.part):
                a = s.row[tested & (s.part == part)].astype(int)
                b = s.row[train & (s.part == part)].astype(int)
                assert len(a) and (np.diff(np.sort(a)) == 1).all()
                if len(b):
                    assert abs(a[:, None] - b[None, :]).min() > gap
                if split.startswith("tail"):
                    assert len(a) == 120 and b.max() < a.min() and len(b) == 280 - gap


def what_is_held_out_is_not_trained_on():
    capture()
    _, s = saved("device-out")
    for k in range(s.folds):
        tested, train = s.parts(k)
        assert len(set(s.device[tested])) == 1
        assert not set(s.device[tested]) & set(s.device[train])
    results, s = saved("attack-out")
    assert results["split"]["held_out"] == ["gafgyt_tcp", "gafgyt_udp", "mirai_ack"]
    for k in range(s.folds):
        tested, train = s.parts(k)
        attacks = set(s.attack[tested]) - {0}
        assert len(attacks) == 1 and not attacks & set(s.attack[train])
        assert (s.attack[tested] == 0).any() and (s.attack[train] == 0).any()
    results, s = saved("family-transfer")
    assert results["split"]["held_out"] == ["gafgyt", "mirai"]
    for k in range(s.folds):
        tested, train = s.parts(k)
        assert not (set(s.attack[tested]) & set(s.attack[train])) - {0}


def the_same_split_on_any_ranks():
    capture()
    for split in ("dedup", "blocked:gap=7", "attack-out"):
        first, a = saved(split)
        second, b = saved(split, ranks=3)
        assert first == second and (a.fold == b.fold).all()
        assert a.out is None or (a.out == b.out).all()


def whoever_has_the_split_can_replay_it():
    capture()
    code, _, lines = run("compare", "d.h5", "--labels", "binary", "--output", "out")
    assert code == 0, lines
    with open("out/results.json", encoding="utf-8") as file:
        results = json.load(file)
    with h5py.File("out/splits.h5") as f:
        names = sorted(f)
    assert len(names) == 7, names
    for name in names:
        s = Split("out/splits.h5", name)
        y = (s.attack != 0).astype(int)
        folds = results["experiments"]["zeror" + ("" if name == "random" else "_" + name)]["folds"]
        assert len(folds) == s.folds
        for k, fold in enumerate(folds):
            tested, train = s.parts(k)
            assert (fold["train"], fold["test"]) == (train.sum(), tested.sum()), name
            said = np.bincount(y[train], minlength=2).argmax()
            want = [[0, 0], [0, 0]]
            for c in (0, 1):
                want[c][said] = int((tested & (y == c)).sum())
            assert fold["confusion"] == want, (name, k)


def folds_are_printed():
    capture()
    code, text, _ = run("cv", "d.h5", "--features", "table1", "--split", "device-out",
                        "--json", "r.json")
    assert code == 0
    with open("r.json", encoding="utf-8") as file:
        results = json.load(file)
    lines = text[text.index("=== Folds ==="):].splitlines()[3:5]
    for line, fold in zip(lines, results["folds"]):
        words = line.split()
        assert [int(w) for w in words[1:4]] == [fold["train"], fold["test"], fold["correct"]]
        assert words[-1] == fold["held_out"]
    zeror, _ = saved("device-out", labels="family")
    assert results["majority_accuracy"] == zeror["accuracy"]
    assert "training rows alone: %.4f %%" % (100 * zeror["accuracy"]) in text
    share = [f["correct"] / f["test"] for f in results["folds"]]
    assert np.isclose(results["accuracy_over_folds"]["mean"], np.mean(share))
    assert np.isclose(results["accuracy_over_folds"]["sd"], np.std(share, ddof=1))


if __name__ == "__main__":
    main([each_row_is_tested_once, identical_rows_share_a_fold,
          rows_near_a_border_are_left_out, what_is_held_out_is_not_trained_on,
          the_same_split_on_any_ranks, whoever_has_the_split_can_replay_it,
          folds_are_printed])
