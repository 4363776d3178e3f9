#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""botsieve convert and info: contents, order, labels, the same at any rank."""
import json
import os
import struct

import h5py
import numpy as np

from harness import (FEATURES, RANKS, convert, main, nbaiot, nbaiot_rows, run,
                     write)


def info(path, ranks=1):
    code, out, lines = run("info", path, "--json", "-", ranks=ranks)
    assert code == 0, lines
    return json.loads(out)


def values(rows):
    return np.array([[float(v) for v in row.split(",")] for row in rows])


def same(a, b):
    assert a.shape == b.shape
    return (a.view("u8") == np.ascontiguousarray(b).view("u8")).all()


def two_devices_come_in_order_with_provenance():
    """Folders are named against the order rows must have."""
    plan = [("Zed_Provision_PT_737E", "mirai_attacks/udp.csv", 40),
            ("Zed_Provision_PT_737E", "gafgyt_attacks/combo.csv", 30),
            ("Zed_Provision_PT_737E", "benign_traffic.csv", 20),
            ("Z_Danmini_Doorbell", "mirai_attacks/ack.csv", 3),
            ("Z_Danmini_Doorbell", "benign_traffic.csv", 5)]
    rows = {}
    for start, (device, name, count) in enumerate(plan):
        rows[device, name] = nbaiot_rows(count, 1000 * start)
        write(f"all/{device}/{name}", nbaiot(rows[device, name]))
    convert("all", "--output", "all.h5")
    order = list(reversed(plan[3:])) + list(reversed(plan[:3]))
    with h5py.File("all.h5") as h5:
        x = h5["X"][:]
        assert same(x, values(sum((rows[p[:2]] for p in order), [])))
        assert list(h5["feature"].asstr()) == FEATURES
        assert list(h5["class_name"].asstr()) == ["benign", "gafgyt", "mirai"]
        assert list(h5["device_name"].asstr()) == ["Danmini_Doorbell",
                                                   "PT_737E"]
        attacks = h5["attack_name"].asstr()[:]
        assert list(attacks[h5["row/attack"][:]]) == sum(
            ([a] * n for a, n in (("benign", 5), ("mirai_ack", 3),
                                  ("benign", 20), ("gafgyt_combo", 30),
                                  ("mirai_udp", 40))), [])
        assert list(h5["y"][:]) == [0] * 5 + [2] * 3 + [0] * 20 + [1] * 30 + \
            [2] * 40
        assert list(h5["row/device"][:]) == [0] * 8 + [1] * 90
        counts = [p[2] for p in order]
        assert list(h5["row/file_id"][:]) == list(
            np.repeat(np.arange(5), counts))
        assert list(h5["row/row_in_file"][:]) == [
            i for n in counts for i in range(n)]
        assert h5["X"].dims[1][0].name == "/feature"
        assert h5["X"].dims[0].label == "rows"
        meanings = h5["y"].attrs["flag_meanings"]
        assert meanings.decode() == "benign gafgyt mirai"
        for path in ("X", "y", "row/attack", "row/device", "feature"):
            assert "long_name" in h5[path].attrs, path
            assert h5[path].attrs["units"] == b"1"
        assert h5["X"].chunks[1] == 1
    facts = info("all.h5")
    assert facts["attack_rows"] == {
        "Danmini_Doorbell": {"benign": 5, "mirai_ack": 3},
        "PT_737E": {"benign": 20, "gafgyt_combo": 30, "mirai_udp": 40}}
    assert facts["class_rows"] == {"benign": 25, "gafgyt": 30, "mirai": 43}
    assert facts["source"] == "N-BaIoT" and not facts["complete"]
    assert facts["authentic"] is None
    assert "PT_737E/gafgyt_junk: absent" in facts["missing"]
    assert ("Danmini_Doorbell/benign: 5 rows, published are 49548"
            in facts["missing"])


