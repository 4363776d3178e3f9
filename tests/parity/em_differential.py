#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""botsieve em --sums weka beside Weka 3.6.14 itself, over random data sets:
every line that Weka prints, and the model to the last digit.

An exp or log that Java's library rounds the other way changes last bits; where
Weka's sums cancel, these grow. Such models may differ, but they must be few, they
are counted, and iteration by iteration the first difference must be in the last
bits."""
import argparse
import json
import math
import os
import random
import shutil
import sys
import tempfile

import sides

NAMES = (("priors", "priors"), ("means", "mean"), ("sds", "sd"))
LAST_BITS = 1e-12
HEADER = "=== Clustering stats for training data ==="


def column(draw, groups, rows):
    """Values of one column, by the rows' groups: some kind of it at random."""
    kind = draw.randrange(9)
    scale = 10.0 ** draw.randint(-4, 5)
    centre = [draw.gauss(0, 3) for _ in range(8)]
    if kind == 0:
        return [7.25] * len(rows)
    if kind == 1:
        return [float(draw.randrange(3)) for _ in rows]
    if kind == 2:
        return [float(groups[r] % 2) for r in rows]
    if kind == 3:
        return [round(centre[groups[r]] + draw.gauss(0, 1), 1) for r in rows]
    if kind == 4:
        return [math.exp(draw.gauss(0, 2)) * scale for r in rows]
    if kind == 5:
        return [-0.0 if draw.random() < 0.3 else 0.0 if draw.random() < 0.5
                else draw.random() for r in rows]
    return [(centre[groups[r]] + draw.gauss(0, 1)) * scale for r in rows]


def make(draw, path):
    n = draw.choice([1, 2, 5, 9, 10, 11, 30, 60, 100, 200, 300])
    d = draw.choice([1, 2, 3, 4, 6, 9])
    groups = [draw.randrange(draw.randint(1, 5)) for _ in range(n)]
    rows = list(range(n))
    columns = [column(draw, groups, rows) for _ in range(d)]
    if draw.random() < 0.2: # repeated rows
        rows = [draw.choice(rows) for _ in rows]
    classes = draw.randint(1, 4)
    with open(path, "w", encoding="ascii") as file:
        file.write("@relation r\n")
        for j in range(d):
            file.write(f"@attribute {'x' * draw.randint(1, 14)}{j} numeric\n")
        names = [f"c{i}" for i in range(classes)]
        file.write(f"@attribute class {{{','.join(names)}}}\n@data\n")
        for r in rows:
            file.write(",".join(repr(c[r]) for c in columns) +
                       f",c{min(groups[r], classes - 1)}\n")


def same_line(a, b):
    """Equal, or numbers that read back equal: Java before 19 writes large ones
    with a digit more than needed."""
    if a == b:
        return True
    x, y = a.split(), b.split()
    return len(x) == len(y) and all(
        s == t or ("E" in s and "E" in t and float(s) == float(t))
        for s, t in zip(x, y))


def flat(value):
    return [x for row in value for x in flat(row)] \
        if isinstance(value, list) else [value]


def distance(ours, weka):
    """Largest relative difference of the two models' numbers."""
    apart = 0
    for a, b in NAMES:
        x, y = flat(ours[a]), flat(weka[b])
        if len(x) != len(y):
            return math.inf
        apart = max([apart, *(abs(s - t) / max(abs(s), abs(t))
                              for s, t in zip(x, y) if s != t)])
    return apart


def compare(ours, text, weka):
    """"bits", "print", or what differs."""
    theirs = weka["text"].partition(HEADER)[2].strip("\n").splitlines()
    lines = text.strip("\n").splitlines()
    if len(lines) != len(theirs):
        return f"{len(lines)} lines for {len(theirs)}"
    for a, b in zip(lines, theirs):
        if not same_line(a, b):
            return f"'{a}' for '{b}'"
    return "print" if distance(ours, weka) else "bits"


def em(botsieve, folder, h5, k, seed, *options):
    """The model and what is printed, or the error and None."""
    results = os.path.join(folder, "em.json")
    out = botsieve.run("em", h5, "--clusters", k, "--weka", "3.6", "--sums",
                       "weka", "--seed", seed, "--json", results, *options)
    code, error = botsieve.done()
    if code != 0:
        return error, None
    with open(results, encoding="ascii") as file, \
            open(out, encoding="ascii") as text:
        return json.load(file), text.read()


def first_difference(botsieve, weka, folder, k, seed):
    """The iterations after which the models differ first, and by how much."""
    arff, h5 = (os.path.join(folder, name) for name in ("a.arff", "a.h5"))
    for iterations in range(1, 101):
        weka.ask(f"{arff}\t-N {k} -S {seed} -I {iterations}")
        ours, _ = em(botsieve, folder, h5, k, seed, "--max-iterations",
                     iterations)
        apart = distance(ours, json.loads(weka.answer()))
        if apart:
            return iterations, apart
    return 0, 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--sets", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not os.path.exists(sides.WEKA_JAR) or shutil.which("javac") is None:
        print("skipped: Weka 3.6.14 or Java is missing")
        return 77
    draw = random.Random(options.seed)
    count = {"bits": 0, "print": 0, "refused by both": 0}
    other, faults = [], 0
    with tempfile.TemporaryDirectory() as folder, \
            open(os.path.join(folder, "log"), "w", encoding="ascii") as log:
        weka = sides.Java("EmFigures", folder, log)
        botsieve = sides.Botsieve(options.program, folder, log)
        for i in range(options.sets):
            arff, h5 = (os.path.join(folder, name) for name in ("a.arff",
                                                                "a.h5"))
            make(draw, arff)
            k = draw.choice(["auto", "1", "2", "3", "3", "5", "12"])
            seed = draw.choice([100, 100, 1, -7])
            weka.ask(f"{arff}\t-N {'-1' if k == 'auto' else k} -S {seed}")
            botsieve.run("convert", arff, "--output", h5)
            code, error = botsieve.done()
            assert code == 0, error
            ours, text = em(botsieve, folder, h5, k, seed)
            theirs = json.loads(weka.answer())
            if text is None or "failed" in theirs:
                result = "refused by both" if text is None and \
                    "failed" in theirs else f"{ours}, {theirs}"
                faults += result != "refused by both"
            else:
                result = compare(ours, text, theirs)
            if result in count:
                count[result] += 1
            else:
                if text is not None and "failed" not in theirs:
                    after, apart = first_difference(
                        botsieve, weka, folder, theirs["clusters"]
                        if k == "auto" else k, seed)
                    result += (f"; first apart after iteration {after}, "
                               f"by {apart:.1e}")
                    faults += apart > LAST_BITS
                other.append(f"set {i}, {k} clusters: {result}")
                shutil.copy(arff, f"/tmp/em-differs.{i}.arff") \
                    if "BOTSIEVE_KEEP" in os.environ else None
        weka.close()
        botsieve.close()
    print("\n".join(other))
    print(f"{options.sets} data sets: {count['bits']} models with all bits, "
          f"{count['print']} with every printed digit, {len(other)} others, "
          f"{count['refused by both']} refused by both; {faults} faults")
    return 1 if faults or len(other) > options.sets // 50 else 0


if __name__ == "__main__":
    sys.exit(main())
