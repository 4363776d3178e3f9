#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""How time and memory of rank, cv and em grow with the rows.

  growth.py BOTSIEVE DATA.h5... [--output DIR] [--repeat N] [options]

DATA.h5 are files of different length, such as those of
  botsieve synth --scale 0.1207 --output 100k.h5
  botsieve synth --output 828k.h5
  botsieve synth --device all --output 7m.h5
Prints a table of medians and, of every command and phase, the exponent x of a
fit of seconds = a (n log2 n)^x, n rows, by least squares of the logarithms; 1
says that time grows as sorting does. Writes DIR/growth.csv and DIR/growth.svg.
"""
import argparse
import csv
import math
import os
import sys
import tempfile

import chart
import runs


def exponent(points):
    """Slope of log seconds over log (n log2 n)."""
    if len({n for n, _ in points}) < 2 or min(s for _, s in points) <= 0:
        return None
    x = [math.log(n * math.log2(n)) for n, _ in points]
    y = [math.log(s) for _, s in points]
    mx, my = sum(x) / len(x), sum(y) / len(y)
    return (sum((a - mx) * (b - my) for a, b in zip(x, y)) /
            sum((a - mx) ** 2 for a in x))


def measure(options, folder):
    launcher, points = runs.Launcher(options.botsieve), []
    for data in options.data:
        runs.read_through(data)
        for command in options.commands.split(","):
            some = [launcher.run([command, data], ranks=options.ranks,
                                 threads=options.threads, folder=folder)
                    for _ in range(options.repeat)]
            point = runs.median_run(some)
            point["command"] = command
            points.append(point)
            print("%-5s %9d rows %9.2f s (%.2f to %.2f) %7.2f GB" % (
                command, point["rows"], point["median_seconds"],
                point["least_seconds"], point["most_seconds"],
                point["peak_bytes"] / 1e9), flush=True)
    return points


def print_table(points, commands):
    print("\n| command | seconds for " +
          ", ".join("%.3g" % (n / 1e6) for n in lengths(points)) +
          " million rows | GB | exponent: all | phases |")
    print("|---|--:|--:|--:|---|")
    for command in commands:
        own = [p for p in points if p["command"] == command]
        phases = {}
        for p in own:
            for name, phase in p["phases"].items():
                phases.setdefault(name, []).append((p["rows"],
                                                    phase["seconds"]))
        cells = [", ".join("%.2f" % p["median_seconds"] for p in own),
                 ", ".join("%.2f" % (p["peak_bytes"] / 1e9) for p in own),
                 show(exponent([(p["rows"], p["program_seconds"])
                                for p in own])),
                 ", ".join("%s %s" % (name, show(exponent(some)))
                           for name, some in phases.items()
                           if max(s for _, s in some) > 0.05)]
        print("| %s | %s |" % (command, " | ".join(cells)))


def show(value):
    return "-" if value is None else "%.2f" % value


def lengths(points):
    return sorted({p["rows"] for p in points})


def draw(path, points, commands, note):
    time = chart.Panel("Time", "rows", "seconds")
    memory = chart.Panel("Peak memory of the node", "rows", "GB")
    time.x_ticks = memory.x_ticks = lengths(points)
    for i, command in enumerate(commands):
        own = [p for p in points if p["command"] == command]
        time.add(command, [(p["rows"], p["program_seconds"]) for p in own],
                 colour=i, dots=True)
        memory.add(command, [(p["rows"], p["peak_bytes"] / 1e9) for p in own],
                   colour=i, dots=True)
        n0, s0 = own[0]["rows"], own[0]["program_seconds"]
        time.add("as n log n", [(n, s0 * n * math.log2(n) /
                                 (n0 * math.log2(n0)))
                                for n in lengths(points)], colour=8,
                 dash="2 3")
    chart.write(path, "Growth with the rows", note, [time, memory])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("botsieve")
    parser.add_argument("data", nargs="+")
    parser.add_argument("--output", default=".")
    parser.add_argument("--commands", default="rank,cv,em")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--ranks", type=int, default=1)
    parser.add_argument("--threads", type=int, default=runs.machine()["cpus"])
    options = parser.parse_args()
    os.makedirs(options.output, exist_ok=True)
    about = runs.machine()
    with tempfile.TemporaryDirectory() as folder:
        points = measure(options, folder)
    points.sort(key=lambda p: p["rows"])
    commands = options.commands.split(",")
    print_table(points, commands)
    with open(os.path.join(options.output, "growth.csv"), "w",
              newline="") as file:
        names = ["command", "rows", "runs", "median_seconds", "least_seconds",
                 "most_seconds", "program_seconds", "cpu_seconds",
                 "peak_bytes"]
        writer = csv.DictWriter(file, names, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(points)
    draw(os.path.join(options.output, "growth.svg"), points, commands,
         "%s, %d CPUs, load %.2f before; %s; %s; %d x %d, medians of %d." % (
             about["processor"], about["cpus"], about["load"],
             runs.version(options.botsieve), about["date"], options.ranks,
             options.threads, options.repeat))


if __name__ == "__main__":
    sys.exit(main())
