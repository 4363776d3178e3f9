#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Real Weka 3.6.14 beside botsieve --weka 3.6 over random data sets: trees,
folds, figures to the last digit, printed text.

    differential.py --program PARITY_MANY --folder DIR [--sets N] [--seed N]
    differential.py --program PARITY_MANY --folder DIR --arff FILE --case "FOLDS SEED OPTIONS"

The first difference is made small and kept in DIR/difference, with the command
that shows it again. Exit code 77 where Weka or Java is missing."""

import argparse
import itertools
import json
import lzma
import os
import re
import shlex
import shutil
import sys
import tarfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import families
import sides

SAMPLES = "/usr/share/doc/weka/examples"
SAMPLE_SETS = ["iris", "iris.2D", "glass", "ionosphere", "diabetes",
               "segment-challenge", "segment-test", "unbalanced"]
FIGURES = ["tp_rate", "fp_rate", "precision", "recall", "f_measure", "roc_area"]
CASES_A_SET = 4


class Case:
    def __init__(self, family, arff, data, folds, seed, options):
        self.family, self.arff, self.data = family, arff, data
        self.folds, self.seed, self.options = folds, seed, options

    def name(self):
        return "%d %d %s" % (self.folds, self.seed, self.options)


def plain_numbers(text):
    """Before release 19 Java sometimes wrote a digit more than a double needs
    (JDK-4511638): 2.0E16 and 2.0000000000000001E16 are the same text here if
    they read back to the same double."""
    return re.sub(r"-?\d+\.\d+E-?\d+", lambda m: repr(float(m[0])), text)


def check_lines(name, want, got, bad):
    """Note the first few lines that differ."""
    want, got = plain_numbers(want), plain_numbers(got)
    pairs = itertools.zip_longest(got.strip().split("\n"), want.strip().split("\n"))
    lines = [(i, *p) for i, p in enumerate(pairs, 1) if p[0] != p[1]]
    bad += ["%s, line %d: %r, Weka %r" % (name, *line) for line in lines[:3]]


def differences(weka, code, text, ours, printed):
    """What differs between Weka's figures and ours; nothing where both fail."""
    if "error" in weka:
        return ["Weka: " + weka["error"]]
    if weka.get("endless"):
        return [] if code == 1 and "never end" in text else [
            "Weka never ends, botsieve: %d %s" % (code, text)]
    if code != 0:
        return ["botsieve: " + text]
    bad = []

    def check(name, a, b):
        if a != b:
            bad.append("%s: %r, Weka %r" % (name, b, a))

    check_lines("tree", weka["text"], ours["model"]["text"], bad)
    for name in ("leaves", "size"):
        check(name, weka[name], ours["model"][name])
    check("folds", weka["folds"],
          [[f["train"], f["leaves"], f["size"], f["confusion"]] for f in ours["folds"]])
    for name in ("confusion", "unclassified", "correct", "incorrect", "kappa",
                 "mae", "rmse", "rae", "rrse"):
        check(name, weka[name], ours[name])
    check("per_class", weka["per_class"], [[c[n] for n in FIGURES] for c in ours["per_class"]])
    check("weighted", weka["weighted"], [ours["weighted"][n] for n in FIGURES])
    start = printed.index("=== Stratified")
    check_lines("printed", weka["printed"], printed[start:], bad)
    return bad


class Comparison:
    def __init__(self, program, folder, ranks=1, words=""):
        self.words = words.split()
        self.folder = folder
        log = open(os.path.join(folder, "log"), "w")
        self.weka = sides.Weka(self.folder, log)
        self.ours = sides.Botsieve(program, folder, log, ranks)
        self.sets = 0
        self.endless = 0

    def case_files(self):
        self.sets += 1
        return [os.path.join(self.folder, "set.%d.%s" % (self.sets, end))
                for end in ("arff", "h5")]

    def run(self, cases):
        """Lists of differences, one a case; both sides work at the same time."""
        converted, outs = set(), []
        for c in cases:
            if c.data not in converted:
                self.ours.run("convert", c.arff, "--output", c.data)
                converted.add(c.data)
                outs.append((None, None))
            result = c.data + ".json"
            out = self.ours.run("cv", c.data, "--weka", "3.6", "--folds", c.folds,
                                "--seed=%d" % c.seed, "--json", result + str(len(outs)),
                                *self.words, *sides.flags(c.options))
            outs.append((result + str(len(outs)), out))
            self.weka.cv(c.arff, c.folds, c.seed, c.options)
        answers, broken = [], ""
        for result, out in outs:
            code, text = self.ours.done()
            if result is None:
                broken = text if code != 0 else ""
                continue
            ours = json.load(open(result)) if code == 0 else None
            printed = open(out, encoding="utf-8").read()
            answers.append((code, broken or text, ours, printed))
            for path in (result, out):
                if os.path.exists(path):
                    os.remove(path)
        bad = []
        for a in answers:
            weka = self.weka.figures()
            self.endless += weka.get("endless", False)
            bad.append(differences(weka, *a))
        return bad

    def run_data(self, data, family, runs):
        """Compare a data set under each of runs; returns the differences."""
        arff, h5 = self.case_files()
        data.write_arff(arff)
        cases = [Case(family, arff, h5, *r) for r in runs]
        bad = self.run(cases)
        for path in (arff, h5):
            if os.path.exists(path):
                os.remove(path)
        return bad

    def close(self):
        self.weka.close()
        self.ours.close()


