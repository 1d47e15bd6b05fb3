"""Writes stats.json: ranks, correlations of ranks and quantiles by scipy and numpy.

    pip install numpy==2.* scipy==1.*
    python test/golden/stats/make_stats.py
"""

import json
from pathlib import Path

import numpy as np
from scipy.stats import rankdata, spearmanr

random = np.random.default_rng(5)


def number(value):
    return None if np.isnan(value) else float(value)


def correlation(x, y):
    constant = len(x) < 2 or len(set(x)) < 2 or len(set(y)) < 2
    return None if constant else number(spearmanr(x, y).statistic)


def case(x, y):
    weights = random.integers(0, 4, len(x))
    # A point of weight w stands for w equal ones.
    xs, ys = np.repeat(x, weights), np.repeat(y, weights)
    weighted = np.full(len(x), np.nan)
    if len(xs) > 0:
        ranks = rankdata(xs, method="average")
        first = np.concatenate([[0], np.cumsum(weights)[:-1]])
        present = weights > 0
        weighted[present] = ranks[first[present]]
    return {
        "x": x.tolist(),
        "y": y.tolist(),
        "weights": weights.tolist(),
        "ranks": rankdata(x, method="average").tolist(),
        "dense_ranks": rankdata(-x, method="dense").tolist(),
        "weighted_ranks": [number(rank) for rank in weighted],
        "spearman": correlation(x, y),
        "weighted_spearman": correlation(xs, ys),
        "quantiles": [number(q) for q in np.quantile(x, [0, 0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975, 1])],
        "median": number(np.median(x)),
    }


cases = []
for n in [1, 2, 3, 4, 5, 8, 17, 60, 301]:
    counts = random.integers(0, 5, n).astype(float)
    cases.append(case(counts, random.integers(0, 9, n).astype(float)))
    values = random.normal(size=n)
    cases.append(case(values, values + random.normal(size=n)))
    cases.append(case(counts, values))
cases.append(case(np.full(6, 2.0), np.arange(6.0)))

path = Path(__file__).parent / "stats.json"
path.write_text(json.dumps(cases) + "\n")
