"""Compares layouts of the same cells: ours first, then as many of umap-learn, and as many of it on our neighbours.

    python layout_quality.py matrix.arrow ours.arrow ... theirs.npy ... exact.npy ...

Trustworthiness at k = 15 by scikit-learn's definition and the share of each cell's 15 nearest neighbours that are
kept, over 2,000 cells if there are more (their ranks are among all cells); Spearman correlation of the median
distances between types (at most 300 cells of each), mean over pairs of layouts. Needs numpy, pyarrow, scipy,
scikit-learn.
"""
import itertools
import json
import sys

import numpy as np
import pyarrow as pa
from scipy.stats import spearmanr
from sklearn.neighbors import NearestNeighbors
from umap_learn import read_matrix

K = 15
CELLS = 2000
OF_TYPE = 300


def read_layout(path):
    if path.endswith(".npy"):
        return np.load(path), None
    table = pa.ipc.open_file(path).read_all()
    values = np.stack([table[name].to_numpy() for name in table.column_names if name.startswith("d")], axis=1)
    return values, np.array(table["label"].to_pylist(), dtype=str)


matrix, *paths = sys.argv[1:]
data = read_matrix(matrix)
layouts = [read_layout(path) for path in paths]
labels = next(label for _, label in layouts if label is not None)
layouts = [values for values, _ in layouts]
n = len(data)
random = np.random.RandomState(0)
chosen = np.sort(random.choice(n, min(CELLS, n), replace=False))

# Rank of every cell as a neighbour of the chosen ones; the cell itself has 0.
squares = np.einsum("ij,ij->i", data, data, dtype=np.float64)
ranks = np.empty((len(chosen), n), dtype=np.int32)
for start in range(0, len(chosen), 200):
    rows = chosen[start : start + 200]
    distances = squares[rows, None] + squares[None] - 2 * (data[rows] @ data.T).astype(np.float64)
    distances[np.arange(len(rows)), rows] = -np.inf
    order = np.argsort(distances, axis=1, kind="stable")
    np.put_along_axis(ranks[start : start + 200], order, np.arange(n, dtype=np.int32)[None].repeat(len(rows), 0), 1)

types = [random.permutation(np.flatnonzero(labels == label))[:OF_TYPE] for label in np.unique(labels)]


def neighborhood(layout):
    found = NearestNeighbors(n_neighbors=K + 1).fit(layout).kneighbors(layout[chosen], return_distance=False)
    # Without the cell itself, which need not come first among cells that coincide.
    found = np.array([row[row != cell][:K] for row, cell in zip(found, chosen)])
    rank = np.take_along_axis(ranks, found, 1)
    trust = 1 - 2 / (len(chosen) * K * (2 * n - 3 * K - 1)) * np.maximum(0, rank - K).sum()
    return trust, (rank <= K).mean()


def medians(layout):
    values = []
    for a, b in itertools.combinations_with_replacement(types, 2):
        apart = np.sqrt(((layout[a][:, None] - layout[b][None]) ** 2).sum(axis=2))
        values.append(np.median(apart[np.triu_indices(len(a), 1)]) if a is b and len(a) > 1 else np.median(apart))
    return values


def agreement(pairs):
    return float(np.mean([spearmanr(x, y)[0] for x, y in pairs]))


count = len(layouts) // 3
quality = np.array([neighborhood(layout) for layout in layouts])
between = [medians(layout) for layout in layouts]
ours, theirs, exact = (slice(i * count, (i + 1) * count) for i in range(3))
mean = lambda rows: dict(zip(["trust", "kept"], map(float, rows.mean(axis=0))))
print(
    json.dumps(
        {
            "ours": mean(quality[ours]),
            "theirs": mean(quality[theirs]),
            "exact": mean(quality[exact]),
            "oursTheirs": agreement(itertools.product(between[ours], between[theirs])),
            "theirsTheirs": agreement(itertools.combinations(between[theirs], 2)),
            "oursExact": agreement(itertools.product(between[ours], between[exact])),
            "exactTheirs": agreement(itertools.product(between[exact], between[theirs])),
            "exactExact": agreement(itertools.combinations(between[exact], 2)),
        }
    )
)
