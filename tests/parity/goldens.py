#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""J48 against what Weka 3.6.14 and 3.8.7 computed once (tests/golden): tree
text, leaves and size of every tree, and the figures of the cross-validation to
the last digit.

    goldens.py PARITY_MANY FOLDER"""

import hashlib
import json
import lzma
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sides

GOLDEN = os.path.join(sides.HERE, "..", "golden")
SAMPLES = os.environ.get("WEKA_SAMPLES", "/usr/share/doc/weka/examples")
VERSIONS = {"3.6": "weka-3.6.14", "3.8": "weka-3.8.7"}
MADE = ["ties", "tiny", "cont", "noise", "iot"]
TAKEN = ["iris", "glass", "ionosphere", "diabetes", "segment-challenge", "unbalanced"]
OPTIONS = {"": "-", "-C 0.1 -M 5": "C=0.1 M=5", "-U": "U", "-S": "S", "-O": "O", "-J": "J"}


def arff_of(name, folder):
    """The data set as a file, or None where Debian's weka-doc is missing."""
    if name in TAKEN:
        path = os.path.join(SAMPLES, name + ".arff")
        return path if os.path.exists(path) else None
    path = os.path.join(folder, name + ".arff")
    with open(path, "wb") as f:
        f.write(lzma.open(os.path.join(GOLDEN, "data", name + ".arff.xz")).read())
    return path


def check_digest(path):
    """The golden figures are of exactly these bytes."""
    name = os.path.basename(path)
    digest = hashlib.sha256(open(path, "rb").read()).hexdigest()
    readme = open(os.path.join(GOLDEN, "weka-3.6.14", "README.md")).read()
    assert digest + "  " + name in readme, "%s is another file" % name


def differences(want, got):
    """Names of what differs between a golden run and ours."""
    cv, bad = want["cv"], []

    def check(name, a, b):
        if a != b:
            bad.append("%s: %r, Weka %r" % (name, b, a))

    text = got["model"]["text"]
    check("text", want["tree_sha256"], hashlib.sha256(text.encode()).hexdigest())
    check("leaves", want["leaves"], got["model"]["leaves"])
    check("size", want["size"], got["model"]["size"])
    for name in ("confusion", "correct", "incorrect", "unclassified", "kappa",
                 "mae", "rmse", "rae", "rrse"):
        check(name, cv[name], got[name])
    check("accuracy", cv["pct_correct"], 100 * got["correct"] / cv["total"])
    check("auc", cv["auc"], [c["roc_area"] for c in got["per_class"]])
    check("weighted auc", cv["weighted_auc"], got["weighted"]["roc_area"])
    for name in ("tp_rate", "fp_rate", "precision", "f_measure"):
        check(name, cv[name], [c[name] for c in got["per_class"]])
    check("folds", [(f["training_rows"], f["leaves"], f["size"]) for f in want["cv_folds"]],
          [(f["train"], f["leaves"], f["size"]) for f in got["folds"]])
    return bad


def main(program, folder):
    os.makedirs(folder, exist_ok=True)
    log = open(os.path.join(folder, "botsieve.log"), "w")
    ours = sides.Botsieve(program, folder, log)
    asked, missing = [], []
    for name in MADE + TAKEN:
        arff, data = arff_of(name, folder), os.path.join(folder, name + ".h5")
        if arff is None:
            missing.append(name)
            continue
        check_digest(arff)
        ours.run("convert", arff, "--output", data)
        asked.append(("convert", name, None, None, None))
        for rules, version in VERSIONS.items():
            golden = json.load(open(os.path.join(GOLDEN, version, name + ".j48.json")))
            for i, run in enumerate(golden["runs"]):
                path = os.path.join(folder, "%s.%s.%d.json" % (name, rules, i))
                words = sides.flags(OPTIONS[run["options"].strip()])
                out = ours.run("cv", data, "--weka", rules, "--json", path, *words)
                asked.append((rules, name, run, path, out))
    runs = failed = 0
    for rules, name, run, path, out in asked:
        code, text = ours.done()
        if text.startswith("BOTSIEVE_ISA"):
            print("skipped: " + text)
            return 77
        if code != 0:
            print("%s %s: %s" % (name, rules, text))
            failed += 1
        elif run is not None:
            bad = differences(run, json.load(open(path)))
            if run["cv"]["summary"].strip() not in open(out).read():
                bad.append("the printed summary")
            for line in bad:
                print("%s, %s rules, options '%s': %s" % (name, rules, run["options"], line))
            failed += bool(bad)
            runs += 1
    ours.close()
    print("%d runs of Weka 3.6.14 and 3.8.7 compared, %d differ" % (runs, failed))
    if missing:
        print("not compared, for want of %s (package weka-doc): %s" % (SAMPLES, " ".join(missing)))
    return 1 if failed or runs == 0 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