def kaggle_names_tell_device_and_attack():
    for name, count in (("5.benign", 3), ("5.gafgyt.tcp", 2), ("3.benign", 4)):
        write(f"kaggle/{name}.csv", nbaiot(nbaiot_rows(count)))
    write("kaggle/data_summary.csv", "File Name, Data Count\n5.benign,3\n")
    convert("kaggle", "--output", "k.h5")
    facts = info("k.h5")
    assert facts["devices"] == ["Ennio_Doorbell", "PT_737E"]
    assert facts["attack_rows"]["PT_737E"] == {"benign": 3, "gafgyt_tcp": 2}
    assert facts["data"]["classes"] == ["benign", "gafgyt"]


def single_files_and_device_option():
    write("here/benign_traffic.csv", nbaiot(nbaiot_rows(3)))
    write("here/gafgyt_attacks/udp.csv", nbaiot(nbaiot_rows(2)))
    convert("here/benign_traffic.csv", "here/gafgyt_attacks/udp.csv",
            "--output", "a.h5", "--device", "PT_838")
    assert info("a.h5")["devices"] == ["PT_838"]
    convert("here", "--output", "b.h5")
    assert info("b.h5")["devices"] == ["here"]
    convert("here", "--output", "c.h5", "--device", "my camera")
    assert info("c.h5")["devices"] == ["my camera"]


def any_rank_count_gives_the_same_file():
    """24 MiB in one file make several pieces; there are also more ranks than
    rows or files."""
    long = nbaiot_rows(11000)
    write("d/PT_737E/benign_traffic.csv", nbaiot(long))
    write("d/PT_737E/mirai_attacks/ack.csv", nbaiot(nbaiot_rows(1, 7))[:-1])
    write("d/PT_737E/mirai_attacks/syn.csv", nbaiot(nbaiot_rows(2, 9), "\r\n"))
    first = None
    for ranks in RANKS:
        convert("d", "--output", f"{ranks}.h5", ranks=ranks)
        with open(f"{ranks}.h5", "rb") as file:
            content = file.read()
        first = first or content
        assert content == first, ranks
    for ranks, threads in ((1, 2), (1, 3), (2, 2), (3, 4)):
        convert("d", "--output", "t.h5", "--threads", str(threads),
                ranks=ranks)
        with open("t.h5", "rb") as file:
            assert file.read() == first, (ranks, threads)
    assert info("7.h5", ranks=3) == info("1.h5")
    with h5py.File("1.h5") as h5:
        assert same(h5["X"][:11000], values(long))
        assert same(h5["X"][11000:], values(
            nbaiot_rows(1, 7) + nbaiot_rows(2, 9)))


def compression_changes_no_value():
    write("d/PT_737E/benign_traffic.csv", nbaiot(nbaiot_rows(70000)))
    convert("d", "--output", "plain.h5", ranks=2)
    with h5py.File("plain.h5") as h5:
        wanted = h5["X"][:]
    first = None
    for ranks in (1, 3):
        convert("d", "--output", "p.h5", "--compress", ranks=ranks)
        assert sorted(os.listdir(".")) == ["d", "p.h5", "plain.h5"]
        with h5py.File("p.h5") as h5:
            assert h5["X"].compression == "gzip"
            assert same(h5["X"][:], wanted)
            assert len(h5["X"].chunks) == 2 and h5["X"].chunks[1] == 1
        facts = info("p.h5")
        first = first or facts
        assert facts == first == info("plain.h5")
    assert os.path.getsize("p.h5") < os.path.getsize("plain.h5")


