#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What is wrong with an input is told in one line, the same at any rank count,
and nothing is left behind. With --table the lines are printed as a table."""
import gzip
import io
import os
import resource
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile

import harness
from harness import (FEATURES, TABLE, Folder, nbaiot, nbaiot_rows, run, start,
                     write)

GOOD = nbaiot_rows(5)


def device(name="benign_traffic.csv", text=None, rows=None, header=None):
    """A device's folder with one file; other files are good."""
    write("PT_737E/benign_traffic.csv", nbaiot(GOOD))
    write("PT_737E/gafgyt_attacks/tcp.csv", nbaiot(GOOD))
    write(f"PT_737E/{name}",
          text if text is not None else nbaiot(rows or GOOD, header=header))
    return ["PT_737E"]


def row_with(field, column=3, row=2):
    fields = GOOD[row].split(",")
    fields[column - 1] = field
    return GOOD[:row] + [",".join(fields)] + GOOD[row + 1:]


def in_row(field):
    return lambda: device("mirai_attacks/ack.csv", rows=row_with(field))


def line(text):
    return lambda: device("mirai_attacks/ack.csv",
                          rows=GOOD[:2] + [text] + GOOD[3:])


def header(names):
    return lambda: device("mirai_attacks/ack.csv", header=names)


def csv(text, *options):
    def make():
        write("c.csv", text)
        return ["c.csv", "--class-column", "class", *options]
    return make


def arff(text):
    def make():
        write("a.arff", text)
        return ["a.arff"]
    return make


HEAD = "@relation r\n@attribute a real\n@attribute c {p,q}\n@data\n1,p\n"


def packed(name, data):
    def make():
        write(f"PT_737E/{name}", data)
        write("PT_737E/gafgyt_attacks/tcp.csv", nbaiot(GOOD))
        return ["PT_737E"]
    return make


def gz(text):
    return gzip.compress(text.encode(), mtime=0)


