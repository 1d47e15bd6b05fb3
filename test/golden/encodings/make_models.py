"""Makes models.json: what models read of pbmc3k and zheng_facs_pbmc, by the procedures published with them.

Needs numpy, scipy, scanpy and anndata (made with numpy 2.4, scipy 1.17, scanpy 1.11, anndata 0.12), and the
shared data and models:

    python test/golden/encodings/make_models.py ../shared

Numbers that depend on nothing but a cell and a count are given once for each count in the cell, for some cells; of
all cells there are digests. The procedures, in our own words:

scgpt          edges = numpy.quantile(values above 0, linspace(0, 1, 50)); digit = numpy.digitize(values, edges), and
               with right=True for the lower bound of the two-sided one
               (bowang-lab/scGPT scgpt/preprocess.py)
scbert         take the model's genes, normalize_total to 10,000, log1p to base 2 (scanpy, single precision), cut to
               whole numbers, at most 5 (TencentAILabHealthcare/scBERT preprocess.py, pretrain.py)
scfoundation   take the model's genes, log1p(x / sum * 1e4); S = log10(sum)
               (biomap-research/scFoundation model/get_embedding.py)
uce            log1p(x) / sum(log1p(x)) * 1024 (snap-stanford/UCE eval_data.py)
genept-s       reverse of an ascending sort, zeros left out, 1,000 names; the published sort leaves ties open,
               here it is the stable one (yiqunchen/GenePT get_seq_embed_gpt)
genept-w       log1p of counts per 10,000, times the gene matrix, scaled to length 1 (yiqunchen/GenePT)
rank-detected  scipy.stats.rankdata of the values above 0
"""

import hashlib
import json
import sys
from pathlib import Path

import anndata
import numpy as np
import scanpy
from scipy.stats import rankdata

shared = Path(sys.argv[1])
INDEX = shared / "models" / "scfoundation_gene_index" / "OS_scRNA_gene_index.19264.tsv"


def digest(*arrays):
    made = hashlib.sha256()
    for array in arrays:
        made.update(np.asarray(array, "<i4").tobytes())
    return made.hexdigest()


def by_count(counts, values):
    return {str(int(c)): float(f"{values[np.argmax(counts == c)]:.9g}") for c in np.unique(counts) if c > 0}


def first_columns(names, wanted):
    """For each wanted gene the first column of that name, or -1."""
    column = {}
    for c, name in enumerate(names):
        column.setdefault(name, c)
    return np.array([column.get(name, -1) for name in wanted])


def aligned(rows, columns):
    out = np.zeros((rows.shape[0], len(columns)), rows.dtype)
    out[:, columns >= 0] = rows[:, columns[columns >= 0]]
    return out


def gene_matrix(genes, dims=6):
    """Small whole numbers, so that every program can make the same; every third gene has none."""
    g, d = np.meshgrid(np.arange(genes), np.arange(dims), indexing="ij")
    return np.where(g % 3 == 0, 0.0, (g * 7 + d * 13 + g * d) % 11 - 5.0)


def make(name, symbols, some):
    data = anndata.read_h5ad(shared / "data" / f"{name}.h5ad")
    names = symbols(data)
    rows = data.X.toarray().astype(np.float32)
    out = {"cells": len(rows)}

    left, right, ranks = [], [], {}
    for c, row in enumerate(rows):
        x = row[row > 0]
        edges = np.quantile(x, np.linspace(0, 1, 50))
        left.append(np.digitize(x, edges))
        right.append(np.digitize(x, edges, right=True))
        if c in some:
            ranks[c] = by_count(row, np.where(row > 0, 1, 0) * 0.0 + scatter(row, rankdata(x)))
    out["scgpt"] = {
        "left": digest(*left),
        "right": digest(*right),
        "random": float(np.mean(np.concatenate(left) - np.concatenate(right) > 1)),
    }
    out["rank-detected"] = ranks

    index = [line.split("\t")[0] for line in INDEX.read_text().splitlines()[1:]]
    columns = first_columns(names, index)
    model = aligned(rows, columns)

    bert = anndata.AnnData(model.copy())
    scanpy.pp.normalize_total(bert, target_sum=1e4)
    scanpy.pp.log1p(bert, base=2)
    bins = np.minimum(np.floor(bert.X), 5)
    # Where a value is that close to a bin's edge, single precision decides, and not the data.
    close = np.abs(bert.X - np.round(bert.X)) < 1e-5
    close &= (bert.X > 0.5) & (bert.X < 5.5)
    out["scbert"] = {
        "shares": np.bincount(bins.astype(int).ravel(), minlength=6).tolist(),
        "on_edge": int(close.sum()),
        "digest": digest(*(np.nonzero(b > 0)[0] * 8 + b[b > 0].astype(int) for b in np.where(close, 0, bins))),
    }

    totals = model.sum(axis=1, dtype=np.float64)
    foundation = {}
    for c in some:
        values = np.log1p(model[c].astype(np.float64) / totals[c] * 1e4)
        foundation[c] = {"S": float(np.log10(totals[c])), "values": by_count(model[c], values)}
    out["scfoundation"] = {
        "genes": int((columns >= 0).sum()),
        "positions": digest(*(np.nonzero(m)[0] for m in model)),
        "some": foundation,
    }

    out["uce"] = {}
    for c in some:
        weights = np.log1p(rows[c].astype(np.float64))
        out["uce"][c] = by_count(rows[c], weights / weights.sum() * 1024)

    ids = np.array(data.var_names)
    texts = []
    for row in rows:
        order = np.argsort(row, kind="stable")[::-1]
        order = order[row[order] != 0]
        texts.append("A cell with genes ranked by expression: " + " ".join(ids[order][:1000]))
    out["genept-s"] = hashlib.sha256("\n".join(texts).encode()).hexdigest()

    log = anndata.AnnData(rows.copy())
    scanpy.pp.normalize_total(log, target_sum=1e4)
    scanpy.pp.log1p(log)
    made = log.X[some].astype(np.float64) @ gene_matrix(rows.shape[1]) / rows.shape[1]
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    out["genept-w"] = {c: [float(f"{x:.8g}") for x in made[i]] for i, c in enumerate(some)}
    return out


def scatter(row, values):
    out = np.zeros(len(row))
    out[row > 0] = values
    return out


golden = {
    "pbmc3k": make("pbmc3k", lambda data: data.var_names, list(range(0, 2638, 240))),
    "zheng_facs_pbmc": make("zheng_facs_pbmc", lambda data: data.var["gene_symbol"], list(range(0, 3874, 350))),
}
out = Path(__file__).with_name("models.json")
out.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
for name, g in golden.items():
    print(name, g["scgpt"], g["scbert"]["shares"], g["scbert"]["on_edge"], g["scfoundation"]["genes"])
print(out.stat().st_size)
