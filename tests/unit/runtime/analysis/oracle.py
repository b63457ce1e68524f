"""Writes oracle.inc beside it: values of SciPy and statsmodels that our own statistics must agree with.

    pip install scipy==1.18.1 statsmodels==0.15.0 && python oracle.py
"""
import itertools
from pathlib import Path

import numpy
from scipy import optimize, stats
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.proportion import score_test_proportions_2indep

lines = []


def row(macro, *values):
    lines.append(f"{macro}({', '.join(repr(float(v)) for v in values)})")


for z in (-3, -0.5, 0, 1, 1.959964, 4, 8, 12):
    row("NORMAL", z, stats.norm.sf(z))
for p in (1e-12, 1e-5, 0.001, 0.025, 0.3, 0.5, 0.9, 0.999):
    row("QUANTILE", p, stats.norm.ppf(p))
for t, degrees in itertools.product((-2, 0.3, 2.5, 6, 20), (2, 5, 11, 60)):
    row("STUDENT", t, degrees, stats.t.sf(t, degrees))
for x, degrees in itertools.product((0.5, 3, 12, 40), (1, 4, 11, 30)):
    row("CHI", x, degrees, stats.chi2.sf(x, degrees))


def score(n1, x1, n2, x2, margin):
    """Miettinen's and Nurminen's score; the best fit under the hypothesis is found by SciPy, not by their cubic.

    (statsmodels' score_test_proportions_2indep agrees where the margin is 0, but its fit elsewhere is not the maximum
    of the likelihood: it differs in the fourth digit.)
    """
    def unlikely(canary):
        return -sum(stats.binom.logpmf(x, n, p) for x, n, p in ((x2, n2, canary), (x1, n1, canary - margin)))

    low, high = max(0, margin), min(1, 1 + margin)
    canary = optimize.minimize_scalar(unlikely, bounds=(low + 1e-13, high - 1e-13), method="bounded",
                                      options={"xatol": 1e-13}).x
    stable, n = canary - margin, n1 + n2
    variance = (canary * (1 - canary) / n2 + stable * (1 - stable) / n1) * n / (n - 1)
    return (x2 / n2 - x1 / n1 - margin) / variance ** 0.5


# stable requests and events, canary requests and events
TABLES = [(950, 1, 50, 3), (4000, 4, 200, 3), (1000, 10, 1000, 30), (20, 0, 20, 4), (300, 150, 300, 190),
          (10000, 10, 2500, 30), (100, 50, 100, 40)]
for n1, x1, n2, x2 in TABLES:
    row("FISHER", n1, x1, n2, x2, stats.fisher_exact([[x2, n2 - x2], [x1, n1 - x1]], alternative="greater").pvalue)
    for margin in (0.0, 0.01, 0.05):
        row("SCORE", n1, x1, n2, x2, margin, score(n1, x1, n2, x2, margin))
    theirs = score_test_proportions_2indep(x2, n2, x1, n1, value=0, compare="diff", correction=True, return_results=True)
    row("SCORE", n1, x1, n2, x2, 0, theirs.statistic)
    middle, level = x2 / n2 - x1 / n1, stats.norm.ppf(0.975)
    low = optimize.brentq(lambda d: score(n1, x1, n2, x2, d) - level, -0.9, middle, xtol=1e-12)
    high = optimize.brentq(lambda d: score(n1, x1, n2, x2, d) + level, middle, 0.9, xtol=1e-12)
    row("INTERVAL", n1, x1, n2, x2, low, high)

STRATA = [[(100, 5, 20, 3), (200, 80, 90, 41), (150, 2, 30, 2)], [(500, 10, 60, 4), (480, 250, 120, 70)]]
for strata in STRATA:
    tables = [numpy.array([[x2, n2 - x2], [x1, n1 - x1]]) for n1, x1, n2, x2 in strata]
    z2 = StratifiedTable(tables).test_null_odds(correction=False).statistic
    # The exact distribution by brute force over all outcomes of all slices.
    ranges = [range(max(0, x1 + x2 - n1), min(n2, x1 + x2) + 1) for n1, x1, n2, x2 in strata]
    masses = [numpy.array([stats.hypergeom.pmf(x, n1 + n2, x1 + x2, n2) for x in r])
              for r, (n1, x1, n2, x2) in zip(ranges, strata)]
    seen = sum(x2 for _, _, _, x2 in strata)
    exact = sum(numpy.prod([m[i] for m, i in zip(masses, index)])
                for index in itertools.product(*[range(len(r)) for r in ranges])
                if sum(r[i] for r, i in zip(ranges, index)) >= seen)
    flat = [v for stratum in strata + [(0, 0, 0, 0)] * (3 - len(strata)) for v in stratum]
    row("STRATA", *flat, z2, exact)

Path(__file__).with_name("oracle.inc").write_text(
    "// By oracle.py, from SciPy and statsmodels. Not to be edited.\n" + "\n".join(lines) + "\n")