def damaged_gz():
    data = bytearray(gz(nbaiot(nbaiot_rows(400))))
    data[len(data) // 2] ^= 0xff
    return bytes(data)


def zipped(*members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members:
            archive.writestr(name, text)
    return out.getvalue()


def tarred(*members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, text in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return out.getvalue()


def two_files():
    write("PT_737E/gafgyt_attacks/tcp.csv.gz", gz(nbaiot(GOOD)))
    return device()


def two_devices():
    write("b/PT_737E/benign_traffic.csv", nbaiot(GOOD))
    return device() + ["b"]


def empty_folder():
    os.makedirs("empty")
    return ["empty"]


def no_such():
    return ["nowhere"]


def early_and_late():
    """Faults in two files and two lines: the first in row order is told."""
    rows = nbaiot_rows(12000)  # three pieces
    late = rows[:11990] + ["x" + rows[11990]] + rows[11991:]
    late[6000] = "y" + late[6000]
    write("PT_737E/mirai_attacks/udp.csv", nbaiot(row_with("z")))
    return device("gafgyt_attacks/udp.csv", text=nbaiot(late))


def no_line_end():
    """100 MB without a line end, in the midst of good rows."""
    device()
    with open("PT_737E/benign_traffic.csv", "a", encoding="ascii") as file:
        for _ in range(100):
            file.write("1" * (1 << 20))
    return ["PT_737E"]


def no_line_end_packed():
    device()
    os.remove("PT_737E/benign_traffic.csv")
    write("PT_737E/benign_traffic.csv.gz",
          gz(nbaiot(GOOD) + "1" * (100 << 20)))
    return ["PT_737E"]


SWAPPED = FEATURES[:3] + [FEATURES[4], FEATURES[3]] + FEATURES[5:]
F = "PT_737E/mirai_attacks/ack.csv"
CASES = [
    # name, what makes it, what the line must say
    ("short row", line(",".join(GOOD[0].split(",")[:114])),
     f"{F}:4:115: short row: 114 fields where the header has 115"),
    ("long row", line(GOOD[0] + ",1"),
     f"{F}:4:116: long row: 116 fields where the header has 115"),
    ("text", in_row("abc"),
     f"{F}:4:3: 'abc' is not a number (MI_dir_L5_variance)"),
    ("1.0x", in_row("1.0x"),
     f"{F}:4:3: '1.0x' is not a number (MI_dir_L5_variance)"),
    ("empty field", in_row(""),
     f"{F}:4:3: empty field (MI_dir_L5_variance)"),
    ("NaN", in_row("NaN"), f"{F}:4:3: 'NaN' is not a number that can be used "
                           "(MI_dir_L5_variance)"),
    ("inf", in_row("-inf"),
     f"{F}:4:3: '-inf' is not finite (MI_dir_L5_variance)"),
    ("1e999", in_row("1e999"),
     f"{F}:4:3: '1e999' is too large for a double"),
    ("?", in_row("?"),
     f"{F}:4:3: missing value '?' (MI_dir_L5_variance)"),
    ("hexadecimal", in_row("0x1p3"),
     f"{F}:4:3: '0x1p3' is not a number (MI_dir_L5_variance)"),
    ("comma for a point", in_row('"1,5"'),
     f"{F}:4:3: '1,5' is not a number (MI_dir_L5_variance)"),
    ("binary bytes", in_row("\0\1\2"),
     f"{F}:4:3: binary bytes where a number belongs (MI_dir_L5_variance)"),
    ("open quote", in_row('"1'),
     f"{F}:4:3: a quote is not closed on its line"),
    ("empty line between", line(""), f"{F}:4: empty line"),
    ("header: wrong name", header(["x"] + FEATURES[1:]),
     f"{F}:1:1: wrong header: 'x' where N-BaIoT has 'MI_dir_L5_weight'"),
    ("header: too few", header(FEATURES[:100]),
     f"{F}:1: wrong header: 100 columns where N-BaIoT has 115"),
    ("header: reordered", header(SWAPPED),
     f"{F}:1:4: the columns are reordered: 'MI_dir_L3_mean' where N-BaIoT has "
     "'MI_dir_L3_weight'"),
    ("header: missing", lambda: device("mirai_attacks/ack.csv",
                                       text="\n".join(GOOD)),
     f"{F}:1: the header line is missing"),
    ("binary file", lambda: device("mirai_attacks/ack.csv",
                                   text=bytes(range(256)) * 64),
     f"{F}:1:1: binary bytes where a name belongs"),
    ("unknown file name", lambda: device("mirai_attacks/tcp.csv"),
     "PT_737E/mirai_attacks/tcp.csv: unknown file name: neither "
     "DEVICE/benign_traffic.csv, DEVICE/gafgyt_attacks/combo.csv ... nor "
     "5.benign.csv ...; other CSV files need --class-column"),
    ("two files for one attack", two_files,
     "two files for gafgyt_tcp of PT_737E: PT_737E/gafgyt_attacks/tcp.csv and "
     "PT_737E/gafgyt_attacks/tcp.csv.gz"),
    ("a device twice", two_devices,
     "two files for benign of PT_737E: PT_737E/benign_traffic.csv and "
     "b/PT_737E/benign_traffic.csv"),
    ("empty file", lambda: device("mirai_attacks/ack.csv", text=""),
     f"{F}: the file is empty"),
    ("header only", lambda: device("mirai_attacks/ack.csv", text=nbaiot([])),
     f"{F}: no rows below the header"),
    ("header and blank lines", lambda: device("mirai_attacks/ack.csv",
                                              text=nbaiot(["", "  "])),
     f"{F}: no rows below the header"),
    ("archive cut short", packed("mirai_attacks/ack.csv.gz",
                                 gz(nbaiot(nbaiot_rows(400)))[:-500]),
     f"{F}.gz: damaged or incomplete: "),
    ("archive damaged", packed("mirai_attacks/ack.csv.gz", damaged_gz()),
     f"{F}.gz: damaged or incomplete: "),
    ("zip cut short", packed("mirai_attacks.zip",
                             zipped(("ack.csv", nbaiot(GOOD)))[:300]),
     "PT_737E/mirai_attacks.zip"),
    ("not what the name says", packed("mirai_attacks/ack.csv.gz",
                                      nbaiot(GOOD)),
     f"{F}.gz: damaged: not what its name says"),
    ("archive leads outside", packed("mirai_attacks.zip", zipped(
        ("../ack.csv", nbaiot(GOOD)))),
     "PT_737E/mirai_attacks.zip: member '../ack.csv' leads outside the "
     "archive"),
    ("archive from the root", packed("mirai_attacks.tar.gz", tarred(
        ("/tmp/ack.csv", nbaiot(GOOD)))),
     "PT_737E/mirai_attacks.tar.gz: member '/tmp/ack.csv' leads outside the "
     "archive"),
    ("archive in an archive", packed("mirai_attacks.zip", zipped(
        ("ack.csv.gz", gz(nbaiot(GOOD))))),
     "PT_737E/mirai_attacks.zip/ack.csv.gz: a packed file inside an archive; "
     "unpack the outer one first"),
    ("archive without data", packed("mirai_attacks.zip", zipped(
        ("readme.txt", "none"))),
     "PT_737E/mirai_attacks.zip: the archive holds no .csv or .arff file"),
    ("RAR 4", packed("mirai_attacks.rar", b"Rar!\x1a\x07\x00" + bytes(100)),
     "PT_737E/mirai_attacks.rar: a RAR 4 archive, which cannot be read safely "
     "here: unpack it with 'unar' and convert the folder"),
    ("folder without data", empty_folder,
     "empty: no data files in this folder"),
    ("no such file", no_such, "cannot read nowhere: No such file or "
                              "directory"),
    ("first of several faults", early_and_late,
     "PT_737E/gafgyt_attacks/udp.csv:6002:1: 'y"),
    ("line of 100 MB", no_line_end,
     "PT_737E/benign_traffic.csv:7: the line is longer than 8 MiB"),
    ("line of 100 MB, packed", no_line_end_packed,
     "PT_737E/benign_traffic.csv.gz:7: the line is longer than 8 MiB"),
    ("class column unknown", csv("a,b\n1,2\n"),
     "c.csv:1: no column is called 'class'"),
    ("class empty", csv("a,class\n1,x\n2,\n"), "c.csv:3:2: empty class"),
    ("column name twice", csv("a,a,class\n1,2,x\n"),
     "c.csv:1:2: column name 'a' is there twice"),
    ("column name empty", csv("a,,class\n1,2,x\n"),
     "c.csv:1:2: a column without a name"),
    ("text column", csv("a,b,class\n1,tcp,x\n"),
     "c.csv:2:2: 'tcp' is not a number (b)"),
    ("ARFF: nominal", arff("@relation r\n@attribute a {x,y}\n"
                           "@attribute c {p,q}\n@data\nx,p\n"),
     "a.arff: attribute 'a' is nominal: only numeric ones can be features"),
    ("ARFF: missing value", arff(HEAD + "?,q\n"),
     "a.arff:6:1: missing value '?' of attribute 'a'"),
    ("ARFF: numeric class", arff("@relation r\n@attribute c {p,q}\n"
                                 "@attribute a real\n@data\np,1\n"),
     "a.arff: the class attribute 'a' is not nominal; name another with "
     "--class-column"),
    ("ARFF: undeclared class", arff(HEAD + "2,r\n"),
     "a.arff:6:2: undeclared value 'r' of attribute 'c'"),
    ("ARFF: sparse", arff(HEAD + "{0 1,1 p}\n"),
     "a.arff:6:1: sparse ARFF rows are not supported"),
    ("ARFF: short row", arff(HEAD + "2\n"),
     "a.arff:6:2: short row: 1 values of 2 attributes"),
    ("ARFF: no data line", arff("@relation r\n@attribute a real\n"),
     "a.arff: no @data line"),
    ("ARFF: bad header", arff("@relation r\n@atribute a real\n@data\n"),
     "a.arff:2: '@atribute' where @relation, @attribute or @data belongs"),
]

def limit_memory():
    """4 GiB of addresses: enough for HDF5 and MPI, not for what grows. The
    sanitizers need more."""
    if "LSAN_OPTIONS" not in os.environ and "TSAN_OPTIONS" not in os.environ:
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))


def told(name, code, line):
    """A row of the table, where it was asked for."""
    if TABLE:
        print(f"| {name} | {code} | `{line.split('error: ', 1)[1]}` |")


def every_fault_is_one_line():
    for name, make, wanted in CASES:
        said = []
        for ranks in (1, 4):
            with Folder():
                arguments = make()
                before = sorted(os.listdir("."))
                code, out, lines = run("convert", *arguments, "--output",
                                       "out.h5", ranks=ranks,
                                       preexec_fn=limit_memory)
                assert code == 3, (name, ranks, code, lines)
                assert len(lines) == 1, (name, ranks, lines)
                assert sorted(os.listdir(".")) == before, (name, ranks)
                assert out == "", (name, out)
                said.append(lines[0])
        prefix = "botsieve convert: error: "
        assert said[0] == said[1], (name, said)
        assert said[0].startswith(prefix + wanted), (name, said[0])
        told(name, 3, said[0])


def unreadable_file():
    """Root may read anything, so that another user is asked."""
    device()
    os.chmod("PT_737E/benign_traffic.csv", 0)
    os.chmod(".", 0o777)
    other = {"user": 65534, "group": 65534, "extra_groups": []}
    for ranks in (1, 4):
        try:
            code, _, lines = run("convert", "PT_737E", "--output", "out.h5",
                                 ranks=ranks,
                                 **(other if os.geteuid() == 0 else {}))
        except PermissionError:
            harness.skip("another user cannot run the program: unreadable "
                         "file not tried")
        assert code == 3, (code, lines)
        assert lines == ["botsieve convert: error: cannot read "
                         "PT_737E/benign_traffic.csv: Permission denied"], lines
        assert os.listdir(".") == ["PT_737E"]
    told("unreadable file", code, lines[0])


def shrinking_file():
    """Cut once the rows are counted; it is the last to be read."""
    code, _, lines = run("synth", "--output", "csv", "--scale", "0.1")
    assert code == 0, lines
    path = "csv/Provision_PT_737E_Security_Camera/mirai_attacks/udpplain.csv"
    whole = os.path.getsize(path)
    os.rename(path, "udpplain.csv")
    for ranks in (1, 3):
        for _ in range(20):
            shutil.copyfile("udpplain.csv", path)
            process = start("convert", "csv", "--output", "out.h5",
                            "--threads", "1", ranks=ranks)
            while not os.path.exists("out.h5.part") and process.poll() is None:
                time.sleep(0.001)
            os.truncate(path, whole // 2)
            _, log = process.communicate(timeout=60)
            if process.returncode != 0:
                break
            os.remove("out.h5")  # it was quicker
        lines = [line for line in log.splitlines()
                 if line.startswith("botsieve")]
        assert process.returncode == 3, (ranks, log)
        assert lines == [f"botsieve convert: error: {path}: the file changed "
                         "while it was read"], lines
        assert sorted(os.listdir(".")) == ["csv", "udpplain.csv"]
    told("a file that shrinks while it is read", 3, lines[0])


def full_disk_is_met_first():
    """On a file system of 1 MiB; only root can make one."""
    device(rows=nbaiot_rows(4000))
    os.makedirs("small")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none",
                       "small"], capture_output=True, check=False).returncode:
        print("no small file system here: full disk not tried")
        return
    try:
        for ranks in (1, 4):
            code, _, lines = run("convert", "PT_737E", "--output",
                                 "small/o.h5", ranks=ranks)
            assert code == 5 and len(lines) == 1, (ranks, code, lines)
            assert lines[0].startswith("botsieve convert: error: cannot write "
                                       "small/o.h5.part: "), lines
            assert lines[0].endswith("No space left on device"), lines
            assert os.listdir("small") == []
        told("full disk", code, lines[0])
        # Room for the values, but not for both forms of them.
        subprocess.run(["mount", "-o", "remount,size=5600k", "small"],
                       check=True)
        for ranks in (1, 3):
            code, _, lines = run("convert", "PT_737E", "--output",
                                 "small/o.h5", "--compress", ranks=ranks)
            assert code == 5 and len(lines) == 1, (ranks, code, lines)
            assert lines[0].endswith("No space left on device"), lines
            assert os.listdir("small") == []
        told("full disk, --compress", code, lines[0])
    finally:
        subprocess.run(["umount", "small"], check=True)


