"""Makes views.json: log-normalised values, average ranks and cell sentences of pbmc3k.

Needs numpy, scipy, scanpy and anndata (made with numpy 2.4, scipy 1.17, scanpy 1.11, anndata 0.12), and the
shared data:

    python test/golden/encodings/make_views.py ../shared

Values that depend on nothing but a cell and a count are given once for each count in the cell. Sentences
follow cell2sentence's published procedure (to 10,000, log10(1 + x), descending, upper-cased names), except
that it breaks ties by chance; here they are in column order.
"""

import hashlib
import json
import sys
from pathlib import Path

import anndata
import numpy as np
import scanpy
from scipy.stats import rankdata

CELLS = list(range(0, 2638, 88))  # 30 cells
STRIDE = 5  # ranks are over every fifth gene, and over all
shared = Path(sys.argv[1])
data = anndata.read_h5ad(shared / "data" / "pbmc3k.h5ad")


def digest(lines):
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def by_count(counts, values):
    return {str(int(c)): float(f"{values[np.argmax(counts == c)]:.9g}") for c in np.unique(counts) if c > 0}


def lognorm(target):
    copy = data.copy()
    scanpy.pp.normalize_total(copy, target_sum=target)
    scanpy.pp.log1p(copy)
    return {c: by_count(row(data, c), row(copy, c)) for c in CELLS}


def row(source, cell):
    return source.X[cell].toarray().ravel()


def ranks(stride):
    """count -> average rank, 0 included: what zeros share."""
    out = {}
    for c in CELLS:
        counts = row(data, c)[::stride]
        ranked = rankdata(counts, method="average")
        out[c] = {"0": float(ranked[np.argmax(counts == 0)]), **by_count(counts, ranked)}
    return out


def sentences(top):
    names = np.array([name.upper() for name in data.var_names])
    assert len(set(names)) == len(names)
    out = []
    for c in range(data.n_obs):
        counts = row(data, c).astype(np.float64)
        values = np.log10(1 + counts / counts.sum() * 10_000)
        detected = np.nonzero(values)[0]
        order = detected[np.argsort(-values[detected], kind="stable")]
        out.append(" ".join(names[order[:top]]))
    return out


short, full = sentences(200), sentences(None)
golden = {
    "lognorm": {"10000": lognorm(1e4), "median": lognorm(None)},
    "rank": {"1": ranks(1), str(STRIDE): ranks(STRIDE)},
    "cell2sentence": {
        "200": digest(short),
        "null": digest(full),
        "some": short[:20],
    },
}
out = Path(__file__).with_name("views.json")
out.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
print(out.stat().st_size)
