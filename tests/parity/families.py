# SPDX-License-Identifier: BSD-3-Clause
"""Families of random data sets for the comparison with Weka: what J48's
tolerances, ties and small counts make difficult. A data set is a Data; the same
random state gives the same data set."""

import numpy as np


class Data:
    """x (n, d) float64, y (n) class codes, names of features and classes."""

    def __init__(self, x, y, classes, features=None):
        self.x = np.asarray(x, dtype=np.float64)
        self.y = np.asarray(y, dtype=np.int64)
        self.classes = (
            ["c%d" % k for k in range(classes)]
            if isinstance(classes, int)
            else list(classes)
        )
        self.features = features or ["f%d" % j for j in range(self.x.shape[1])]

    def part(self, rows, columns):
        return Data(
            self.x[np.ix_(rows, columns)],
            self.y[rows],
            self.classes,
            [self.features[j] for j in columns],
        )

    def write_arff(self, path):
        def quoted(name):
            plain = name.replace("_", "").replace("-", "").isalnum()
            if plain:
                return name
            return "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"

        with open(path, "w") as f:
            f.write("@relation made\n")
            for name in self.features:
                f.write("@attribute %s numeric\n" % quoted(name))
            names = [quoted(c) for c in self.classes]
            f.write("@attribute class {%s}\n@data\n" % ",".join(names))
            for row, y in zip(self.x.tolist(), self.y.tolist()):
                f.write(",".join(map(repr, row)) + "," + names[y] + "\n")


# Columns: each takes the random state and n, and gives n values.


def few(r, n):
    return r.integers(0, r.integers(2, 12), n).astype(float)


def grid6(r, n):
    return r.integers(0, 8 * r.integers(2, 14), n) * 1e-6


def grid5(r, n):
    return r.integers(0, 3) * 1000 + r.integers(0, 8 * r.integers(2, 14), n) * 1e-5


def sums(r, n):
    step = r.choice([1e-5, 1e-6])
    table = np.cumsum(np.full(60, step))
    return table[r.integers(0, r.integers(3, 60), n)]


def walk(r, n):
    steps = [0, 1e-6, 1e-6, 9.999999e-7, 4e-6, 1e-5, 1e-5, 1.0000001e-5]
    steps += [9.99e-6, 1.1e-5, 2e-5, 5e-7]
    x = np.cumsum(r.choice(steps, n))
    return r.permutation(x) if r.random() < 0.8 else x


def safe_walk(r, n):
    """The same without steps of 1e-6, where the rules of 3.6 may never end."""
    steps = [0, 4e-6, 1e-5, 1e-5, 1.0000001e-5, 9.99e-6, 1.1e-5, 2e-5, 3e-7]
    return r.permutation(np.cumsum(r.choice(steps, n)))


def uniform(r, n):
    return r.random(n) * 100


def normal(r, n):
    return r.normal(0, 1, n)


def constant(r, n):
    return np.full(n, float(r.integers(0, 3)))


def zeros(r, n):
    return r.choice([0, -0.0, 0, -0.0, 1, -1, 1e-5, -1.1e-5, 2e-6][: r.choice([6, 9])], n)


def offset(r, n):
    return 1e9 + r.integers(0, 20 * r.integers(2, 14), n) * r.choice([1e-5, 1e-3, 1])


def huge(r, n):
    return (r.random(n) - 0.5) * 2 * 10.0 ** r.integers(10, 18)


def exponents(r, n):
    return 10.0 ** r.integers(-12, 13, n) * r.choice([1, 1, 1, -1], n)


def tiny(r, n):
    return r.random(n) * 1.5e-5


def near(r, n):
    return r.integers(0, r.integers(2, 12), n) + r.integers(0, 5, n) * 5e-7


def extreme(r, n):
    return r.choice([5e-324, 1e-310, 1e-300, 1e300, -1e300, 8e307, 0, 1, 2, r.choice([3, 1.5e308])], n)


