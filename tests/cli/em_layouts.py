#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""botsieve em: the same bytes from any ranks, threads, instruction set, machine.

Results, model, text and assignments of both ways of summing are compared. With
BOTSIEVE_FULL set, every rank count at every thread count by every set."""
import hashlib
import itertools
import os
import random

from harness import main, run, skip, write

RANKS = (2, 3, 4, 7)
ALL_RANKS = (1, 2, 3, 4, 7, 16)
FULL = "BOTSIEVE_FULL" in os.environ
THREADS = (1, 2, 4)
ISA = ("ref", "avx2", "avx512")
NO_FMA = "glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2,-AVX2_Usable,-AVX512F"
FILES = ("em.json", "model.json", "rows.h5")


def data(rows, columns, spread):
    """Groups that overlap, over many blocks of rows, with repeated rows, a
    constant column and scales from 1e-7 to 1e9. A thread takes a
    megabyte at least."""
    draw = random.Random(4)
    lines = []
    for i in range(rows):
        group = draw.randrange(4)
        values = [draw.gauss(group * (j % 3) * spread, 1) * 10 ** (j % 17 - 7)
                  for j in range(columns - 1)]
        if i % 7 == 0 and lines:
            lines.append(lines[draw.randrange(len(lines))])
        else:
            lines.append(",".join(map(repr, values + [3.5, f"c{group}"])))
    convert(columns, lines)


def coarse_data(rows, columns):
    """A lattice at 1e17, where Weka's sums of squares cancel: deviations of all
    rows stand in, and clusters empty, in some folds sooner than in others."""
    draw = random.Random(3)
    convert(columns, [
        ",".join([repr(1e17 + 16 * int(4 * draw.random() +
                                       i * 5 // rows * (j % 3) * 4))
                  for j in range(columns)] + [f"c{i % 4}"])
        for i in range(rows)])


def convert(columns, lines):
    head = "".join(f"@attribute x{j} numeric\n" for j in range(columns))
    write("d.arff", f"@relation d\n{head}@attribute class {{c0,c1,c2,c3}}\n"
          "@data\n" + "\n".join(lines) + "\n")
    code, _, errors = run("convert", "d.arff", "--output", "d.h5")
    assert code == 0, errors


def digest(options, ranks=1, threads=1, **environment):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **environment}
    code, out, lines = run(
        "em", "d.h5", *options, "--threads", threads, "--json", FILES[0],
        "--output", FILES[1], "--assignments", FILES[2], ranks=ranks,
        env=environment)
    assert code == 0, (options, ranks, threads, environment, lines)
    text = [out.encode()]
    for name in FILES:
        with open(name, "rb") as file:
            text.append(file.read())
    return [hashlib.sha256(t).hexdigest() for t in text]


def compare(options, more=()):
    """Every rank count, every thread count, every instruction set, once each
    beside the plainest run, and some of them together."""
    plain = digest(options, BOTSIEVE_ISA="ref")
    layouts = [(r, THREADS[i % 3], ISA[i % 3]) for i, r in enumerate(RANKS)]
    layouts += [(1, 4, "avx2"), (1, 2, "avx512"), *more]
    if FULL:
        layouts = list(itertools.product(ALL_RANKS, THREADS, ISA))
    for ranks, threads, isa in layouts:
        found = digest(options, ranks, threads, BOTSIEVE_ISA=isa)
        assert found == plain, (options, ranks, threads, isa)
    for ranks in RANKS if FULL else RANKS[:1]:
        layouts.append((ranks, 1, "no FMA"))
        assert digest(options, ranks, 1, GLIBC_TUNABLES=NO_FMA) == plain
    print(f"{' '.join(options)}: {1 + len(layouts)} runs alike", flush=True)


def exact_sums():
    data(44000, 24, 0.5)
    compare(["--sums", "exact", "--clusters", "3"], [(16, 1, "avx512")])


def weka_sums():
    data(44000, 24, 0.5)
    compare(["--sums", "weka", "--weka", "3.6"])


def choice_of_the_number_of_clusters():
    data(700, 4, 2)
    compare(["--clusters", "auto"])


def folds_that_start_again_on_some_ranks_only():
    coarse_data(300, 5)
    options = ["--clusters", "auto", "--sums", "weka", "--weka", "3.6"]
    assert digest(options, 3) == digest(options)


def forced_instruction_set_must_be_known():
    data(20, 3, 1)
    environment = {**os.environ, "BOTSIEVE_ISA": "avx3"}
    code, _, lines = run("em", "d.h5", env=environment)
    assert code == 2 and "'avx3' is not one of ref, avx2, avx512" in lines[0]


if __name__ == "__main__":
    with open("/proc/cpuinfo", encoding="ascii") as cpu:
        if "avx512f" not in cpu.read():
            skip("this machine has no AVX-512")
    if FULL and "BOTSIEVE_SLOW_TESTS" not in os.environ:
        skip("takes ten minutes; set BOTSIEVE_SLOW_TESTS to run it")
    main([exact_sums, weka_sums, choice_of_the_number_of_clusters,
          folds_that_start_again_on_some_ranks_only,
          forced_instruction_set_must_be_known])
