"""Principal components by scikit-learn, for test/pca. Made with scikit-learn 1.9.1, numpy 2.4.6.

    python test/golden/pca/make_pca.py

Writes pca.json beside this file: a sparse matrix of counts with hidden structure (triplets), and the singular
values, explained variances and coordinates of PCA(svd_solver='full').
"""

import json
from pathlib import Path

import numpy as np
from sklearn.decomposition import PCA

rng = np.random.default_rng(7)
cells, genes, dims = 90, 64, 12
types = rng.integers(0, 5, cells)
means = rng.gamma(0.4, 1.5, (5, genes))
counts = rng.poisson(means[types]).astype(np.float32)
counts[:, 10] = 0  # a gene that no cell has
counts[:, 11] = 3  # a gene that is the same in all cells

pca = PCA(n_components=dims, svd_solver="full")
scores = pca.fit_transform(counts.astype(np.float64))
rows, columns = np.nonzero(counts)
out = {
    "cells": cells,
    "genes": genes,
    "rows": rows.tolist(),
    "columns": columns.tolist(),
    "values": counts[rows, columns].tolist(),
    "singular_values": pca.singular_values_.tolist(),
    "scores": np.round(scores, 8).tolist(),
}
Path(__file__).with_name("pca.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
