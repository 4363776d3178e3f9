#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""botsieve em on hard data: no number that is not finite, no crash, and where
Weka's sums cancel, exact ones do not."""
import itertools
import json
import math
import os
import random
import sys
import tempfile
from fractions import Fraction

import sides


class Hard:
    def __init__(self, botsieve):
        self.botsieve = botsieve
        self.draw = random.Random(9)

    def data(self, rows):
        """A data file of these rows, classes at random."""
        arff, h5 = (os.path.join(self.botsieve.folder, n) for n in ("a.arff",
                                                                    "a.h5"))
        with open(arff, "w", encoding="ascii") as file:
            file.write("@relation r\n")
            for j in range(len(rows[0])):
                file.write(f"@attribute x{j} numeric\n")
            file.write("@attribute class {a,b}\n@data\n")
            for row in rows:
                file.write(",".join(map(repr, row)) +
                           f",{self.draw.choice('ab')}\n")
        self.botsieve.run("convert", arff, "--output", h5)
        code, error = self.botsieve.done()
        assert code == 0, error
        return h5

    def em(self, h5, *options):
        results = os.path.join(self.botsieve.folder, "em.json")
        self.botsieve.run("em", h5, *options, "--json", results)
        code, error = self.botsieve.done()
        if code != 0:
            return code, error
        with open(results, encoding="ascii") as file:
            return 0, json.load(file)

    def check(self, rows, most):
        """Every kind of fit of the rows is finite and adds up; at most as many
        clusters as there are distinct rows."""
        h5 = self.data(rows)
        for k, weka, sums in itertools.product(
                ("1", "3", "7", "auto"), ("3.6", "3.8"), ("exact", "weka")):
            code, r = self.em(h5, "--clusters", k, "--weka", weka, "--sums",
                              sums)
            assert code == 0, (r, k, weka, sums)
            numbers = [r["log_likelihood"], *r["priors"], *sum(r["means"], []),
                       *sum(r["sds"], [])]
            assert all(isinstance(v, (int, float)) and math.isfinite(v)
                       for v in numbers), (numbers, k, weka, sums)
            assert min(sum(r["sds"], [])) >= 1e-6
            assert abs(sum(r["priors"]) - 1) < 1e-12
            assert sum(r["sizes"]) == len(rows)
            assert 1 <= r["clusters"] <= most, (r["clusters"], k, weka, sums)

    def few_distinct_rows(self):
        self.check([(5.0, 7.0)] * 40, 1)
        self.check([(1.0, 2.0)], 1)
        self.check([(1.0, 2.0), (3.0, 4.0)], 2)
        self.check([(float(i % 3), float(i % 2)) for i in range(50)], 6)
        four = [(1.0, 2.0), (1.5, 2.5), (9.0, 2.0), (9.5, 1.0)]
        self.check([self.draw.choice(four) for _ in range(400)], 4)

    def scales_apart(self):
        g = self.draw.gauss
        self.check([(g(0, 1) * 1e17, g(0, 1) * 1e-7, g(5, 1), 3.0)
                    for _ in range(300)], 300)
        self.check([(1e17 + self.draw.randrange(3) * 1e9, 1 + g(1, 1) * 1e-7)
                    for _ in range(300)], 300)
        self.check([(g(0, 1), g(0, 1)) for _ in range(200)] +
                   [(1e6, 1e6), (1e9, -1e9)], 202)
        self.check([(-0.0 if i % 2 else 0.0, g(0, 1)) for i in range(50)], 50)

    def likelihood_that_is_not_finite(self):
        h5 = self.data([(self.draw.gauss(0, 1) * 1e200, 1.0)
                        for _ in range(100)])
        for k, sums in itertools.product(("2", "auto"), ("exact", "weka")):
            code, error = self.em(h5, "--clusters", k, "--sums", sums)
            assert code == 3 and "not a finite number" in error, error

    def exact_sums_keep_the_digits_that_cancel(self):
        """One cluster: the deviation is that of the column, divisor n."""
        column = [1e6 + self.draw.gauss(0, 0.05) for _ in range(2500)]
        h5 = self.data([(v, 0.5) for v in column])
        exact = [Fraction(v) for v in column]
        mean = sum(exact) / len(exact)
        truth = math.sqrt(sum((v - mean) ** 2 for v in exact) / len(exact))
        off = {}
        for sums in ("exact", "weka"):
            code, r = self.em(h5, "--clusters", "1", "--sums", sums)
            assert code == 0, r
            off[sums] = abs(r["sds"][0][0] / truth - 1)
        print(f"deviation 0.05 at 1e6: off by {off['exact']:.1e} with exact "
              f"sums, {off['weka']:.1e} with Weka's")
        assert off["exact"] < 1e-12 < 1e-6 < off["weka"]

    def options_out_of_range(self):
        h5 = self.data([(1.0, 2.0), (3.0, 4.0)])
        for k in ("0", "-1", "65536", "2x", "Auto"):
            code, error = self.em(h5, "--clusters", k)
            assert code == 2 and error == (
                f"option --clusters: '{k}' is neither auto nor a whole number "
                "from 1 to 65535"), error
        assert self.em(h5, "--min-sd", "0")[0] == 2
        assert self.em(h5, "--sums", "fast")[0] == 2
        code, error = self.em(h5, "--assignments", "/nowhere/a.h5")
        assert code == 5 and error == "cannot write /nowhere/a.h5", error


def main():
    with tempfile.TemporaryDirectory() as folder, \
            open(os.path.join(folder, "log"), "w", encoding="ascii") as log:
        botsieve = sides.Botsieve(sys.argv[1], folder, log)
        hard = Hard(botsieve)
        for case in (hard.few_distinct_rows, hard.scales_apart,
                     hard.likelihood_that_is_not_finite,
                     hard.exact_sums_keep_the_digits_that_cancel,
                     hard.options_out_of_range):
            case()
            print("ok", case.__name__)
        botsieve.close()


if __name__ == "__main__":
    main()
