#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""compare's findings follow from the data: on noise little is claimed, on a
signal it is; tests and verdicts are recomputed from the folds by SciPy."""
import json
import math
import random

from harness import convert, main, run, write


def arff(rows, features, classes):
    head = "".join(f"@attribute f{j} real\n" for j in range(features))
    body = "".join(",".join([*map(repr, x), k]) + "\n" for x, k in rows)
    return "@relation r\n%s@attribute class {%s}\n@data\n%s" % (
        head, ",".join(classes), body)


def compared(rows, features, classes, *options):
    """Results and summary of a comparison."""
    write("d.arff", arff(rows, features, classes))
    convert("d.arff", "--output", "d.h5")
    code, text, lines = run("compare", "d.h5", "--output", "out", *options)
    assert code == 0, lines
    with open("out/results.json", encoding="utf-8") as file:
        return json.load(file), text[text.index("\nFindings\n"):]


def on_noise_little_is_shown():
    """No more than tests at 5 % let through, with room for chance."""
    claims = sets = floors = 0
    for seed in range(12):
        r = random.Random(seed)
        rows = [([r.random() for _ in range(14)], r.choice(["benign", "bad"]))
                for _ in range(300)]
        results, findings = compared(rows, 14, ["benign", "bad"])
        made = results["comparisons"].values()
        sets += len(made)
        claims += sum(c["shown_better"] is not None for c in made)
        floors += "J48 on all features is not shown to be better than the commonest" \
            not in findings
        assert ("features are better" in findings) == any(
            c["shown_better"] is not None for c in made)
    assert sets > 50 and claims <= sets // 10 and floors <= 3, (sets, claims, floors)


def a_signal_is_shown_and_where_it_is():
    """A row is bad if any of twelve features says so, each for its share."""
    r = random.Random(2)
    rows = []
    for _ in range(4000):
        x = [r.random() for _ in range(12)]
        rows.append((x, "bad" if max(x) > 0.95 else "benign"))
    results, findings = compared(rows, 12, ["benign", "bad"])
    assert "J48 on all features is shown to be better than the commonest" in findings
    assert results["comparisons"]["j48_all - j48_top10"]["shown_better"] == "j48_all"
    assert "j48_top10 " in findings and "all features are better" in findings
    e = results["experiments"]
    assert e["j48_all"]["accuracy"] > e["zeror"]["accuracy"]
    assert e["em_top10_tail"]["correct"] + e["em_top10_tail"]["incorrect"] + \
        e["em_top10_tail"]["unclassified"] == 800


def clusters_far_apart_are_classes_by_any_split():
    r = random.Random(3)
    rows = [([k * 50 + r.gauss(0, 1), k * 50 + r.gauss(0, 1)], f"c{k}")
            for k in (r.randrange(3) for _ in range(3000))]
    results, findings = compared(rows, 2, ["c0", "c1", "c2"])
    for split in ("dedup", "blocked", "tail"):
        em = results["experiments"]["em_all_" + split]
        assert em["accuracy"] == 1 and em["unclassified"] == 0, em
        assert sum(map(sum, em["confusion"])) == (600 if split == "tail" else 3000)
    assert "alarm" not in findings # no class is called benign


def what_no_mixture_fits_is_told():
    """Values of 1e300 leave no likelihood; the trees have no trouble."""
    rows = [([r, float(i % 3)], "ab"[i % 2])
            for i, r in enumerate([1e300, -1e300, 1.0] * 200)]
    results, _ = compared(rows, 2, ["a", "b"])
    assert "likelihood" in results["experiments"]["em_all"]["refused"]
    assert "likelihood" in results["experiments"]["em_all_tail"]["refused"]
    assert "not run: em_all: the log" in open("out/summary.txt", encoding="utf-8").read()


def what_benign_rows_teach_has_its_options():
    r = random.Random(5)
    rows = [([r.gauss(9 * k, 1), r.gauss(9 * k, 1)], ["benign", "bad"][k])
            for k in (r.randrange(2) for _ in range(4000))]
    seen = []
    for rate in ("0.001", "0.2", "1"):
        results, _ = compared(rows, 2, ["benign", "bad"], "--benign-clusters", "2",
                              "--benign-fpr", rate)
        one = results["benign_only"]["all"]
        assert one["clusters"] == 2 and one["target_fp_rate"] == float(rate)
        assert one["tp_rate"] == 1 and one["roc_area"] > 0.999
        seen.append(one["fp_rate"])
    assert seen[0] < 0.02 and 0.12 < seen[1] < 0.28 and seen[2] > 0.98, seen


def fold_accuracies(experiment):
    return [100 * f["correct"] / f["test"] for f in experiment["folds"]]


def verdicts_are_those_of_scipy():
    try:
        from scipy import stats
    except ImportError:
        print("not compared with SciPy, which is not installed")
        return
    r = random.Random(4)
    rows = []
    for _ in range(1500):
        k = r.randrange(2)
        x = [r.gauss(k * (j in (0, 11)), 0.6) for j in range(12)]
        rows.append((x, ["benign", "bad"][k]))
    results, _ = compared(rows, 12, ["benign", "bad"], "--seed", "7")
    tested = 0
    for name, c in results["comparisons"].items():
        first, second = (results["experiments"][n] for n in name.split(" - "))
        a, b = fold_accuracies(first), fold_accuracies(second)
        only = c["only_first_right"], c["only_second_right"]
        assert sum(f["correct"] for f in first["folds"]) - \
            sum(f["correct"] for f in second["folds"]) == only[0] - only[1]
        if sum(only) == 0:
            p = 1
        elif sum(only) < 25:
            p = stats.binomtest(only[0], sum(only)).pvalue
        else:
            p = stats.chi2.sf((max(abs(only[0] - only[1]) - 1, 0)) ** 2 / sum(only), 1)
        assert math.isclose(c["mcnemar_p"], p, rel_tol=1e-9), (name, c, p)
        if len(a) > 1 and a != b:
            ratio = sum(f["test"] / f["train"] for f in first["folds"]) / len(a)
            d = [x - y for x, y in zip(a, b)]
            # Nadeau and Bengio: the plain paired t with another variance.
            t = stats.ttest_rel(a, b).statistic * math.sqrt(
                (1 / len(a)) / (1 / len(a) + ratio))
            assert math.isclose(c["corrected_t"], t, rel_tol=1e-9), (name, c, t)
            assert math.isclose(c["corrected_t_p"], 2 * stats.t.sf(abs(t), len(a) - 1),
                                rel_tol=1e-9)
            assert math.isclose(c["fold_mean_percent"], sum(d) / len(d), abs_tol=1e-9)
            tested += 1
        low, high = c["interval"]
        sure = (low > 0 or high < 0) and c["mcnemar_p"] < 0.05 and \
            (c["corrected_t_p"] is None or c["corrected_t_p"] < 0.05)
        assert (c["shown_better"] is not None) == sure, (name, c)
    assert tested > 3


if __name__ == "__main__":
    main([on_noise_little_is_shown, a_signal_is_shown_and_where_it_is,
          clusters_far_apart_are_classes_by_any_split, what_no_mixture_fits_is_told,
          what_benign_rows_teach_has_its_options, verdicts_are_those_of_scipy])
