"""Makes excluded.json: scanpy's normalisation of pbmc3k with highly expressed genes left out of the totals.

Needs numpy, scanpy and anndata (made with numpy 2.4, scanpy 1.11, anndata 0.12), and the shared data:

    python test/golden/encodings/make_excluded.py ../shared

By scanpy's max_fraction: the target, and for some cells what counts become, by count. In double precision.
"""

import json
import sys
from pathlib import Path

import anndata
import numpy as np
import scanpy

CELLS = range(0, 2638, 330)
TARGETS = {"0.05": 1e4, "0.02": "median"}

shared = Path(sys.argv[1])
counts = anndata.read_h5ad(shared / "data" / "pbmc3k.h5ad").X.astype(np.float64).tocsr()
made = {}
for share, target in TARGETS.items():
    data = anndata.AnnData(counts.copy())
    scanpy.pp.normalize_total(
        data,
        target_sum=None if target == "median" else target,
        exclude_highly_expressed=True,
        max_fraction=float(share),
    )
    scanpy.pp.log1p(data)
    values = {}
    for cell in CELLS:
        row = slice(counts.indptr[cell], counts.indptr[cell + 1])
        pairs = set(zip(counts.data[row].astype(int).tolist(), data.X[cell].data.round(9).tolist()))
        values[cell] = {str(count): value for count, value in sorted(pairs)}
    made[share] = {"target": target, "cells": values}

out = Path(__file__).parent / "excluded.json"
out.write_text(json.dumps(made, separators=(",", ":")) + "\n")
