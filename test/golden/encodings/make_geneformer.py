"""Makes geneformer.json: token lists of pbmc3k by the published tokenizer's procedure.

Needs numpy, scipy and anndata (made with numpy 2.4, scipy 1.17, anndata 0.12), and the shared data:

    python test/golden/encodings/make_geneformer.py ../shared

The procedure is that of tokenizer.py of Geneformer (ctheodoris/Geneformer): take the genes in the vocabulary,
divide counts by n_counts, multiply by 10,000, divide by the gene's median, sort descending. The published
sort is numpy's default, which leaves ties open; here it is the stable one: ties in column order. Dense double
precision throughout, as in its loom path. V2 maps ids first, keeps 4,094 and adds <cls> and <eos>. Columns with
one id (there are some under V2's mapping) are summed and stand where the first of them stands; the published
code moves sums to the end, which matters to ties alone.
"""

import hashlib
import json
import sys
from pathlib import Path

import anndata
import numpy as np

FULL = [0, 1, 500, 1500, 2637]  # cells whose lists are given in full; of all others, a digest
shared = Path(sys.argv[1])


def dictionary(corpus, name):
    path = shared / "models" / f"geneformer_{corpus}" / f"{name}_{corpus}.json"
    return json.loads(path.read_text())


def digest(tokens):
    return hashlib.sha256(np.asarray(tokens, "<i4").tobytes()).hexdigest()[:8]


def tokenize(data, corpus, length, special):
    tokens = dictionary(corpus, "token_dictionary")
    medians = dictionary(corpus, "gene_median_dictionary")
    mapping = dictionary(corpus, "ensembl_mapping_dict")
    mapping = {k: v for k, v in mapping.items() if v in tokens}
    ids = [mapping.get(i.upper()) for i in data.var["ensembl_id"].astype(str)]
    columns = {}
    for c, i in enumerate(ids):
        if i in tokens:
            columns.setdefault(i, []).append(c)
    gene_tokens = np.array([tokens[i] for i in columns])
    gene_medians = np.array([medians[i] for i in columns])
    counts = np.stack([np.asarray(data.X[:, c].sum(axis=1)).ravel() for c in columns.values()], axis=1)
    counts = counts.astype(np.float64)
    n_counts = np.asarray(data.X.sum(axis=1), np.float64).reshape(-1, 1)
    values = counts / n_counts * 10_000 / gene_medians
    lists, kept_values, unstable = [], [], 0
    for v in values:
        detected = np.nonzero(v)[0]
        order = detected[np.argsort(-v[detected], kind="stable")]
        default = detected[np.argsort(-v[detected])]
        unstable += not np.array_equal(order, default)
        order = order[: length - 2 if special else length]
        cell = gene_tokens[order].tolist()
        lists.append([tokens["<cls>"], *cell, tokens["<eos>"]] if special else cell)
        kept_values.append(v[order])
    return {
        "genes": len(columns),
        "summed": sum(len(c) > 1 for c in columns.values()),
        # For the record: cells in which numpy's default sort orders ties in another way.
        "cells_with_other_order_by_default_sort": unstable,
        "lengths_sum": sum(map(len, lists)),
        "digests": "".join(map(digest, lists)),
        "lists": {str(c): lists[c] for c in FULL},
        "values": {str(c): [float(f"{x:.12g}") for x in kept_values[c][:300]] for c in FULL[:1]},
    }


data = anndata.read_h5ad(shared / "data" / "pbmc3k.h5ad")
golden = {
    "V1": tokenize(data, "gc30M", 2048, False),
    "V1, 400 tokens": tokenize(data, "gc30M", 400, False),
    "V2": tokenize(data, "gc95M", 4096, True),
}
for name in ["V1, 400 tokens", "V2"]:
    # One digest of all digests is enough here.
    golden[name]["digest"] = hashlib.sha256(golden[name].pop("digests").encode()).hexdigest()
    golden[name]["lists"] = {"0": golden[name]["lists"]["0"]}
    del golden[name]["values"]
out = Path(__file__).with_name("geneformer.json")
out.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
print({name: (g["genes"], g["summed"], g["cells_with_other_order_by_default_sort"], g["lengths_sum"]) for name, g in golden.items()}, out.stat().st_size)
