#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Real Weka 3.6.14 beside botsieve --weka 3.6 over random data sets: the ranking
by OneRAttributeEval and Ranker, and ZeroR, OneR and naive Bayes.

Ranking, ZeroR and OneR: every digit and every line printed. Naive Bayes: every
line printed; Java's exp may round the last bit of a probability the other way, so
its figures may differ by CLOSE, and those sets are counted.

    learner_differential.py --program PARITY_MANY --folder DIR [--sets N] [--seed N]"""

import argparse
import json
import os
import re
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import differential
import families
import sides

LEARNERS = ("zeror", "oner", "nb")
CLOSE = 1e-13
MOST = 20000  # rows: Weka sorts a column for every attribute and fold


def ranking(weka, ours, printed):
    bad = []
    got = [[e["index"], e["merit"]] for e in ours["ranking"]]
    if got != weka["ranked"]:
        bad.append("ranked: %r, Weka %r" % (got, weka["ranked"]))
    start = printed.index("=== Attribute Selection")
    differential.check_lines("printed", weka["printed"].strip(),
                             printed[start:].split("\nIdentical columns")[0], bad)
    return bad


def columns(text):
    """Where Java writes a digit too many (see plain_numbers), columns move."""
    return "\n".join(" ".join(line.split()) if re.search(r"\dE-?\d", line) else line
                     for line in text.strip().split("\n"))


def learned(weka, ours, printed):
    """What differs, and whether figures agree to the last digit."""
    bad = []
    figures = [ours[n] for n in ("kappa", "mae", "rmse", "rae", "rrse")]
    figures += [c["roc_area"] for c in ours["per_class"]]
    pairs = list(zip(weka["figures"], figures))
    if any((a is None) != (b is None) or (a is not None and
            abs(a - b) > CLOSE * max(1, abs(a))) for a, b in pairs):
        bad.append("figures: %r, Weka %r" % (figures, weka["figures"]))
    differential.check_lines("model", columns(weka["model"]), columns(ours["model"]["text"]),
                             bad)
    start = printed.index("=== Stratified")
    differential.check_lines("printed", weka["printed"].strip(), printed[start:], bad)
    return bad, figures == weka["figures"]


class Comparison:
    def __init__(self, arguments, log):
        self.folder = arguments.folder
        self.weka = sides.Java("LearnerFigures", self.folder, log, "-Xmx3g")
        self.ours = sides.Botsieve(arguments.program, self.folder, log, arguments.ranks)
        self.refused = self.close = self.cases = self.failed = 0

    def botsieve(self, *words):
        """Exit code, error, results and text of a command."""
        path = os.path.join(self.folder, "results.json")
        out = self.ours.run(*words, "--weka", "3.6", "--json", path)
        code, error = self.ours.done()
        if code != 0:
            return code, error, None, None
        with open(path, encoding="utf-8") as file, open(out, encoding="utf-8") as text:
            return code, error, json.load(file), text.read()

    def compare(self, what, weka, answer):
        """Lines that tell what differs."""
        code, error, ours, printed = answer
        self.cases += 1
        if "error" in weka: # then there is nothing to compare, but no crash either
            self.refused += 1
            return []
        if code != 0:
            return ["botsieve: %d %s" % (code, error)]
        if what == "rank":
            return ranking(weka, ours, printed)
        bad, same = learned(weka, ours, printed)
        if not same and what != "nb":
            bad.append("figures differ in the last digits")
        self.close += not same
        return bad

    def run(self, name, data, run, bucket):
        arff, h5 = (os.path.join(self.folder, "set." + end) for end in ("arff", "h5"))
        data.write_arff(arff)
        self.weka.ask("\t".join([arff, *map(str, run), str(bucket)]))
        self.ours.run("convert", arff, "--output", h5)
        assert self.ours.done()[0] == 0
        options = ["--folds", run[0], "--seed=%d" % run[1]]
        answers = {"rank": self.botsieve("rank", h5, *options, "--min-bucket", bucket)}
        for learner in LEARNERS:
            answers[learner] = self.botsieve("cv", h5, *options, "--learner", learner)
        weka = json.loads(self.weka.answer())
        for what, answer in answers.items():
            bad = self.compare(what, weka[what], answer)
            self.failed += bool(bad)
            for line in bad:
                print("%s of family %s, folds %d, seed %d, bucket %d: %s"
                      % (what, name, *run, bucket, line[:600]), flush=True)
            if bad:
                keep = os.path.join(self.folder, "difference.%d.arff" % self.failed)
                shutil.copy(arff, keep)
                print("kept in " + keep)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--program", required=True)
    p.add_argument("--folder", required=True)
    p.add_argument("--sets", type=int, default=60)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--ranks", type=int, default=1)
    arguments = p.parse_args()
    if shutil.which("javac") is None or not os.path.exists(sides.WEKA_JAR):
        print("skipped: a JDK (default-jdk-headless) and %s (package weka) are needed"
              % sides.WEKA_JAR)
        return 77
    os.makedirs(arguments.folder, exist_ok=True)
    names = [n for n, (_, share) in families.FAMILIES.items() for _ in range(share)]
    with open(os.path.join(arguments.folder, "log"), "w", encoding="utf-8") as log:
        comparison = Comparison(arguments, log)
        for i in range(arguments.sets):
            r = families.np.random.default_rng([arguments.seed, 5, i])
            name = names[r.integers(0, len(names))]
            data = families.FAMILIES[name][0](r)
            if len(data.y) > MOST:
                data = data.part(range(MOST), range(data.x.shape[1]))
            comparison.run(name, data, families.draw_run(r, len(data.y)),
                           int(r.choice([1, 3, 6, 6, 6, 20])))
        comparison.ours.close()
        comparison.weka.close()
    print("%d sets, %d cases, %d differ; %d have no answer in Weka, %d of naive Bayes "
          "equal but for last digits" % (arguments.sets, comparison.cases, comparison.failed,
                                         comparison.refused, comparison.close))
    return 1 if comparison.failed or comparison.refused == comparison.cases else 0


if __name__ == "__main__":
    sys.exit(main())
