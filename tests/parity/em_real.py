#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""botsieve em on the real sample: the two ways of summing agree, and where they
do not, by how much: of each kind of column the worst. With --weka also Weka
3.6.14 itself (a few minutes)."""
import argparse
import json
import math
import os
import subprocess
import sys
import tempfile

import em_differential
import sides


def em(botsieve, h5, k, sums):
    results = os.path.join(botsieve.folder, "em.json")
    out = botsieve.run("em", h5, "--clusters", k, "--weka", "3.6", "--sums",
                       sums, "--json", results)
    code, error = botsieve.done()
    assert code == 0, error
    with open(results, encoding="ascii") as file, \
            open(out, encoding="ascii") as text:
        return json.load(file), text.read()


def write_arff(h5, path):
    import h5py
    with h5py.File(h5) as file, open(path, "w", encoding="ascii") as arff:
        names, classes = (file[n].asstr()[:] for n in ("feature", "class_name"))
        arff.write("@relation r\n")
        for name in names:
            arff.write(f"@attribute '{name}' numeric\n")
        arff.write(f"@attribute family {{{','.join(classes)}}}\n@data\n")
        for row, y in zip(file["X"][:].tolist(), file["y"][:]):
            arff.write(",".join(map(repr, row)) + f",{classes[y]}\n")


def print_worst(off):
    """A line for each kind of column: how far apart at most, and where."""
    worst = {}
    for entry in off: # ascending: the last of a kind stays
        window = entry[1].split("_")
        kind = f"{window[0]}_.._{window[-1]}"
        worst[kind] = entry
    print("| columns | values apart by at most | where | mean | deviation |\n"
          "|---|--:|---|--:|--:|")
    for kind, (apart, name, what, mean, sd) in sorted(
            worst.items(), key=lambda item: -item[1][0]):
        if apart > 1e-12:
            print(f"| {kind} | {apart:.0e} | {what} of {name} | {mean:.4g} "
                  f"| {sd:.4g} |")


def agreement(a, b, k):
    """Digits that the models have in common, relative to what a value counts:
    a mean to the deviation beside it."""
    assert a["classes_to_clusters"] == b["classes_to_clusters"]
    assert a["sizes"] == b["sizes"] and a["iterations"] == b["iterations"]
    names = a["data"]["features"]
    off = [(abs(x - y) / s, name, "mean", x, s)
           for m, n, sd in zip(a["means"], b["means"], b["sds"])
           for x, y, s, name in zip(m, n, sd, names)]
    off += [(abs(x - y) / y, name, "deviation", z, y)
            for m, n, mean in zip(a["sds"], b["sds"], b["means"])
            for x, y, z, name in zip(m, n, mean, names)]
    off.sort()
    print_worst(off)
    likelihood = abs(a["log_likelihood"] / b["log_likelihood"] - 1)
    print(f"{k} clusters: {-math.log10(off[len(off) // 2][0] + 1e-17):.1f} "
          f"digits in common (median), worst {off[-1][0]:.1e} "
          f"({off[-1][1]}), log-likelihood {likelihood:.1e}")
    # 1.5e9 with deviations of 1e3: there Weka's sums keep four digits.
    assert off[len(off) // 2][0] < 1e-13
    assert off[-1][0] < 1e-3 and likelihood < 1e-6


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--weka", action="store_true")
    options = parser.parse_args()
    archive = os.path.join(os.environ.get("BOTSIEVE_REAL_DATA", ""),
                           "nbaiot-sample.tar.xz")
    if not os.path.exists(archive):
        print("skipped: BOTSIEVE_REAL_DATA does not name the real rows")
        return 77
    with tempfile.TemporaryDirectory() as folder, \
            open(os.path.join(folder, "log"), "w", encoding="utf-8") as log:
        subprocess.run(["tar", "-xJf", archive, "-C", folder], check=True)
        h5, arff = (os.path.join(folder, n) for n in ("a.h5", "a.arff"))
        botsieve = sides.Botsieve(options.program, folder, log)
        botsieve.run("convert", os.path.join(folder, "sample"), "--output", h5)
        code, error = botsieve.done()
        assert code == 0, error
        if options.weka:
            write_arff(h5, arff)
            weka = sides.Java("EmFigures", folder, log, "-Xmx3g")
        for k in (3, 5):
            row_by_row, text = em(botsieve, h5, k, "weka")
            agreement(row_by_row, em(botsieve, h5, k, "exact")[0], k)
            if options.weka:
                weka.ask(f"{arff}\t-N {k}")
                result = em_differential.compare(row_by_row, text,
                                                 json.loads(weka.answer()))
                print(f"{k} clusters, --sums weka beside Weka: {result}")
                assert result in ("bits", "print")
        botsieve.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
