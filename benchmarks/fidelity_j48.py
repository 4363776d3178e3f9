#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""J48 trees of the program carried over between simulated and real rows.

  botsieve synth --output pt.h5
  benchmarks/fidelity_j48.py build/jobs/botsieve REAL pt.h5

REAL is the folder of real rows that BOTSIEVE_REAL_DATA names. The last lines
are a yardstick: a tree grown on real rows of PT_737E's capture alone, which no
simulation of this capture needs to surpass. apt install python3-h5py xz-utils.
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
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    botsieve, folder, simulated = sys.argv[1:]
    with tempfile.TemporaryDirectory() as work:
        paths = [os.path.abspath(p) for p in (botsieve, simulated)]
        with tarfile.open(f"{folder}/nbaiot-sample.tar.xz") as tar:
            tar.extractall(work)
        os.chdir(work)
        compare(*paths)


def compare(botsieve, simulated):
    run(botsieve, "convert", "sample", "--output", "real.h5")
    with h5py.File("real.h5") as file:
        names = [n.decode() for n in file["feature"][:]]
        x, attack = file["X"][:], file["row/attack"][:]
    with h5py.File(simulated) as file:
        simulated_family = OF_ATTACK[file["row/attack"][:]]
    family, pt = OF_ATTACK[attack], of_pt(names, x, attack)
    half = np.random.RandomState(99).random_sample(len(x)) < 0.5
    part = half & pt
    write_csv("part.csv", names, x[part], family[part])
    run(botsieve, "convert", "part.csv", "--class-column", "class", "--output",
        "part.h5")
    for what, drop in (("all features", []), ("no HH_jit means", NO_MEANS)):
        print(f"J48, {what}: share of rows right")
        run(botsieve, "train", simulated, "--output", "tree.json", *drop)
        right = predict(botsieve, "tree.json", "real.h5") == family
        show("  simulated PT_737E -> real", right, family)
        show("  simulated PT_737E -> real, other captures' Mirai left out",
             right[pt], family[pt])
        run(botsieve, "train", "real.h5", "--output", "tree.json", *drop)
        right = predict(botsieve, "tree.json", simulated) == simulated_family
        show("  real -> simulated PT_737E", right, simulated_family)
        run(botsieve, "train", "part.h5", "--output", "tree.json", *drop)
        right = predict(botsieve, "tree.json", "real.h5") == family
        show("  half of the real rows without other captures' Mirai -> rest",
             right[~half], family[~half])
        show("  the same, on other captures' Mirai", right[~pt], family[~pt])


main()
