#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""EM passes beside scikit-learn's GaussianMixture(diag), on the same rows from
the same start, in one run; core-seconds, so that other work on the machine
counts little. On rows of ten groups, and with --data also on those of a file.

    benchmarks/bench_em.py build/benchmarks/bench_em [--data DATA.h5]
"""
import argparse
import json
import os
import subprocess
import tempfile
import time
import warnings

import numpy as np


def make(n, d, groups=10):
    """Rows in blocks of one group, groups that lie apart in some columns and
    overlap in others, scales from 1e-4 to 1e8."""
    draw = np.random.default_rng(1)
    which = np.repeat(np.arange(groups), -(-n // groups))[:n]
    x = np.empty((n, d), order="F")
    for j in range(d):
        centre = draw.normal(0, 3 if j % 2 else 0.3, groups)
        x[:, j] = (centre[which] + draw.standard_normal(n)) * 10.0 ** (j % 13 -
                                                                      4)
    return x


def ours(program, path, k, passes, ranks, threads):
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    launch = [] if ranks == 1 else ["mpirun", "--oversubscribe", "--bind-to",
                                    "none", "-n", str(ranks)]
    done = subprocess.run([*launch, program, path, str(k), str(passes)],
                          env=environment, capture_output=True, text=True,
                          check=True)
    return json.loads(done.stdout)


def theirs(x, k, passes):
    """Core-seconds of a pass, the start-up measured apart. The start is that of
    bench_em.c. Columns are taken in units of their deviation, as squares of
    large numbers leave scikit-learn with negative variances, and lie row by row,
    which is quicker for it."""
    from sklearn.mixture import GaussianMixture
    warnings.simplefilter("ignore")
    sd = x.std(axis=0)
    x = np.ascontiguousarray((x - x.mean(axis=0)) / np.where(sd > 0, sd, 1))
    some = x[::97]
    width = np.maximum(np.ptp(some, axis=0) / 10, 1e-3)
    given = {"weights_init": np.full(k, 1 / k),
             "means_init": x[(2 * np.arange(k) + 1) * len(x) // (2 * k)],
             "precisions_init": np.tile(width ** -2, (k, 1))}
    seconds = []
    for count in (1, 1 + passes):
        model = GaussianMixture(k, covariance_type="diag", max_iter=count,
                                tol=0, init_params="random", random_state=1,
                                **given)
        start = time.process_time()
        model.fit(x)
        seconds.append(time.process_time() - start)
    return (seconds[1] - seconds[0]) / passes


def measure(options, x):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "rows.raw")
        with open(path, "wb") as file:
            np.array(x.shape, dtype="i8").tofile(file)
            x.T.tofile(file)
        for k in (3, 10):
            one = None
            for ranks, threads in ((1, 1), (1, 2), (2, 1)):
                r = ours(options.program, path, k, options.passes, ranks,
                         threads)
                one = one or r
                print(f"{k} clusters, {ranks} ranks x {threads} threads "
                      f"({r['kernels']}): {1e3 * r['pass_seconds']:.1f} ms, "
                      f"{1e3 * r['pass_core_seconds']:.1f} core-ms, "
                      f"{r['pass_gb_per_second']:.1f} GB/s, reading alone "
                      f"{r['read_gb_per_second']:.1f} GB/s; "
                      f"{r['message_bytes']} message bytes", flush=True)
            if not options.no_sklearn:
                s = theirs(x, k, options.passes)
                print(f"{k} clusters, scikit-learn: {1e3 * s:.0f} core-ms, "
                      f"{s / one['pass_core_seconds']:.1f} times ours",
                      flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rows", type=int, default=828260)
    parser.add_argument("--columns", type=int, default=115)
    parser.add_argument("--passes", type=int, default=5)
    parser.add_argument("--no-sklearn", action="store_true")
    parser.add_argument("--data", metavar="FILE.h5", help="a data file, too")
    options = parser.parse_args()
    print("rows of ten groups:", flush=True)
    measure(options, make(options.rows, options.columns))
    if options.data:
        import h5py
        print(f"rows of {options.data}:", flush=True)
        with h5py.File(options.data) as file:
            measure(options, np.asfortranarray(file["X"][:]))


if __name__ == "__main__":
    main()