def shrink(comparison, data, run, seconds=120):
    """Fewer rows and columns that still show a difference: pieces are left out
    as long as it stays."""
    end = time.time() + seconds
    folds, seed, options = run

    def differs(rows, columns):
        if len(rows) < 2 or not columns:
            return False
        part = data.part(rows, columns)
        short = (min(folds, len(rows)), seed, options)
        return bool(comparison.run_data(part, "shrink", [short])[0])

    rows, columns = list(range(len(data.y))), list(range(data.x.shape[1]))
    piece = max(len(rows) // 2, 1)
    while time.time() < end:
        before = len(rows) + len(columns)
        for j in list(columns):
            rest = [c for c in columns if c != j]
            if differs(rows, rest):
                columns = rest
        start = 0
        while start < len(rows) and time.time() < end:
            rest = rows[:start] + rows[start + piece:]
            if differs(rest, columns):
                rows = rest
            else:
                start += piece
        if piece == 1 and len(rows) + len(columns) == before:
            break
        piece = max(piece // 2, 1)
    return data.part(rows, columns), (min(folds, len(rows)), seed, options)


def keep(comparison, data, run, family, bad, arguments):
    """Write the difference down."""
    folder = os.path.join(comparison.folder, "difference")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    path = os.path.join(folder, "data.arff")
    data.write_arff(path)
    again = [os.path.abspath(__file__), "--program", arguments.program, "--folder",
             comparison.folder, "--arff", path, "--case", "%d %d %s" % run]
    with open(os.path.join(folder, "README"), "w") as f:
        f.write("Family %s. Run again:\n  %s\n\n%s\n"
                % (family, shlex.join(again), "\n".join(bad)))
    print("kept in %s; again: %s" % (folder, shlex.join(again)))


def draw_sets(arguments):
    """(family, Data or ARFF file, runs), each a set of its own random state."""
    names = [n for n, (_, share) in families.FAMILIES.items() for _ in range(share)]
    if arguments.family:
        names = [n for n in names if n == arguments.family]
    for i in range(arguments.sets):
        r = families.np.random.default_rng([arguments.seed, i])
        name = names[i % len(names)] if arguments.family else names[r.integers(0, len(names))]
        data = families.FAMILIES[name][0](r)
        n = len(data.y)
        cases = 1 if n > 5000 else CASES_A_SET
        yield name, data, [(*families.draw_run(r, n), families.draw_options(r))
                           for _ in range(cases)]


def sample_sets(arguments):
    """Weka's own examples."""
    for i, name in enumerate(SAMPLE_SETS if arguments.samples else []):
        path = os.path.join(SAMPLES, name + ".arff")
        if os.path.exists(path):
            r = families.np.random.default_rng([arguments.seed, 7, i])
            runs = [(10, 1, "-")]
            runs += [(*families.draw_run(r, 100), families.draw_options(r))
                     for _ in range(arguments.samples)]
            yield "weka-doc", path, runs


def real_data(folder):
    """Real rows as one Data, in the order of the archive: the sample, and every
    fourth row of the one complete file as another class of its own."""
    np, x, y = families.np, [], []
    classes = ["benign", "gafgyt", "mirai", "ennio-gafgyt-tcp"]
    with tarfile.open(os.path.join(folder, "nbaiot-sample.tar.xz")) as tar:
        for member in sorted(m.name for m in tar.getmembers() if m.name.endswith(".csv")):
            rows = np.loadtxt(tar.extractfile(member), delimiter=",", skiprows=1, ndmin=2)
            code = [k for k in range(3) if classes[k] in member][0]
            x.append(rows)
            y.append(np.full(len(rows), code))
    with lzma.open(os.path.join(folder, "ennio-gafgyt-tcp.csv.xz"), "rt") as f:
        header = f.readline().strip().split(",")
        rows = np.loadtxt(itertools.islice(f, 0, None, 4), delimiter=",", ndmin=2)
    x.append(rows)
    y.append(np.full(len(rows), 3))
    return families.Data(np.vstack(x), np.concatenate(y), classes, header)


def real_sets(arguments):
    """Real rows: parts of the sample, the sample, the sample and the capture."""
    folder = os.environ.get("BOTSIEVE_REAL_DATA")
    if not arguments.real:
        return
    if not folder or not os.path.exists(os.path.join(folder, "nbaiot-sample.tar.xz")):
        print("no real rows: BOTSIEVE_REAL_DATA names no folder with nbaiot-sample.tar.xz")
        return
    data = real_data(folder)
    sample = families.np.flatnonzero(data.y < 3)
    every = range(data.x.shape[1])
    for i in range(arguments.real):
        r = families.np.random.default_rng([arguments.seed, 9, i])
        part = families.np.sort(r.choice(sample, families.rows(r, 200, 3000), replace=False))
        columns = every if i % 2 else sorted(r.choice(len(every), 10, replace=False).tolist())
        yield "real", data.part(part, columns), [
            (*families.draw_run(r, len(part)), families.draw_options(r)) for _ in range(4)]
    if arguments.real > 1:
        yield "real", data.part(sample, every), [(10, 1, "-")]
        yield "real", data, [(3, 1, "-")]


def one_file(arguments):
    folds, seed, options = arguments.case.split(" ", 2)
    yield "file", arguments.arff, [(int(folds), int(seed), options)]


def compare_all(comparison, sets, arguments):
    """Count cases and differences by family."""
    counts, first = {}, True
    end = time.time() + arguments.seconds
    for family, data, runs in sets:
        if time.time() > end:
            break
        if isinstance(data, str):
            h5 = comparison.case_files()[1]
            bad = comparison.run([Case(family, data, h5, *r) for r in runs])
        else:
            bad = comparison.run_data(data, family, runs)
        count = counts.setdefault(family, [0, 0, 0])
        count[0] += 1
        count[1] += len(runs)
        count[2] += sum(map(bool, bad))
        for run, lines in zip(runs, bad):
            if not lines:
                continue
            print("DIFFERENT: %s, set %d, case %d %d %s:" % (family, comparison.sets, *run))
            print("\n".join("  " + line[:600] for line in lines), flush=True)
            if first and not isinstance(data, str):
                small, run = shrink(comparison, data, run)
                again = comparison.run_data(small, family, [run])[0]
                keep(comparison, small, run, family, again, arguments)
            first = False
    return counts


def parse():
    p = argparse.ArgumentParser()
    p.add_argument("--program", required=True)
    p.add_argument("--folder", required=True)
    p.add_argument("--sets", type=int, default=75)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--family")
    p.add_argument("--ranks", type=int, default=1)
    p.add_argument("--words", default="", help="further words for botsieve cv")
    p.add_argument("--samples", type=int, default=1, help="runs of Weka's examples")
    p.add_argument("--real", type=int, default=1, help="parts of the real rows; "
                   "2 and more: all of them too")
    p.add_argument("--seconds", type=float, default=1e9, help="stop after so long")
    p.add_argument("--arff")
    p.add_argument("--case")
    return p.parse_args()


def main():
    arguments = parse()
    for need in (shutil.which("javac"), os.path.exists(sides.WEKA_JAR)):
        if not need:
            print("skipped: a JDK (default-jdk-headless) and %s (package weka) are needed"
                  % sides.WEKA_JAR)
            return 77
    os.makedirs(arguments.folder, exist_ok=True)
    comparison = Comparison(arguments.program, os.path.abspath(arguments.folder),
                            arguments.ranks, arguments.words)
    start = time.time()
    if arguments.arff:
        counts = compare_all(comparison, one_file(arguments), arguments)
    else:
        counts = compare_all(comparison, sample_sets(arguments), arguments)
        for sets in (real_sets, draw_sets):
            counts.update(compare_all(comparison, sets(arguments), arguments))
    comparison.close()
    print("%-10s %6s %6s %9s" % ("family", "sets", "cases", "different"))
    for name, c in sorted(counts.items()) + [("all", [sum(x) for x in zip(*counts.values())])]:
        print("%-10s %6d %6d %9d" % (name, *c))
    print("%d of the cases never end in Weka, and are refused here; %.0f s"
          % (comparison.endless, time.time() - start))
    return 1 if any(c[2] for c in counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
