"""Where umap-learn's `transform` has new cells start, for test/umap. Made with umap-learn 0.5.12, scipy 1.17.1,
numpy 2.4.6.

    python test/golden/umap/make_transform.py

Writes transform.json beside this file. Cells are those of make_graph.py's rule: 300 are fitted, 100 are new, of which the
first three coincide with a fitted one each. The layout of the fitted ones is made up: whole numbers by a rule.
"""

import base64
import json
from pathlib import Path

import numpy as np
import scipy.sparse
from umap.umap_ import compute_membership_strengths, init_graph_transform, smooth_knn_dist

K = 10


def make_cells(cells, dims, types, spread, seed):
    """Cells of a few types: the centre of the type plus a sum of four uniform numbers along each axis."""
    state = seed

    def draw(n):
        nonlocal state
        state = (1664525 * state + 1013904223) % 2**32
        return (state >> 8) % n

    centres = [[draw(1000) for _ in range(dims)] for _ in range(types)]
    return np.array(
        [[centres[i % types][d] + sum(draw(spread) for _ in range(4)) for d in range(dims)] for i in range(cells)],
        dtype=np.int64,
    )


points = make_cells(400, 4, 4, 60, 5)
points[300:303] = points[5:8]
fitted, fresh = points[:300], points[300:]
j = np.arange(300)
layout = np.stack([j * 7 % 101, j * 13 % 89], axis=1).astype(np.float32)

squares = ((fresh[:, None, :] - fitted[None, :, :]) ** 2).sum(-1)
indices = np.argsort(squares, axis=1, kind="stable")[:, :K]
distances = np.sqrt(np.take_along_axis(squares, indices, 1)).astype(np.float32)

starts = {}
for connectivity in (1.0, 2.5):
    # As UMAP.transform: a new cell is not among the fitted ones.
    sigmas, rhos = smooth_knn_dist(distances, float(K), local_connectivity=max(0.0, connectivity - 1.0))
    rows, cols, vals, _ = compute_membership_strengths(
        indices.astype(np.int32), distances, sigmas, rhos, bipartite=True
    )
    graph = scipy.sparse.coo_matrix((vals, (rows, cols)), shape=(100, 300)).tocsr()
    graph.eliminate_zeros()
    start = init_graph_transform(graph, layout)
    starts[str(connectivity)] = base64.b64encode(start.astype("<f4").tobytes()).decode()

target = Path(__file__).with_name("transform.json")
target.write_text(json.dumps({"starts": starts}) + "\n")
