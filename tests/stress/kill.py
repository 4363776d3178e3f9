#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Kill ranks at random moments; every time the resumed run must end with the
bytes of an unbroken one.

  kill.py PROGRAM [TRIES [SEED]]

Each try starts a command on 1 to 4 ranks, kills one of them with SIGKILL at a
random moment, up to three times, and lets it come to its end on another number
of ranks. All ranks must be gone within 10 s of the kill, and leave nothing that
could be taken for their result. The last line counts: a run that was done before
the kill counts as survived; and now and then mpirun does not end by itself once
all of its ranks are gone."""
import glob
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

LONGEST = 10  # seconds a run may hang after a rank's death
KEPT = ["--checkpoint", "c", "--checkpoint-every", "0.02"]
COMMANDS = {
    "convert": ["convert", "csv", "--output", "out.h5", *KEPT],
    "synth": ["synth", "--output", "o", "--scale", "0.05", *KEPT],
    "file": ["synth", "--output", "out.h5", "--scale", "0.1", *KEPT],
    "cv": ["cv", "d.h5", "--repeats", "6", "--features", "top:5@fold",
           "--json", "out.json", *KEPT],
    "em": ["em", "d.h5", "--clusters", "6", "--json", "out.json",
           "--assignments", "rows.h5", *KEPT],
    "auto": ["em", "s.h5", "--clusters", "auto", "--features",
             "H_L5_weight,HH_L1_mean", "--json", "out.json", *KEPT],
    "compare": ["compare", "d.h5", "--output", "o", *KEPT],
}
RESULTS = ("out.h5", "out.json", "rows.h5", "o")


def files_of(path):
    if not os.path.isdir(path):
        return [path] if os.path.exists(path) else []
    return sorted(os.path.join(at, name) for at, _, names in os.walk(path)
                  for name in names if not name.startswith("run."))


def results():
    """What is there of results, but for the record of the run."""
    found = {}
    for path in RESULTS:
        for name in files_of(path):
            with open(name, "rb") as file:
                found[name] = file.read()
    return found


def remove_results():
    for path in RESULTS:
        if os.path.isdir(path):
            shutil.rmtree(path)
        elif os.path.exists(path):
            os.remove(path)


def start(words, ranks):
    command = [PROGRAM, *words, "--threads", "1"]
    if ranks > 1:
        command = ["mpirun", "--oversubscribe", "--bind-to", "none", "-n",
                   str(ranks), *command]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, text=True)


def ranks_of(process, ranks):
    """The processes of the ranks, those there are yet."""
    if ranks == 1:
        return [process.pid]
    path = f"/proc/{process.pid}/task/{process.pid}/children"
    try:
        with open(path, encoding="ascii") as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return []


def let_it_work(process, seconds, draw):
    """Wait for a random moment; every second time one where something is kept
    already, as the first half of so short a run is spent on starting."""
    if draw.random() < 0.5:
        while process.poll() is None and not glob.glob("c/*.[us]*"):
            time.sleep(0.002)
        time.sleep(draw.uniform(0, 0.3) * seconds)
    else:
        time.sleep(draw.uniform(0, 1) * seconds)


def is_gone(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")")[1].split()[0] in "ZX"
    except OSError:
        return True


def kill_one(process, ranks, draw, count):
    """Kill a rank; the seconds until all of them are gone, or None where the
    run was done before."""
    pids = ranks_of(process, ranks)
    if process.poll() is not None or not pids:
        process.communicate()
        return None
    os.kill(draw.choice(pids), signal.SIGKILL)
    begun = time.monotonic()
    while not all(map(is_gone, pids)):
        assert time.monotonic() < begun + 60, (
            "the run hangs after the death of a rank")
        time.sleep(0.01)
    took = time.monotonic() - begun
    try:
        process.communicate(timeout=LONGEST)
    except subprocess.TimeoutExpired:
        process.kill()  # PMIx 4.2.2 can wait for ever for a lock of its own
        process.communicate()
        count.launcher += 1
        return took
    return None if process.returncode == 0 else took


def finish(words, ranks):
    process = start(words, ranks)
    _, log = process.communicate(timeout=300)
    assert process.returncode == 0, (words, ranks, log)
    return log


class Count:
    """What came of the tries."""
    kills = survived = identical = taken = launcher = 0
    longest = 0.0


def try_one(name, whole, seconds, draw, count):
    words = COMMANDS[name]
    for _ in range(draw.choice((1, 1, 2, 3))):
        ranks = draw.randint(1, 4)
        process = start(words, ranks)
        let_it_work(process, seconds[1 if ranks == 1 else 3], draw)
        took = kill_one(process, ranks, draw, count)
        if took is None:
            count.survived += 1
            break
        count.kills += 1
        count.longest = max(count.longest, took)
        assert took <= LONGEST, (name, ranks, took)
        for path, content in results().items():  # whole ones, or none
            assert path.endswith(".part") or content == whole.get(path), (
                f"{path} is taken for whole after a kill of {name}")
        if name == "synth" and os.path.exists("o"):
            break
    if name == "synth" and os.path.exists("o"):
        log = ""  # whole, and a folder is not written over
    else:
        log = finish(words, draw.randint(1, 4))
    count.taken += "taken over" in log
    found = {path: content for path, content in results().items()
             if not path.endswith(".part")}
    assert found == whole, (name, sorted(
        path for path in {*found, *whole}
        if found.get(path) != whole.get(path)))
    assert not os.path.exists("c"), os.listdir("c")
    count.identical += 1
    remove_results()


def prepare():
    for words in (("d.h5", "0.01"), ("s.h5", "0.003"), ("csv", "0.02")):
        subprocess.run([PROGRAM, "synth", "--output", words[0], "--device",
                        "PT_737E", "--scale", words[1]], check=True,
                       capture_output=True)


def measure(name):
    """An unbroken run's results, and its seconds on one rank and on several."""
    seconds, whole = {}, None
    for ranks in (1, 3):
        begun = time.monotonic()
        finish(COMMANDS[name], ranks)
        seconds[ranks] = time.monotonic() - begun
        found = results()
        assert whole is None or found == whole, (name, ranks)
        whole = found
        remove_results()
    return whole, seconds


def main():
    tries = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    draw = random.Random(seed)
    prepare()
    names = sorted(COMMANDS)
    known = {name: measure(name) for name in names}
    total = Count()
    for i in range(tries):
        name = names[i % len(names)]
        count = Count()
        try_one(name, *known[name], draw, count)
        for key in ("kills", "survived", "identical", "taken", "launcher"):
            setattr(total, key, getattr(total, key) + getattr(count, key))
        total.longest = max(total.longest, count.longest)
        print(f"{i + 1:4d} {name:8s} {count.kills} kills, gone within "
              f"{count.longest:.2f} s", flush=True)
    print(f"seed {seed}: {tries} tries, {total.kills} kills, {total.survived} "
          f"survived, {total.taken} took work over, {total.identical} "
          f"identical, ranks gone within {total.longest:.2f} s, mpirun itself "
          f"hung {total.launcher} times")
    assert total.identical == tries and total.kills * 2 >= tries


PROGRAM = os.path.abspath(sys.argv[1])
folder = tempfile.mkdtemp(prefix="botsieve-kill.")
os.chdir(folder)
try:
    main()
finally:
    os.chdir("/")
    shutil.rmtree(folder, ignore_errors=True)