def values_may_be_laid_out_otherwise():
    """As other programs may do. The smallest chunks are too many to ask HDF5
    where each of them lies."""
    rows = nbaiot_rows(900)
    write("n/PT_737E/benign_traffic.csv", nbaiot(rows[:400]))
    write("n/PT_737E/gafgyt_attacks/udp.csv", nbaiot(rows[400:]))
    convert("n", "--output", "n.h5")

    def tree():
        code, _, errors = run("train", "n.h5", "--learner", "j48", "--output",
                              "tree.json")
        assert code == 0, errors
        with open("tree.json", encoding="utf-8") as file:
            return file.read()

    with h5py.File("n.h5", "r+") as file: # values that 32 bits hold, too
        file["X"][:] = file["X"][:].astype("f4")
    wanted = tree()
    for layout in ({}, {"dtype": "f4"}, {"chunks": (100, 1)}, {"chunks": (7, 3)},
                   {"chunks": (1, 1)}, {"chunks": (100, 1), "dtype": ">f8"},
                   {"chunks": (100, 1), "compression": "gzip"},
                   {"chunks": (100, 1), "maxshape": (None, None)}):
        for version in ("earliest", "latest"):
            with h5py.File("n.h5", "r+", libver=version) as file:
                x = file["X"][:]
                del file["X"]
                file.create_dataset("X", data=x, **layout)
            assert tree() == wanted, (layout, version)


def checksum_is_what_it_says():
    """XXH3-64 over names, X by rows, y; needs python3-xxhash."""
    try:
        import xxhash
    except ImportError:
        return
    write("c.csv", "b,a,class\n1,2,u\n3,4,v\n5,6,u\n")
    convert("c.csv", "--class-column", "class", "--output", "c.h5")
    data = b"b\0a\0u\0v\0" + struct.pack("<6d", 1, 2, 3, 4, 5, 6)
    data += struct.pack("<3H", 0, 1, 0)
    assert info("c.h5")["checksum"] == xxhash.xxh3_64_hexdigest(data)


def csv_takes_what_writers_write():
    """BOM, CRLF, quotes, blanks, no last line end, blank lines at the end."""
    numbers = ["1e-05", "1.", "+3", "4.9406564584124654e-324", "-0.0", ".5",
               "1.7976931348623157e308", '"7"', " 8 ", "1E3", "2.5e-310"]
    wanted = [float(n.strip('" ')) for n in numbers]
    lines = "".join(f"{n},\"a \"\"b\"\", c\",{n}\r\n" for n in numbers)
    write("c.csv", b"\xef\xbb\xbf" + f'"x, y",kind,z\r\n{lines}'.encode() +
          b"9,other,9\r\n \r\n\r\n")
    for ranks in RANKS:
        convert("c.csv", "--class-column", "kind", "--output", "c.h5",
                ranks=ranks)
        with h5py.File("c.h5") as h5:
            assert list(h5["feature"].asstr()) == ["x, y", "z"]
            assert list(h5["class_name"].asstr()) == ['a "b", c', "other"]
            x = h5["X"][:]
            assert same(x, np.array([[v, v] for v in wanted] + [[9., 9.]]))
            assert list(h5["y"][:]) == [0] * len(wanted) + [1]
            assert h5.attrs["source"] == b"c.csv"


def csv_classes_come_in_order_of_first_appearance():
    """Also where ranks meet them in another order."""
    lines = [f"{i / 3!r},{'zyx'[min(i // 150000, 2)]}{i % 2}\n"
             for i in range(500000)]
    write("c.csv", "v,c\n" + "".join(lines))
    for ranks in RANKS:
        convert("c.csv", "--class-column", "c", "--output", f"{ranks}.h5",
                ranks=ranks)
    assert info("1.h5")["data"]["classes"] == ["z0", "z1", "y0", "y1", "x0",
                                               "x1"]
    for ranks in RANKS:
        with open(f"{ranks}.h5", "rb") as a, open("1.h5", "rb") as b:
            assert a.read() == b.read(), ranks


ARFF = """% a comment
@RELATION 'some rows'

@Attribute 'first one' NUMERIC
@attribute second\treal   % trailing
@ATTRIBUTE "third" Integer
@attribute class {no, 'it is', "yes", unused}
@DATA
1,2,3,no
% between
4.5 , -1e-3,\t+6,'it is'

7,8,9,yes % why not
"""


