#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""botsieve predict with a model of em: on the training rows the bits of
em --assignments, the same from every kind of input and any ranks, threads and
instruction set, posteriors by the model file alone, damaged models refused."""
import csv
import json
import math
import os
import random

import h5py

from harness import RANKS, convert, main, nbaiot, nbaiot_rows, run, write
from predict import CLASSES, NAMES, write_arff, write_csv


def table(rows=3000, seed=5):
    """Three groups that overlap, classes that follow them roughly."""
    r = random.Random(seed)
    x, y = [], []
    for _ in range(rows):
        g = r.randrange(3)
        x.append([r.gauss(g, 1), r.gauss(-g, 0.7) * 1e-7,
                  r.gauss(g % 2, 1) * 1e6, 2.5])
        y.append(CLASSES[g if r.random() < 0.9 else r.randrange(3)])
    return x, y


def fitted(*options, rows=3000, seed=5):
    x, y = table(rows, seed)
    write_arff("train.arff", x, y)
    convert("train.arff", "--output", "train.h5")
    code, _, lines = run("em", "train.h5", "--clusters", 3, *options,
                         "--output", "em.json", "--json", "fit.json",
                         "--assignments", "rows.h5")
    assert code == 0, lines
    return x, y


def predict(*arguments, ranks=1, **environment):
    code, out, lines = run("predict", "em.json", *arguments, ranks=ranks,
                           env={**os.environ, **environment})
    assert code == 0, lines
    return out


def load(path):
    with open(path, encoding="ascii") as file:
        return json.load(file)


def read_bytes(path):
    with open(path, "rb") as file:
        return file.read()


def training_rows_have_the_bits_of_the_fit():
    for options in (("--weka", "3.6", "--sums", "weka"),
                    ("--weka", "3.6"), ("--weka", "3.8", "--sums", "weka"),
                    ("--features", "f,a"), ()):
        fitted(*options)
        out = predict("train.h5", "--output", "o.h5", "--json", "o.json")
        with h5py.File("o.h5") as a, h5py.File("rows.h5") as b:
            for name in ("cluster", "log_density"):
                assert a[name][:].tobytes() == b[name][:].tobytes(), options
            mapping = load("em.json")["classes_to_clusters"]["mapping"]
            codes = [65535 if m is None else m for m in mapping]
            assert [codes[c] for c in a["cluster"]] == list(a["predicted"])
        got, want = load("o.json"), load("fit.json")
        for name in ("log_likelihood", "sizes", "classes_to_clusters"):
            assert got[name] == want[name], (options, name)
        assert "Incorrectly clustered instances" in out


def posteriors_are_those_of_the_model_file():
    """By the formula, in plain arithmetic, to its rounding."""
    x, y = fitted()
    m = load("em.json")
    predict("train.h5", "--output", "o.csv")
    with open("o.csv", newline="", encoding="ascii") as file:
        lines = list(csv.reader(file))
    assert lines[0] == ["actual", "predicted", "cluster", "log_density",
                        "cluster_0", "cluster_1", "cluster_2"]
    for row, actual, line in zip(x, y, lines[1:]):
        joint = [math.log(m["priors"][i]) + sum(
            -((v - mean) / sd) ** 2 / 2 - math.log(sd * math.sqrt(2 * math.pi))
            for v, mean, sd in zip(row, m["means"][i], m["sds"][i]))
            for i in range(3)]
        top = max(joint)
        part = [math.exp(a - top) for a in joint]
        assert line[0] == actual
        assert abs(float(line[3]) - top - math.log(sum(part))) < 1e-8
        posterior = [float(v) for v in line[4:]]
        assert max(abs(p / sum(part) - q)
                   for p, q in zip(part, posterior)) < 1e-8
        assert int(line[2]) == posterior.index(max(posterior))
    assert len(lines) == 1 + len(x)


def every_input_and_layout_gives_the_same_rows():
    fitted()
    x, y = table(5000, seed=6)
    write_arff("new.arff", x, y)
    write_csv("plain.csv", x, y)
    write_csv("mixed.csv", x, y, order=[2, 0, 3, 1], extra=True)
    convert("new.arff", "--output", "new.h5")
    os.makedirs("parts", exist_ok=True)
    write_csv("parts/1.csv", x[:1234], y[:1234])
    write_csv("parts/2.csv", x[1234:], y[1234:])
    seen = set()
    for source in ("new.arff", "plain.csv", "mixed.csv", "new.h5", "parts"):
        for ranks in RANKS:
            predict(source, "--output", "o.csv", "--json", "o.json",
                    ranks=ranks)
            facts = load("o.json")
            del facts["data"], facts["parameters"]
            seen.add((read_bytes("o.csv"), json.dumps(facts)))
    for threads, isa in ((1, "ref"), (2, "avx2"), (5, "avx512"), (4, "ref")):
        for source in ("new.h5", "plain.csv"):
            predict(source, "--output", "o.csv", "--threads", threads,
                    ranks=2, BOTSIEVE_ISA=isa)
            seen.add((read_bytes("o.csv"), json.dumps(facts)))
    assert len(seen) == 1, len(seen)
    predict("new.h5", "--output", "a.h5", ranks=3)
    predict("new.arff", "--output", "b.h5")
    assert read_bytes("a.h5") == read_bytes("b.h5")


def rows_without_a_class_are_clustered():
    fitted()
    x, y = table(200, seed=7)
    write_csv("bare.csv", x)
    out = predict("bare.csv", "--output", "o.csv", "--json", "o.json")
    assert "Clustered Instances" in out and "Class attribute" not in out
    facts = load("o.json")
    assert "classes_to_clusters" not in facts and sum(facts["sizes"]) == 200
    y[3] = y[8] = ""
    write_csv("some.csv", x, y)
    predict("some.csv", "--output", "o.csv", "--json", "o.json")
    again = load("o.json")
    assert again["sizes"] == facts["sizes"]
    table_of = again["classes_to_clusters"]["counts"]
    assert sum(map(sum, table_of)) == 198
    y[4] = "new"
    write_csv("new.csv", x, y)
    predict("new.csv", "--output", "o.csv", "--json", "o.json")
    assert "classes_to_clusters" not in load("o.json")


def nbaiot_rows_are_labelled_by_their_files():
    write("d/PT_737E/benign_traffic.csv", nbaiot(nbaiot_rows(30)))
    write("d/PT_737E/gafgyt_attacks/udp.csv", nbaiot(nbaiot_rows(40, 900)))
    convert("d", "--output", "train.h5")
    assert run("em", "train.h5", "--output", "em.json", "--assignments",
               "rows.h5")[0] == 0
    assert load("em.json")["class"] == "family"
    predict("d", "--output", "a.h5", "--json", "a.json")
    with h5py.File("a.h5") as a, h5py.File("rows.h5") as b:
        assert a["log_density"][:].tobytes() == b["log_density"][:].tobytes()
    assert load("a.json")["classes_to_clusters"] == load("em.json")[
        "classes_to_clusters"]


def refused(*arguments, code=3, text="", counts=(1,)):
    for ranks in counts:
        got, out, lines = run("predict", *arguments, "--output", "o.csv",
                              ranks=ranks)
        assert got == code and out == "" and len(lines) == 1, (got, out, lines)
        assert text in lines[0], (text, lines)
    assert not os.path.exists("o.csv") and not os.path.exists("o.csv.part")


def damaged_models_and_other_features_are_refused():
    x, y = fitted(rows=60)
    write_csv("ok.csv", x, y)
    write_csv("two.csv", x, order=[0, 3])
    refused("em.json", "two.csv", counts=(1, 3),
            text="two.csv: features of the model are missing: 'b c', 'd,e'")
    write("bad.csv", open("ok.csv").read() + "1,2,nan,4,no\n")
    refused("em.json", "bad.csv", text="bad.csv:62:3: ", counts=(1, 3))
    model = load("em.json")
    for name, value in (("means", model["means"][:2]), ("sds", None),
                        ("priors", [1, 1, 1]), ("sums", "both"),
                        ("sizes", [60, 0, 1]), ("clusters", 4)):
        write("bent.json", json.dumps({**model, name: value}))
        refused("bent.json", "ok.csv", counts=(1, 3),
                text="bent.json: not a model of botsieve em, or damaged: "
                     f'"{name}"')
    for name, value in (("learner", "nb"), ("weka", 3.8), ("schema", 2),
                        ("features", NAMES[:1] * 4), ("classes", [])):
        write("bent.json", json.dumps({**model, name: value}))
        refused("bent.json", "ok.csv", text="bent.json: not a model of botsieve"
                                            " train or em, or damaged: ")
    write("less.json", json.dumps({**model, "features": NAMES[:3]}))
    refused("less.json", "ok.csv", text='damaged: "means"')
    text = json.dumps(model)
    write("cut.json", text[:len(text) // 2])
    refused("cut.json", "ok.csv", text="cut.json:1:")


if __name__ == "__main__":
    main([training_rows_have_the_bits_of_the_fit,
          posteriors_are_those_of_the_model_file,
          every_input_and_layout_gives_the_same_rows,
          rows_without_a_class_are_clustered,
          nbaiot_rows_are_labelled_by_their_files,
          damaged_models_and_other_features_are_refused])