def output_that_cannot_be_written():
    device()
    os.makedirs("folder")
    for ranks in (1, 4):
        for path, why in (("no/o.h5", "No such file or directory"),
                          ("folder", "not a regular file"),
                          ("/proc/o.h5", "No such file or directory")):
            code, _, lines = run("convert", "PT_737E", "--output", path,
                                 ranks=ranks)
            assert code == 5 and len(lines) == 1, (path, code, lines)
            assert lines[0].endswith(why), lines
            if ranks == 1:
                told(f"--output {path}", code, lines[0])


def wrong_usage():
    device()
    for arguments, wanted in (
            ((), "SOURCE... is missing"),
            (("PT_737E",), "option --output is missing"),
            (("PT_737E", "--output", "PT_737E/benign_traffic.csv"),
             "option --output: PT_737E/benign_traffic.csv is an input file")):
        code, _, lines = run("convert", *arguments)
        assert code == 2 and len(lines) == 1, (arguments, code, lines)
        assert wanted in lines[0], lines
    code, _, lines = run("info", "PT_737E/benign_traffic.csv")
    assert code == 3 and "not an HDF5 file" in lines[0]


if __name__ == "__main__":
    if TABLE:
        print("| input | exit code | line |\n|---|---|---|")
    # The last may be skipped.
    harness.main([every_fault_is_one_line, shrinking_file,
                  full_disk_is_met_first, output_that_cannot_be_written,
                  wrong_usage, unreadable_file])