def arff_keeps_declared_classes():
    write("a.arff", ARFF)
    for ranks in RANKS:
        convert("a.arff", "--output", "a.h5", ranks=ranks)
        with h5py.File("a.h5") as h5:
            assert list(h5["feature"].asstr()) == ["first one", "second",
                                                   "third"]
            assert same(h5["X"][:], np.array(
                [[1., 2., 3.], [4.5, -1e-3, 6.], [7., 8., 9.]]))
            assert list(h5["y"][:]) == [0, 1, 2]
    facts = info("a.h5")
    assert facts["class_rows"] == {"no": 1, "it is": 1, "yes": 1, "unused": 0}
    assert facts["source"] == "a.arff" and facts["devices"] == []
    write("b.arff", "@relation r\n@attribute c {p,q}\n@attribute v real\n"
                    "@data\nq,1\np,2\n")
    convert("b.arff", "--class-column", "c", "--output", "b.h5")
    with h5py.File("b.h5") as h5:
        assert list(h5["y"][:]) == [1, 0] and list(h5["X"][:, 0]) == [1, 2]


def run_record_tells_phases_and_rates():
    write("d/PT_737E/benign_traffic.csv", nbaiot(nbaiot_rows(500)))
    for ranks in (1, 2):
        convert("d", "--output", "r.h5", "--threads", "2", "--run-json",
                "run.json", ranks=ranks)
        with open("run.json", encoding="ascii") as file:
            record = json.load(file)
        assert record["ranks"] == ranks and record["threads"] == 2
        assert "convert" in record["command_line"]
        phases = record["phases"]
        assert list(phases) == ["find", "count", "write", "finish"], list(phases)
        size = os.path.getsize("d/PT_737E/benign_traffic.csv")
        assert record["rows"] == 500
        assert phases["count"]["bytes_read"] == size - len(
            ",".join(FEATURES)) - 1
        assert phases["write"]["bytes_written"] == 500 * (115 * 8 + 25)
    code, _, lines = run("convert", "d", "--output", "r.h5", "--run-json",
                         "no/run.json")
    assert code == 5 and len(lines) > 0 and "no/run.json" in lines[-1], lines


def simulated_folders_stay_known():
    write("s/PT_737E/benign_traffic.csv", nbaiot(nbaiot_rows(2)))
    write("s/SIMULATED_CAPTURE.txt", "made up\n")
    for source in ("s", "s/PT_737E"):
        convert(source, "--output", "s.h5")
        facts = info("s.h5")
        assert facts["source"] == "simulated capture" and facts["simulated"]
        code, out, _ = run("info", "s.h5")
        assert code == 0 and "simulated" in out


def output_replaces_only_when_whole():
    write("good.csv", "a,c\n1,x\n2,y\n")
    write("bad.csv", "a,c\n1,x\nno,y\n")
    convert("good.csv", "--class-column", "c", "--output", "o.h5")
    with open("o.h5", "rb") as file:
        before = file.read()
    code, _, lines = run("convert", "bad.csv", "--class-column", "c",
                         "--output", "o.h5")
    assert code == 3 and len(lines) == 1
    with open("o.h5", "rb") as file:
        assert file.read() == before
    assert sorted(os.listdir(".")) == ["bad.csv", "good.csv", "o.h5"]


if __name__ == "__main__":
    main([two_devices_come_in_order_with_provenance,
          kaggle_names_tell_device_and_attack,
          single_files_and_device_option,
          any_rank_count_gives_the_same_file,
          compression_changes_no_value,
          values_may_be_laid_out_otherwise,
          checksum_is_what_it_says,
          csv_takes_what_writers_write,
          csv_classes_come_in_order_of_first_appearance,
          arff_keeps_declared_classes,
          run_record_tells_phases_and_rates,
          simulated_folders_stay_known,
          output_replaces_only_when_whole])
