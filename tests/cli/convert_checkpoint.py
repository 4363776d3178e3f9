#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""convert --checkpoint: stopped or killed at any moment, it goes on on any number
of ranks and ends with the bytes of an unbroken run; what is not of that run, or
not whole, is told of and not used."""
import fcntl
import glob
import gzip
import os
import shutil
import signal
import subprocess
import time

import harness
from harness import main, run, skip, start, stop

KEPT = ["--checkpoint", "c", "--threads", "1"]


def data(scale="0.1"):
    code, _, errors = run("synth", "--output", "csv", "--scale", scale)
    assert code == 0, errors


def read(path):
    with open(path, "rb") as file:
        return file.read()


def unbroken(*words):
    code, _, errors = run("convert", *words, "--output", "out.h5")
    assert code == 0, errors
    whole = read("out.h5")
    os.remove("out.h5")
    return whole


def written(pattern):
    """When files were written last."""
    return {name: os.stat(name).st_mtime_ns for name in glob.glob(pattern)}


def wait_for_change(pattern, before, process):
    while written(pattern) == before and process.poll() is None:
        time.sleep(0.001)


def break_off(*words, how=signal.SIGUSR1, ranks=1):
    """Stop a run that has kept something."""
    for _ in range(20):
        before = written("c/*.state?")
        process = start("convert", *words, "--output", "out.h5", *KEPT,
                        "--checkpoint-every", "0", ranks=ranks)
        wait_for_change("c/*.state?", before, process)
        if process.poll() is None:
            stop(process, how, ranks)
        _, log = process.communicate(timeout=60)
        if process.returncode != 0:
            break
        os.remove("out.h5")  # it was quicker
    if how != signal.SIGKILL:
        assert process.returncode == 85, (process.returncode, log)
        assert "the same command goes on" in log, log
    assert process.returncode != 0
    assert os.path.exists("out.h5.part") and not os.path.exists("out.h5")


def go_on(whole, *words, ranks=1, says="taken over"):
    process = start("convert", *words, "--output", "out.h5", *KEPT,
                    ranks=ranks)
    _, log = process.communicate(timeout=300)
    assert process.returncode == 0, log
    assert says in log, log
    assert read("out.h5") == whole, (words, ranks)
    assert not os.path.exists("c") and not os.path.exists("out.h5.part")
    os.remove("out.h5")


def stopped_and_killed_runs_go_on():
    data()
    whole = unbroken("csv")
    for how, before, after in ((signal.SIGUSR1, 1, 3), (signal.SIGTERM, 3, 1),
                               (signal.SIGKILL, 1, 2), (signal.SIGKILL, 3, 1),
                               (signal.SIGUSR1, 2, 2)):
        break_off("csv", how=how, ranks=before)
        if how == signal.SIGUSR1:  # and again, on other ranks
            break_off("csv", how=signal.SIGKILL, ranks=after)
        go_on(whole, "csv", ranks=after)


def pack():
    for path in glob.glob("csv/**/*.csv", recursive=True):
        with gzip.open(path + ".gz", "wb", compresslevel=1) as file:
            file.write(read(path))
        os.remove(path)


def packed_files_and_compressed_output_go_on():
    data("0.05")
    pack()
    for words in (["csv"], ["csv", "--compress"]):
        whole = unbroken(*words)
        break_off(*words, ranks=2)
        go_on(whole, *words)


def compressing_stops():
    data()
    whole = unbroken("csv", "--compress")
    for how, ranks in ((signal.SIGUSR1, 1), (signal.SIGTERM, 2),
                       (signal.SIGKILL, 1)):
        process = start("convert", "csv", "--compress", "--output", "out.h5",
                        *KEPT, ranks=ranks)
        wait_for_change("out.h5.packed.part", {}, process)
        stop(process, how, ranks)
        _, log = process.communicate(timeout=60)
        assert process.returncode == 85 or how == signal.SIGKILL, log
        assert os.path.exists("out.h5.part") and not os.path.exists("out.h5")
        assert how == signal.SIGKILL or not glob.glob("*.packed.part")
        go_on(whole, "csv", "--compress", ranks=3 - ranks)
        assert not glob.glob("*.part")


def classes_found_by_counting_go_on():
    """In order of first appearance; many lines, so that there are pieces."""
    with open("flows.csv", "w", encoding="ascii") as file:
        file.write("a,b,class\n")
        for i in range(2000000):
            file.write(f"{i * 0.37!r},{i},{'zebra ape cat'.split()[i % 3]}\n")
    words = ["flows.csv", "--class-column", "class"]
    whole = unbroken(*words)
    break_off(*words, ranks=2)
    go_on(whole, *words)


def time_limit_stops():
    """Devices that share their files make work without room for it."""
    data("0.05")
    pack()
    first = glob.glob("csv/*Camera")[0]
    for name in ("Danmini_Doorbell", "Ecobee_Thermostat", "Samsung_SNH_1011_N",
                 "Philips_B120N10_Baby_Monitor", "Ennio_Doorbell",
                 "SimpleHome_XCS7_1002_WHT_Security_Camera",
                 "SimpleHome_XCS7_1003_WHT_Security_Camera"):
        shutil.copytree(first, f"csv/{name}", copy_function=os.link)
    code, _, errors = run("convert", "csv", "--output", "out.h5", *KEPT,
                          "--time-limit", "1", ranks=2)
    assert code == 85 and "at the time limit" in errors[0], (code, errors)
    code, _, errors = run("convert", "csv", "--output", "out.h5",
                          "--time-limit", "1")
    assert code == 2 and "needs --checkpoint" in errors[0], errors


def refused(*words, text, ranks=2):
    code, _, errors = run("convert", *words, *KEPT, ranks=ranks)
    assert code == 3 and len(errors) == 1 and text in errors[0], (code, errors)


def other_runs_are_refused_by_name():
    data()
    whole = unbroken("csv")
    break_off("csv")
    before = {name: read(name) for name in glob.glob("c/*")}
    refused("csv", "--output", "other.h5", text='output was "out.h5", now')
    refused("csv", "--output", "out.h5", "--compress", text="compress was")
    path = glob.glob("csv/*Camera/benign_traffic.csv")[0]
    then = os.stat(path)
    os.utime(path, ns=(then.st_atime_ns, then.st_mtime_ns + 1))
    refused("csv", "--output", "out.h5", text=f"{path} was")
    os.utime(path, ns=(then.st_atime_ns, then.st_mtime_ns))
    after = {name: read(name) for name in glob.glob("c/*")}
    before.pop("c/stop")  # of the last run only
    assert before == after
    go_on(whole, "csv")


def other_names_than_utf8_are_known():
    data()
    name = "csv/\udce9t\udce9"  # bytes E9
    os.rename(glob.glob("csv/*Camera")[0], name)
    words = ["csv", "--device", "PT_737E"]
    whole = unbroken(*words)
    break_off(*words)
    path = f"{name}/benign_traffic.csv"
    then, content = os.stat(path), read(path)
    at = content.rindex(b"1")
    with open(path, "wb") as file:
        file.write(content[:at] + b"2" + content[at + 1:])
    refused(*words, "--output", "out.h5", text="csv/\\xE9t\\xE9/benign_traffic")
    with open(path, "wb") as file:
        file.write(content)
    os.utime(path, ns=(then.st_atime_ns, then.st_mtime_ns))
    go_on(whole, *words)


def what_cannot_be_opened_is_left():
    data()
    whole = unbroken("csv")
    break_off("csv")
    with open("out.h5.part", "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # as another reader of HDF5 might
        code, _, errors = run("convert", "csv", "--output", "out.h5", *KEPT,
                              ranks=2)
    assert code == 5 and "unable to lock file" in errors[0], (code, errors)
    go_on(whole, "csv")


def a_failing_disk_ends_the_run():
    """What was brought to it before counts, the rest does not."""
    data()
    whole = unbroken("csv")
    usual, harness.BOTSIEVE = harness.BOTSIEVE, os.environ["FAILING_SYNC"]
    try:
        code, _, errors = run("convert", "csv", "--output", "out.h5", *KEPT,
                              "--checkpoint-every", "0")
    finally:
        harness.BOTSIEVE = usual
    assert code == 5 and "Input/output error" in errors[0], (code, errors)
    assert not os.path.exists("out.h5")
    go_on(whole, "csv")


def mended_input_is_taken():
    data()
    whole = unbroken("csv")
    path = sorted(glob.glob("csv/*Camera/*/*.csv"))[-1]
    then, content = os.stat(path), read(path)
    with open(path, "ab") as file:
        file.write(b"1,2\r\n")
    code, _, errors = run("convert", "csv", "--output", "out.h5", *KEPT,
                          "--checkpoint-every", "0")
    assert code == 3 and path in errors[0], (code, errors)
    assert not os.path.exists("c") and not os.path.exists("out.h5.part")
    with open(path, "wb") as file:
        file.write(content)
    os.utime(path, ns=(then.st_atime_ns, then.st_mtime_ns))
    go_on(whole, "csv", says="a new one")


def a_disk_full_while_compressing_loses_nothing():
    data("0.02")
    room = len(unbroken("csv")) + 2000000
    whole = unbroken("csv", "--compress")
    words = ["convert", "csv", "--compress", "--output", "o/out.h5", *KEPT]
    os.mkdir("o")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={room}", "tmpfs",
                       "o"], check=False).returncode != 0:
        skip("no rights to mount a file system")
    try:
        code, _, errors = run(*words)
        assert code == 5 and len(errors) == 1, (code, errors)
        assert os.listdir("o") == ["out.h5.part"] and os.path.exists("c")
        subprocess.run(["mount", "-o", f"remount,size={3 * room}", "o"],
                       check=True)
        process = start(*words, ranks=2)
        _, log = process.communicate(timeout=300)
        assert process.returncode == 0 and "taken over" in log, log
        assert read("o/out.h5") == whole and not os.path.exists("c")
    finally:
        subprocess.run(["umount", "o"], check=True)


def a_file_begun_anew_meanwhile_is_left_alone():
    data()
    process = start("convert", "csv", "--output", "out.h5", *KEPT,
                    "--checkpoint-every", "0")
    wait_for_change("c/*.state?", {}, process)
    process.send_signal(signal.SIGSTOP)
    other = read("out.h5.part")[:-16] + b"another run mark"
    with open("out.h5.part", "wb") as file:
        file.write(other)
    process.send_signal(signal.SIGCONT)
    _, log = process.communicate(timeout=60)
    assert process.returncode == 5 and "another run has begun" in log, log
    assert os.path.exists("out.h5.part") and not os.path.exists("out.h5")


def another_unfinished_file_is_not_used():
    data()
    whole = unbroken("csv")
    break_off("csv")
    os.remove("out.h5.part")
    go_on(whole, "csv", ranks=2, says="is not the file it speaks of")
    # Made anew, by a run without checkpoint that was killed.
    break_off("csv", ranks=2)
    for _ in range(20):
        before = written("out.h5.part")
        process = start("convert", "csv", "--output", "out.h5", "--threads",
                        "1")
        wait_for_change("out.h5.part", before, process)
        process.kill()
        process.communicate()
        if process.returncode != 0:
            break
        os.remove("out.h5")  # it was quicker
    go_on(whole, "csv", says="is not the file it speaks of")


def damaged_states_are_done_without():
    data()
    whole = unbroken("csv")
    for damage in (lambda b: b[:-1], lambda b: b"", lambda b: b[:60] +
                   bytes([b[60] ^ 1]) + b[61:]):
        break_off("csv")
        for name in glob.glob("c/*.state?"):
            content = damage(read(name))
            with open(name, "wb") as file:
                file.write(content)
        go_on(whole, "csv", says="what it held is done again")


if __name__ == "__main__":
    main([stopped_and_killed_runs_go_on,
          packed_files_and_compressed_output_go_on, compressing_stops,
          classes_found_by_counting_go_on, time_limit_stops,
          other_runs_are_refused_by_name, other_names_than_utf8_are_known,
          what_cannot_be_opened_is_left, a_failing_disk_ends_the_run,
          mended_input_is_taken, a_file_begun_anew_meanwhile_is_left_alone,
          another_unfinished_file_is_not_used, damaged_states_are_done_without,
          a_disk_full_while_compressing_loses_nothing])
