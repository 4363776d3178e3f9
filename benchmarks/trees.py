#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Ten-fold cross-validation of exact trees, botsieve beside its peers.

  trees.py BOTSIEVE DATA.h5 [--peers sklearn,rpart,weka] [--rows N]
           [--repeat N] [--features all|table1] [--lightgbm lib_lightgbm.so]

Every figure is the wall time of a whole task on the cores this process may use,
all in one run; in brackets the processor time, the one to look at beside other
work:
  botsieve  the whole command from a cached data file: load, sort, ten trees on
            the folds, the tree on all rows, figures
  sklearn   DecisionTreeClassifier(entropy, min_samples_leaf=2), ten folds over
            joblib processes, from the matrix in memory
  rpart     information split, cp 0, minbucket 2, ten fits over processes;
            reading the matrix is part of the processor time alone
  weka      J48 -x 10, and botsieve convert + cv; reading ARFF is part of both
  lightgbm  see lightgbm_peer.py, where --lightgbm names a build of it: trees of
            as many leaves as botsieve's largest on the folds
rpart and weka run on the first N rows of a shuffle, and so does botsieve beside
them.
Prints the ratio of each peer's median to botsieve's. Peers are installed by
install-peers.sh beside this file."""
import argparse, json, os, resource, subprocess, sys, tempfile, time

import h5py
import numpy as np

import lightgbm_peer

parser = argparse.ArgumentParser()
parser.add_argument("botsieve")
parser.add_argument("data")
parser.add_argument("--peers", default="sklearn,rpart,weka")
parser.add_argument("--rows", type=int, default=100000)
parser.add_argument("--repeat", type=int, default=5)
parser.add_argument("--features", default="all")
parser.add_argument("--lightgbm")
args = parser.parse_args()
cores = len(os.sched_getaffinity(0))
table1 = ("MI_dir_L0.1_mean H_L0.1_mean MI_dir_L0.01_mean MI_dir_L1_mean "
          "H_L1_mean H_L0.01_mean H_L5_mean MI_dir_L3_mean H_L3_mean "
          "MI_dir_L5_mean").split()


def processor_seconds():
    """Of all children that ended."""
    use = resource.getrusage(resource.RUSAGE_CHILDREN)
    return use.ru_utime + use.ru_stime


def seconds(command):
    """(wall, processor)"""
    start, before = time.perf_counter(), processor_seconds()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    return np.array([time.perf_counter() - start,
                     processor_seconds() - before])


def botsieve(path, extra=()):
    return seconds([args.botsieve, "cv", path, "--threads", str(cores),
                    *extra])


def load():
    with h5py.File(args.data) as f:
        names = [n.decode() for n in f["feature"][:]]
        columns = [j for j, n in enumerate(names)
                   if args.features == "all" or n in table1]
        x = np.empty((f["X"].shape[0], len(columns)))
        for i, j in enumerate(columns):
            x[:, i] = f["X"][:, j]
        return x, f["y"][:].astype(int), [names[j] for j in columns]


def sklearn_seconds(x, y):
    from joblib import Parallel, delayed
    from sklearn.model_selection import StratifiedKFold
    from sklearn.tree import DecisionTreeClassifier

    def fold(train, test):
        tree = DecisionTreeClassifier(criterion="entropy", min_samples_leaf=2,
                                      random_state=1)
        tree.fit(x[train], y[train])
        return (tree.predict(x[test]) == y[test]).sum(), tree.get_n_leaves()
    folds = StratifiedKFold(10, shuffle=True, random_state=1).split(x, y)
    start = time.perf_counter()
    done = Parallel(n_jobs=cores)(delayed(fold)(*f) for f in folds)
    return (time.perf_counter() - start,
            "%d wrong, %d leaves in the first fold" %
            (len(y) - sum(d[0] for d in done), done[0][1]))


def beside_lightgbm(x, y, options, wall):
    with tempfile.TemporaryDirectory() as folder:
        results = folder + "/cv.json"
        botsieve(args.data, [*options, "--json", results])
        with open(results) as file:
            leaves = max(f["leaves"] for f in json.load(file)["folds"])
    fold = np.random.default_rng(1).permutation(np.resize(np.arange(10), len(y)))
    for trees, per_class in (("one tree", False), ("a tree a class", True)):
        took, note = lightgbm_peer.seconds(args.lightgbm, x, y, fold, leaves,
                                           cores, per_class)
        print("lightgbm, ten folds, %s of %d leaves: %.1f s, ratio %.2f (%s)" %
              (trees, leaves, took, took / wall, note), flush=True)


def rpart_seconds(x, y, folder):
    x.T.tofile(folder + "/x.bin")
    y.astype("<i4").tofile(folder + "/y.bin")
    before = processor_seconds()
    script = r"""
      library(rpart); library(parallel)
      a <- commandArgs(TRUE); n <- as.integer(a[2]); d <- as.integer(a[3])
      m <- as.data.frame(matrix(readBin(file.path(a[1], "x.bin"), "double",
                                        n * d), n, d))
      m$y <- factor(readBin(file.path(a[1], "y.bin"), "integer", n))
      set.seed(1); fold <- sample(rep_len(1:10, n))
      s <- proc.time()[["elapsed"]]
      wrong <- mclapply(1:10, mc.cores = as.integer(a[4]), function(f) {
        t <- rpart(y ~ ., m[fold != f, ], method = "class",
                   parms = list(split = "information"),
                   control = rpart.control(cp = 0, minbucket = 2, minsplit = 4,
                                           xval = 0, maxcompete = 0,
                                           maxsurrogate = 0))
        p <- predict(t, m[fold == f, ], type = "class")
        c(sum(p != m$y[fold == f]), sum(t$frame$var == "<leaf>"))
      })
      cat(proc.time()[["elapsed"]] - s, Reduce(`+`, wrong)[1], wrong[[1]][2])
    """
    out = subprocess.run(["Rscript", "-e", script, folder, str(len(y)),
                          str(x.shape[1]), str(cores)], check=True,
                         capture_output=True, text=True).stdout.split()
    return (np.array([float(out[0]), processor_seconds() - before]),
            "%s wrong, %s leaves in the first fold" % (out[1], out[2]))


def write_arff(path, x, y, names):
    with open(path, "w") as out:
        out.write("@relation r\n")
        for n in names:
            out.write("@attribute %s numeric\n" % n)
        out.write("@attribute class {%s}\n@data\n" %
                  ",".join("c%d" % k for k in range(y.max() + 1)))
        for row, k in zip(x.tolist(), y.tolist()):
            out.write(",".join(map(repr, row)) + ",c%d\n" % k)


def beside(peer, took, ours, note):
    """A peer's time and botsieve's: (wall, processor)."""
    print("%s, %d rows: %.1f s (%.1f s), botsieve %.2f s (%.2f s), ratio %.1f "
          "(%.1f)%s" % (peer, args.rows, *took, *ours, *took / ours, note),
          flush=True)


def on_fewer_rows(peers, x, y, names, folder):
    pick = np.random.default_rng(1).permutation(len(y))[:args.rows]
    args.rows = len(pick)
    x, y = x[pick], y[pick]
    arff, h5 = folder + "/w.arff", folder + "/w.h5"
    write_arff(arff, x, y, names)
    convert = seconds([args.botsieve, "convert", arff, "--output", h5])
    cv = np.median([botsieve(h5) for _ in range(3)], axis=0)
    if "rpart" in peers:
        took, note = rpart_seconds(x, y, folder)
        beside("rpart, ten fits", took, cv, ", " + note)
    if "weka" in peers:
        took = seconds(["java", "-Xmx16g", "-cp", "/usr/share/java/weka.jar",
                        "weka.classifiers.trees.J48", "-t", arff, "-x", "10",
                        "-o"])
        beside("weka J48 -x 10", took, convert + cv, "")


def main():
    options = ["--features", args.features]
    ours = [botsieve(args.data, options)
            for _ in range(args.repeat + 1)][1:]
    wall, cpu = np.median(ours, axis=0)
    print("%d cores; botsieve cv, %s features: median %.2f s (%.2f s), %.2f to "
          "%.2f s, %d runs" % (cores, args.features, wall, cpu, min(ours,
          key=tuple)[0], max(ours, key=tuple)[0], len(ours)), flush=True)
    peers = args.peers.split(",")
    x, y, names = load()
    if "sklearn" in peers:
        took, note = sklearn_seconds(x, y)
        print("sklearn, ten folds: %.1f s, ratio %.1f (%s)" %
              (took, took / wall, note), flush=True)
    if args.lightgbm:
        beside_lightgbm(x, y, options, wall)
    with tempfile.TemporaryDirectory() as folder:
        if "rpart" in peers or "weka" in peers:
            on_fewer_rows(peers, x, y, names, folder)
    again = [botsieve(args.data, options) for _ in range(args.repeat)]
    print("botsieve again: median %.2f s (%.2f s)" %
          tuple(np.median(again, axis=0)))


if __name__ == "__main__":
    sys.exit(main())
