#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The log, the run record and the launch guard: what a batch job tells, and
that copies which are no job do nothing."""
import gzip
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import time

import harness
from harness import write

MPIRUN = ["mpirun", "--oversubscribe", "--bind-to", "none", "-n"]


def run(*words, ranks=0, env=None, before=()):
    """Exit code, standard output, lines of the log. ranks=0: no mpirun."""
    command = [*before, harness.BOTSIEVE, *map(str, words)]
    if ranks > 0:
        command = MPIRUN + [str(ranks)] + command
    done = subprocess.run(command, capture_output=True, timeout=300,
                          check=False, env={**os.environ, **(env or {})})
    text = done.stderr.decode()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text), text
    return done.returncode, done.stdout.decode(), text.splitlines()


def statuses(lines):
    return [line for line in lines if line.startswith("STATUS")]


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def data(rows=2000):
    """A data file of noise, from a small generator."""
    lines, state = [], 1
    for _ in range(rows):
        row = []
        for _ in range(3):
            state = (state * 1103515245 + 12345) % 2147483648
            row.append(state / 2147483648)
        lines.append(f"{row[0]},{row[1]},{'xy'[row[2] < 0.5]}")
    write("d.arff", "@relation r\n@attribute a numeric\n@attribute b numeric\n"
          "@attribute class {x,y}\n@data\n" + "\n".join(lines) + "\n")
    code, _, log = run("convert", "d.arff", "--output", "d.h5")
    assert code == 0, log
    return "d.h5"


def a_log_begins_with_what_runs_and_ends_with_its_status():
    data()
    for ranks in (0, 3):
        code, _, lines = run("cv", "--folds", "3", "d.h5", ranks=ranks)
        assert code == 0, lines
        text = "\n".join(lines)
        for want in (r"\] botsieve \d+\.\d+\.\d+ cv, 20\d\d-\d\d-\d\dT",
                     r"\d ranks? on 1 node, \d+ threads? each",
                     r"command: \S*botsieve cv --folds 3 d\.h5\n",
                     r"options: .*--folds 3 .*--seed 1",
                     r"build: (gcc|\S*.?[Cc]lang) ?\S* \S+",
                     r"libraries: Open MPI v[\d.]+, HDF5 [\d.]+, glibc [\d.]+",
                     r"(ref|avx2|avx512) kernels",
                     r"\] ranks +host +CPUs\n",
                     r"data: d\.h5: 2000 rows, 2 of 2 features, source d.arff",
                     r"\] load: \d+\.\d\d s\n", r"\] train: \d+\.\d\d s\n",
                     r"\] seconds +min +mean +max +imbalance +MPI +I/O\n",
                     r"\] train( +[\d.]+){3} +\d+%( +[\d.]+){2}\n",
                     r"\] 2000 rows in [\d.]+ s: \d+ a second\n",
                     r"\] files: [\d.]+ GB read, [\d.]+ GB written",
                     r"\] peak memory of a node: \d+\.\d{3} GB on \S+"):
            assert re.search(want, text), (want, text)
        assert lines[-1] == "STATUS: OK code=0", lines
        assert len(statuses(lines)) == 1, lines


def every_exit_code_has_its_status():
    data()
    write("huge.arff", "@relation r\n@attribute a numeric\n"
          "@attribute class {x,y}\n@data\n" +
          "".join(f"1.{6 + i % 2}e308,{'xy'[i % 2]}\n" for i in range(40)))
    assert run("convert", "huge.arff", "--output", "huge.h5")[0] == 0
    for code, words in ((1, ("cv", "huge.h5")),
                        (2, ("cv", "d.h5", "--folds", "3000")),
                        (3, ("cv", "none.h5")),
                        (5, ("train", "d.h5", "--output", "none/m.json"))):
        for ranks in (0, 2):
            got, _, lines = run(*words, ranks=ranks)
            assert got == code, (words, got, lines)
            errors = [line for line in lines if line.startswith("botsieve ")]
            assert len(errors) == 1 and ": error: " in errors[0], lines
            assert statuses(lines) == [f"STATUS: FAILED code={code}"], lines
            at = lines.index(errors[0])
            assert lines[at + 1].startswith("STATUS"), lines


def a_stopped_run_says_so():
    data(20000)
    command = MPIRUN + ["2", harness.BOTSIEVE, "cv", "d.h5", "--repeats",
                        "1000", "--threads", "1", "--checkpoint", "kept",
                        "--run-json", "r.json"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True,
                          stdout=subprocess.DEVNULL) as job:
        lines = []
        for line in job.stderr:
            lines.append(line.rstrip("\n"))
            if "layout:" in line:
                time.sleep(0.1)
                job.send_signal(signal.SIGUSR1)
        assert job.wait() == 85, lines
    assert statuses(lines) == ["STATUS: STOPPED code=85"], lines
    assert any(re.search(r"\] stopped +[\d.]+ ", line) for line in lines), lines
    assert not any("rows in" in line for line in lines), lines
    record = read_json("r.json")
    assert (record["status"], record["code"]) == ("STOPPED", 85), record
    assert list(record["phases"])[-1] == "stopped", record


def wrong_words_are_one_line():
    for words in (("cv", "--folds", "1", "d.h5"), ("cv", "--none"), ("none",),
                  ("convert", "d.arff")):
        code, _, lines = run(*words)
        assert code == 2 and len(lines) == 1, (words, code, lines)


# What srun without a PMI, an mpirun of Open MPI and one of MPICH leave in the
# environment of the second of two processes.
def launched_as(rank, kind):
    return {"srun": {"SLURM_JOB_ID": "1", "SLURM_STEP_ID": "0",
                     "SLURM_NTASKS": "2", "SLURM_STEP_NUM_TASKS": "2",
                     "SLURM_PROCID": str(rank)},
            "mpirun": {"OMPI_COMM_WORLD_SIZE": "2",
                       "OMPI_COMM_WORLD_RANK": str(rank)},
            "mpiexec": {"PMI_SIZE": "2", "PMI_RANK": str(rank)}}[kind]


def copies_that_are_no_job_are_refused():
    data(100)
    for kind in ("srun", "mpirun", "mpiexec"):
        for rank in (0, 1):
            code, out, lines = run("convert", "d.arff", "--output", "out.h5",
                                   env=launched_as(rank, kind))
            assert code == 6 and out == "", (kind, rank, code, lines)
            if rank == 1:
                assert lines == [], lines
                continue
            assert len(lines) == 2, lines
            assert lines[0].startswith("botsieve convert: error: " + kind)
            for cure in ("srun --mpi=pmix", "mpirun",
                         "BOTSIEVE_LAUNCHER=mpirun"):
                assert cure in lines[0], lines
            assert lines[1] == "STATUS: FAILED code=6", lines
        assert not os.path.exists("out.h5"), kind


def help_needs_no_launcher():
    for kind in ("srun", "mpirun", "mpiexec"):
        for words in (("--help",), ("--version",), ("cv", "--help")):
            code, out, lines = run(*words, env=launched_as(0, kind))
            assert code == 0 and out and not lines, (kind, words, lines)
            code, out, lines = run(*words, env=launched_as(1, kind))
            assert code == 0 and not out and not lines, (kind, words, lines)


def one_process_in_an_allocation_is_fine():
    data(100)
    batch = {"SLURM_NTASKS": "4", "SLURM_NPROCS": "4", "SLURM_PROCID": "0",
             "SLURM_NTASKS_PER_NODE": "2"}
    assert run("info", "d.h5", env=batch)[0] == 0
    assert run("info", "d.h5", env=batch, ranks=1)[0] == 0
    # mpirun of one within a step of two
    step = {"SLURM_STEP_NUM_TASKS": "2", "SLURM_PROCID": "1"}
    code, _, lines = run("info", "d.h5", env=step, ranks=1)
    assert code == 0 and statuses(lines) == ["STATUS: OK code=0"], lines


def one_node_needs_no_network():
    """Open MPI opens its network libraries only if it is told to."""
    data(100)
    opened = re.compile("components_open: found loaded component (.*)")

    def transports(ranks, **env):
        _, _, lines = run("info", "d.h5", ranks=ranks, env={
            "OMPI_MCA_pml_base_verbose": "100", **env})
        return {m[1] for m in map(opened.search, lines) if m}
    for ranks in (0, 2):
        assert transports(ranks) == {"ob1"}, transports(ranks)
        chosen = transports(ranks, OMPI_MCA_pml="^monitoring")
        assert "ob1" in chosen and len(chosen) > 1, chosen


def ranks_with_another_mpi_are_refused():
    data(100)
    command = MPIRUN + ["2", harness.BOTSIEVE, "info", "d.h5", ":", "-n", "1",
                        os.environ["OTHER_MPI"], "info", "d.h5"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode == 6, done
    errors = [line for line in done.stderr.splitlines()
              if line.startswith("botsieve ")]
    assert len(errors) == 1, done.stderr
    for want in ("rank 2 is botsieve", "Other MPI v9.9", "rank 0 is", "Open MPI"):
        assert want in errors[0], errors
    assert statuses(done.stderr.splitlines()) == ["STATUS: FAILED code=6"]


def masks_are_shown_and_warned_of():
    data()
    cpu = min(os.sched_getaffinity(0))
    code, _, lines = run("cv", "d.h5", "--threads", "2", "--run-json", "r.json",
                         before=("taskset", "-c", str(cpu)))
    text = "\n".join(lines)
    assert code == 0, text
    assert re.search(rf"\] 0 +\S+ +{cpu}\n", text), text
    assert "2 threads on 1 CPU: " not in text, text
    warnings = [line.split("WARNING: ")[1] for line in lines
                if "WARNING: " in line]
    assert any(re.match(r"rank 0 on \S+ has 2 threads on 1 CPU$", w)
               for w in warnings), warnings
    with open("r.json", encoding="utf-8") as file:
        record = json.load(file)
    assert record["warnings"] == warnings, record
    assert record["hosts"][0]["ranks"] == [
        {"rank": 0, "cpus": str(cpu), "threads": 2}], record
    _, _, lines = run("info", "d.h5", ranks=2,
                      env={"OMP_PLACES": "cores", "OMP_PROC_BIND": "false"})
    text = "\n".join(lines)
    assert re.search(r"WARNING: ranks of \S+ share CPUs", text), text
    assert "WARNING: OMP_PLACES=cores has no effect" in text, text
    # With threads on CPUs of their own there is nothing to warn of.
    _, _, lines = run("info", "d.h5", before=("taskset", "-c", str(cpu)))
    assert not any("WARNING" in line for line in lines), lines


def the_record_has_the_facts_of_the_log():
    data()
    for ranks in (0, 3):
        code, _, lines = run("cv", "d.h5", "--run-json", "r.json",
                             "--json", "out.json", ranks=ranks)
        assert code == 0, lines
        with open("r.json", encoding="utf-8") as file:
            record = json.load(file)
        assert record["ranks"] == max(ranks, 1), record
        assert record["rows"] == 2000 and record["nodes"] == 1, record
        assert record["command_line"][1:3] == ["cv", "d.h5"], record
        assert (record["status"], record["code"]) == ("OK", 0), record
        assert list(record["phases"])[0] == "load", record
        assert list(record["phases"])[-1] == "finish", record
        total = 0
        for name, phase in record["phases"].items():
            for part in ("seconds", "mpi_seconds", "io_seconds",
                         "work_seconds"):
                p = phase[part]
                assert 0 <= p["min"] <= p["mean"] + 1e-12, (name, p)
                assert p["mean"] <= p["max"] + 1e-12, (name, p)
            assert phase["imbalance"] >= -1e-9, (name, phase)
            assert phase["work_seconds"]["max"] <= phase["seconds"]["max"]
            total += phase["seconds"]["min"]
        assert total <= record["seconds"], record
        assert record["mpi_seconds"] > 0, record
        assert record["io_seconds"] > 0, record
        load = record["phases"]["load"]
        # The values and the classes, which each node reads once.
        assert 2000 * (2 * 8 + 2) <= load["bytes_read"] <= 2000 * 50, load
        assert load["bytes_written"] == 0, load
        assert record["hosts"][0]["peak_memory_bytes"] > 1e6, record
        assert len(record["hosts"][0]["ranks"]) == max(ranks, 1), record
        with open("out.json", encoding="utf-8") as file:
            assert "seconds" not in file.read()


def the_record_tells_of_failure():
    data()
    for ranks in (0, 2):
        code, _, lines = run("cv", "d.h5", "--folds", "3000", "--run-json",
                             "r.json", ranks=ranks)
        record = read_json("r.json")
        assert code == 2 and statuses(lines), lines
        assert (record["status"], record["code"]) == ("FAILED", 2), record
        # Results are there before the record is tried.
        code, _, lines = run("cv", "d.h5", "--json", "out.json", "--run-json",
                             "no/r.json", ranks=ranks)
        at = lines.index("STATUS: FAILED code=5")
        assert code == 5 and "no/r.json" in lines[at - 1], lines
        assert read_json("out.json")["command"] == "cv"
        os.remove("out.json")


PROGRESS = re.compile(r"^\[ *([\d.]+) s\] ([^:]+): +(\d+)% \((\d+) of (\d+) "
                      r"[a-z ]+\), \d+ s(, about \d+ s left)?$")


def told(interval, *words, ranks=0):
    """Run; what progress was told of, with the percentages of each. Lines are
    never more than the interval allows."""
    code, _, lines = run(*words, "--threads", "1", ranks=ranks,
                         env={"BOTSIEVE_PROGRESS_SECONDS": str(interval)})
    assert code == 0, lines
    found = {}
    got = [m for m in map(PROGRESS.match, lines) if m]
    assert len(got) == sum("%" in line and " of " in line for line in lines), \
        lines
    for i, m in enumerate(got):
        # The clock of the log starts a little later than that of progress, and
        # prints hundredths.
        assert float(m[1]) + 0.005 >= (i - 1) * interval, (i, lines)
        assert int(m[4]) <= int(m[5]), lines
        found.setdefault(m[2], []).append(int(m[3]))
    for what, parts in found.items():
        assert parts == sorted(parts) and parts[-1] <= 100, (what, parts)
    return found


def every_long_piece_of_work_tells_of_progress():
    for ranks in (0, 2):
        for path in ("capture", "capture.h5"):
            found = told(0.02, "synth", "--output", path, "--scale", "0.1",
                         ranks=ranks)
            assert len(found["simulating"]) > 1, found
        found = told(0.02, "convert", "capture", "--output", "c.h5",
                     ranks=ranks)
        assert len(found["converting"]) > 1, found
        for folder, _, names in os.walk("capture"):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as plain, \
                        gzip.open(path + ".gz", "wb", 1) as packed:
                    shutil.copyfileobj(plain, packed)
                os.remove(path)
        found = told(0.002, "convert", "capture", "--output", "c.h5",
                     ranks=ranks)
        assert "counting rows" in found and "converting" in found, found
        found = told(0.002, "cv", "c.h5", "--run-json", "r.json", ranks=ranks)
        for what in ("loading", "sorting"):
            assert what in found, found
        # One batch of trees that grow together still gets on.
        assert any(0 < part < 100 for part in found["growing trees"]), found
        found = told(0.002, "em", "c.h5", ranks=ranks)
        for what in ("k-means", "EM of 3 clusters"):
            assert what in found, found
        shutil.rmtree("capture")


def synth_has_a_record():
    told(1, "synth", "--output", "s", "--scale", "0.001", "--run-json",
         "r.json", ranks=2)
    record = read_json("r.json")
    assert (record["command"], record["code"]) == ("synth", 0), record
    assert record["rows"] > 800 and "finish" in record["phases"], record


def progress_comes_in_few_whole_lines():
    data(20000)
    words = ("cv", "d.h5", "--no-mdl", "--repeats", "8", "--threads", "1")
    pattern = re.compile(r"growing trees: +(\d+)% \((\d+) of 81 trees\), "
                         r"\d+ s(, about \d+ s left)?$")
    for ranks in (0, 2):
        began = time.monotonic()
        _, _, lines = run(*words, ranks=ranks,
                          env={"BOTSIEVE_PROGRESS_SECONDS": "0.1"})
        took = time.monotonic() - began
        told = [line for line in lines if "growing trees" in line]
        got = [pattern.search(line) for line in told]
        assert all(got), told
        assert 2 <= len(told) <= 10 * took, (took, told)
        done = [int(m.group(2)) for m in got]
        assert done == sorted(done) and done[-1] <= 81, told
    _, _, lines = run("cv", "d.h5", "--repeats", "2")
    assert not any("growing" in line for line in lines), lines


def on_a_terminal_there_is_a_bar():
    data(20000)
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(harness.BOTSIEVE, ["botsieve", "cv", "d.h5", "--no-mdl",
                                    "--repeats", "8", "--threads", "1", "--json",
                                    "/dev/null"])
    text = b""
    while True:
        try:
            some = os.read(fd, 65536)
        except OSError:
            break
        if not some:
            break
        text += some
    assert os.waitpid(pid, 0)[1] == 0
    text = text.decode()
    bars = re.findall(r"growing trees \[#*\.*\] +\d+% [^\r\n]*", text)
    assert len(bars) >= 2, text
    assert all(len(bar) < 80 for bar in bars), bars
    # What is left on the screen has no trace of them.
    for line in text.split("\n"):
        seen = ""
        for part in line.rstrip("\r").split("\r"):
            seen = part[3:] if part.startswith("\x1b[K") else (
                part + seen[len(part):])
        assert "growing" not in seen and "\x1b" not in seen, repr(line)
    assert text.rstrip().endswith("STATUS: OK code=0"), text[-300:]


harness.main([a_log_begins_with_what_runs_and_ends_with_its_status,
              every_exit_code_has_its_status,
              a_stopped_run_says_so,
              wrong_words_are_one_line,
              copies_that_are_no_job_are_refused,
              help_needs_no_launcher,
              one_process_in_an_allocation_is_fine,
              one_node_needs_no_network,
              ranks_with_another_mpi_are_refused,
              masks_are_shown_and_warned_of,
              the_record_has_the_facts_of_the_log,
              the_record_tells_of_failure,
              synth_has_a_record,
              every_long_piece_of_work_tells_of_progress,
              progress_comes_in_few_whole_lines,
              on_a_terminal_there_is_a_bar])
