"""UMAP before its layout by umap-learn and scipy, for test/umap. Made with umap-learn 0.5.12, scipy 1.17.1,
numpy 2.4.6, scikit-learn 1.9.1.

    python test/golden/umap/make_graph.py

Writes graph.json beside this file. The cells are whole numbers that test/umap/cells.ts makes anew by the same
rule, so their neighbours need not be kept: squared distances are exact, and ties go by row number.
"""

import base64
import json
from pathlib import Path

import numpy as np
import scipy.linalg
from sklearn.manifold import SpectralEmbedding
from umap.umap_ import find_ab_params, fuzzy_simplicial_set, smooth_knn_dist


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


def neighbors_of(points, k):
    """The cell itself, then the others by distance, ties by row number."""
    squares = ((points[:, None, :] - points[None, :, :]) ** 2).sum(-1)
    squares[np.arange(len(points)), np.arange(len(points))] = -1
    indices = np.argsort(squares, axis=1, kind="stable")[:, :k]
    distances = np.sqrt(np.maximum(0, np.take_along_axis(squares, indices, 1)).astype(np.float64))
    return indices, distances.astype(np.float32)


def fuzzy(points, k, mix, connectivity):
    indices, distances = neighbors_of(points, k)
    graph, sigmas, rhos = fuzzy_simplicial_set(
        points, k, np.random.RandomState(0), "euclidean",
        knn_indices=indices, knn_dists=distances, set_op_mix_ratio=mix, local_connectivity=connectivity,
    )
    return graph.tocsr(), sigmas, rhos


def upper(graph):
    """Weights above the diagonal, row by row."""
    graph = graph.tocsr()
    graph.sort_indices()
    rows, columns = graph.nonzero()
    return packed(graph.data[rows < columns])


def packed(values):
    return base64.b64encode(np.asarray(values, dtype="<f4").tobytes()).decode()


# A few hundred cells, of which 3 coincide with one other each, and 14 all with one.
points = make_cells(240, 4, 5, 90, 11)
points[30:33] = points[5:8]
points[200:214] = points[199]
fuzzy_cases = []
for mix, connectivity in [(1.0, 1.0), (0.5, 1.0), (0.0, 1.5), (1.0, 0.4), (0.8, 2.25)]:
    graph, sigmas, rhos = fuzzy(points, 10, mix, connectivity)
    fuzzy_cases.append({
        "mix": mix, "connectivity": connectivity, "edges": graph.nnz,
        "rho": packed(rhos), "sigma": packed(sigmas), "weights": upper(graph),
    })

# A connected graph and the low end of its spectrum, by a dense solver.
graph, _, _ = fuzzy(make_cells(1200, 6, 7, 320, 5), 15, 1.0, 1.0)
graph.data[graph.data < graph.data.max() / 500.0] = 0
graph.eliminate_zeros()
adjacency = graph.toarray().astype(np.float64)
roots = np.sqrt(adjacency.sum(0))
laplacian = np.eye(len(adjacency)) - adjacency / np.outer(roots, roots)
eigenvalues, vectors = scipy.linalg.eigh(laplacian, subset_by_index=[0, 6])
assert eigenvalues[1] > 1e-6, "not connected"

# Places of components: more than twice the dimensions.
centroids = np.array([[0, 0], [1, 0], [0, 2], [3, 1], [4, 4], [5, 4], [1, 5]], dtype=np.float64)
distances = np.sqrt(((centroids[:, None] - centroids[None]) ** 2).sum(-1))
unit = distances.sum() / (len(centroids) * (len(centroids) - 1))
places = SpectralEmbedding(n_components=2, affinity="precomputed", random_state=0).fit_transform(
    np.exp(-((distances / unit) ** 2))
)
places /= places.max()

curves = [
    [min_dist * spread, spread, *find_ab_params(spread, min_dist * spread)]
    for spread in (0.5, 1.0, 1.5, 2.0, 3.0)
    for min_dist in (0.0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.8, 0.99, 1.0)
]

out = {
    "curves": curves,
    "fuzzy": fuzzy_cases,
    "spectrum": {
        "edges": graph.nnz,
        "eigenvalues": eigenvalues.tolist(),
        "vectors": packed(vectors[:, 1:6]),
    },
    "places": {"distances": distances.ravel().tolist(), "places": places.ravel().tolist()},
}
Path(__file__).with_name("graph.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
