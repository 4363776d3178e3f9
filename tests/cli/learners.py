#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""rank and cv of OneR, ZeroR and naive Bayes against what Weka computed.

learners.py BOTSIEVE: for every set of made-up rows below, Weka itself (3.6, the
Debian package) runs on the same ARFF file. Skipped without Weka or Java.
"""
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

JAR = "/usr/share/java/weka.jar"
BOTSIEVE = sys.argv[1]
WORK = tempfile.mkdtemp()


def weka(*args):
    return subprocess.run(["java", "-Xmx2g", "-cp", JAR] + list(args),
                          check=True, capture_output=True, text=True).stdout


def botsieve(*args):
    run = subprocess.run([BOTSIEVE] + list(args), capture_output=True,
                         text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


def make(path, seed, rows, classes):
    """Ties, a twin, a constant, offsets, classes that follow some columns."""
    r = random.Random(seed)
    with open(path, "w", encoding="ascii") as f:
        f.write("@relation r\n")
        for j in range(8):
            f.write("@attribute a%d numeric\n" % j)
        f.write("@attribute class {%s}\n@data\n" %
                ",".join("c%d" % k for k in range(classes)))
        for _ in range(rows):
            k = r.randrange(classes)
            a = int(k + 3 * r.random())
            f.write("%d,%.3f,%d,%d,%.2f,7,%.6g,%.1f,c%d\n" % (
                a, k + 2 * r.random(), a, r.randrange(9),
                1e6 + k * 0.37 + r.random(), (k + 1) * r.random() ** 3,
                r.random(), k))


def squeeze(text):
    return re.sub(r"[ \t]+", " ", text).strip()


def ranked(text):
    """Lines from 'Ranked attributes' on, and the selection."""
    at = text.index("Ranked attributes:")
    return squeeze(text[at:text.index("\n", text.index("Selected", at))])


def cross_validated(text):
    at = text.index("=== Stratified cross-validation ===")
    end = text.find("\n[", at)
    return squeeze(re.sub(r"\n+", "\n", text[at:end if end > 0 else None]))


def check(name, seed, rows, classes):
    arff, data = WORK + "/%s.arff" % name, WORK + "/%s.h5" % name
    make(arff, seed, rows, classes)
    botsieve("convert", arff, "--output", data)
    want = weka("weka.attributeSelection.OneRAttributeEval", "-i", arff,
                "-s", "weka.attributeSelection.Ranker")
    got = botsieve("rank", data, "--weka", "3.6")
    assert ranked(got) == ranked(want), (name, got, want)
    assert "a0 = a2" in got.split("Identical columns", 1)[1], got
    for learner, cls in (("oner", "rules.OneR"), ("zeror", "rules.ZeroR"),
                         ("nb", "bayes.NaiveBayes"), ("j48", "trees.J48")):
        want = weka("weka.classifiers." + cls, "-t", arff, "-i")
        got = botsieve("cv", data, "--weka", "3.6", "--learner", learner)
        assert cross_validated(got) == cross_validated(want), (
            name, learner, got, want)


def check_top(data):
    """top:K is the ranking's head; inside folds, what AttributeSelectedClassifier
    does."""
    out = WORK + "/r.json"
    botsieve("rank", data, "--json", out)
    ranking = [x["name"] for x in json.load(open(out))["ranking"]]
    botsieve("cv", data, "--features", "top:3", "--json", out)
    top = json.load(open(out))
    assert sorted(top["data"]["features"]) == sorted(ranking[:3])
    named = WORK + "/named.json"
    botsieve("cv", data, "--features", ",".join(ranking[:3]), "--json", named)
    assert json.load(open(named))["confusion"] == top["confusion"]
    botsieve("cv", data, "--features", "top:3@fold", "--json", out,
             "--weka", "3.6")
    inside = json.load(open(out))
    assert all(len(f["features"]) == 3 for f in inside["folds"])
    want = weka("weka.classifiers.meta.AttributeSelectedClassifier", "-t",
                data.replace(".h5", ".arff"), "-i",
                "-E", "weka.attributeSelection.OneRAttributeEval",
                "-S", "weka.attributeSelection.Ranker -N 3",
                "-W", "weka.classifiers.trees.J48")
    got = botsieve("cv", data, "--features", "top:3@fold", "--weka", "3.6")
    assert cross_validated(got) == cross_validated(want), (got, want)


def main():
    if not os.path.exists(JAR) or shutil.which("java") is None:
        print("skipped: no Weka in %s or no java" % JAR)
        return 77
    check("two", 1, 300, 2)
    check("five", 2, 700, 5)
    check_top(WORK + "/five.h5")
    print("as Weka has it")
    return 0


if __name__ == "__main__":
    try:
        code = main()
    finally:
        shutil.rmtree(WORK)
    sys.exit(code)
