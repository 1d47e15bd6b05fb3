"""Makes pairs.json: quantiles of all type pairs of pbmc3k, by scipy and numpy in double precision.

Needs numpy, scipy and anndata (made with numpy 2.4, scipy 1.17, anndata 0.12), and the shared data:

    python test/golden/pairwise/make_pairs.py ../shared

All 2,638 cells and the genes that are detected in at least 50 of them. Spearman is numpy's corrcoef of scipy's
average ranks; the others are of the raw counts. AUROC is that of all pairs within types against all pairs between
types, from scipy's average ranks of all 3.5 million values.
"""

import json
import sys
from pathlib import Path

import anndata
import numpy as np
from scipy.spatial.distance import cdist
from scipy.stats import rankdata

shared = Path(sys.argv[1])
data = anndata.read_h5ad(shared / "data" / "pbmc3k.h5ad")
counts = data.X.toarray().astype(np.float64)
counts = counts[:, (counts > 0).sum(axis=0) >= 50]
labels = data.obs["cell_type"].astype(str).to_numpy()
types = sorted(set(labels))
QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95]


def values(metric):
    if metric == "spearman":
        return np.corrcoef(rankdata(counts, axis=1))
    if metric == "pearson":
        return np.corrcoef(counts)
    distances = cdist(counts, counts, metric)
    return 1 - distances if metric == "cosine" else distances


def describe(v):
    return {"n": int(v.size), "mean": float(v.mean()), "quantiles": np.quantile(v, QUANTILES).tolist()}


def separation(within, between, distance):
    ranks = rankdata(np.concatenate([within, between]))
    n, m = within.size, between.size
    auroc = (ranks[:n].sum() - n * (n + 1) / 2) / (n * m)
    return {
        "within": describe(within),
        "between": describe(between),
        "auroc": float(1 - auroc if distance else auroc),
    }


result = {"cells": len(labels), "genes": counts.shape[1], "types": types, "measures": {}}
for metric in ["spearman", "pearson", "cosine", "euclidean"]:
    square = values(metric)
    pairs, within, between = [], [], []
    for i, a in enumerate(types):
        for b in types[i:]:
            block = square[np.ix_(labels == a, labels == b)]
            v = block[np.triu_indices(len(block), 1)] if a == b else block.ravel()
            (within if a == b else between).append(v)
            pairs.append([a, b, describe(v)])
    result["measures"][metric] = {
        "pairs": pairs,
        **separation(np.concatenate(within), np.concatenate(between), metric == "euclidean"),
    }
out = Path(__file__).with_name("pairs.json")
out.write_text(json.dumps(result, indent=1) + "\n")
