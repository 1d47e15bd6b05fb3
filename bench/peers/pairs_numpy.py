"""All pairs of cells in NumPy, as fast as we could make it: float32 BLAS on pairs of types, np.partition for quantiles.

    python pairs_numpy.py task counts.arrow embedding.arrow out.f64 threads [grid.json]

Tasks: `spearman` (average ranks, and the quantiles of each pair of types), `euclidean` (the same for distances of the
embedding), `joint` (joint hexagonal histogram of both), `hexbin` (the same in the steps of matplotlib's hexbin, in 64-bit
floats, on the same blocks: careful, but not tuned). Prints seconds, processor seconds and peak memory as JSON; reading is not timed.
One BLAS thread and one type against all others per Python thread: np.partition and the products release the lock,
and this was faster than BLAS threads of its own. Needs numpy, pyarrow.
"""
import json
import os
import resource
import sys
import time

TASK, COUNTS, EMBEDDING, OUT, THREADS = sys.argv[1:6]
for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = "1"

from concurrent.futures import ThreadPoolExecutor  # noqa: E402

import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402

QUANTILES = np.array([0.05, 0.25, 0.5, 0.75, 0.95])


def read(path):
    with pa.memory_map(path) as source:
        return pa.ipc.open_file(source).read_all()


def dense_counts(path):
    table = read(path).combine_chunks()
    rows = table.num_rows
    genes = table.column("genes").combine_chunks()
    columns = genes.flatten().to_numpy()
    offsets = np.diff(genes.offsets.to_numpy())
    dense = np.zeros((rows, int(columns.max()) + 1), dtype=np.float32)
    values = table.column("values").combine_chunks().flatten().to_numpy()
    dense[np.repeat(np.arange(rows), offsets), columns] = values
    return dense


def starts_of(labels):
    """Cells sorted by type, and where each type begins."""
    order = np.argsort(labels, kind="stable")
    names, starts = np.unique(labels[order], return_index=True)
    return order, list(names), np.append(starts, len(labels))


def standardised_ranks(counts):
    """Average ranks by counting, less their mean, of length 1: in place. Their dot product is Spearman's correlation."""

    def rank(row):
        whole = row.astype(np.int64)
        n = np.bincount(whole)
        below = np.cumsum(n)
        row[:] = (below - (n - 1) / 2)[whole]
        row -= row.mean()
        row /= np.sqrt(np.dot(row, row))

    with ThreadPoolExecutor(int(THREADS)) as pool:
        list(pool.map(lambda rows: [rank(counts[i]) for i in rows], np.array_split(np.arange(len(counts)), 64)))
    return counts


def quantiles(values):
    """Linear quantiles of float32 values, which are put in order in part."""
    place = (len(values) - 1) * QUANTILES
    low = place.astype(np.int64)
    high = np.minimum(low + 1, len(values) - 1)
    values.partition(np.unique(np.concatenate([low, high])))
    a, b = values[low].astype(np.float64), values[high].astype(np.float64)
    return a + (b - a) * (place - low)


def each_type(starts, work):
    """Runs work(a) for each type, the longest first."""
    with ThreadPoolExecutor(int(THREADS)) as pool:
        list(pool.map(work, range(len(starts) - 1)))


def squared(a, b, norms_a, norms_b):
    d = a @ b.T
    d *= -2
    d += norms_a[:, None]
    d += norms_b[None, :]
    np.maximum(d, 0, out=d)
    return d


def type_pairs(starts, block, root):
    types = len(starts) - 1
    result = np.full((types, types, len(QUANTILES)), np.nan)

    def work(a):
        for b in range(a, types):
            values = block(slice(starts[a], starts[a + 1]), slice(starts[b], starts[b + 1]))
            if a == b:
                values = values[np.triu_indices(len(values), 1)]
            if values.size:
                found = quantiles(values.ravel())
                result[a, b] = np.sqrt(found) if root else found

    each_type(starts, work)
    return result


