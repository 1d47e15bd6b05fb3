"""Fits umap-learn to a matrix of rankloom, and says how long it took and how much memory.

    python umap_learn.py matrix.arrow out.npy seed [neighbors.arrow]

Threads run free, as they do without random_state; the seed only sets numpy's global stream, so that fits differ.
With neighbours of rankloom it starts from these instead of its own search.
Needs umap-learn (0.5.12), numpy, pyarrow.
"""
import json
import resource
import sys
import time
import warnings

import numpy as np
import pyarrow as pa
import umap

warnings.filterwarnings("ignore")


def read_matrix(path):
    """Cells x columns, dense float32; only the columns that a cell has a value in."""
    with pa.memory_map(path) as source:
        reader = pa.ipc.open_file(source)
        batches = [reader.get_batch(i) for i in range(reader.num_record_batches)]
        used = np.unique(np.concatenate([np.unique(b.column("genes").flatten().to_numpy()) for b in batches]))
        dense = np.zeros((sum(b.num_rows for b in batches), len(used)), dtype=np.float32)
        row = 0
        for batch in batches:
            rows = row + np.repeat(np.arange(batch.num_rows), np.diff(batch.column("genes").offsets.to_numpy()))
            columns = np.searchsorted(used, batch.column("genes").flatten().to_numpy())
            dense[rows, columns] = batch.column("values").flatten().to_numpy()
            row += batch.num_rows
    return dense


def read_neighbors(path):
    table = pa.ipc.open_file(path).read_all()
    k = table.schema.field("neighbors").type.list_size
    columns = [table.column(name).combine_chunks().flatten().to_numpy() for name in ("neighbors", "distances")]
    # umap-learn writes into them.
    return tuple(column.reshape(-1, k).copy() for column in columns)


if __name__ == "__main__":
    matrix, out, seed = sys.argv[1:4]
    given = {"precomputed_knn": read_neighbors(sys.argv[4])} if len(sys.argv) > 4 else {}
    data = read_matrix(matrix)
    np.random.seed(int(seed))
    # Compiled for both of its ways to find neighbours: all pairs below 4,096 cells, descent above.
    few = np.random.rand(5000, 10).astype(np.float32)
    umap.UMAP(n_components=5, n_epochs=11).fit_transform(few)
    umap.UMAP(n_components=5, n_epochs=11).fit_transform(few[:200])
    start = time.perf_counter()
    layout = umap.UMAP(n_components=5, **given).fit_transform(data)
    seconds = time.perf_counter() - start
    np.save(out, layout)
    print(json.dumps({"seconds": seconds, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
