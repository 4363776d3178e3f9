#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The OneR ranking of all features: Weka beside botsieve, and botsieve's own
cross-validation of trees beside its ranking.

  rank.py BOTSIEVE DATA.h5 [--weka-rows N] [--repeat N]

Weka 3.6 (Debian's package) ranks the first N rows of a shuffle, written as ARFF,
which it reads itself; botsieve reads the same ARFF (convert + rank). Ratios are
of wall times in this one run: whole commands, and without what each needs to
start and to read (Weka: ZeroR trained on the same file). The rankings must
agree, or there is no figure. Install Weka by install-peers.sh beside this file."""
import argparse
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import h5py
import numpy as np

# One thread, so that its processor time can stand for its time on an idle machine.
JAVA = ["java", "-Xmx8g", "-XX:+UseSerialGC", "-cp", "/usr/share/java/weka.jar"]
parser = argparse.ArgumentParser()
parser.add_argument("botsieve")
parser.add_argument("data")
parser.add_argument("--weka-rows", type=int, default=100000)
parser.add_argument("--repeat", type=int, default=3)
args = parser.parse_args()
cores = len(os.sched_getaffinity(0))


def run(command):
    """Wall seconds, and standard output and error."""
    start = time.perf_counter()
    done = subprocess.run(list(map(str, command)), check=True, text=True,
                          capture_output=True)
    return time.perf_counter() - start, done.stdout, done.stderr


def processor_seconds():
    """Of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def botsieve(*words):
    return run([args.botsieve, *words, "--threads", cores])


def phase(log, name):
    """Seconds of a phase, from the program's log."""
    return float(re.search(r"\] %s:? +([0-9.]+) s" % name, log)[1])


def write_arff(path):
    with h5py.File(args.data) as f:
        names = [n.decode() for n in f["feature"][:]]
        classes = [n.decode() for n in f["class_name"][:]]
        n, d = f["X"].shape
        pick = np.random.default_rng(1).permutation(n)[:args.weka_rows]
        x = np.empty((len(pick), d))
        for j in range(d):
            x[:, j] = f["X"][:, j][pick]
        y = f["y"][:][pick]
    with open(path, "w", encoding="utf-8") as out:
        out.write("@relation r\n")
        for name in names:
            out.write("@attribute %s numeric\n" % name)
        out.write("@attribute class {%s}\n@data\n" % ",".join(classes))
        for row, k in zip(x.tolist(), y.tolist()):
            out.write(",".join(map(repr, row)) + "," + classes[k] + "\n")
    return len(pick), d


def ranked(text):
    """Lines of merit, number and name."""
    return re.findall(r"^ *([0-9.]+) +(\d+) (\S+) *$", text, re.M)


def main():
    with tempfile.TemporaryDirectory() as folder:
        arff, h5 = folder + "/w.arff", folder + "/w.h5"
        n, d = write_arff(arff)
        convert = run([args.botsieve, "convert", arff, "--output", h5])[0]
        ours = [botsieve("rank", h5, "--weka", "3.6") for _ in range(args.repeat)]
        before = processor_seconds()
        theirs, text, _ = run(JAVA + ["weka.attributeSelection.OneRAttributeEval", "-i",
                                      arff, "-s", "weka.attributeSelection.Ranker"])
        busy = processor_seconds() - before
        assert ranked(text) == ranked(ours[0][1]) and len(ranked(text)) == d
        start = run(JAVA + ["weka.classifiers.rules.ZeroR", "-t", arff, "-o",
                            "-no-cv"])[0]
        whole = statistics.median(o[0] for o in ours)
        work = statistics.median(phase(o[2], "sort") + phase(o[2], "rank") for o in ours)
        print("%d rows, %d features, %d cores; the same ranking" % (n, d, cores))
        print("Weka 3.6: %.1f s (%.1f s of processor); botsieve rank %.2f s, "
              "convert %.2f s" % (theirs, busy, whole, convert))
        print("ratio of whole commands: %.0f to rank, %.0f to convert + rank"
              % (theirs / whole, theirs / (whole + convert)))
        print("without starting and reading: Weka %.1f s, botsieve (sort and rank) %.3f s: "
              "ratio %.0f" % (theirs - start, work, (theirs - start) / work), flush=True)
    logs = [(botsieve("rank", args.data)[2], botsieve("cv", args.data)[2])
            for _ in range(args.repeat)]
    rank = statistics.median(phase(a, "rank") for a, _ in logs)
    train = statistics.median(phase(b, "train") for _, b in logs)
    print("%s: rank %.2f s, ten trees and one %.2f s: %.2f of it"
          % (os.path.basename(args.data), rank, train, rank / train))


if __name__ == "__main__":
    sys.exit(main())