def joint(starts, x_block, y_block, grid):
    """Counts by hexagon: the nearer of two rectangular lattices, as matplotlib's hexbin does it."""
    per_x, per_y = np.float32(1 / grid["stepX"]), np.float32(1 / grid["stepY"])
    x0, y0 = np.float32(grid["x0"]), np.float32(grid["y0"])
    columns = int(np.ceil((grid["xMax"] - grid["x0"]) / grid["stepX"])) + 3
    rows = int(np.ceil((grid["yMax"] - grid["y0"]) / grid["stepY"])) + 4
    types = len(starts) - 1
    totals = []

    def work(a):
        counts = np.zeros((2, rows * columns), dtype=np.int64)
        for b in range(a, types):
            here = (slice(starts[a], starts[a + 1]), slice(starts[b], starts[b + 1]))
            x, y = x_block(*here), y_block(*here)
            np.sqrt(x, out=x)
            if a == b:
                upper = np.triu_indices(len(x), 1)
                x, y = x[upper], y[upper]
            u, v = x.ravel(), y.ravel()
            u -= x0
            u *= per_x
            v -= y0
            v *= per_y
            # Lattice 1: even rows; lattice 2: odd rows, half a hexagon to the right.
            r1 = np.rint(v * np.float32(0.5)) * np.float32(2)
            c1 = np.rint(u)
            r2 = np.floor(v * np.float32(0.5)) * np.float32(2) + np.float32(1)
            c2 = np.floor(u)
            d1 = (u - c1) ** 2 + np.float32(0.75) * (v - r1) ** 2
            d2 = (u - c2 - np.float32(0.5)) ** 2 + np.float32(0.75) * (v - r2) ** 2
            first = d1 <= d2
            r = np.where(first, r1, r2).astype(np.int32)
            c = np.where(first, c1, c2).astype(np.int32)
            r += 1
            r *= columns
            r += c
            r += 1
            counts[int(a != b)] += np.bincount(r, minlength=counts.shape[1])[: counts.shape[1]]
        totals.append(counts)

    each_type(starts, work)
    return np.sum(totals, axis=0).reshape(2, rows, columns)


def hexbin(starts, x_block, y_block, grid):
    """Counts by hexagon as matplotlib.axes.Axes.hexbin has them, block by block: tx, ty, two lattices, np.bincount."""
    columns = int(np.ceil((grid["xMax"] - grid["x0"]) / grid["stepX"])) + 3
    rows = int(np.ceil((grid["yMax"] - grid["y0"]) / grid["stepY"])) + 4
    types = len(starts) - 1
    totals = []

    def work(a):
        counts = np.zeros((2, rows * columns), dtype=np.int64)
        for b in range(a, types):
            here = (slice(starts[a], starts[a + 1]), slice(starts[b], starts[b + 1]))
            x, y = np.sqrt(x_block(*here)), y_block(*here)
            if a == b:
                upper = np.triu_indices(len(x), 1)
                x, y = x[upper], y[upper]
            tx = (x.ravel().astype(float) - grid["x0"]) / grid["stepX"]
            ty = (y.ravel().astype(float) - grid["y0"]) / (2 * grid["stepY"])
            ix1, iy1 = np.round(tx).astype(int), np.round(ty).astype(int)
            ix2, iy2 = np.floor(tx).astype(int), np.floor(ty).astype(int)
            d1 = (tx - ix1) ** 2 + 3.0 * (ty - iy1) ** 2
            d2 = (tx - ix2 - 0.5) ** 2 + 3.0 * (ty - iy2 - 0.5) ** 2
            nearer = d1 < d2
            i1 = (2 * iy1[nearer] + 1) * columns + ix1[nearer] + 1
            i2 = (2 * iy2[~nearer] + 2) * columns + ix2[~nearer] + 1
            for cells in (i1, i2):
                counts[int(a != b)] += np.bincount(cells, minlength=counts.shape[1])[: counts.shape[1]]
        totals.append(counts)

    each_type(starts, work)
    return np.sum(totals, axis=0).reshape(2, rows, columns)


def main():
    embedding = read(EMBEDDING)
    labels = np.array(embedding.column("label").to_pylist())
    order, names, starts = starts_of(labels)
    points = np.stack([embedding.column(n).to_numpy() for n in embedding.column_names if n[0] == "d" and n[1:].isdigit()], axis=1)
    points = np.ascontiguousarray(points[order], dtype=np.float32)
    counts = None if TASK == "euclidean" else dense_counts(COUNTS)[order]

    start, cpu = time.perf_counter(), time.process_time()
    points -= points.mean(axis=0)
    norms = (points**2).sum(axis=1)
    distance = lambda a, b: squared(points[a], points[b], norms[a], norms[b])  # noqa: E731
    if TASK == "euclidean":
        result = type_pairs(starts, distance, True)
    else:
        ranks = standardised_ranks(counts)
        correlation = lambda a, b: ranks[a] @ ranks[b].T  # noqa: E731
        if TASK == "spearman":
            result = type_pairs(starts, correlation, False)
        else:
            with open(sys.argv[6]) as file:
                count = hexbin if TASK == "hexbin" else joint
                result = count(starts, distance, correlation, json.load(file))
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    result.astype(np.float64).tofile(OUT)
    print(json.dumps({
        "seconds": seconds,
        "cpu": cpu,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "types": names,
        "numpy": np.__version__,
    }))


main()
