"""Golden values for src/stats, from SciPy 1.17 where it has the method and from plain definitions where not.

    python3 test/stats/golden/make.py > test/stats/golden/golden.json

Nothing here shares a line or a method with the code that it tests: ranks are counted by SciPy, null distributions by going through all signs, energy
statistics by summing over all pairs.
"""

import itertools
import json
import math

import numpy as np
from scipy import stats

rng = np.random.default_rng(20261122)


def t_tails():
    cases = []
    for df in [1, 1.5, 2, 3.7, 4, 9, 28.41, 120]:
        for t in [-3.2, -0.4, 0, 0.01, 0.7, 1.96, 4.5, 12, 60]:
            cases.append({"t": t, "df": df, "p": float(stats.t.sf(t, df))})
    return cases


def groups():
    """Groups that vary alike and differently, large and small, on different scales."""
    made = []
    for n, m, spread in [(5, 5, 1), (5, 5, 6), (3, 12, 0.2), (20, 7, 3), (2, 2, 1), (40, 40, 1.3)]:
        made.append((rng.normal(4, 1, n).tolist(), rng.normal(4.4, spread, m).tolist()))
    made.append(([1e6 + 1, 1e6 + 2, 1e6 + 4], [1e6 + 3, 1e6 + 9, 1e6 + 5]))
    return made


def student(equal_var):
    cases = []
    for base, head in groups():
        # How far head lies above base, as the difference of means of (head, base).
        result = stats.ttest_ind(head, base, equal_var=equal_var)
        intervals = {str(c): list(map(float, result.confidence_interval(c))) for c in (0.95, 0.99)}
        bounds = []
        for bound in (-0.5, 0, 0.3):
            shifted = [value - bound for value in head]
            above = stats.ttest_ind(shifted, base, equal_var=equal_var, alternative="greater").pvalue
            below = stats.ttest_ind(shifted, base, equal_var=equal_var, alternative="less").pvalue
            bounds.append({"bound": bound, "above": float(above), "below": float(below)})
        cases.append({"base": base, "head": head, "estimate": float(np.mean(head) - np.mean(base)), "intervals": intervals, "bounds": bounds})
    return cases


def predictions():
    """One further value beside a group: mean ± t s sqrt(1 + 1/n)."""
    cases = []
    for n in (2, 5, 12):
        base = rng.normal(0, 0.03, n).tolist()
        head = 0.08
        reach = float(stats.t.ppf(0.975, n - 1) * np.std(base, ddof=1) * math.sqrt(1 + 1 / n))
        estimate = head - float(np.mean(base))
        cases.append({"base": base, "head": [head], "low": estimate - reach, "high": estimate + reach})
    return cases


def signed_ranks():
    cases = []
    for n in (5, 6, 8, 11, 14):
        differences = (rng.standard_t(3, n) * 0.04 + 0.05).tolist()
        walsh = sorted((a + b) / 2 for i, a in enumerate(differences) for b in differences[i:])
        # Every assignment of signs to ranks is as likely as any other.
        sums = [sum(rank for rank, sign in zip(range(1, n + 1), signs) if sign) for signs in itertools.product((0, 1), repeat=n)]
        at_most = lambda w: sum(s <= w for s in sums) / 2**n
        intervals = {}
        for confidence in (0.9, 0.95, 0.99):
            beyond = [k for k in range(len(walsh)) if at_most(k) <= (1 - confidence) / 2 + 1e-15]
            intervals[str(confidence)] = [walsh[beyond[-1]], walsh[-1 - beyond[-1]]] if beyond else None
        bounds = []
        for bound in (-0.02, 0, 0.05):
            shifted = [value - bound for value in differences]
            above = stats.wilcoxon(shifted, alternative="greater", method="exact").pvalue
            below = stats.wilcoxon(shifted, alternative="less", method="exact").pvalue
            bounds.append({"bound": bound, "above": float(above), "below": float(below)})
        cases.append({"differences": differences, "estimate": float(np.median(walsh)), "intervals": intervals, "bounds": bounds})
    for n in (30, 50):
        differences = (rng.standard_t(3, n) * 0.04 + 0.05).tolist()
        bounds = []
        for bound in (0, 0.03, 0.05):
            shifted = [value - bound for value in differences]
            above = stats.wilcoxon(shifted, alternative="greater", method="exact").pvalue
            below = stats.wilcoxon(shifted, alternative="less", method="exact").pvalue
            bounds.append({"bound": bound, "above": float(above), "below": float(below)})
        walsh = [(a + b) / 2 for i, a in enumerate(differences) for b in differences[i:]]
        cases.append({"differences": differences, "estimate": float(np.median(walsh)), "intervals": {}, "bounds": bounds})
    return cases


def holm_cases():
    cases = []
    for n in (1, 4, 9, 30):
        p = np.round(rng.beta(0.5, 3, n), 6).tolist()
        order = sorted(range(n), key=lambda i: p[i])
        adjusted = [0.0] * n
        for rank, i in enumerate(order):
            adjusted[i] = min(1.0, max((n - k) * p[order[k]] for k in range(rank + 1)))
        cases.append({"p": p, "adjusted": adjusted})
    # The example of R's documentation style: all equal, and one that is certain.
    cases.append({"p": [0.01, 0.02, 0.03, 0.04, 0.05], "adjusted": [0.05, 0.08, 0.09, 0.09, 0.09]})
    return cases


def energy(left, right):
    """Matteson & James (2014), equations 4 and 5, with alpha = 1."""
    n, m = len(left), len(right)
    between = sum(abs(x - y) for x in left for y in right)
    within = sum(abs(a - b) for a, b in itertools.combinations(left, 2))
    after = sum(abs(a - b) for a, b in itertools.combinations(right, 2))
    e = 2 / (m * n) * between - within / math.comb(n, 2) - after / math.comb(m, 2)
    return m * n / (m + n) * e


def splits():
    cases = []
    series = [
        rng.normal(0, 1, 24),
        np.concatenate([rng.normal(0, 0.3, 12), rng.normal(1, 0.3, 9)]),
        np.concatenate([rng.normal(0, 0.2, 8), rng.normal(1, 0.2, 8), rng.normal(0, 0.2, 8)]),
        np.repeat([5.0, 5.5], 6),
    ]
    for values in (s.tolist() for s in series):
        for least in (2, 4):
            n = len(values)
            found = [
                (energy(values[:tau], values[tau:kappa]), tau, kappa)
                for tau in range(least, n - least + 1)
                for kappa in range(tau + least, n + 1)
            ]
            statistic, index, end = max(found, key=lambda f: (f[0], -f[1], -f[2]))
            cases.append({"values": values, "minSegment": least, "statistic": statistic, "index": index, "end": end})
    return cases


golden = {
    "tTails": t_tails(),
    "welch": student(False),
    "pooled": student(True),
    "predictions": predictions(),
    "signedRanks": signed_ranks(),
    "holm": holm_cases(),
    "splits": splits(),
}
print(json.dumps(golden, indent=1))
