#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""--checkpoint: stopped, full, damaged, stale or locked, a run that goes on
ends with the bytes of an unbroken one; and nothing that is not whole is used."""
import glob
import os
import shutil
import signal
import subprocess
import time

import harness
from harness import main, run, skip, stop

COMMANDS = {
    "once": ["cv", "d.h5", "--weka", "3.6"],  # all trees grow together
    "cv": ["cv", "d.h5", "--repeats", "8", "--features", "top:5@fold"],
    "oner": ["cv", "d.h5", "--learner", "oner", "--repeats", "8", "--split",
             "blocked"],
    "nb": ["cv", "d.h5", "--learner", "nb", "--repeats", "2"],
    "em": ["em", "d.h5", "--clusters", "6", "--max-iterations", "300"],
    "auto": ["em", "s.h5", "--clusters", "auto", "--features",
             "H_L5_weight,HH_L1_mean"],
    "rank": ["rank", "d.h5", "--folds", "50"],
    "compare": ["compare", "d.h5", "--output", "o"],
}


def data():
    for name, scale in (("d.h5", "0.01"), ("s.h5", "0.003")):
        code, _, errors = run("synth", "--output", name, "--device", "PT_737E",
                              "--scale", scale)
        assert code == 0, errors


def written(name, out):
    """What a run has told: its text, or the files of compare, where the text
    tells the time it took."""
    if name != "compare":
        return out
    return {path: read(path) for path in glob.glob("o/**", recursive=True)
            if os.path.isfile(path) and "/run." not in path}


def plain(name):
    code, out, errors = run(*COMMANDS[name], "--json", "plain.json")
    assert code == 0, errors
    return written(name, out), read("plain.json")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def start(name, *more, ranks=1):
    return harness.start(*COMMANDS[name], "--json", "part.json",
                         "--checkpoint", "c", *more, ranks=ranks)


def go_on(name, expected, ranks=1, threads=1):
    """To the end; the log of it."""
    process = start(name, "--threads", str(threads), ranks=ranks)
    out, log = process.communicate(timeout=300)
    assert process.returncode == 0, log
    assert written(name, out) == expected[0], (name, ranks, threads, out)
    assert read("part.json") == expected[1], (name, ranks, threads)
    assert not os.path.exists("c"), os.listdir("c")
    return log


def wait_for(pattern, process):
    for _ in range(3000):
        if glob.glob(pattern):
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)
    raise AssertionError(f"no {pattern}")


def break_off(name, how=signal.SIGUSR1, ranks=1):
    """Stop a run that has kept something; its log. None if it was done first.
    """
    process = start(name, "--threads", "1", "--checkpoint-every", "0",
                    ranks=ranks)
    wait_for("c/*.[us]*", process)
    stop(process, how, ranks)
    _, log = process.communicate(timeout=60)
    if process.returncode == 0:
        return None
    assert process.returncode == 85, (process.returncode, log)
    assert "go on" in log or "goes on" in log, log
    assert not os.path.exists("part.json")
    return log


def stopped_once(name, how=signal.SIGUSR1, ranks=1):
    for _ in range(20):
        if break_off(name, how, ranks) is not None:
            return
        os.remove("part.json")
    raise AssertionError(f"{name} was always quicker")


def signals_stop_and_any_layout_goes_on():
    data()
    for name, how, before, ranks, threads in (
            ("cv", signal.SIGTERM, 1, 3, 1), ("cv", signal.SIGUSR1, 3, 1, 2),
            ("oner", signal.SIGUSR1, 2, 3, 1),
            ("nb", signal.SIGTERM, 1, 2, 1), ("nb", signal.SIGUSR1, 3, 1, 2),
            ("em", signal.SIGUSR1, 1, 3, 1), ("em", signal.SIGTERM, 3, 2, 2),
            ("auto", signal.SIGUSR1, 2, 3, 1),
            ("rank", signal.SIGUSR1, 1, 2, 1),
            ("compare", signal.SIGUSR1, 2, 1, 2),
            ("once", signal.SIGUSR1, 1, 3, 1),
            ("once", signal.SIGTERM, 2, 1, 2)):
        expected = plain(name)
        stopped_once(name, how, before)
        log = go_on(name, expected, ranks, threads)
        assert "going on from an earlier run" in log, log
        assert "taken over" in log, log
        assert name != "once" or "unfinished trees taken over" in log, log
        os.remove("part.json")


def one_tree_goes_on():
    code, _, errors = run("synth", "--output", "t.h5", "--scale", "0.05")
    assert code == 0, errors
    COMMANDS["train"] = ["train", "t.h5", "--output", "m.json"]
    expected, model = plain("train"), read("m.json")
    for _ in range(20):
        process = start("train", "--threads", "1")
        while " sort: " not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGUSR1)
        process.communicate(timeout=60)
        if process.returncode == 85:
            break
    assert process.returncode == 85
    os.remove("m.json")
    go_on("train", expected, 3)
    assert read("m.json") == model


def loading_and_sorting_stop():
    """One rank is told as soon as it can be; all stop before there are trees,
    and nothing is left behind."""
    code, _, errors = run("synth", "--output", "t.h5", "--scale", "0.05")
    assert code == 0, errors
    COMMANDS["all"] = ["cv", "t.h5"]
    for ranks in (1, 3):
        process = start("all", "--threads", "1", ranks=ranks)
        while "checkpoint c: a new one" not in process.stderr.readline():
            assert process.poll() is None
        stop(process, signal.SIGUSR1, ranks)
        _, log = process.communicate(timeout=60)
        assert process.returncode == 85, (process.returncode, log)
        assert " tables: " not in log, log
        assert not os.path.exists("c"), os.listdir("c")


def time_limit_stops():
    data()
    COMMANDS["long"] = ["cv", "d.h5", "--repeats", "300"]
    process = start("long", "--time-limit", "00:00:01", ranks=2)
    _, log = process.communicate(timeout=60)
    assert process.returncode == 85, log
    assert "at the time limit" in log, log
    code, _, errors = run(*COMMANDS["cv"], "--time-limit", "1")
    assert code == 2 and "needs --checkpoint" in errors[0], errors
    code, _, errors = run(*COMMANDS["cv"], "--checkpoint", "e", "--time-limit",
                          "1:2")
    assert code == 2 and "'1:2'" in errors[0], errors


def refused(*arguments, code, text, ranks=2, **options):
    found, _, errors = run(*arguments, ranks=ranks, **options)
    assert found == code and len(errors) == 1 and text in errors[0], (
        found, errors)


def stale_checkpoints_are_refused_by_name():
    data()
    expected = plain("cv")
    stopped_once("cv")
    os.remove("c/stop")  # of the last run only
    before = {name: read(name) for name in glob.glob("c/*")}
    words = [*COMMANDS["cv"], "--checkpoint", "c"]
    refused(*words, "--folds", "5", code=3, text="folds was 10, now 5")
    refused(*words, "--features", "table1", code=3, text="features was")
    run("synth", "--output", "e.h5", "--device", "PT_737E", "--scale", "0.01",
        "--seed", "7")
    refused("cv", "e.h5", *words[2:], code=3, text="checksum was")
    refused("rank", "d.h5", "--checkpoint", "c", code=3, text="was")
    after = {name: read(name) for name in glob.glob("c/*")}
    assert before == after
    go_on("cv", expected)


def damaged_files_are_done_without():
    data()
    expected = plain("cv")
    for damage in (lambda b: b[:-1], lambda b: b"", lambda b: b"\0" * len(b),
                   lambda b: b[:40] + bytes([b[40] ^ 4]) + b[41:]):
        stopped_once("cv")
        name = sorted(glob.glob("c/*.units"))[0]
        whole = read(name)
        with open(name, "wb") as file:
            file.write(damage(whole))
        log = go_on("cv", expected)
        assert "WARNING" in log and "is done again" in log, log
        os.remove("part.json")


def damaged_files_outlive_a_stop():
    """Of a run that has kept nothing itself."""
    data()
    COMMANDS["long"] = ["cv", "d.h5", "--repeats", "300"]
    stopped_once("long")
    names = glob.glob("c/*.units") + glob.glob("c/*.state?")
    for name in names:
        with open(name, "wb") as file:
            file.write(b"damaged")
    process = start("long", "--threads", "1")
    while "checkpoint c: a new one" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGUSR1)
    process.communicate(timeout=60)
    assert process.returncode == 85
    assert all(os.path.exists(name) for name in names)


def two_runs_cannot_share():
    data()
    COMMANDS["long"] = ["cv", "d.h5", "--repeats", "300"]
    process = start("long")
    wait_for("c/*.units", process)
    refused(*COMMANDS["long"], "--checkpoint", "c", code=6, text="in use")
    process.send_signal(signal.SIGUSR1)
    process.communicate(timeout=60)
    assert process.returncode == 85


def folders_that_cannot_be_written_are_refused():
    data()
    words = [*COMMANDS["cv"], "--checkpoint"]
    refused(*words, "no/such", code=5, text="cannot make checkpoint folder")
    refused(*words, "d.h5", code=5, text="checkpoint folder d.h5")
    os.mkdir("other")
    with open("other/file", "w", encoding="utf-8"):
        pass
    refused(*words, "other", code=2, text="no part of a checkpoint")
    if os.geteuid() != 0:
        os.mkdir("closed", 0o555)
        refused(*words, "closed", code=5, text="cannot write to checkpoint")


def on_mount(options, use):
    """Run use() with a file system of these options at c; False where that
    cannot be."""
    os.makedirs("c", exist_ok=True)
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs",
                            "c"], capture_output=True, check=False)
    if mount.returncode != 0:
        return False
    try:
        use()
    finally:
        subprocess.run(["umount", "c"], check=True)
        os.rmdir("c")
    return True


def read_only_file_systems_are_refused():
    data()
    if not on_mount("ro", lambda: refused(
            *COMMANDS["cv"], "--checkpoint", "c", code=5,
            text="cannot write to checkpoint folder")):
        skip("no rights to mount a file system")


def a_full_disk_costs_the_checkpoint_only():
    data()
    expected = plain("cv")

    def use():
        process = start("cv", ranks=2)
        out, log = process.communicate(timeout=300)
        assert process.returncode == 0, log
        assert out == expected[0] and read("part.json") == expected[1]
        assert "No space left" in log and "going on" in log, log
        assert not os.listdir("c")
    if not on_mount("size=64k", use):
        skip("no rights to mount a file system")


def contents(path):
    """Files below a folder, or the one file."""
    names = [path] if os.path.isfile(path) else [
        name for name in glob.glob(f"{path}/**", recursive=True)
        if os.path.isfile(name)]
    return {name[len(path):]: read(name) for name in names}


def synth(output, *more, ranks=1, scale="0.05"):
    return harness.start("synth", "--output", output, "--scale", scale,
                         "--threads", "1", *more, ranks=ranks)


def simulate(output, *more, **options):
    """To the end; the log of it."""
    process = synth(output, *more, **options)
    _, log = process.communicate(timeout=300)
    assert process.returncode == 0, log
    return log


KEEP = ("--checkpoint", "c")


def begin(output, how, ranks=1):
    """A simulation that is told to stop, or killed, once a file is done."""
    for _ in range(20):
        process = synth(output, *KEEP, "--checkpoint-every", "0", ranks=ranks)
        wait_for("c/units*.state[01]", process)
        stop(process, how, ranks)
        _, log = process.communicate(timeout=60)
        if process.returncode != 0:
            assert how == signal.SIGKILL or process.returncode == 85, log
            assert not os.path.exists(output)
            return
        shutil.rmtree(output) if os.path.isdir(output) else os.remove(output)
    raise AssertionError("the simulation was always quicker")


def simulations_go_on():
    for output in ("s", "s.h5"):
        simulate("plain" + output)
        expected = contents("plain" + output)
        for how, before, ranks in ((signal.SIGUSR1, 1, 3),
                                   (signal.SIGTERM, 2, 1),
                                   (signal.SIGKILL, 1, 2),
                                   (signal.SIGKILL, 3, 1)):
            begin(output, how, before)
            refused("synth", "--output", output, "--scale", "0.05", "--seed",
                    "2", *KEEP, code=3, text="seed was 1, now 2")
            refused("synth", "--output", "other", "--scale", "0.05", *KEEP,
                    code=3, text="output was")
            log = simulate(output, *KEEP, ranks=ranks)
            assert "taken over" in log, log
            assert contents(output) == expected, (output, how, before, ranks)
            assert not os.path.exists("c"), os.listdir("c")
            assert not os.path.exists(output + ".part")
            shutil.rmtree(output) if output == "s" else os.remove(output)


def files_that_are_not_whole_are_done_again():
    simulate("plain")
    expected = contents("plain")
    for damage in (lambda path: os.remove(path),
                   lambda path: os.truncate(path, 1000),
                   lambda path: shutil.rmtree(os.path.dirname(path))):
        begin("s", signal.SIGUSR1)
        whole = [name for name, content in contents("s.part").items()
                 if expected.get(name) == content]
        damage("s.part" + whole[0])
        simulate("s", *KEEP, ranks=2)
        assert contents("s") == expected, whole[0]
        assert not os.path.exists("c")
        shutil.rmtree("s")


def a_failing_disk_ends_the_simulation():
    for output in ("s", "s.h5"):
        simulate("plain" + output)
        usual, harness.BOTSIEVE = harness.BOTSIEVE, os.environ["FAILING_SYNC"]
        try:
            code, _, errors = run("synth", "--output", output, "--scale",
                                  "0.05", *KEEP, "--checkpoint-every", "0")
        finally:
            harness.BOTSIEVE = usual
        assert code == 5 and "Input/output error" in errors[0], (code, errors)
        assert not os.path.exists(output)
        assert "taken over" in simulate(output, *KEEP)
        assert contents(output) == contents("plain" + output)


def a_folder_need_not_be_utf8():
    code, _, errors = run("synth", "--output", "s\udce9", "--scale", "0.001",
                          *KEEP)
    assert code == 0 and os.path.exists("s\udce9"), errors


def a_folder_that_cannot_get_its_name_is_left():
    simulate("plain")
    process = synth("s", *KEEP)
    wait_for("s.part", process)
    os.mkdir("s")
    with open("s/file", "w", encoding="utf-8"):
        pass
    _, log = process.communicate(timeout=60)
    assert process.returncode == 5 and "all of it is in s.part" in log, log
    assert contents("s.part") == contents("plain")


def an_output_begun_by_another_run_is_not_gone_on_with():
    for output in ("s", "s.h5"):
        simulate("plain" + output)
        begin(output, signal.SIGUSR1)
        other = synth(output, "--seed", "2", scale="1")
        time.sleep(0.5)
        other.kill()
        other.communicate()
        assert os.path.exists(output + ".part")
        log = simulate(output, *KEEP)
        assert "taken over" not in log and "WARNING: checkpoint" in log, log
        assert contents(output) == contents("plain" + output), output


def a_simulation_killed_at_its_very_end_does_not_meet_itself():
    """Where the checkpoint goes and the output gets its name."""
    simulate("plain", scale="0.001")
    for delay in range(12):
        process = synth("s", *KEEP, scale="0.001")
        wait_for("c/manifest.json", process)
        while os.path.exists("c/manifest.json"):
            pass
        time.sleep(delay * 1e-4)
        process.kill()
        process.communicate()
        if os.path.exists("s"):
            assert contents("s") == contents("plain")
        else:
            simulate("s", *KEEP, scale="0.001")
        assert contents("s") == contents("plain")
        shutil.rmtree("s")


if __name__ == "__main__":
    main([signals_stop_and_any_layout_goes_on, one_tree_goes_on,
          loading_and_sorting_stop, time_limit_stops,
          stale_checkpoints_are_refused_by_name,
          damaged_files_are_done_without, damaged_files_outlive_a_stop,
          two_runs_cannot_share,
          folders_that_cannot_be_written_are_refused,
          read_only_file_systems_are_refused,
          a_full_disk_costs_the_checkpoint_only, simulations_go_on,
          files_that_are_not_whole_are_done_again,
          a_failing_disk_ends_the_simulation, a_folder_need_not_be_utf8,
          a_folder_that_cannot_get_its_name_is_left,
          an_output_begun_by_another_run_is_not_gone_on_with,
          a_simulation_killed_at_its_very_end_does_not_meet_itself])
