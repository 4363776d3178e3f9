#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""J48 trees of the program carried over between simulated and real rows.

  botsieve synth --output pt.h5
  benchmarks/fidelity_j48.py build/jobs/botsieve REAL pt.h5...

REAL is the folder of real rows that BOTSIEVE_REAL_DATA names. Trees are tried on
a random half of them; the traffic models were fitted to rows of the other half.
The yardsticks are trees grown on real rows: those of this other half, without
other captures' Mirai, as they are, and in the shares that the classes have in
PT_737E's files (rows repeated). apt install python3-h5py xz-utils.
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
    """Mirai rows that are of PT_737E's own capture: the floods of the other two
    captures have a larger share of the frames, their scans a higher pace."""
    mean = x[:, names.index("MI_dir_L0.1_mean")]
    most = {6: 372, 8: 69, 9: 362, 10: 318}
    other = (attack == 7) & (x[:, names.index("MI_dir_L0.1_weight")] > 2130)
    for a, bound in most.items():
        other |= (attack == a) & (mean > bound)
    return ~other


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
    yardsticks = []
    for name, rows in (("half", fitted),
                       ("shares", in_shares_of_pt(attack, fitted))):
        write_csv(f"{name}.csv", names, x[rows], family[rows])
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