def decimals(r, n):
    """What decimal formats have to round: halves in the seventh decimal."""
    return (r.integers(0, 4000, n) + 0.5) * 1e-6 + r.integers(0, 5, n)


KINDS = [few, grid5, sums, walk, safe_walk, uniform, normal, constant, zeros]
KINDS += [offset, huge, exponents, tiny, near, decimals, extreme]


def columns(r, n, kinds, d):
    x = np.empty((n, d))
    for j in range(d):
        x[:, j] = kinds[r.integers(0, len(kinds))](r, n)
    return x


def copies(r, x):
    """Some columns become copies of others, exactly or nearly."""
    for j in range(1, x.shape[1]):
        if r.random() < 0.5:
            x[:, j] = x[:, r.integers(0, j)]
            if r.random() < 0.4:
                x[r.integers(0, len(x)), j] += r.choice([1e-7, 1e-6, 2e-5, 1])
            if r.random() < 0.2:
                x[:, j] = -x[:, j]
    return x


def labels(r, x, classes, noise=None, used=None):
    """Classes by thresholds on two columns, with noise."""
    n, d = x.shape
    noise = r.random() * 0.6 if noise is None else noise
    y = np.zeros(n, dtype=np.int64)
    for weight in range(1, 1 + int(np.ceil(np.log2(max(classes, 2))))):
        j = r.integers(0, d)
        y += (x[:, j] > x[r.integers(0, n), j]) * 2 ** (weight - 1)
    y %= classes
    wrong = r.random(n) < noise
    y[wrong] = r.integers(0, classes, wrong.sum())
    if used is not None:
        y = np.asarray(used)[y % len(used)]
    return y


def rows(r, low=10, high=400):
    """Sizes spread evenly by their logarithm."""
    return int(np.exp(r.uniform(np.log(low), np.log(high + 1))))


def made(r, kinds, low=10, high=600, most_features=8, most_classes=4):
    n, d = rows(r, low, high), int(r.integers(1, most_features + 1))
    classes = int(r.integers(2, most_classes + 1))
    x = columns(r, n, kinds, d)
    return Data(x, labels(r, x, classes), classes)


def family_ties(r):
    return made(r, [few, few, zeros, constant], high=2000)


def family_gaps5(r):
    return made(r, [grid5, walk, safe_walk, tiny, sums])


def family_gaps6(r):
    return made(r, [grid6, near, sums, walk, grid5], high=200)


def family_copies(r):
    n = rows(r)
    x = copies(r, columns(r, n, [few, uniform, grid5, constant, zeros], 8))
    return Data(x, labels(r, x, 3), 3)


def family_classes(r):
    """Up to 30 classes, some without rows, some with very few."""
    n, classes = rows(r, 30, 1500), int(r.integers(2, 31))
    x = columns(r, n, [few, uniform, normal], int(r.integers(2, 7)))
    used = r.permutation(classes)[: max(1, int(classes * r.choice([0.3, 0.7, 1])))]
    y = labels(r, x, classes, used=used)
    if r.random() < 0.5:
        common = used[0]
        y[r.random(n) < 0.9] = common
    return Data(x, y, classes)


def family_small(r):
    return made(r, KINDS, low=4, high=40, most_classes=6)


def family_scales(r):
    return made(r, [offset, huge, exponents, extreme], high=1500)


def family_mixed(r):
    return made(r, KINDS, high=1000, most_features=12, most_classes=8)


def family_noise(r):
    n = rows(r, 50, 2000)
    x = columns(r, n, [normal, few, uniform], 5)
    return Data(x, r.integers(0, 3, n), 3)


def family_names(r):
    """Names that make tables and trees of other widths."""
    pool = ["a b", "it's", "x" * 40, "é", "ü-1", "c", "10", "q%d", "long name %s"]
    data = made(r, [few, normal, decimals], low=30, high=300)
    data.classes = [pool[i] for i in r.permutation(len(pool))[: len(data.classes)]]
    data.features = ["%s f%d" % (pool[r.integers(0, 8)], j) for j in range(len(data.features))]
    return data


