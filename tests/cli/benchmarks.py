#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The benchmark scripts run on tiny data, draw all that they should inside the
page, and the model lays out trees and counts messages as the program does.

    benchmarks.py BOTSIEVE
"""
import csv
import math
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

program = os.path.abspath(sys.argv[1])
top = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..",
                   "benchmarks")
sys.path.insert(0, top)
import growth
import model
import runs


def check(claim, truth):
    if not truth:
        sys.exit("failed: " + claim)


def script(name, *words):
    done = subprocess.run([sys.executable, os.path.join(top, name), program,
                           *words], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, universal_newlines=True)
    check("%s: exit code %d: %s" % (name, done.returncode, done.stderr),
          done.returncode == 0)
    return done.stdout


def drawing(path, panels, words):
    """An SVG of so many panels, nothing of it outside the page."""
    root = xml.parse(path).getroot()
    width, height = float(root.get("width")), float(root.get("height"))
    texts = [e for e in root if e.tag.endswith("text")]
    check("%s: %d panels" % (path, panels),
          sum(e.get("font-size") == "14" for e in texts) == panels)
    for word in words:
        check("%s: says '%s'" % (path, word),
              any(word in (e.text or "") for e in texts))
    for e in texts:
        x, y, size = (float(e.get(k)) for k in ("x", "y", "font-size"))
        long = 0.62 * size * len(e.text)
        if "rotate" in e.get("transform", ""):
            inside = y - long / 2 >= 0 and y + long / 2 <= height
        else:
            part = {"start": 0, "middle": 0.5, "end": 1}[e.get("text-anchor")]
            inside = x - part * long >= 0 and x + (1 - part) * long <= width
        check("%s: '%s' is inside" % (path, e.text),
              inside and 0 <= y <= height)
    for e in root:
        if e.tag.endswith("polyline"):
            places = [tuple(map(float, p.split(",")))
                      for p in e.get("points").split()]
            check("%s: a line leaves the page" % path,
                  all(0 <= x <= width and 0 <= y <= height
                      for x, y in places))


def table(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def scaling(folder):
    out = os.path.join(folder, "scaling")
    script("scaling.py", "--output", out, "--scale", "0.001", "--repeat", "2",
           "--layouts", "1x1,2x1,1x2")
    lines = table(os.path.join(out, "scaling.csv"))
    check("2 modes, 4 commands, 3 layouts", len(lines) == 24)
    check("the same results", all(x["same"] == "True" for x in lines))
    check("weak: twice the rows on two cores",
          all(abs(int(float(x["rows"])) - 828 * int(x["cores"])) <= 8
              for x in lines if x["mode"] == "weak"))
    drawing(os.path.join(out, "time.svg"), 4, ["cv: the same rows", "model",
                                               "ideal"])
    drawing(os.path.join(out, "efficiency.svg"), 2, ["weak"])
    facts = {"median_seconds", "least_seconds", "most_seconds",
             "program_seconds", "cpu_seconds"}
    with_phases = {x["command"] for x in lines
                   if any(value for name, value in x.items()
                          if name.endswith("_seconds") and name not in facts)}
    check("phases of rank, cv and em", {"rank", "cv", "em"} <= with_phases)
    drawing(os.path.join(out, "phases.svg"), len(with_phases),
            ["train", "sort", "start and end"])


def model_agrees(folder, data):
    out = os.path.join(folder, "model")
    said = script("model.py", data, "--output", out, "--check")
    check("13 numbers of ranks, 4 of rows",
          len(table(os.path.join(out, "model.csv"))) == 52)
    drawing(os.path.join(out, "model.svg"), 8, ["Model, not measured"])
    counted = re.findall(r"^\| (\d+) \| ([\d.]+), ([\d.]+) \| "
                         r"([\d.]+), ([\d.]+) \|", said, re.M)
    check("counted for 1 to 16 ranks", len(counted) == 5)
    for ranks, messages, sent, size, came in counted:
        check("%s ranks: %s messages, %s MB, not %s, %s" %
              (ranks, sent, came, messages, size),
              messages == sent and abs(float(size) - float(came)) < 0.002)
    launcher = runs.Launcher(program)
    for ranks in (1, 2, 3, 4):
        run = launcher.run(["cv", data], ranks=ranks, folder=folder)
        cpus = runs.machine()["cpus"]
        check("%d ranks: %d groups" % (ranks, run["groups"]),
              model.layout_groups(ranks, model.TREES, cpus) == run["groups"])


def formulas():
    net = dict(model.ASSUMED, latency=1.0, bandwidth=10.0, add=5.0)
    check("one rank sends nothing", model.allreduce(1, 100, net) == 0)
    # 8 ranks, 80 bytes: 3 x (1 + 8 + 16) against 6 + 7 / 8 x 80 x 0.4
    check("Allreduce takes the lesser way",
          abs(model.allreduce(8, 80, net) - 34) < 1e-9)
    check("Allgather", abs(model.allgather(4, 40, net) - 5) < 1e-9)
    points = [(n, 3e-8 * n * math.log2(n)) for n in (1e4, 1e5, 1e7)]
    check("n log n has exponent 1", abs(growth.exponent(points) - 1) < 1e-9)


def main():
    formulas()
    with tempfile.TemporaryDirectory() as folder:
        files = [os.path.join(folder, "%d.h5" % i) for i in (1, 2)]
        for path, scale in zip(files, ("0.001", "0.003")):
            subprocess.run([program, "synth", "--output", path, "--scale",
                            scale], check=True, stderr=subprocess.DEVNULL)
        scaling(folder)
        model_agrees(folder, files[0])
        said = script("growth.py", *files, "--output", folder)
        check("growth: an exponent", re.search(r"\| cv \|.*\| -?\d\.\d\d \|",
                                               said))
        check("growth: six lines",
              len(table(os.path.join(folder, "growth.csv"))) == 6)
        drawing(os.path.join(folder, "growth.svg"), 2, ["as n log n"])


if __name__ == "__main__":
    main()
