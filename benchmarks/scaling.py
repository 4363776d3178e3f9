#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Strong and weak scaling of convert, rank, cv and em over ranks x threads.

  scaling.py BOTSIEVE --output DIR [options]

Strong: the same rows by more cores. Weak: as many rows a core, simulated by
synth --scale. Every point is the median of several runs and must give the
results of the first layout, byte for byte, or the exit code is 4. Writes
scaling.csv (a line a point: seconds of every phase on its slowest rank),
scaling.json (the machine, versions, load, every run), time.svg (with the ideal
and with model.py's prediction beside the measurement), efficiency.svg and
phases.svg. On a cluster slurm/scaling.sbatch runs this in one allocation.
"""
import argparse
import csv
import hashlib
import json
import math
import os
import sys
import tempfile

import chart
import model
import runs

COMMANDS = ["convert", "rank", "cv", "em"]


def layouts(nodes, node_cores):
    """(nodes, ranks, threads) on 1, 2, 4 ... cores and on all, ranks filling
    node after node; a rank's threads are of one node."""
    total, cores = nodes * node_cores, 1
    while True:
        threads = 1
        while threads <= min(cores, node_cores):
            ranks = cores // threads
            used = math.ceil(cores / node_cores)
            if ranks * threads == cores and ranks >= used:
                yield used, ranks, threads
            threads *= 2
        if cores >= total:
            return
        cores = min(2 * cores, total)


def parse_layouts(text):
    """1x1,2x1,1x2: ranks x threads on this machine."""
    return [(1, *map(int, part.split("x"))) for part in text.split(",")]


class Data:
    """Captures of so many parts of the published rows, made when asked for."""

    def __init__(self, launcher, folder):
        self.launcher, self.folder, self.made = launcher, folder, {}

    def get(self, command, scale):
        name = "folder" if command == "convert" else "file"
        path = os.path.join(self.folder, "%s-%g" % (name, scale))
        path += ".h5" if name == "file" else ""
        if path not in self.made:
            self.launcher.run(["synth", "--output", path, "--scale",
                               "%.9g" % scale], folder=self.folder)
            self.made[path] = True
        return path


def words_of(command, data, result):
    return [command, data, "--output" if command == "convert" else "--json",
            result]


def digest(command, launcher, path):
    """Of what must be the same by any layout: a results file, or the checksum
    that info tells of a data file."""
    if command == "convert":
        out = launcher.info(path)
        return [x for x in out.split("\n") if x.startswith("Checksum")][0]
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def measure(options, launcher, folder):
    data, points, first = Data(launcher, folder), [], {}
    for mode in options.modes.split(","):
        for command in options.commands.split(","):
            for nodes, ranks, threads in options.layouts:
                cores = ranks * threads
                scale = options.scale * (cores if mode == "weak" else 1)
                source = data.get(command, scale)
                result = os.path.join(folder, "result.h5" if command ==
                                      "convert" else "result.json")
                some = []
                for _ in range(options.repeat):
                    some.append(launcher.run(
                        words_of(command, source, result), nodes, ranks,
                        threads, folder))
                    now = digest(command, launcher, result)
                    os.remove(result)
                    same = first.setdefault((command, scale), now) == now
                    some[-1]["same"] = same
                point = runs.median_run(some)
                point.update(mode=mode, command=command, nodes=nodes,
                             ranks=ranks, threads=threads, cores=cores,
                             scale=scale, same=all(r["same"] for r in some))
                points.append(point)
                print("%-6s %-7s %d nodes %3d ranks x %2d threads %9d rows "
                      "%8.3f s (%.3f to %.3f)%s" % (
                          mode, command, nodes, ranks, threads,
                          point.get("rows", 0), point["median_seconds"],
                          point["least_seconds"], point["most_seconds"],
                          "" if point["same"] else "  OTHER RESULTS"),
                      flush=True)
    return points


def calibration(points, command):
    """What model.py needs, from the point of one core, or None."""
    one = [p for p in points if p["cores"] == 1 and p["command"] == command]
    if not one or not one[0]["phases"]:
        return None
    p = one[0]
    phase = {name: x["seconds"] for name, x in p["phases"].items()}
    return {"rows": p["rows"], "columns": 115, "distinct": p.get("distinct", 115),
            "load": phase["load"], "sort": phase.get("sort", 0),
            "tree": phase.get("train", 0) / model.shared_cost(model.TREES),
            "serial": phase.get("tables", 0) + phase.get("folds", 0) +
            phase.get("evaluate", 0), "rank": phase.get("rank", 0),
            "messages": group_counter(points, "tree_messages", 24),
            "message_bytes": 1e6 * group_counter(points, "tree_megabytes", 1),
            "em_start": p.get("em_start_seconds", 0),
            "em_pass": p.get("em_seconds", 0) / p.get("em_iterations", 1),
            "em_iterations": p.get("em_iterations", 1),
            "em_bytes": p.get("em_message_bytes", 0)}


def group_counter(points, name, default):
    """As counted where several ranks grew a tree together."""
    return max([p.get(name, 0) for p in points] + [0]) or default


def predictions(points, command, net):
    """model.py's seconds for the strong points, launch and end as measured on
    one core."""
    if command not in model.PREDICT:
        return []
    cal = calibration(points, command)
    if cal is None:
        return []
    own = [p for p in points if p["command"] == command and
           p["mode"] == "strong"]
    around = [p["median_seconds"] - sum(x["seconds"] for x in
                                        p["phases"].values())
              for p in own if p["cores"] == 1]
    return [(p["cores"], max(0, min(around or [0])) + sum(
        model.PREDICT[command](cal, p["rows"], p["nodes"], p["ranks"],
                               p["threads"], net).values())) for p in own]


def best_by_cores(points):
    """The quickest layout of every number of cores."""
    best = {}
    for cores, seconds in points:
        best[cores] = min(best.get(cores, seconds), seconds)
    return sorted(best.items())


def select(points, mode, command):
    return [p for p in points if p["mode"] == mode and p["command"] == command]


def cores_ticks(points):
    return sorted({float(p["cores"]) for p in points})


def time_panels(points, commands, net):
    panels = []
    for command in commands:
        own = select(points, "strong", command)
        if not own:
            continue
        panel = chart.Panel("%s: the same rows" % command, "cores", "seconds")
        panel.x_ticks = cores_ticks(own)
        for i, threads in enumerate(sorted({p["threads"] for p in own})):
            panel.add("%d threads a rank" % threads if threads > 1 else
                      "ranks of one thread",
                      [(p["cores"], p["median_seconds"]) for p in own
                       if p["threads"] == threads], colour=i, dots=True)
        one = [p["median_seconds"] for p in own if p["cores"] == 1]
        if one:
            panel.add("ideal", [(c, one[0] / c) for c in panel.x_ticks],
                      colour=8, dash="2 3")
        panel.add("model", best_by_cores(predictions(points, command, net)),
                  colour=6, dash="7 4")
        panels.append(panel)
    return panels


def efficiency_panels(points, commands):
    panels = []
    for mode in ("strong", "weak"):
        panel = chart.Panel("%s: efficiency of the best layout" % mode,
                            "cores", "share of the ideal")
        panel.y_log = False
        for i, command in enumerate(commands):
            own = select(points, mode, command)
            best = dict(best_by_cores([(p["cores"], p["median_seconds"])
                                       for p in own]))
            if 1 in best:
                panel.add(command, [(c, best[1] / s / (c if mode == "strong"
                                                       else 1))
                                    for c, s in best.items()],
                          colour=i, dots=True)
        panel.x_ticks = cores_ticks(points)
        if panel.lines:
            panels.append(panel)
    return panels


def phase_panels(points, commands):
    panels = []
    for command in commands:
        own = [p for p in select(points, "strong", command) if p["phases"]]
        panel = chart.Panel("%s: phases" % command, "ranks x threads",
                            "seconds")
        panel.y_log = False
        for p in own[:10]:
            parts = [(name, max(0, x["seconds"] - x["mpi"] - x["io"]))
                     for name, x in p["phases"].items()]
            for kind, label in (("mpi", "MPI"), ("io", "input and output")):
                total = sum(x[kind] for x in p["phases"].values())
                if total > 0:
                    parts.append((label, total))
            rest = p["median_seconds"] - sum(v for _, v in parts)
            parts.append(("start and end", max(0, rest)))
            panel.bars.append(("%dx%d" % (p["ranks"], p["threads"]), parts))
        if panel.bars:
            panels.append(panel)
    names = []
    for panel in panels:
        names += [n for n, _ in panel.bars[0][1] if n not in names]
        panel.names = names
    return panels


def write_csv(path, points):
    phases = []
    for p in points:
        phases += [n for n in p["phases"] if n not in phases]
    names = ["mode", "command", "nodes", "ranks", "threads", "cores", "rows",
             "runs", "median_seconds", "least_seconds", "most_seconds",
             "program_seconds", "cpu_seconds", "peak_bytes", "same"]
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names + ["%s_%s" % (n, k) for n in phases
                                 for k in ("seconds", "mpi", "io")])
        for p in points:
            writer.writerow([p.get(n, "") for n in names] +
                            [p["phases"].get(n, {}).get(k, "") for n in phases
                             for k in ("seconds", "mpi", "io")])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("botsieve")
    parser.add_argument("--output", required=True)
    parser.add_argument("--commands", default=",".join(COMMANDS))
    parser.add_argument("--modes", default="strong,weak")
    parser.add_argument("--scale", type=float, default=0.25,
                        help="part of the published rows; weak: a core's")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--layouts", type=parse_layouts,
                        help="RANKSxTHREADS,...; default: all that fit")
    parser.add_argument("--nodes", type=int, default=1)
    parser.add_argument("--node-cores", type=int,
                        default=runs.machine()["cpus"])
    parser.add_argument("--launch", help="program that is given NODES RANKS "
                        "THREADS COMMAND...; default: mpirun here")
    parser.add_argument("--folder", help="where all nodes can write [a new "
                        "one in --output]")
    options = parser.parse_args()
    options.output = os.path.abspath(options.output)
    os.makedirs(options.output, exist_ok=True)
    options.layouts = options.layouts or list(layouts(options.nodes,
                                                      options.node_cores))
    launcher = runs.Launcher(options.botsieve, options.launch)
    about = runs.machine()
    about["version"] = runs.version(options.botsieve)
    with tempfile.TemporaryDirectory(dir=options.folder or
                                     options.output) as folder:
        points = measure(options, launcher, folder)
    commands = options.commands.split(",")

    def inside(name):
        return os.path.join(options.output, name)
    with open(inside("scaling.json"), "w") as file:
        json.dump({"machine": about, "points": points}, file, indent=1)
    write_csv(inside("scaling.csv"), points)
    title = "botsieve on %s" % about["host"]
    note = ("%s, %d CPUs, load %.2f before; %s; %s; medians of %d; simulated "
            "capture." % (about["processor"], about["cpus"], about["load"],
                          about["version"], about["date"], options.repeat))
    net = dict(model.ASSUMED)
    for name, panels in (("time", time_panels(points, commands, net)),
                         ("efficiency", efficiency_panels(points, commands)),
                         ("phases", phase_panels(points, commands))):
        if panels:
            chart.write(inside(name + ".svg"), title, note, panels)
    return 0 if all(p["same"] for p in points) else 4


if __name__ == "__main__":
    sys.exit(main())
