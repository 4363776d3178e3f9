#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Packed inputs give the very file that plain ones give; --verify. With --table
the inputs tried and what they gave are printed as a table."""
import binascii
import bz2
import gzip
import hashlib
import io
import json
import lzma
import os
import shutil
import subprocess
import tarfile
import zipfile

import h5py

from harness import RANKS, TABLE, convert, main, nbaiot, nbaiot_rows, run, write

# Several slabs of 8 MiB in one file.
FILES = {"benign_traffic.csv": nbaiot(nbaiot_rows(9000)),
         "gafgyt_attacks/combo.csv": nbaiot(nbaiot_rows(7, 20), "\r\n"),
         "gafgyt_attacks/udp.csv": nbaiot(nbaiot_rows(5, 50)).rstrip("\n"),
         "mirai_attacks/ack.csv": nbaiot(nbaiot_rows(11, 90)) + "\n\n"}


def plain():
    for name, text in FILES.items():
        write(f"plain/PT_737E/{name}", text)
    convert("plain", "--output", "plain.h5")
    return contents("plain.h5")


def contents(path):
    """Everything but the names of the files."""
    with h5py.File(path) as h5:
        found = {name: h5[name][:].tobytes() for name in
                 ("X", "y", "row/file_id", "row/row_in_file", "row/attack",
                  "row/device", "file/rows")}
        found["checksum"] = h5.attrs["checksum"]
        found["devices"] = list(h5["device_name"].asstr())
    return found


def vint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def rar5_block(kind, flags, fields, data=None):
    head = vint(kind) + vint(flags)
    if data is not None:
        head += vint(len(data))
    head += fields
    head = vint(len(head)) + head
    return (binascii.crc32(head).to_bytes(4, "little") + head + (data or b""))


def rar5(members):
    """An archive of stored files, by the published layout of RAR 5."""
    out = b"Rar!\x1a\x07\x01\x00" + rar5_block(1, 0, vint(0))
    for name, text in members:
        data = text.encode()
        fields = (vint(4) + vint(len(data)) + vint(0o100644) +
                  binascii.crc32(data).to_bytes(4, "little") + vint(0) +
                  vint(1) + vint(len(name)) + name.encode())
        out += rar5_block(2, 2, fields, data)
    return out + rar5_block(5, 0, vint(0))


def compressed_files():
    wanted = plain()
    packers = {".gz": gzip.compress, ".xz": lzma.compress,
               ".bz2": bz2.compress}
    if shutil.which("zstd"):
        packers[".zst"] = zstd
    for suffix, pack in packers.items():
        for name, text in FILES.items():
            write(f"p{suffix}/PT_737E/{name}{suffix}", pack(text.encode()))
        for ranks in RANKS if suffix == ".gz" else (2,):
            convert(f"p{suffix}", "--output", "p.h5", ranks=ranks)
            assert contents("p.h5") == wanted, (suffix, ranks)
    assert ".zst" in packers, "no zstd to test with"


# ---- Every layout, however its text is written, in every packing.


def rewrite(text, change, header_lines):
    """The text with every field of its rows changed by number."""
    lines = text.splitlines()
    count = 0
    for i in range(header_lines, len(lines)):
        fields = lines[i].split(",")
        for j, field in enumerate(fields):
            fields[j] = change(field, count)
            count += 1
        lines[i] = ",".join(fields)
    return "\n".join(lines) + "\n"


def other_spelling(field, count):
    """The same number, as some program may have written it."""
    if not field[0].isdigit():
        return field
    value = float(field)
    return ("+" + field, f"{value:.17e}", f"{value:.16E}".replace("+", ""),
            "00" + field, f"{value:.0f}." if value == int(value) else field,
            field + "0" * 30 if "." in field else field,
            field.lstrip("0") or "0")[count % 7]


def quote(field, _):
    return f'"{field}"'


def quote_class(field, _):
    return field if field[0].isdigit() else f"'{field}'"


def layouts():
    """Of each: its files, what to convert, options, lines before the rows."""
    rows = nbaiot_rows(40)
    one = {"PT_737E/benign_traffic.csv": nbaiot(rows[:20]),
           "PT_737E/gafgyt_attacks/udp.csv": nbaiot(rows[20:35])}
    two = {"Danmini_Doorbell/mirai_attacks/ack.csv": nbaiot(rows[35:]), **one}
    flat = {"5.benign.csv": nbaiot(rows[:20]),
            "5.gafgyt.udp.csv": nbaiot(rows[20:])}
    lines = "".join(f"{i / 8},{i * 3},{'xyz'[i % 3]}\n" for i in range(30))
    return {"UCI": (one, [], 1), "UCI, two devices": (two, [], 1),
            "Kaggle": (flat, [], 1),
            "CSV with a class column": ({"c.csv": "a,b,c\n" + lines},
                                        ["--class-column", "c"], 1),
            "ARFF": ({"a.arff": "@relation r\n@attribute a real\n@attribute b "
                      "numeric\n@attribute c {x,y,z}\n@data\n" + lines}, [],
                     5)}


def writings(text, header_lines):
    """The same rows in other words."""
    arff = header_lines > 1
    return {"as usual": text, "CRLF": text.replace("\n", "\r\n"),
            "BOM": "\ufeff" + text, "no last line end": text[:-1],
            "quoted": rewrite(text, quote_class if arff else quote,
                              header_lines),
            "odd numbers": rewrite(text, other_spelling, header_lines)}


def pack_zip(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def pack_tar(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def pack_rar(files):
    return rar5([(name, data.decode()) for name, data in files.items()])


def zstd(data):
    return subprocess.run(["zstd", "-qc"], input=data, stdout=subprocess.PIPE,
                          check=True).stdout


FILE_PACKINGS = {"plain": ("", bytes), ".gz": (".gz", gzip.compress),
                 ".xz": (".xz", lzma.compress), ".zst": (".zst", zstd)}
FOLDER_PACKINGS = {".zip": (".zip", pack_zip), ".tar.gz": (".tar.gz", pack_tar),
                   ".rar 5": (".rar", pack_rar)}


def sources(files):
    """Name of each packing, and what to convert."""
    for name, (suffix, pack) in FILE_PACKINGS.items():
        shutil.rmtree("in", ignore_errors=True)
        for path, data in files.items():
            write(f"in/{path}{suffix}", pack(data))
        only = next(iter(files)) if len(files) == 1 else ""
        yield name, f"in/{only}{suffix}" if only else "in"
    for name, (suffix, pack) in FOLDER_PACKINGS.items():
        write(f"in{suffix}", pack(files))
        yield name, f"in{suffix}"


def every_layout_in_every_writing_and_packing():
    """One checksum for each layout: it is of names, values and classes."""
    packings = [*FILE_PACKINGS, *FOLDER_PACKINGS]
    if TABLE:
        print(f"| layout | text | {' | '.join(packings)} |\n"
              f"|---|---|{'---|' * len(packings)}")
    for layout, (files, options, header_lines) in layouts().items():
        wanted = None
        for writing in writings("", header_lines):
            data = {path: writings(text, header_lines)[writing].encode()
                    for path, text in files.items()}
            cells = []
            for packing, source in sources(data):
                for ranks in (1, 3) if writing == "as usual" else (1,):
                    convert(source, *options, "--output", "p.h5", ranks=ranks)
                    with h5py.File("p.h5") as h5:
                        got = h5.attrs["checksum"].decode()
                        shape = h5["X"].shape
                    wanted = wanted or got
                    assert got == wanted, (layout, writing, packing, ranks)
                cells.append(f"{shape[0]} x {shape[1]}, {got[:6]}")
            if TABLE:
                print(f"| {layout} | {writing} | {' | '.join(cells)} |")


def gzip_of_several_members():
    text = FILES["gafgyt_attacks/combo.csv"].encode()
    write("d/PT_737E/benign_traffic.csv.gz",
          gzip.compress(text[:3000]) + gzip.compress(text[3000:]))
    convert("d", "--output", "d.h5")
    with h5py.File("d.h5") as h5:
        assert len(h5["X"]) == 7


def archives_of_folders():
    """As UCI packs them: an archive for a family, or for everything."""
    wanted = plain()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in FILES.items():
            archive.writestr(f"N-BaIoT/PT_737E/{name}", text)
        archive.writestr("N-BaIoT/readme.txt", "no data")
    write("all.zip", out.getvalue())
    with tarfile.open("all.tar.xz", "w:xz") as archive:
        archive.add("plain/PT_737E", "Provision_PT_737E_Security_Camera")
    with tarfile.open("PT_737E.tar.gz", "w:gz") as archive:
        for name in FILES:
            archive.add(f"plain/PT_737E/{name}", name)
    for folder in ("gafgyt_attacks", "mirai_attacks"):
        write(f"rar/PT_737E/{folder}.rar", rar5(
            [(n.split("/")[1], t) for n, t in FILES.items()
             if n.startswith(folder)]))
    write("rar/PT_737E/benign_traffic.csv", FILES["benign_traffic.csv"])
    for source in ("all.zip", "all.tar.xz", "PT_737E.tar.gz", "rar"):
        for ranks in (1, 3):
            convert(source, "--output", "p.h5", ranks=ranks)
            assert contents("p.h5") == wanted, (source, ranks)


def single_files_in_archives():
    text = "a,c\n1,x\n2,y\n"
    write("c.csv", text)
    write("c.csv.gz", gzip.compress(text.encode()))
    with zipfile.ZipFile("c.zip", "w") as archive:
        archive.write("c.csv")
    arff = "@relation r\n@attribute a real\n@attribute c {x,y}\n@data\n1,x\n2,y\n"
    write("a.arff.xz", lzma.compress(arff.encode()))
    sums = set()
    for source in ("c.csv", "c.csv.gz", "c.zip"):
        convert(source, "--class-column", "c", "--output", "c.h5")
        with h5py.File("c.h5") as h5:
            sums.add(h5.attrs["checksum"])
    convert("a.arff.xz", "--output", "a.h5")
    with h5py.File("a.h5") as h5:
        sums.add(h5.attrs["checksum"])
    assert len(sums) == 1, sums
    write("k/5.benign.csv.zip", b"")
    with zipfile.ZipFile("k/5.benign.csv.zip", "w") as archive:
        archive.writestr("5.benign.csv", nbaiot(nbaiot_rows(2)))
    convert("k", "--output", "k.h5")
    with h5py.File("k.h5") as h5:
        assert list(h5["device_name"].asstr()) == ["PT_737E"]


def damaged_rar_is_refused():
    good = rar5([("ack.csv", nbaiot(nbaiot_rows(50)))])
    header = bytearray(good)
    header[30] ^= 1
    stored = bytearray(good)
    stored[len(good) // 2] ^= 1  # one digit becomes another
    for data in (bytes(header), bytes(stored), good[:len(good) // 2]):
        write("d/PT_737E/mirai_attacks.rar", data)
        code, _, lines = run("convert", "d", "--output", "d.h5")
        assert code == 3 and len(lines) == 1, (code, lines)
        assert "error: d/PT_737E/mirai_attacks.rar" in lines[0], lines
        assert os.listdir(".") == ["d"]


def verify_compares_digests():
    """No file of ours has a published digest, so none can be authentic; what is
    not published cannot be told."""
    write("a/PT_737E/benign_traffic.csv", nbaiot(nbaiot_rows(3)))
    write("b/Ennio_Doorbell/benign_traffic.csv", nbaiot(nbaiot_rows(3)))
    write("b/Ennio_Doorbell/gafgyt_attacks/tcp.csv.gz",
          gzip.compress(nbaiot(nbaiot_rows(4)).encode()))
    for ranks in (1, 4):
        for source, wanted in (("a", False), ("b", None)):
            convert(source, "--output", "v.h5", "--verify", ranks=ranks)
            _, out, _ = run("info", "v.h5", "--json", "-")
            assert json.loads(out)["authentic"] is wanted
        with h5py.File("v.h5") as h5:
            assert list(h5["file/sha256"].asstr()) == [
                hashlib.sha256(nbaiot(nbaiot_rows(n)).encode()).hexdigest()
                for n in (3, 4)]
    write("c.csv", "a,c\n1,x\n")
    code, _, lines = run("convert", "c.csv", "--class-column", "c",
                         "--output", "c.h5", "--verify")
    assert code == 2 and len(lines) == 1, lines


if __name__ == "__main__":
    main([every_layout_in_every_writing_and_packing, compressed_files,
          gzip_of_several_members, archives_of_folders,
          single_files_in_archives, damaged_rar_is_refused,
          verify_compares_digests])
