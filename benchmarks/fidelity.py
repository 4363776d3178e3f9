#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""How close is the simulated capture to the real N-BaIoT rows?

  botsieve synth --output pt.h5
  botsieve synth --output all.h5 --device all
  botsieve synth --output other.h5 --device all --seed 2
  benchmarks/fidelity.py REAL pt.h5 all.h5 other.h5 >fidelity.txt

REAL is the folder of real rows that BOTSIEVE_REAL_DATA names. The trees are
scikit-learn's (entropy, at least 2 rows a leaf), a stand-in for J48 that any
machine has: apt install python3-sklearn python3-h5py xz-utils.
"""
import csv
import io
import lzma
import sys
import tarfile

import h5py
import numpy as np

ATTACKS = ["benign", "gafgyt_combo", "gafgyt_junk", "gafgyt_scan",
           "gafgyt_tcp", "gafgyt_udp", "mirai_ack", "mirai_scan", "mirai_syn",
           "mirai_udp", "mirai_udpplain"]
MEANS = ["MI_dir_L5_weight", "MI_dir_L5_mean", "MI_dir_L0.1_weight",
         "HH_L5_magnitude", "HH_jit_L5_mean", "HpHp_L5_magnitude"]
# Mean and standard deviation over each whole file of PT_737E, as published by
# KC-Marcotte/N-BaIoT, reports/eda_summary.json; columns as in MEANS.
PUBLISHED = """
7.95 13.25 94.16 41.5 16.5 25.1 153.5 122.3 3.10e6 6.52e7 128.5 106.3
161.97 23.5 74.46 4.02 6766.6 1404 96.22 30.9 2.93e5 1.92e7 86.75 31.8
167.79 25.6 74.62 10.7 5859.1 1873 96.59 38.1 6.37e5 2.69e7 76.90 38.7
48.33 30.2 76.88 16.8 956.9 172 81.85 86.9 5.12e8 7.13e8 81.50 85.0
1.0009 .0648 60.143 8.47 1.019 .648 60.32 17.4 1.5046e9 4.42e7 60.32 17.4
1.0008 .0386 60.1256 8.02 1.0209 .735 60.17 9.76 1.5045e9 4.58e7 60.17 9.73
91.85 42.7 333.39 141.6 3348.7 438 334.99 251.7 6.81e8 7.50e8 334.95 252.0
63.52 31.6 60.089 .234 1995.5 53.4 60.10 1.28 1.4973e9 1.24e8 60.10 1.30
106.18 59.4 67.75 4.01 3438.3 492 67.78 6.96 6.67e8 7.49e8 67.78 6.97
97.29 40.2 339.51 104.9 3886.5 361 341.91 244.4 6.42e8 7.45e8 341.92 244.5
81.44 34.0 299.94 105.9 3087.6 431 303.47 246.8 7.59e8 7.54e8 303.48 246.9
"""
EPOCH = 1.5e9  # s; a gap this long is a first packet's Unix time
SHARE = 0.02   # of the rows of all devices that are looked at


def family(attack):
    return 0 if attack == 0 else 1 if attack < 6 else 2


class Capture:
    """Columns of a data file on demand; pick: a random share of the rows."""

    def __init__(self, path, share=1.0):
        self.file = h5py.File(path, "r")
        if self.file.attrs["source"] not in (b"simulated capture",
                                             "simulated capture"):
            sys.exit(f"{path} is not a simulated capture")
        self.names = [n.decode() if isinstance(n, bytes) else n
                      for n in self.file["feature"][:]]
        attack = self.file["row/attack"][:]
        keep = np.random.RandomState(0).random_sample(len(attack)) < share
        self.rows = np.flatnonzero(keep)
        self.attack = attack[self.rows]

    def column(self, name):
        return self.file["X"][:, self.names.index(name)][self.rows]

    def matrix(self):
        return np.column_stack([self.column(n) for n in self.names])


def read_csv(stream):
    rows = csv.reader(io.TextIOWrapper(stream, "ascii"))
    names = next(rows)
    return names, np.array([[float(v) for v in row] for row in rows])


def read_real(folder):
    """Real rows by class; inside a family the class was inferred."""
    real = {}
    with tarfile.open(f"{folder}/nbaiot-sample.tar.xz") as tar:
        for member in tar:
            if not member.name.endswith(".csv"):
                continue
            parts = member.name[:-4].split("/")
            name = ("benign" if "benign" in parts[-1] else
                    parts[-2].split("_")[0] + "_" + parts[-1])
            names, real[name] = read_csv(tar.extractfile(member))
    with lzma.open(f"{folder}/ennio-gafgyt-tcp.csv.xz") as stream:
        tcp = read_csv(stream)[1]
    return names, real, tcp


def like_sample(names, x, attack):
    """Simulated rows sorted into the classes of the real sample, by the rules its
    classes were inferred by: combo holds junk; scans, tcp, udp and udpplain are
    rows with the Unix time, other rows of udpplain went to udp."""
    jit = x[:, names.index("HH_jit_L0.01_mean")] > EPOCH
    rows = {"benign": attack == 0, "gafgyt_combo": (attack == 1) | (attack == 2)}
    for a in (3, 4, 5, 7, 10):
        rows[ATTACKS[a]] = (attack == a) & jit
    for a in (6, 8):
        rows[ATTACKS[a]] = attack == a
    rows["mirai_udp"] = (attack == 9) | ((attack == 10) & ~jit)
    return {name: x[r] for name, r in rows.items()}


def section(title):
    print(f"\n{title}\n{'-' * len(title)}")


def show_means(pt):
    section("Means (deviations) of PT_737E, simulated / published")
    columns = {n: pt.column(n) for n in MEANS}
    for a, line in enumerate(PUBLISHED.split("\n")[1:12]):
        want = [float(v) for v in line.split()]
        cells = []
        for k, name in enumerate(MEANS):
            v = columns[name][pt.attack == a]
            cells.append(f"{v.mean() / want[2 * k]:5.2f} "
                         f"({v.std() / want[2 * k + 1]:4.2f})")
        print(f"{ATTACKS[a]:15s} {'  '.join(cells)}")
    print("columns:", ", ".join(MEANS))


def chain_share(v):
    """Share of rows in chains of gaps of at most 1e-5 that span more."""
    v = np.sort(v)
    start = np.flatnonzero(np.concatenate([[True], np.diff(v) > 1e-5]))
    end = np.append(start[1:], len(v))
    wide = v[end - 1] - v[start] > 1e-5
    return (end - start)[wide].sum() / len(v)


def show_columns(title, names, sim, real):
    section(title)
    chains = [np.array([chain_share(x[:, j]) for j in range(len(names))])
              for x in (sim, real)]
    distinct = [np.array([len(np.unique(x[:, j])) / len(x)
                          for j in range(len(names))]) for x in (sim, real)]
    print("share of rows in chains of gaps of at most 1e-5 that span more, over "
          "the columns:")
    for who, c in zip(("simulated", "real"), chains):
        print(f"  {who:10s} mean {c.mean():.2f}; columns above 0.1: "
              f"{(c > 0.1).sum()}, their mean "
              f"{c[c > 0.1].mean() if (c > 0.1).any() else 0:.2f}")
    print(f"  mean difference of a column {abs(chains[0] - chains[1]).mean():.3f}")
    print("distinct values per row, over the columns:")
    for who, c in zip(("simulated", "real"), distinct):
        print(f"  {who:10s} quartiles " +
              " ".join(f"{q:.3f}" for q in np.quantile(c, [0, .25, .5, .75, 1])))
    print(f"  mean difference of a column "
          f"{abs(distinct[0] - distinct[1]).mean():.3f}")


def column_of(names, x, name):
    return x[:, names.index(name)]


def show_oddities(names, sim, real):
    section("Oddities, all devices: simulated / real sample, share of rows")
    print(f"{'class':15s} {'Unix time':>15s} {'cov < 0':>15s} "
          f"{'|pcc| > 1':>15s} {'no answer':>15s}")
    tests = [
        lambda x: column_of(names, x, "HH_jit_L5_mean") > EPOCH,
        lambda x: column_of(names, x, "HH_L1_covariance") < 0,
        lambda x: abs(column_of(names, x, "HH_L1_pcc")) > 1,
        lambda x: (column_of(names, x, "HH_L5_magnitude") ==
                   column_of(names, x, "HH_L5_mean"))]
    for name in real:
        cells = [f"{t(sim[name]).mean():.3f} / {t(real[name]).mean():.3f}"
                 for t in tests]
        print(f"{name:15s} " + " ".join(f"{c:>15s}" for c in cells))


def copies(rows):
    """For each row how many equal it, by a 64-bit sum over its bits."""
    odd = np.random.RandomState(7).randint(1, 2**62, rows.shape[1]) * 2 + 1
    total = (np.ascontiguousarray(rows).view(np.uint64) *
             odd.astype(np.uint64)).sum(axis=1, dtype=np.uint64)
    _, index, counts = np.unique(total, return_inverse=True,
                                 return_counts=True)
    return counts[index]


def repeats(rows):
    """Share of rows that equal an earlier one."""
    return 1 - (1 / copies(rows)).sum() / len(rows)


def show_copies(names, pt, tcp):
    section("Copies, PT_737E simulated")
    x = pt.matrix()
    attacks = x[pt.attack > 0]
    print("attack rows whose MI_dir and H blocks differ:",
          int((attacks[:, :15] != attacks[:, 15:30]).any(axis=1).sum()))
    off = max(np.abs(column_of(names, x, f"HH_jit_L{w}_weight") /
                     column_of(names, x, f"HH_L{w}_weight") - 1).max()
              for w in ("5", "3", "1", "0.1", "0.01"))
    print(f"HH_jit weights differ from HH weights by at most {off:.1e} of them")
    for a, name in enumerate(ATTACKS):
        rows = x[pt.attack == a]
        constant = (rows.min(axis=0) == rows.max(axis=0)).sum()
        print(f"{name:15s} rows that equal an earlier one "
              f"{repeats(rows):.4f}, "
              f"constant columns {constant}")
    print("real: Ennio tcp "
          f"{repeats(tcp):.4f}; random half of "
          "PT_737E, all copies counted: benign .130, gafgyt .041, mirai 0")
    half = np.random.RandomState(1).random_sample(len(x)) < 0.5
    for f, name in enumerate(("benign", "gafgyt", "mirai")):
        rows = x[half & np.isin(pt.attack,
                                [a for a in range(11) if family(a) == f])]
        print(f"  simulated, counted likewise: {name} "
              f"{(copies(rows) > 1).mean():.4f}")


def grow(x, y, leaf=2):
    from sklearn.tree import DecisionTreeClassifier
    return DecisionTreeClassifier(criterion="entropy", min_samples_leaf=leaf,
                                  random_state=0).fit(x, y)


def show_transfer(names, real, captures):
    section("Trees carried over, three families: share of rows right")
    free = [j for j, n in enumerate(names)
            if not (n.startswith("HH_jit") and n.endswith("mean"))]
    rx = np.vstack(list(real.values()))
    ry = np.concatenate([[family(ATTACKS.index(n))] * len(x)
                         for n, x in real.items()])
    for who, (x, attack) in captures.items():
        y = np.array([family(a) for a in range(11)])[attack]
        for what, columns in (("all features", list(range(len(names)))),
                              ("without HH_jit means", free)):
            there = grow(x[:, columns], y).predict(rx[:, columns]) == ry
            back = grow(rx[:, columns], ry).predict(x[:, columns]) == y
            print(f"{who:22s} {what:22s} simulated -> real {there.mean():.4f} "
                  f"(by family {' '.join(f'{there[ry == f].mean():.4f}' for f in range(3))}), "
                  f"real -> simulated {back.mean():.4f}")


def tell_apart(a, b):
    """Cross-validated share of rows of which a tree tells where they are from, and
    the features it uses most."""
    from sklearn.model_selection import cross_val_predict
    from sklearn.tree import DecisionTreeClassifier
    rng = np.random.RandomState(0)
    n = min(len(a), len(b))
    x = np.vstack([v[rng.permutation(len(v))[:n]] for v in (a, b)])
    y = np.repeat([0, 1], n)
    tree = DecisionTreeClassifier(criterion="entropy", min_samples_leaf=5,
                                  random_state=0)
    right = (cross_val_predict(tree, x, y, cv=3) == y).mean()
    return right, tree.fit(x, y).feature_importances_


def distance(a, b):
    """Kolmogorov-Smirnov: largest difference of two distributions."""
    a, b = np.sort(a), np.sort(b)
    x = np.concatenate([a, b])
    return np.abs(np.searchsorted(a, x, "right") / len(a) -
                  np.searchsorted(b, x, "right") / len(b)).max()


def show_telling(names, sim, other, real):
    section("Telling simulated from real rows of a class (0.5: cannot)")
    print("floor: telling two simulated captures (seeds 1 and 2) apart, which "
          "differ by chance only;\ndistance: mean over the columns of the "
          "largest difference of two distributions")
    free = [j for j, n in enumerate(names) if not n.startswith("HH_jit")
            or not n.endswith("mean")]
    for name in real:
        s, o, r = sim[name][:, free], other[name][:, free], real[name][:, free]
        right, use = tell_apart(s, r)
        sys.stdout.flush()
        floor = tell_apart(s, o)[0]
        far = np.mean([distance(s[:, j], r[:, j]) for j in range(len(free))])
        near = np.mean([distance(s[:, j], o[:, j]) for j in range(len(free))])
        top = [names[free[j]] for j in np.argsort(-use)[:4] if use[j] > 0.02]
        print(f"{name:15s} {right:.3f} (floor {floor:.3f})  distance {far:.3f} "
              f"(floor {near:.3f})  {', '.join(top)}")


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    names, real, tcp = read_real(sys.argv[1])
    pt = Capture(sys.argv[2])
    print("simulated capture against real rows of N-BaIoT")
    show_means(pt)
    show_copies(names, pt, tcp)
    matrix = [Capture(path, SHARE) for path in sys.argv[3:]]
    x, other = (c.matrix() for c in matrix)
    sim = like_sample(names, x, matrix[0].attack)
    show_oddities(names, sim, real)
    # As many rows of each class as the real sample has.
    rng = np.random.RandomState(2)
    even = np.vstack([sim[n][rng.choice(len(sim[n]), len(r))]
                      for n, r in real.items()])
    show_columns("Columns, all devices, class shares of the real sample", names,
                 even, np.vstack(list(real.values())))
    some = np.random.RandomState(3).random_sample(len(pt.rows)) < 0.1
    show_transfer(names, real, {
        "nine devices": (x, matrix[0].attack),
        "PT_737E": (pt.matrix()[some], pt.attack[some])})
    show_telling(names, sim, like_sample(names, other, matrix[1].attack), real)


main()
