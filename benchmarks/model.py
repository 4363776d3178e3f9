#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Time and memory of cv, em, rank and convert against ranks, from rates that are
measured here and a network that is assumed.

  model.py BOTSIEVE DATA.h5 [--output DIR] [--check] [options]

Runs cv and em once on one core, and cv once on a group of two ranks for its
messages; then writes DIR/model.csv, DIR/model.svg and prints a table of what
0.83, 7, 80 and 800 million rows need on up to 4,096 ranks of one thread.
--check compares prediction and program for 1 to 16 ranks of this machine.

The model, n rows of d columns (c of them distinct), R ranks, r of them on a
node:
  load      every node reads all: the largest of 8 n d / (r x a rank's rate),
            8 n d / node's rate, nodes x 8 n d / file system's rate
  sort      s n log2 n x ceil(c / cores of a node) / c: each node sorts all
  trees     G groups of q = R / G ranks, G as bs_layout_groups chooses it; a
            group's k = ceil(11 / G) trees share work: W n log2 n x
            (1 + 0.12 (k - 1)) x (0.96 ceil(c / q) / c + 0.04), as each rank
            looks after all rows (0.12, 0.04: as that function has them), and
            the messages of k trees
  em        ceil(blocks / cores) / blocks x pass per iteration, blocks of 2,048
            rows, and one Allreduce of the statistics
Collectives, p ranks, m bytes, a: latency, b: seconds a byte, g: seconds to add
a byte (R. Thakur, R. Rabenseifner, W. Gropp, Optimization of Collective
Communication Operations in MPICH, IJHPCA 19(1), 2005, sections 4.1 and 4.5):
  Allgather  ceil(log2 p) a + (p - 1) / p m b     (recursive doubling)
  Allreduce  the lesser of  ceil(log2 p) (a + m b + m g)  (recursive doubling)
             and 2 ceil(log2 p) a + (p - 1) / p m (2 b + g)    (Rabenseifner)
"""
import argparse
import csv
import math
import os
import sys
import tempfile

import chart
import runs

ROW_BLOCK = 2048     # BS_ROW_BLOCK, src/cluster.h
OWN_SHARE = 0.04     # of a tree's work that every rank of a group does
TREE_SHARE = 0.12    # of a tree's work that one more tree of a group adds
TREES = 11           # ten folds and the tree on all rows
MOST_TOGETHER = 16   # BS_TREES, kernels/lists.h
CLASSES = 3
SIZES = [828260, 7062606, 80000000, 800000000]
ASSUMED = {"latency": 2e-6, "bandwidth": 10e9, "add": 4e9,
           "node_read": 2e9, "system_read": 50e9, "node_memory": 256e9}


def calibrate(launcher, data, folder):
    """Rates of one core of this machine, on this file."""
    runs.read_through(data)
    cv = launcher.run(["cv", data], folder=folder)
    em = launcher.run(["em", data], folder=folder)
    pair = launcher.run(["cv", data, "--layout", "1x2"], ranks=2,
                        folder=folder)
    rank = launcher.run(["rank", data], folder=folder)
    phase = {name: p["seconds"] for name, p in cv["phases"].items()}
    return {"rows": cv["rows"], "columns": 115, "distinct": cv["distinct"],
            "load": phase["load"], "sort": phase["sort"],
            "tree": phase["train"] / shared_cost(TREES),
            "serial": phase["tables"] + phase["folds"] + phase["evaluate"],
            "rank": rank["phases"]["rank"]["seconds"],
            "messages": pair["tree_messages"],
            "message_bytes": pair["tree_megabytes"] * 1e6,
            "em_start": em["em_start_seconds"],
            "em_pass": em["em_seconds"] / em["em_iterations"],
            "em_iterations": em["em_iterations"],
            "em_bytes": em["em_message_bytes"]}


def allgather(ranks, size, net):
    if ranks == 1:
        return 0
    return (math.ceil(math.log2(ranks)) * net["latency"] +
            (ranks - 1) / ranks * size / net["bandwidth"])


def allreduce(ranks, size, net):
    if ranks == 1:
        return 0
    steps, byte = math.ceil(math.log2(ranks)), 1 / net["bandwidth"]
    add = 1 / net["add"]
    return min(steps * (net["latency"] + size * (byte + add)),
               2 * steps * net["latency"] +
               (ranks - 1) / ranks * size * (2 * byte + add))


def shared_cost(trees):
    """Of trees that grow together, in trees."""
    return 1 + TREE_SHARE * (trees - 1)


def layout_groups(ranks, trees, most):
    """As bs_layout_groups in src/cv.c, for the trees of one experiment, which
    can all grow together."""
    best, least = 1, None
    for groups in range(1, min(ranks, trees, most) + 1):
        each = ranks // groups
        time = (shared_cost(math.ceil(trees / groups)) *
                (1 + OWN_SHARE * (each - 1)) / each)
        if least is None or time < least:
            best, least = groups, time
    return best


def growth(cal, rows):
    """n log n against that of the measured file."""
    return rows * math.log2(rows) / (cal["rows"] * math.log2(cal["rows"]))


def load_seconds(cal, rows, nodes, per_node, net):
    size = 8.0 * rows * cal["columns"]
    alone = cal["load"] * rows / cal["rows"]
    return max(alone / per_node, size / net["node_read"],
               nodes * size / net["system_read"])


def sort_seconds(cal, rows, cores):
    columns = cal["distinct"]
    return (cal["sort"] * growth(cal, rows) * math.ceil(columns / cores) /
            columns)


def tree_seconds(cal, rows, each, threads, net):
    """(compute, messages) of one tree on a group of (each) ranks."""
    columns = cal["distinct"]
    share = math.ceil(columns / (each * threads)) / columns
    if each * threads > 1:
        share = (1 - OWN_SHARE) * share + OWN_SHARE
    bytes_ = cal["message_bytes"] * rows / cal["rows"]
    messages = cal["messages"] * allgather(each, bytes_ / cal["messages"], net)
    return cal["tree"] * growth(cal, rows) * share, messages


def predict_cv(cal, rows, nodes, ranks, threads, net):
    per_node = math.ceil(ranks / nodes)
    groups = groups_that_fit(cal, rows, nodes, ranks, threads, net)
    each, own = ranks // groups, math.ceil(TREES / groups)
    compute, messages = tree_seconds(cal, rows, each, threads, net)
    scale = rows / cal["rows"]
    return {"load": load_seconds(cal, rows, nodes, per_node, net),
            "sort": sort_seconds(cal, rows, per_node * threads),
            "trees": shared_cost(own) * compute, "messages": own * messages,
            "other": cal["serial"] * scale}


def predict_em(cal, rows, nodes, ranks, threads, net):
    per_node = math.ceil(ranks / nodes)
    blocks = math.ceil(rows / ROW_BLOCK)
    share = math.ceil(blocks / (ranks * threads)) / blocks
    scale = rows / cal["rows"]
    return {"load": load_seconds(cal, rows, nodes, per_node, net),
            "start": cal["em_start"] * scale * share,
            "passes": cal["em_iterations"] * cal["em_pass"] * scale * share,
            "messages": cal["em_iterations"] *
            allreduce(ranks, cal["em_bytes"], net)}


def predict_rank(cal, rows, nodes, ranks, threads, net):
    per_node = math.ceil(ranks / nodes)
    return {"load": load_seconds(cal, rows, nodes, per_node, net),
            "sort": sort_seconds(cal, rows, per_node * threads),
            "rank": cal["rank"] * rows / cal["rows"] /
            min(ranks * threads, cal["distinct"]),
            "other": cal["serial"] * rows / cal["rows"]}


PREDICT = {"cv": predict_cv, "em": predict_em, "rank": predict_rank}


def workspace_bytes(rows, columns, trees, threads, finished):
    """Of trees that grow together, on a rank that holds so many of their
    columns and finishes so many of them: bs_workspace_bytes."""
    room = rows if trees == 1 else 1.25 * rows
    sums = room / 256 * trees * (4 + 2 * (CLASSES + 1))
    return (8 * room * (columns + threads) + columns * sums + 12 * room +
            rows * (8 + 1 / 4 + 4 * finished))


def kept_bytes(cal, rows):
    """Of every node: the data, the sorted columns (bs_presort_bytes), and the
    tables of logarithms."""
    columns = cal["columns"]
    return rows * (8 * columns + 2 + 6.125 * columns + 16)


def groups_that_fit(cal, rows, nodes, ranks, threads, net):
    """As bs_session_layout in jobs/common.c: no more than fit if each is one
    rank."""
    room = 0.95 * (net["node_memory"] - kept_bytes(cal, rows))
    each = workspace_bytes(rows, cal["distinct"], MOST_TOGETHER, threads,
                           MOST_TOGETHER)
    groups = nodes * max(0, int(room / each))
    return layout_groups(ranks, TREES, max(1, min(ranks * threads, groups)))


def node_bytes(cal, rows, nodes, ranks, threads, net):
    """Most bytes of a node in cv: what it keeps, and the larger of what sorting
    (bs_presort_scratch_bytes) and growing (make_memory in src/cv.c: workspaces,
    and once for the ranks of a group the training rows) take on top."""
    per_node = math.ceil(ranks / nodes)
    groups = groups_that_fit(cal, rows, nodes, ranks, threads, net)
    own = math.ceil(TREES / groups)
    each = ranks // groups
    columns = math.ceil(cal["distinct"] / each)
    growing = (per_node * workspace_bytes(rows, columns, own, threads,
                                          math.ceil(own / each)) +
               math.ceil(per_node / each) * 4 * rows * own)
    return kept_bytes(cal, rows) + max(per_node * 24 * rows * threads, growing)


def em_node_bytes(cal, rows, per_node, ranks):
    """Of a node in em: the data, and the ten runs of k-means of its ranks
    (bs_kmeans_bytes): groups of eight rows are shared by all ranks, clusters of
    all rows kept by each."""
    columns = cal["columns"]
    return rows * (8 * columns + 2 + per_node *
                   ((columns + 3 + 10 * 10 / 8) / ranks + 10 * 4 + 12))


def table(cal, net, node_cores):
    rows_of = []
    for rows in SIZES:
        for power in range(0, 13):
            ranks = 2 ** power
            nodes = math.ceil(ranks / node_cores)
            line = {"rows": rows, "ranks": ranks, "nodes": nodes,
                    "em_node_gb": em_node_bytes(cal, rows,
                                                min(ranks, node_cores),
                                                ranks) / 1e9,
                    "cv_node_gb": node_bytes(cal, rows, nodes, ranks, 1,
                                             net) / 1e9}
            for name in ("cv", "em"):
                parts = PREDICT[name](cal, rows, nodes, ranks, 1, net)
                line[name] = sum(parts.values())
                for part, value in parts.items():
                    line["%s_%s" % (name, part)] = value
            rows_of.append(line)
    return rows_of


def pays_until(lines, name):
    """Ranks after which doubling them saves less than a fifth of the time."""
    for now, more in zip(lines, lines[1:]):
        if more[name] > 0.8 * now[name]:
            return now
    return lines[-1]


def print_table(lines, node_cores, net):
    print("| rows | | seconds on 1, 64, 4,096 ranks | pays until | GB a node "
          "of %d ranks | fits %g GB |" % (node_cores,
                                          net["node_memory"] / 1e9))
    print("|--:|---|--:|--:|--:|---|")
    for rows in SIZES:
        own = [x for x in lines if x["rows"] == rows]
        by = {x["ranks"]: x for x in own}
        for name in ("cv", "em"):
            size = by[node_cores][name + "_node_gb"]
            print("| %.3g million | %s | %s | %d ranks | %.3g | %s |" % (
                rows / 1e6, name,
                ", ".join("%.3g" % by[r][name] for r in (1, 64, 4096)),
                pays_until(own, name)["ranks"], size,
                "yes" if size * 1e9 < net["node_memory"] else "no"))


def draw(lines, cal, path, note):
    panels = []
    for name, title in (("cv", "cv: ten trees and the tree on all rows"),
                        ("em", "em: %d iterations, load and start included" %
                         cal["em_iterations"])):
        time = chart.Panel(title, "ranks of one thread", "seconds")
        share = chart.Panel("%s: efficiency" % name, "ranks of one thread",
                            "share of the ideal")
        share.y_log = False
        time.x_ticks = share.x_ticks = [4.0 ** i for i in range(7)]
        for i, rows in enumerate(SIZES):
            own = [x for x in lines if x["rows"] == rows]
            label = "%.3g million rows" % (rows / 1e6)
            time.add(label, [(x["ranks"], x[name]) for x in own], colour=i)
            time.add("ideal", [(x["ranks"], own[0][name] / x["ranks"])
                               for x in own], colour=8, dash="2 3")
            share.add(label, [(x["ranks"], own[0][name] / x[name] / x["ranks"])
                              for x in own], colour=i)
        panels += [time, share]
    parts_of = {name: [p[len(name) + 1:] for p in lines[0]
                       if p.startswith(name + "_") and p != name + "_node_gb"]
                for name in ("cv", "em")}
    for name in ("cv", "em"):
        for rows in (SIZES[0], SIZES[2]):
            panel = chart.Panel("%s, %.3g million rows: where the time goes" %
                                (name, rows / 1e6), "ranks", "seconds")
            panel.names = parts_of["cv"] + parts_of["em"]
            panel.bars = [(str(x["ranks"]), [(p, x["%s_%s" % (name, p)])
                                             for p in parts_of[name]])
                          for x in lines if x["rows"] == rows and
                          x["ranks"] in (16, 64, 256, 1024, 4096)]
            panels.append(panel)
    chart.write(path, "Model, not measured", note, panels)


def check(launcher, cal, data, folder):
    """The messages that the model takes as given, and time and processor time
    for as many ranks as there are cores."""
    cores = runs.machine()["cpus"]
    print("\n| ranks | messages a tree: model, program | MB a tree: model, "
          "program | seconds: model, program | core-seconds: model, program |")
    print("|--:|--:|--:|--:|--:|")
    for ranks in (1, 2, 4, 8, 16):
        words = ["cv", data, "--layout", "1x%d" % ranks]
        run = launcher.run(words, ranks=ranks, folder=folder)
        times = "not checked: %d cores | " % cores
        if ranks <= cores:
            parts = [cal["load"] / ranks, cal["serial"],
                     sort_seconds(cal, cal["rows"], ranks)]
            tree = tree_seconds(cal, cal["rows"], ranks, 1, ASSUMED)
            wall = (sum(parts) + shared_cost(TREES) * tree[0] +
                    TREES * tree[1])
            work = (cal["load"] + cal["serial"] + cal["sort"] +
                    ranks * shared_cost(TREES) * tree[0])
            times = "%.2f, %.2f | %.2f, %.2f" % (
                wall, run["program_seconds"], work, run["cpu_seconds"])
        print("| %d | %.1f, %.1f | %.3f, %.3f | %s |" % (
            ranks, cal["messages"] if ranks > 1 else 0, run["tree_messages"],
            cal["message_bytes"] / 1e6 if ranks > 1 else 0,
            run["tree_megabytes"], times))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("botsieve")
    parser.add_argument("data")
    parser.add_argument("--output", default=".")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--node-cores", type=int, default=64,
                        choices=[2 ** i for i in range(9)])
    for name, value in ASSUMED.items():
        parser.add_argument("--" + name.replace("_", "-"), type=float,
                            default=value, help="[%g]" % value)
    options = parser.parse_args()
    net = {name: getattr(options, name) for name in ASSUMED}
    os.makedirs(options.output, exist_ok=True)
    launcher = runs.Launcher(options.botsieve)
    about = runs.machine()
    with tempfile.TemporaryDirectory() as folder:
        cal = calibrate(launcher, options.data, folder)
        lines = table(cal, net, options.node_cores)
        print("rates of one core (%s, load %.2f, %s): %s" % (
            about["processor"], about["load"], about["date"],
            ", ".join("%s %.4g" % x for x in cal.items())))
        print("assumed: " + ", ".join("%s %g" % x for x in net.items()) + "\n")
        print_table(lines, options.node_cores, net)
        if options.check:
            check(launcher, cal, options.data, folder)
    with open(os.path.join(options.output, "model.csv"), "w",
              newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    draw(lines, cal, os.path.join(options.output, "model.svg"),
         "Rates of one core measured on %s; network and file system assumed: "
         "%s; nodes of %d cores." % (
             about["processor"], ", ".join("%s %g" % x for x in net.items()),
             options.node_cores))


if __name__ == "__main__":
    sys.exit(main())