def family_iot(r):
    """Traffic statistics: windows of one signal, copies, offsets, many ties,
    three families of rows."""
    n = rows(r, 200, 1500)
    y = np.sort(r.choice(3, n, p=[0.1, 0.3, 0.6]))
    base = np.array([60, 74, 500])[y] + r.integers(0, 3, n) * np.array([400, 0, 60])[y]
    blocks = []
    for decay in (5, 3, 1, 0.1, 0.01):
        weight = 1 + r.exponential(20 / decay, n) * (1 + y)
        mean = base + r.normal(0, decay, n) * (r.random(n) < 0.5)
        variance = np.where(r.random(n) < 0.3, 0, r.exponential(1000, n) * (y + 1))
        weight = np.round(weight, 6)
        blocks += [weight, mean, variance, weight, mean, np.sqrt(variance)]
        blocks += [variance * 1e3, 1.5e9 + r.random(n) * 100, np.round(variance)]
        blocks += [np.where(y == 2, 0, mean * 1e-12), np.zeros(n)]
    return Data(np.column_stack(blocks), y, ["benign", "gafgyt", "mirai"])


def family_large(r):
    n = rows(r, 5000, 50000)
    x = columns(r, n, [few, uniform, offset, normal], int(r.integers(2, 6)))
    return Data(x, labels(r, x, 3, noise=r.random() * 0.1), 3)


def family_crowd(r):
    """More values within a gap than 16 bits count; cuts only where another
    column leaves few of them."""
    n = int(r.integers(70000, 150000))
    x = np.zeros((n, 2))
    x[:, 0] = r.permutation(n) * (1.6e-5 / n)
    y = np.zeros(n, dtype=np.int64)
    for code, rows_of in ((1, x[:, 0] < 2e-6), (2, x[:, 0] > 1.3e-5)):
        chosen = r.permutation(np.flatnonzero(rows_of))[: r.integers(20, 200)]
        x[chosen, 1] = 1
        y[chosen] = code
    return Data(x, y, 3)


def family_oneclass(r):
    """All rows of one of several classes (Weka refuses a class attribute that
    declares one only), or all but one row."""
    data = made(r, [few, uniform], low=5, high=60)
    data.y[:] = r.integers(0, len(data.classes))
    if r.random() < 0.3:
        data.y[0] = r.integers(0, len(data.classes))
    return data


# Family: share of the data sets of a run.
FAMILIES = {
    "ties": (family_ties, 10),
    "gaps5": (family_gaps5, 12),
    "gaps6": (family_gaps6, 12),
    "copies": (family_copies, 8),
    "classes": (family_classes, 10),
    "small": (family_small, 14),
    "scales": (family_scales, 8),
    "mixed": (family_mixed, 12),
    "noise": (family_noise, 4),
    "names": (family_names, 4),
    "iot": (family_iot, 4),
    "oneclass": (family_oneclass, 2),
    "large": (family_large, 1),
    "crowd": (family_crowd, 1),
}


def draw_options(r):
    """Options of J48 as words."""
    words = []
    if r.random() < 0.4:
        words.append("C=%s" % r.choice(["0.1", "0.5", "0.05", "0.4", "0.01", "0.6"]))
    if r.random() < 0.5:
        words.append("M=%d" % r.choice([1, 1, 3, 5, 10, 30]))
    if r.random() < 0.25:
        words.append("U")
    if r.random() < 0.25:
        words.append("S")
    return " ".join(words) or "-"


def draw_run(r, n):
    """Folds and seed of a cross-validation."""
    folds = int(r.choice([2, 3, 5, 7, 10, 10, 10, 13, 20]))
    seed = int(r.choice([1, 1, 1, 2, 42, -3, 123456789, -2147483648]))
    return min(folds, n), seed
