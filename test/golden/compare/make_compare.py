"""Makes compare.json: two encodings of 61 made-up cells, compared by scikit-learn, scipy and numpy.

Needs numpy, scipy and scikit-learn (made with numpy 2.4, scipy 1.17, scikit-learn 1.9):

    python test/golden/compare/make_compare.py

Three types of 28, 20 and 12 cells, one of a single cell, and one cell of zeros, for which Pearson is not defined. AUROC is
roc_auc_score of all pairs with a value; purity and overlap are of NearestNeighbors (brute force); medians are compared by
spearmanr. `auroc_sd` is the standard deviation of AUROC over 2,000 resamples of the cells within their types, a pair of
cells drawn w_i and w_j times weighing w_i w_j, and no cell being paired with itself.
"""

import json
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr
from sklearn.metrics import pairwise_distances, roc_auc_score
from sklearn.neighbors import NearestNeighbors

rng = np.random.default_rng(5)
labels = np.array(["b"] * 28 + ["a"] * 20 + ["c"] * 12 + ["single"])
rng.shuffle(labels)
n, genes = len(labels), 24
centres = {t: rng.gamma(1.0, 1.0, size=genes) for t in ["a", "b", "c", "single"]}
base = np.stack([centres[t] for t in labels]) + rng.normal(0, 1.8, size=(n, genes))
first = np.round(np.maximum(base, 0), 3).astype(np.float32)
second = np.round(np.maximum(base + rng.normal(0, 1.0, size=(n, genes)), 0), 3).astype(np.float32)
zero = int(np.flatnonzero(labels == "b")[3])
first[zero] = second[zero] = 0
types = sorted(set(labels))


def alike(x, metric):
    """Similarity of all pairs, larger for more alike; NaN where there is none."""
    x = x.astype(float)
    if metric == "euclidean":
        return -pairwise_distances(x)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.corrcoef(x)


def neighbors(x, metric, k):
    defined = np.ones(n, bool) if metric == "euclidean" else x.std(axis=1) > 0
    rows = np.flatnonzero(defined)
    name = "correlation" if metric == "pearson" else metric
    near = NearestNeighbors(n_neighbors=k + 1, algorithm="brute", metric=name).fit(x[rows].astype(float))
    found = near.kneighbors(return_distance=True, n_neighbors=k)[1]
    return {int(rows[i]): rows[found[i]] for i in range(len(rows))}


def medians(s, within):
    found = []
    for i, a in enumerate(types):
        for b in types[i:]:
            if (a == b) != within:
                continue
            block = s[np.ix_(labels == a, labels == b)]
            values = block[np.triu_indices(len(block), 1)] if a == b else block.ravel()
            found.append(np.median(values[~np.isnan(values)]) if (~np.isnan(values)).any() else np.nan)
    return np.array(found)


def describe(x, metric):
    s = alike(x, metric)
    i, j = np.triu_indices(n, 1)
    value, same = s[i, j], labels[i] == labels[j]
    known = ~np.isnan(value)
    i, j, value, same = i[known], j[known], value[known], same[known]
    within, between = value[same], value[~same]
    gap = (within.mean() - between.mean()) / np.sqrt((within.var() + between.var()) / 2)
    draws = []
    for _ in range(2000):
        w = np.zeros(n)
        for t in types:
            own = np.flatnonzero(labels == t)
            np.add.at(w, rng.choice(own, len(own)), 1)
        draws.append(roc_auc_score(same, value, sample_weight=w[i] * w[j] + 1e-300))
    purity = {}
    for k in (3, 10):
        share = {c: np.mean(labels[near] == labels[c]) for c, near in neighbors(x, metric, k).items()}
        by_type = [np.mean([p for c, p in share.items() if labels[c] == t]) for t in types]
        purity[str(k)] = [np.mean(list(share.values())), np.mean(by_type)]
    return {
        "auroc": roc_auc_score(same, value),
        "auroc_sd": np.std(draws),
        "gap_over_spread": gap,
        "label_purity": purity,
    }


def agree(x, metric, y, other):
    a, b = alike(x, metric), alike(y, other)
    both = {}
    for name, within in (("type_medians", True), ("type_pair_medians", False)):
        p, q = medians(a, within), medians(b, within)
        known = ~np.isnan(p) & ~np.isnan(q)
        both[name] = spearmanr(p[known], q[known]).statistic
    both["neighbor_overlap"] = {}
    for k in (3, 10):
        p, q = neighbors(x, metric, k), neighbors(y, other, k)
        shared = [len(set(p[c]) & set(q[c])) / len(set(p[c]) | set(q[c])) for c in p if c in q]
        both["neighbor_overlap"][str(k)] = np.mean(shared)
    return both


result = {
    "labels": labels.tolist(),
    "first": first.round(3).astype(float).round(3).tolist(),
    "second": second.astype(float).round(3).tolist(),
    "described": {
        f"{name} {metric}": describe(x, metric)
        for name, x in (("first", first), ("second", second))
        for metric in ("pearson", "euclidean")
    },
    "agreement": {
        f"{metric} {other}": agree(second, metric, first, other)
        for metric, other in (("pearson", "pearson"), ("euclidean", "euclidean"), ("euclidean", "pearson"))
    },
}
text = json.dumps(result)
Path(__file__).with_name("compare.json").write_text(text + "\n")
print(len(text), json.dumps({k: result[k] for k in ("described", "agreement")}, indent=1)[:1500])
