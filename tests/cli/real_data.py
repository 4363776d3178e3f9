#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The real rows: every value is what Python's float makes of the same text."""
import os
import subprocess

import h5py
import numpy as np

from harness import convert, main, skip

FOLDER = os.environ.get("BOTSIEVE_REAL_DATA", "")
SAMPLE = os.path.join(FOLDER, "nbaiot-sample.tar.xz")
COUNTS = {"benign": 10933, "gafgyt_combo": 1952, "gafgyt_scan": 212,
          "gafgyt_tcp": 2158, "gafgyt_udp": 2368, "mirai_ack": 1549,
          "mirai_scan": 1324, "mirai_syn": 1839, "mirai_udp": 3932,
          "mirai_udpplain": 516}


def sample_is_converted_exactly():
    subprocess.run(["tar", "xf", SAMPLE], check=True)
    convert("sample", "--output", "1.h5")
    with h5py.File("1.h5") as h5:
        x = h5["X"][:]
        attacks = h5["attack_name"].asstr()[:]
        found = np.bincount(h5["row/attack"][:], minlength=11)
        assert dict(zip(attacks, found)) == {**COUNTS, "gafgyt_junk": 0}
        first = 0
        for name in h5["file/name"].asstr():
            with open(name, encoding="ascii") as file:
                lines = file.read().split("\n")[1:-1]
            wanted = np.array([[float(v) for v in line.split(",")]
                               for line in lines])
            part = x[first:first + len(lines)]
            assert (part.view("u8") == wanted.view("u8")).all(), name
            first += len(lines)
        assert first == len(x) == 26783
    for ranks in (2, 4, 7):
        convert("sample", "--output", f"{ranks}.h5", ranks=ranks)
        with open("1.h5", "rb") as a, open(f"{ranks}.h5", "rb") as b:
            assert a.read() == b.read(), ranks


def archive_gives_the_same():
    subprocess.run(["tar", "xf", SAMPLE], check=True)
    convert("sample", "--output", "plain.h5")
    convert(SAMPLE, "--output", "packed.h5", ranks=2)
    with h5py.File("plain.h5") as a, h5py.File("packed.h5") as b:
        assert a.attrs["checksum"] == b.attrs["checksum"]
        assert (a["X"][:] == b["X"][:]).all()


if __name__ == "__main__":
    if not os.path.exists(SAMPLE):
        skip("BOTSIEVE_REAL_DATA names no folder with nbaiot-sample.tar.xz")
    main([sample_is_converted_exactly, archive_gives_the_same])
