#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""botsieve em beside the recorded results of both versions of Weka.

--sums weka: the same number of clusters, the same text to the last printed
digit, the same table of classes by clusters, and parameters that differ by less
than 1e-9 relative: an exp or log that Java's library rounds the other way is
the only difference, and most models have all 17 digits in common.

--sums exact: the same too, on data where Weka's own sums do not cancel; iot is
where they do."""
import json
import lzma
import os
import sys
import tempfile

import sides

HERE = os.path.join(sides.HERE, "../golden")
EXAMPLES = "/usr/share/doc/weka/examples"
VERSIONS = {"3.6": "weka-3.6.14", "3.8": "weka-3.8.7"}


def data_file(botsieve, name):
    """The data set as a data file; None where Weka's examples are missing."""
    path = os.path.join(botsieve.folder, name + ".h5")
    packed = os.path.join(HERE, "data", name + ".arff.xz")
    source = f"{EXAMPLES}/{name}.arff"
    if os.path.exists(packed):
        source = os.path.join(botsieve.folder, name + ".arff")
        with lzma.open(packed) as file, open(source, "wb") as plain:
            plain.write(file.read())
    elif not os.path.exists(source):
        return None
    botsieve.run("convert", source, "--output", path)
    code, error = botsieve.done()
    assert code == 0, error
    return path


def goldens():
    """(version, data set, --clusters, what Weka found), by data set."""
    found = []
    for version, folder in VERSIONS.items():
        for file in os.listdir(os.path.join(HERE, folder)):
            name, _, kind = file.removesuffix(".json").partition(".em-")
            if kind:
                with open(os.path.join(HERE, folder, file)) as text:
                    found.append((name, kind, version, json.load(text)))
    assert len(found) == 42, len(found)
    return sorted(found, key=lambda g: g[:3])


def em(botsieve, path, kind, version, sums):
    results = os.path.join(botsieve.folder, "em.json")
    out = botsieve.run("em", path, "--clusters", kind, "--weka", version,
                       "--sums", sums, "--json", results)
    code, error = botsieve.done()
    assert code == 0, (path, kind, version, error)
    with open(results, encoding="utf-8") as file, \
            open(out, encoding="utf-8") as text:
        printed = text.read()
        return json.load(file), printed[printed.index("Clustered Instances"):]


def flat(value):
    return [x for row in value for x in flat(row)] \
        if isinstance(value, list) else [value]


def distance(ours, theirs, name):
    """Largest relative difference, of values that count beside others."""
    a, b = flat(ours[name[0]]), flat(theirs[name[1]])
    assert len(a) == len(b)
    return max(abs(x - y) / max(abs(x), abs(y), 1e-300)
               for x, y in zip(a, b)) if a != b else 0


NAMES = [("log_likelihood", "loglikelihood"), ("priors", "priors"),
         ("means", "mean"), ("sds", "sd")]


def check(botsieve, sums, tolerance, cases):
    """Compare; returns how many data sets were missing."""
    exact = compared = 0
    files = {}
    for name, kind, version, theirs in cases:
        if name not in files:
            files[name] = data_file(botsieve, name)
        if files[name] is None:
            continue
        ours, text = em(botsieve, files[name], kind, version, sums)
        what = (name, kind, version, sums)
        assert ours["clusters"] == theirs["clusters"], what
        assert text.strip("\n") == theirs["printed"].strip("\n"), \
            (what, text, theirs["printed"])
        mapped = ours["classes_to_clusters"]
        assert mapped["counts"] == theirs["class_by_cluster"], what
        assert [-1 if c is None else c for c in mapped["mapping"]] == \
            theirs["cluster_to_class"], what
        assert mapped["incorrect"] == theirs["classes_to_clusters_errors"]
        assert ours["sizes"] == theirs["cluster_sizes"], what
        off = max(distance(ours, theirs, names) for names in NAMES)
        assert off <= tolerance(name, kind), (what, off)
        exact += off == 0
        compared += 1
    print(f"--sums {sums}: {compared} models compared, all with every printed "
          f"digit, {exact} with every bit")
    return len(cases) - compared


def exact_tolerance(name, kind):
    """Of --sums exact. With 18 or 19 clusters some have means of 0, which are
    1e-17 in one of the two and have no digits to compare."""
    if kind == "auto" and name in ("segment-challenge", "unbalanced"):
        return 1
    return 1e-5 if name == "ties" else 1e-7


def main():
    cases = goldens()
    # Where Weka's sums cancel, exact ones find another model.
    sound = [g for g in cases if g[0] != "iot"]
    with tempfile.TemporaryDirectory() as folder, \
            open(os.path.join(folder, "log"), "w", encoding="utf-8") as log:
        botsieve = sides.Botsieve(sys.argv[1], folder, log)
        missing = check(botsieve, "weka", lambda *_: 1e-9, cases)
        check(botsieve, "exact", exact_tolerance, sound)
        botsieve.close()
    if missing:
        print(f"skipped: {missing} models, as {EXAMPLES} is missing")
        return 77
    return 0


if __name__ == "__main__":
    sys.exit(main())
