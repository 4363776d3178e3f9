#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""J48 trees of the program carried over between simulated and real rows.

  botsieve synth --output pt.h5
  benchmarks/fidelity_j48.py build/jobs/botsieve REAL pt.h5...

REAL is the folder of real rows that BOTSIEVE_REAL_DATA names. Trees are tried on
a random half of them; the traffic models were fitted to rows of the other half.
The yardsticks are trees grown on real rows: those of this other half, without
other captures' Mirai, as they are; in the shares that the classes have in
PT_737E's files (rows repeated); and the latter with what the sample was made
without, taken from the first simulated capture: rows of an infected device that
belong neither to a scan nor to a flood. apt install python3-h5py xz-utils.
"""
import csv
import os
import subprocess
import sys
import tarfile
import tempfile

import h5py
import numpy as np

FAMILY = np.array(["benign", "gafgyt", "mirai"])
OF_ATTACK = np.array([0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2])
NO_MEANS = ["--drop", "HH_jit_*_mean"]


def run(*args):
    return subprocess.run(args, check=True, capture_output=True, text=True)


def predict(botsieve, model, data):
    """Families, as numbers, that a tree gives the rows of a data file."""
    run(botsieve, "predict", model, data, "--output", "said.csv")
    with open("said.csv", newline="") as file:
        rows = csv.DictReader(file)
        column = next(c for c in rows.fieldnames if "predict" in c)
        return np.array([list(FAMILY).index(row[column]) for row in rows])


def of_pt(names, x, attack):
    """Rows that are not of another capture's Mirai. The floods of the other two
    captures have a larger share of the frames; of their scans one has a higher
    pace, the other came later. The sample calls udpplain's flood udp: it has one
    socket."""
    mean, pace, clock, socket = (x[:, names.index(name)] for name in (
        "MI_dir_L0.1_mean", "MI_dir_L0.1_weight", "HH_jit_L0.01_mean",
        "HpHp_L0.1_weight"))
    kind = np.where((attack == 9) & (socket > 2), 10, attack)
    other = (kind == 7) & ((pace > 2130) | (clock > 1507655000))
    for a, bound in {6: 372, 8: 69, 9: 362, 10: 318}.items():
        other |= (kind == a) & (mean > bound)
    return ~other


def neither_scan_nor_flood(names, x, attack):
    """Simulated rows like those that the classes of the sample, inferred from the
    frames of scans and floods, leave out; a tenth of them."""
    length, weight = (x[:, names.index(f"HH_L0.01_{what}")]
                      for what in ("mean", "weight"))
    flood = np.array([0, 74, 74, 74, 60, 60, 566, 60, 74, 554, 554])[attack]
    # A channel of a flood is busy, but for its beginning, and addresses are
    # asked for in it; new channels have a weight of 1.
    busy = (abs(length - flood) < 0.1 * flood) & (weight > 150)
    rows = np.flatnonzero(np.isin(attack, [1, 2, 6, 7, 8, 9, 10]) &
                          ~busy & (weight > 1))
    return np.random.RandomState(6).permutation(rows)[:len(rows) // 10]


def show(what, right, family):
    parts = [f"{right[family == f].mean():.4f}" if (family == f).any() else "-"
             for f in range(3)]
    print(f"{what:58s} {right.mean():.4f} of {len(right)} (by family "
          f"{' '.join(parts)})")


def write_csv(path, names, x, family):
    with open(path, "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(list(names) + ["class"])
        for row, f in zip(x, family):
            out.writerow([repr(float(v)) for v in row] + [FAMILY[f]])


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    botsieve, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
    simulated = [os.path.abspath(path) for path in sys.argv[3:]]
    with tempfile.TemporaryDirectory() as work:
        with tarfile.open(f"{folder}/nbaiot-sample.tar.xz") as tar:
            tar.extractall(work)
        os.chdir(work)
        compare(botsieve, simulated)


def in_shares_of_pt(attack, rows):
    """A tenth of PT_737E's rows, drawn from these. Combo holds junk; of Gafgyt's
    scan the sample has first tries only, a third."""
    total = {0: 62154, 1: 92278, 3: 9766, 4: 104510, 5: 104011, 6: 60554,
             7: 96781, 8: 65746, 9: 156248, 10: 56681}
    rng = np.random.RandomState(5)
    return np.concatenate([rng.choice(rows[attack[rows] == a], n // 10)
                           for a, n in total.items()])


def compare(botsieve, simulated):
    run(botsieve, "convert", "sample", "--output", "real.h5")
    with h5py.File("real.h5") as file:
        names = [n.decode() for n in file["feature"][:]]
        x, attack = file["X"][:], file["row/attack"][:]
    family, pt = OF_ATTACK[attack], of_pt(names, x, attack)
    # The half that was not looked at: drawn in this order of the families.
    order = np.argsort(np.array([0, 2, 1])[family], kind="stable")
    held = np.empty(len(x), bool)
    held[order] = np.random.RandomState(99).random_sample(len(x)) >= 0.5
    fitted = np.flatnonzero(~held & pt)
    shares = in_shares_of_pt(attack, fitted)
    with h5py.File(simulated[0]) as file:
        theirs = file["row/attack"][:]
        rest = neither_scan_nor_flood(names, file["X"][:], theirs)
        rest_x, rest_family = file["X"][:][rest], OF_ATTACK[theirs[rest]]
    yardsticks = []
    for name, rows, more in (("half", fitted, 0), ("shares", shares, 0),
                             ("shares, the rest simulated", shares, len(rest))):
        write_csv(f"{name}.csv", names, np.vstack([x[rows], rest_x[:more]]),
                  np.concatenate([family[rows], rest_family[:more]]))
        run(botsieve, "convert", f"{name}.csv", "--class-column", "class",
            "--output", f"{name}.h5")
        yardsticks.append((f"real, {name}", f"{name}.h5"))

    def try_on_held(what):
        right = predict(botsieve, "tree.json", "real.h5") == family
        for which, rows in (("real", held), ("real, own capture", held & pt),
                            ("real, other captures' Mirai", held & ~pt)):
            show(f"  {what} -> {which}", right[rows], family[rows])

    for title, drop in (("all features", []), ("no HH_jit means", NO_MEANS)):
        print(f"J48, {title}: share of rows right")
        for what, path in yardsticks:
            run(botsieve, "train", path, "--output", "tree.json", *drop)
            try_on_held(what)
        for path in simulated:
            run(botsieve, "train", path, "--output", "tree.json", *drop)
            try_on_held(os.path.basename(path))
            with h5py.File(path) as file:
                theirs = OF_ATTACK[file["row/attack"][:]]
            run(botsieve, "train", "real.h5", "--output", "tree.json", *drop)
            show(f"  real, all of it -> {os.path.basename(path)}",
                 predict(botsieve, "tree.json", path) == theirs, theirs)


main()
