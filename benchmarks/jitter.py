#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Real rows repeated with jitter, for benchmarks on data whose values lie as
close together as those of the captures.

  BOTSIEVE_REAL_DATA=FOLDER jitter.py BOTSIEVE OUTPUT.h5 [ROWS]

FOLDER/nbaiot-sample.tar.xz holds rows of each file of a device. The sample is
converted, and its rows are repeated up to ROWS (default 828,260); half of the
values that are no whole numbers are moved by up to 1e-5 of themselves, and
columns that are copies of others stay so. Rows lie in class blocks."""
import os, subprocess, sys, tempfile

import h5py
import numpy as np

rows = int(sys.argv[3]) if len(sys.argv) > 3 else 828260
sample = os.path.join(os.environ["BOTSIEVE_REAL_DATA"], "nbaiot-sample.tar.xz")
with tempfile.TemporaryDirectory() as folder:
    small = os.path.join(folder, "sample.h5")
    subprocess.run([sys.argv[1], "convert", sample, "--output", small],
                   check=True)
    with h5py.File(small) as f, h5py.File(sys.argv[2], "w") as out:
        n, d = f["X"].shape
        pick = np.sort(np.resize(np.arange(n), rows), kind="stable")
        pick = pick[np.argsort(f["y"][:][pick], kind="stable")]
        x = out.create_dataset("X", (rows, d), "<f8", chunks=(min(rows, 65536), 1))
        first = {}
        for j in range(d):
            column = f["X"][:, j]
            rng = np.random.default_rng(first.setdefault(column.tobytes(), j))
            column = column[pick]
            moved = (rng.random(rows) < 0.5) & (column != np.round(column))
            x[:, j] = np.where(moved, column * (1 + 2e-5 *
                                                (rng.random(rows) - 0.5)),
                               column)
        out["y"] = f["y"][:][pick]
        for name in ("feature", "class_name", "missing", "device_name"):
            if name in f:
                f.copy(name, out)
        out["class_rows"] = np.bincount(
            out["y"][:], minlength=len(out["class_name"])).astype("u8")
        text = h5py.string_dtype("utf-8", 8)
        out["file/name"] = np.array([b"jitter"], dtype=text)
        out["file/rows"] = np.array([rows], dtype="u8")
        for name, value in dict(schema_version=1, simulated=1, nbaiot=0,
                                complete=1, authentic=-1).items():
            out.attrs[name] = np.int32(value)
        for name, value in dict(source="real rows with jitter", labels="class",
                                checksum="0" * 16).items():
            out.attrs.create(name, value.encode(),
                             dtype=h5py.string_dtype("utf-8", len(value) + 1))
