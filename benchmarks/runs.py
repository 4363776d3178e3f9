# SPDX-License-Identifier: BSD-3-Clause
"""Runs botsieve by a number of ranks and threads, and takes down what it tells
of itself. Standard library alone."""
import json
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import time


def machine():
    """What a figure needs beside it: processor, cores, memory, load, date."""
    model = platform.processor()
    try:
        with open("/proc/cpuinfo") as file:
            model = re.search(r"model name\s*: (.*)", file.read()).group(1)
    except (OSError, AttributeError):
        pass
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"host": platform.node(), "processor": model,
            "cpus": len(os.sched_getaffinity(0)),
            "memory_gb": round(memory / 1e9, 1),
            "load": round(os.getloadavg()[0], 2),
            "date": time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime()),
            "slurm_job": os.environ.get("SLURM_JOB_ID", "")}


def read_through(path):
    """So that the file is in the page cache, where memory has room for it."""
    with open(path, "rb") as file:
        while file.read(1 << 24):
            pass


def version(program):
    out = subprocess.run([program, "--version"], stdout=subprocess.PIPE,
                         universal_newlines=True, check=True).stdout
    return ", ".join(out.split("\n")[:3])


class Launcher:
    """Starts a command on NODES x RANKS x THREADS: by mpirun on this machine,
    or by a program that is given these three numbers and the command."""

    def __init__(self, program, script=None):
        self.program, self.script = program, script
        self.has_record = {}

    def command(self, nodes, ranks, threads, words):
        if self.script:
            return [self.script, str(nodes), str(ranks), str(threads), *words]
        if ranks == 1:
            return list(words)
        return ["mpirun", "--oversubscribe", "--bind-to", "none", "-n",
                str(ranks), *words]

    def writes_record(self, name):
        if name not in self.has_record:
            out = subprocess.run([self.program, name, "--help"],
                                 stdout=subprocess.PIPE,
                                 universal_newlines=True, check=True).stdout
            self.has_record[name] = "--run-json" in out
        return self.has_record[name]

    def info(self, path):
        return subprocess.run([self.program, "info", path], check=True,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL,
                              universal_newlines=True).stdout

    def run(self, words, nodes=1, ranks=1, threads=1, folder="."):
        """One run: seconds (start of the processes included), those that the
        program counts, processor seconds where its processes are children of
        ours, peak bytes of a node, phases, and its counters."""
        record_path = os.path.join(folder, "run.json")
        words = [self.program, *words]
        if self.writes_record(words[1]):
            words += ["--run-json", record_path]
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        done = subprocess.run(self.command(nodes, ranks, threads, words),
                              env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, universal_newlines=True)
        seconds = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode != 0:
            sys.exit("failed: %s\n%s" % (" ".join(words), done.stderr))
        result = {"seconds": seconds, "phases": {},
                  "program_seconds": seconds, "peak_bytes": None,
                  "cpu_seconds": None if self.script else
                  after.ru_utime + after.ru_stime - before.ru_utime -
                  before.ru_stime}
        if os.path.exists(record_path):
            with open(record_path) as file:
                record = json.load(file)
            os.remove(record_path)
            result["program_seconds"] = record["seconds"]
            result["peak_bytes"] = max(h["peak_memory_bytes"]
                                       for h in record["hosts"])
            result["phases"] = {name: split_phase(phase) for name, phase
                                in record["phases"].items()}
        result.update(counters(done.stderr + done.stdout))
        return result


def split_phase(phase):
    """Seconds of the slowest rank, those in MPI calls (waiting for others
    included) and in reading and writing, ranks' mean."""
    return {"seconds": phase["seconds"]["max"],
            "mpi": phase["mpi_seconds"]["mean"],
            "io": phase["io_seconds"]["mean"]}


def counters(log):
    """Numbers that the program prints about its messages."""
    patterns = {"tree_messages": r"messages between ranks: ([\d.]+) a tree",
                "tree_megabytes": r"a tree, bringing each ([\d.]+) MB",
                "em_message_bytes": r"messages of (\d+) bytes an iteration",
                "em_iterations": r"(\d+) iterations, \d+ restarts",
                "em_start_seconds": r"k-means ([\d.]+) s",
                "em_seconds": r"iterations ([\d.]+) s",
                "groups": r"trees on (\d+) groups",
                "distinct": r"(\d+) of \d+ columns are distinct",
                "rows": r"(\d+) rows, \d+ (?:of \d+ )?features"}
    found = {}
    for name, pattern in patterns.items():
        match = re.search(pattern, log)
        if match:
            found[name] = float(match.group(1))
    return found


def median_run(runs):
    """The run whose time is the median, with the span of all beside it."""
    runs = sorted(runs, key=lambda r: r["seconds"])
    middle = dict(runs[(len(runs) - 1) // 2])
    middle["median_seconds"] = statistics.median(r["seconds"] for r in runs)
    middle["least_seconds"] = runs[0]["seconds"]
    middle["most_seconds"] = runs[-1]["seconds"]
    middle["runs"] = len(runs)
    return middle
