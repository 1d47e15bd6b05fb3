"""Medians of Spearman's correlation of some pairs of types in NumPy, in 64-bit floats.

    python medians_numpy.py counts.arrow cells.arrow pairs.json

`pairs.json`: [[type, type], ...]. Only rows of these types are made dense. Prints the medians as JSON. Needs numpy, pyarrow.
"""
import json
import sys

import numpy as np
import pyarrow as pa

COUNTS, CELLS, PAIRS = sys.argv[1:4]


def read(path):
    with pa.memory_map(path) as source:
        return pa.ipc.open_file(source).read_all()


def average_ranks(row):
    whole = row.astype(np.int64)
    n = np.bincount(whole)
    below = np.cumsum(n)
    ranks = (below - (n - 1) / 2)[whole]
    ranks -= ranks.mean()
    return ranks / np.sqrt(np.dot(ranks, ranks))


def main():
    with open(PAIRS, encoding="utf8") as file:
        pairs = json.load(file)
    cells = read(CELLS)
    label_of = dict(zip(cells.column("cell_id").to_pylist(), cells.column("label").to_pylist()))
    table = read(COUNTS)
    labels = np.array([label_of[cell] for cell in table.column("cell_id").to_pylist()])
    wanted = sorted({name for pair in pairs for name in pair})
    genes = 1 + max(int(chunk.flatten().to_numpy().max()) for chunk in table.column("genes").chunks)

    ranks = {}
    for name in wanted:
        rows = np.flatnonzero(labels == name)
        own = table.take(pa.array(rows)).combine_chunks()
        columns, values = own.column("genes").combine_chunks(), own.column("values").combine_chunks()
        dense = np.zeros((len(rows), genes))
        at = np.repeat(np.arange(len(rows)), np.diff(columns.offsets.to_numpy()))
        dense[at, columns.flatten().to_numpy()] = values.flatten().to_numpy()
        ranks[name] = np.stack([average_ranks(row) for row in dense])

    medians = []
    for a, b in pairs:
        values = ranks[a] @ ranks[b].T
        values = values[np.triu_indices(len(values), 1)] if a == b else values.ravel()
        medians.append(float(np.median(values)))
    print(json.dumps(medians))


main()
