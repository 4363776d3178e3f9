#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""botsieve predict: every kind of input, the rows' leaves checked by a walk
through the model file, columns by name, evaluation, refusals."""
import csv
import json
import os
import random

import h5py

from harness import RANKS, convert, main, nbaiot, nbaiot_rows, run, write

NAMES = ["a", "b c", "d,e", "f"]
CLASSES = ["no", "it is", "p,q"]


def table(rows=400, seed=1):
    """Rows that a tree can learn something from, and their classes."""
    r = random.Random(seed)
    x = [[r.choice([0.0, -0.0, 1e-7, 1.5, r.random(), r.gauss(0, 1e6)])
          for _ in NAMES] for _ in range(rows)]
    y = [CLASSES[(v[0] > 0.5) + (v[1] > 0 and r.random() < 0.8)] for v in x]
    return x, y


def quoted(text):
    return '"%s"' % text if "," in text or " " in text else text


def write_csv(path, x, y=None, order=range(4), extra=False, label="kind"):
    """Columns in any order, perhaps one of text, perhaps the class."""
    head = [quoted(NAMES[j]) for j in order]
    lines = [[repr(v[j]) for j in order] for v in x]
    if extra:
        head.insert(1, "when")
        for line in lines:
            line.insert(1, '"noon, or so"')
    if y is not None:
        head.append(label)
        for line, code in zip(lines, y):
            line.append(quoted(code))
    write(path, "\n".join(map(",".join, [head] + lines)) + "\n")


def write_arff(path, x, y):
    head = ["@relation r"] + [f"@attribute '{n}' real" for n in NAMES]
    names = ",".join(f"'{c}'" for c in CLASSES)
    head += [f"@attribute kind {{{names}}}", "@data"]
    rows = [",".join([*map(repr, v), "?" if c is None else f"'{c}'"])
            for v, c in zip(x, y)]
    write(path, "\n".join(head + rows) + "\n")


def trained(rules="3.8"):
    """train.h5 and model.json of it; returns the rows and the model."""
    x, y = table()
    write_arff("train.arff", x, y)
    convert("train.arff", "--output", "train.h5")
    code, _, lines = run("train", "train.h5", "--weka", rules, "--min-leaf", 3,
                         "--output", "model.json")
    assert code == 0, lines
    with open("model.json") as file:
        return x, y, json.load(file)


def walk(model, row):
    """Class probabilities of a row, by the model file alone."""
    node = model["nodes"][0]
    while "feature" in node:
        value, limit = row[node["feature"]], node["threshold"]
        left = value <= limit
        if model["weka"] == "3.6":
            left = left or value - limit < 1e-6
        node = model["nodes"][node["left" if left else "right"]]
    counts = node["counts"][0]
    return [n / sum(counts) if sum(counts) else 0.0 for n in counts]


def predict(*arguments, ranks=1):
    code, out, lines = run("predict", "model.json", *arguments, ranks=ranks)
    assert code == 0, lines
    return out


def rows_of(path):
    """(actual, predicted, probabilities) of every row of a prediction file."""
    if path.endswith(".csv"):
        with open(path, newline="") as file:
            lines = list(csv.reader(file))
        assert lines[0] == ["actual", "predicted", *CLASSES]
        return [(a, p, [float(v) for v in q]) for a, p, *q in lines[1:]]
    with h5py.File(path) as h5:
        names = [*h5["class_name"].asstr(), *[""] * (65536 - len(CLASSES))]
        return [(names[a], names[p], list(q)) for a, p, q in
                zip(h5["actual"], h5["predicted"], h5["probability"])]


def expected(model, x, y):
    result = []
    for row, code in zip(x, y):
        q = walk(model, row)
        best = CLASSES[q.index(max(q))] if max(q) > 0 else ""
        result.append((code or "", best, q))
    return result


def every_input_gives_the_walk_through_the_model():
    for rules in ("3.6", "3.8"):
        _, _, model = trained(rules)
        x, y = table(300, seed=2)
        y[5] = y[17] = None
        known = [c or "" for c in y]
        write_csv("plain.csv", x)
        write_csv("mixed.csv", x, known, order=[2, 0, 3, 1], extra=True)
        write_arff("new.arff", x, y)
        os.makedirs("parts", exist_ok=True)
        write_csv("parts/1.csv", x[:100], known[:100])
        write_csv("parts/2.csv", x[100:], known[100:])
        want = expected(model, x, y)
        bare = [("", p, q) for _, p, q in want]
        figures = {}
        for source, rows in (("plain.csv", bare), ("mixed.csv", want),
                             ("new.arff", want), ("parts", want)):
            for out in ("o.csv", "o.h5"):
                predict(source, "--output", out, "--json", source + ".json")
                assert rows_of(out) == rows, (rules, source, out)
            with open(source + ".json") as file:
                figures[source] = json.load(file)
        assert "confusion" not in figures["plain.csv"]
        for source in ("new.arff", "parts"):
            for name in ("confusion", "mae", "rae", "per_class", "rows"):
                assert figures[source][name] == figures["mixed.csv"][name]
        labelled = sum(map(sum, figures["parts"]["confusion"]))
        assert labelled + figures["parts"]["unclassified"] == 298


def any_rank_count_gives_the_same_files():
    trained()
    x, y = table(5000, seed=3)
    write_csv("big.csv", x, y)
    write_arff("big.arff", x, y)
    convert("big.arff", "--output", "big.h5")
    seen = set()
    for source in ("big.csv", "big.h5"):
        for ranks in RANKS:
            predict(source, "--output", "o.csv", "--json", "o.json",
                    ranks=ranks)
            with open("o.csv", "rb") as file, open("o.json") as results:
                facts = json.load(results)
                del facts["data"]
                seen.add((file.read(), json.dumps(facts)))
    assert len(seen) == 1


def the_training_rows_come_out_as_the_tree_says():
    x, y, model = trained()
    out = predict("train.h5", "--output", "o.h5", "--json", "o.json")
    assert rows_of("o.h5") == expected(model, x, y)
    assert "=== Error on test data ===" in out
    with open("o.json") as file:
        facts = json.load(file)
    # What the text says of the leaves' errors is what the rows say.
    leaves = [n["counts"][0] for n in model["nodes"] if "feature" not in n]
    assert facts["correct"] == sum(map(max, leaves))
    assert facts["data"]["checksum"] == model["data"]["checksum"]


def nbaiot_files_are_labelled_by_their_names():
    write("d/PT_737E/benign_traffic.csv", nbaiot(nbaiot_rows(30)))
    write("d/PT_737E/gafgyt_attacks/udp.csv", nbaiot(nbaiot_rows(40, 900)))
    convert("d", "--output", "train.h5")
    assert run("train", "train.h5", "--output", "model.json")[0] == 0
    predict("d", "--output", "a.csv", "--json", "a.json")
    predict("train.h5", "--output", "b.csv")
    with open("a.csv") as a, open("b.csv") as b:
        assert a.read() == b.read()
    with open("a.json") as file:
        assert json.load(file)["confusion"] == [[30, 0], [0, 40]]
    write("capture.csv", nbaiot(nbaiot_rows(3, 900)))
    predict("capture.csv", "--output", "c.csv")
    with open("c.csv") as file:
        assert [line.split(",")[:2] for line in file][1:] == [
            ["", "gafgyt"]] * 3
    # A family that the tree has never seen: predicted, not evaluated.
    write("e/PT_737E/mirai_attacks/udp.csv", nbaiot(nbaiot_rows(5)))
    out = predict("e", "--output", "e.csv", "--json", "e.json")
    assert "Error on test data" not in out
    with open("e.json") as file:
        assert "confusion" not in json.load(file)


def refused(*arguments, code=3, text="", counts=(1,)):
    for ranks in counts:
        got, out, lines = run("predict", *arguments, ranks=ranks)
        assert got == code and out == "" and len(lines) == 1, (got, out, lines)
        assert text in lines[0], (text, lines)
    assert not os.path.exists("o.csv") and not os.path.exists("o.csv.part")


def columns_missing_or_doubled_are_named():
    x, y, _ = trained()
    write_csv("two.csv", x, order=[0, 3])
    refused("model.json", "two.csv", "--output", "o.csv",
            text="two.csv: features of the model are missing: 'b c', 'd,e'")
    write_csv("double.csv", x, order=[0, 1, 2, 3, 1])
    refused("model.json", "double.csv", "--output", "o.csv",
            text="double.csv:1:5: column name 'b c' is there twice")
    with h5py.File("train.h5", "r+") as h5:
        h5["feature"][1] = h5["feature"][0]
    refused("model.json", "train.h5", "--output", "o.csv", text="train.h5: ")


def a_dry_run_checks_names_and_writes_nothing():
    x, y, _ = trained()
    write_csv("ok.csv", x, y)
    write_csv("short.csv", x, y, order=[1, 2, 3])
    for source in ("ok.csv", "train.h5"):
        before = sorted(os.listdir("."))
        assert predict(source, "--dry-run", "--output", "o.csv") == ""
        assert sorted(os.listdir(".")) == before
    refused("model.json", "short.csv", "--dry-run", text="are missing: 'a'")


def threads_change_nothing():
    trained()
    seen = set()
    for threads in (1, 2, 5):
        predict("train.h5", "--output", "o.csv", "--threads", threads)
        with open("o.csv", "rb") as file:
            seen.add(file.read())
    assert len(seen) == 1


def bad_input_is_refused_in_one_line():
    x, y, model = trained()
    write_csv("ok.csv", x, y)
    write("bad.csv", open("ok.csv").read() + "1,2,x,4,no\n")
    refused("model.json", "bad.csv", "--output", "o.csv",
            text="bad.csv:402:3: 'x' is not a number (d,e)", counts=(1, 3))
    refused("model.json", "none.csv", "--output", "o.csv",
            text="cannot read none.csv")
    refused("none.json", "ok.csv", "--output", "o.csv",
            text="cannot read none.json")
    refused("ok.csv", "ok.csv", "--output", "o.csv", text="ok.csv:1:")
    refused("model.json", "ok.csv", "--output", "o.csv", "--class-column", "z",
            text="no column is called 'z'")
    refused("model.json", "train.h5", "ok.csv", "--output", "o.csv", code=2)
    refused("model.json", "ok.csv", "--output", "o.txt", code=2,
            text="ends neither in .csv nor in .h5")
    refused("model.json", "ok.csv", "--output", "ok.csv", code=2,
            text="is an input file")
    model["nodes"][0]["left"] = 0
    write("bent.json", json.dumps(model))
    refused("bent.json", "ok.csv", "--output", "o.csv",
            text="bent.json: not a model of botsieve train or em, or damaged: node 0",
            counts=(1, 3))
    text = json.dumps(model)
    write("cut.json", text[:len(text) // 2])
    refused("cut.json", "ok.csv", "--output", "o.csv", text="cut.json:1:")
    refused("model.json", "ok.csv", "--output", "no/such/o.csv", code=5,
            text="cannot write no/such/o.csv", counts=(1, 3))


if __name__ == "__main__":
    main([every_input_gives_the_walk_through_the_model,
          any_rank_count_gives_the_same_files,
          the_training_rows_come_out_as_the_tree_says,
          nbaiot_files_are_labelled_by_their_names,
          columns_missing_or_doubled_are_named,
          a_dry_run_checks_names_and_writes_nothing,
          threads_change_nothing,
          bad_input_is_refused_in_one_line])
