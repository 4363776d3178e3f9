#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""CSV to HDF5: botsieve beside pandas.read_csv + h5py, in one run.

    benchmarks/convert.py FOLDER [--build build] [--repeats 3] [--scratch DIR]

FOLDER is a UCI folder of one device. All read the same files from the page
cache, take turns, and write to DIR (default: FOLDER's parent). Shown are wall
and processor seconds, best of the repeats: with other work on the machine only
the latter means something. The results are checked to be equal.
"""
import argparse
import glob
import os
import resource
import subprocess
import sys
import time

import h5py
import numpy as np

PANDAS = """
import sys, h5py, numpy as np, pandas as pd
out, *files = sys.argv[1:]
parts = [pd.read_csv(f, float_precision="round_trip" if "{precise}" else None)
         for f in files]
x = pd.concat(parts, ignore_index=True)
with h5py.File(out, "w") as h5:
    h5.create_dataset("X", data=x.to_numpy())
"""
ORDER = ["benign_traffic"] + [f"{f}_attacks/{a}" for f, kinds in (
    ("gafgyt", "combo junk scan tcp udp"),
    ("mirai", "ack scan syn udp udpplain")) for a in kinds.split()]


def remove(path):
    if os.path.exists(path):
        os.remove(path)


def measure(command, environment, output, warm_up):
    """Wall and processor seconds of writing a new file, in the state in which
    another conversion has left the machine, all of which is on the disk: memory
    that was free for long can be slower, where a virtual machine gives it
    back."""
    subprocess.run(warm_up, env=environment, check=True, capture_output=True)
    remove(warm_up[-1])
    remove(output)
    os.sync()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, check=False,
                          capture_output=True, text=True)
    wall = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{command[0]}: {done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = (after.ru_utime + after.ru_stime - before.ru_utime -
           before.ru_stime)
    return wall, cpu


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--build", default="build")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--scratch")
    options = parser.parse_args()
    folder = options.folder.rstrip("/")
    scratch = options.scratch or os.path.dirname(os.path.abspath(folder))
    files = [f for name in ORDER for f in glob.glob(f"{folder}/{name}.csv")]
    size = sum(os.path.getsize(f) for f in files)
    environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1",
                       OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1", OMP_NUM_THREADS="1")
    ours = f"{options.build}/jobs/botsieve"

    def out(name):
        return os.path.join(scratch, f"bench-{name}.h5")

    def botsieve(ranks, threads=1, name="botsieve"):
        return ["mpirun", "--oversubscribe", "--bind-to", "none", "-n",
                str(ranks), ours, "convert", folder, "--threads",
                str(threads), "--output", out(name)]

    commands = {
        "botsieve, 1 rank": botsieve(1),
        "botsieve, 1 rank, 2 threads": botsieve(1, 2),
        "botsieve, 2 ranks": botsieve(2),
        "pandas + h5py": [sys.executable, "-c",
                          PANDAS.replace("{precise}", ""), out("pandas"),
                          *files],
        "pandas + h5py, exact": [sys.executable, "-c",
                                 PANDAS.replace("{precise}", "yes"),
                                 out("exact"), *files],
    }
    best = {}
    for _ in range(options.repeats):
        for name, command in commands.items():
            output = next(a for a in command if a.endswith(".h5"))
            got = measure(command, environment, output,
                          botsieve(1, 2, "warm-up"))
            best[name] = tuple(map(min, zip(best.get(name, got), got)))
    print(f"{size / 1e6:.1f} MB, {len(files)} files, best of "
          f"{options.repeats}, load {os.getloadavg()[0]:.1f}\n")
    print("| | wall s | processor s | MB/s by wall |\n|---|--:|--:|--:|")
    for name, (wall, cpu) in best.items():
        print(f"| {name} | {wall:.2f} | {cpu:.2f} | {size / wall / 1e6:.0f} |")
    parse = subprocess.run([f"{options.build}/benchmarks/bench_parse",
                            str(options.repeats), *files], check=True,
                           capture_output=True, text=True).stdout
    print(f"\nparser alone, from memory: {parse}", end="")
    one, two = best["botsieve, 1 rank"], best["botsieve, 2 ranks"]
    threads = best["botsieve, 1 rank, 2 threads"]
    pandas = best["pandas + h5py"]
    print(f"pandas / botsieve, 2 threads: {pandas[0] / threads[0]:.1f} by "
          f"wall, {pandas[1] / threads[1]:.1f} by processor time; 1 rank / "
          f"2 ranks: {one[0] / two[0]:.2f} by wall")
    with h5py.File(out("botsieve")) as a, h5py.File(out("exact")) as b, \
            h5py.File(out("pandas")) as c:
        exact = np.array_equal(a["X"][:], b["X"][:])
        rounded = int((c["X"][:] != b["X"][:]).sum())
    print(f"values equal to exact pandas: {exact}; values that pandas' default "
          f"reader rounds otherwise: {rounded}")
    for name in ("botsieve", "pandas", "exact"):
        os.remove(out(name))
    return 0 if exact else 1


if __name__ == "__main__":
    sys.exit(main())
