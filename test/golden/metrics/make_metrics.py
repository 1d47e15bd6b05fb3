"""Makes metrics.json: what scikit-learn and scipy say of 60 points in three dimensions.

Needs numpy 2, scikit-learn 1.9 and scipy 1.17; run from the project's folder:
    python test/golden/metrics/make_metrics.py

The points are whole numbers by a formula, so that the test can make them itself; see `points` in metrics.test.ts.
"""

import json
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score, silhouette_samples
from sklearn.neighbors import NearestNeighbors

i = np.arange(60)
x = np.stack([(i * i * 7 + i) % 31 + 10 * (i % 3), (i * 11) % 29 - 8 * (i % 3), (i * i) % 17], axis=1).astype(float)
label = np.array(list("ABC"))[i % 3]
batch = np.where((i * i + i) % 7 < 3, "x", "y")
cluster = np.array(["p", "q", "r", "s"])[(i * 5 + i % 3) // 80 % 4]

within = []
for name in "ABC":
    own = label == name
    within.append(float(np.mean(1 - np.abs(silhouette_samples(x[own], batch[own])))))

pca = PCA(3, svd_solver="full").fit(x)
components = pca.transform(x)
onehot = (batch == "x").astype(float)[:, None]
r2 = [LinearRegression().fit(onehot, components[:, d]).score(onehot, components[:, d]) for d in range(3)]

# Ties by row number, as a stable sort of distances leaves them.
distance = np.sqrt(((x[:, None] - x[None]) ** 2).sum(-1))
np.fill_diagonal(distance, -1)
near = np.argsort(distance, axis=1, kind="stable")[:, 1:5]
graph = csr_matrix((np.ones(near.size), near.ravel(), np.arange(0, near.size + 1, 4)), shape=(60, 60))
connectivity = []
for name in "ABC":
    own = np.flatnonzero(label == name)
    _, parts = connected_components(graph[own][:, own], directed=True, connection="weak")
    connectivity.append(float(np.bincount(parts).max() / len(own)))

out = dict(
    silhouette=silhouette_samples(x, label).tolist(),
    batch_width=float(np.mean(within)),
    nmi=float(normalized_mutual_info_score(label, cluster)),
    ari=float(adjusted_rand_score(label, cluster)),
    components=components.tolist(),
    variances=pca.explained_variance_.tolist(),
    r2=r2,
    pcr=float(np.sum(pca.explained_variance_ * np.maximum(0, r2)) / np.sum(pca.explained_variance_)),
    neighbors=near.tolist(),
    connectivity=float(np.mean(connectivity)),
)
(Path(__file__).parent / "metrics.json").write_text(json.dumps(out) + "\n")
