#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The figures that botsieve predict reports, from the predictions that it
writes: by their definitions, and by scikit-learn where that is installed."""
import json
import math
import random

import h5py

from harness import convert, main, run, write

CLOSE = 1e-12


def noisy(classes, rows, seed):
    """A data set whose tree makes many kinds of mistakes."""
    r = random.Random(seed)
    lines = ["@relation r"] + [f"@attribute f{j} real" for j in range(3)]
    lines += ["@attribute class {%s}" % ",".join(f"c{k}" for k in range(classes)),
              "@data"]
    for _ in range(rows):
        k = min(int(r.expovariate(0.7)), classes - 1)
        x = [r.gauss(k, 1.5), float(r.randrange(4)), r.random() * (k + 1)]
        lines.append(",".join([*map(repr, x), f"c{k}"]))
    return "\n".join(lines) + "\n"


def figures(classes, rows, seed, rules):
    """Figures as reported, and (actual, predicted, probabilities)."""
    for name in ("old", "new"):
        write(name + ".arff", noisy(classes, rows, seed + (name == "new")))
        convert(name + ".arff", "--output", name + ".h5")
    assert run("train", "old.h5", "--weka", rules, "--output", "m.json")[0] == 0
    code, _, lines = run("predict", "m.json", "new.h5", "--output", "p.h5",
                         "--json", "p.json")
    assert code == 0, lines
    with open("p.json") as file, h5py.File("p.h5") as h5:
        return (json.load(file), list(map(int, h5["actual"])),
                list(map(int, h5["predicted"])), h5["probability"][:].tolist())


def mcc(actual, predicted, k):
    tp = sum(a == k and p == k for a, p in zip(actual, predicted))
    fp = sum(a != k and p == k for a, p in zip(actual, predicted))
    fn = sum(a == k and p != k for a, p in zip(actual, predicted))
    tn = len(actual) - tp - fp - fn
    under = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    return (tp * tn - fp * fn) / math.sqrt(under) if under else None


def areas(actual, score, k):
    """ROC area by pairs, and precision times rise of recall by thresholds."""
    good = [s for a, s in zip(actual, score) if a == k]
    bad = [s for a, s in zip(actual, score) if a != k]
    if not good or not bad:
        return None, None
    roc = sum((g > b) + (g == b) / 2 for g in good for b in bad)
    prc, before = 0.0, 0.0
    for limit in sorted(set(score), reverse=True):
        found = sum(s >= limit for s in good)
        taken = found + sum(s >= limit for s in bad)
        prc += found / taken * (found / len(good) - before)
        before = found / len(good)
    return roc / len(good) / len(bad), prc


def close(a, b):
    return (a is None) == (b is None) and (a is None or abs(a - b) < CLOSE)


def by_definition(facts, actual, predicted, prob):
    per_class = facts["per_class"]
    recalls, f1 = [], []
    for k, have in enumerate(per_class):
        roc, prc = areas(actual, [q[k] for q in prob], k)
        assert close(have["roc_area"], roc), (k, have["roc_area"], roc)
        if k in actual:
            assert close(have["prc_area"], prc), (k, have["prc_area"], prc)
            recalls.append(sum(a == p == k for a, p in zip(actual, predicted)) /
                           actual.count(k))
        want = mcc(actual, predicted, k)
        if want is not None:
            assert close(have["mcc"], want), (k, have["mcc"], want)
        hits = sum(a == p == k for a, p in zip(actual, predicted))
        under = actual.count(k) + predicted.count(k)
        if under:
            f1.append(2 * hits / under)
    assert close(facts["balanced_accuracy"], sum(recalls) / len(recalls))
    assert close(facts["macro_f1"], sum(f1) / len(f1))
    n = len(actual)
    assert facts["accuracy"] == sum(map(int.__eq__, actual, predicted)) / n
    error = [sum(abs(v - (k == a)) for k, v in enumerate(q)) / len(q)
             for a, q in zip(actual, prob)]
    square = [sum((v - (k == a)) ** 2 for k, v in enumerate(q)) / len(q)
              for a, q in zip(actual, prob)]
    assert close(facts["mae"], sum(error) / n)
    assert close(facts["rmse"], math.sqrt(sum(square) / n))


def by_scikit_learn(facts, actual, predicted, prob):
    try:
        from sklearn import metrics
    except ImportError:
        return False
    for k, have in enumerate(facts["per_class"]):
        truth = [a == k for a in actual]
        if not any(truth):
            continue
        score = [q[k] for q in prob]
        assert close(have["roc_area"], metrics.roc_auc_score(truth, score))
        assert close(have["prc_area"],
                     metrics.average_precision_score(truth, score))
        if k in predicted:
            assert close(have["mcc"], metrics.matthews_corrcoef(
                truth, [p == k for p in predicted]))
    assert close(facts["kappa"], metrics.cohen_kappa_score(actual, predicted))
    assert close(facts["balanced_accuracy"],
                 metrics.balanced_accuracy_score(actual, predicted))
    assert close(facts["macro_f1"],
                 metrics.f1_score(actual, predicted, average="macro"))
    return True


def figures_are_what_the_predictions_say():
    compared = 0
    for i, (classes, rows) in enumerate([(2, 60), (3, 300), (4, 1000), (9, 500)]):
        for rules in ("3.6", "3.8"):
            facts, *rest = figures(classes, rows, 10 * i, rules)
            by_definition(facts, *rest)
            compared += by_scikit_learn(facts, *rest)
    if compared == 0:
        print("not compared with scikit-learn, which is not installed")


if __name__ == "__main__":
    main([figures_are_what_the_predictions_say])
