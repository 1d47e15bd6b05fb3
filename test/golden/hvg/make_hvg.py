"""Makes hvg.json: what scanpy's highly_variable_genes says of shared data sets.

Needs scanpy 1.11.5 (anndata 0.12, numpy 2, pandas 2.3, scikit-misc 0.5) and the shared data; run from the project's folder:
    python test/golden/hvg/make_hvg.py ../shared/data

Per data set and setting: the number of chosen genes and the flags of all genes as bits; per data set: the normalised
dispersions (of seurat_v3: variances) of all genes, or of every 8th for other flavours than seurat, as float32; means and
dispersions (variances) of every 16th gene as float64. Arrays are base64 of gzip.

seurat_v3 leaves the order of equal variances to an unstable sort; here it is made stable, so that ties go by gene.
"""

import base64
import functools
import gzip
import json
import sys
from importlib.metadata import version
from pathlib import Path
from unittest import mock

import anndata as ad
import numpy as np
import scanpy as sc

CASES = [
    dict(name="pbmc3k, top 2000", file="pbmc3k.h5ad", options=dict(n_top_genes=2000)),
    dict(name="pbmc3k, cut-offs", file="pbmc3k.h5ad", options=dict()),
    dict(
        name="kang by donor, top 2000",
        file="kang_8donors_fullgenes.h5ad",
        batch="donor",
        options=dict(n_top_genes=2000),
    ),
    dict(name="kang by donor, cut-offs", file="kang_8donors_fullgenes.h5ad", batch="donor", options=dict()),
    dict(name="pbmc3k, top 2000", file="pbmc3k.h5ad", flavor="cell_ranger", options=dict(n_top_genes=2000)),
    dict(name="pbmc3k, cut-offs", file="pbmc3k.h5ad", flavor="cell_ranger", options=dict()),
    dict(name="pbmc3k, top 2000", file="pbmc3k.h5ad", flavor="seurat_v3", options=dict(n_top_genes=2000)),
    dict(
        name="kang by donor, top 2000",
        file="kang_8donors_fullgenes.h5ad",
        flavor="cell_ranger",
        batch="donor",
        options=dict(n_top_genes=2000),
    ),
    dict(
        # Of the donors of kang, scikit-misc's loess fails on two ("near singularities").
        name="rnamix by protocol, top 2000",
        file="rnamix_2protocols.h5ad",
        flavor="seurat_v3",
        batch="batch",
        options=dict(n_top_genes=2000),
    ),
]
EVERY = 16


def pack(array):
    return base64.b64encode(gzip.compress(array.tobytes(), 9, mtime=0)).decode()


def main(folder):
    cases = []
    for case in CASES:
        data = ad.read_h5ad(folder / case["file"])
        flavor = case.get("flavor", "seurat")
        if flavor != "seurat_v3":
            sc.pp.normalize_total(data, target_sum=1e4)
            sc.pp.log1p(data)
        with mock.patch.object(np, "argsort", functools.partial(np.argsort, kind="stable")):
            table = sc.pp.highly_variable_genes(
                data, flavor=flavor, batch_key=case.get("batch"), inplace=False, **case["options"]
            )
        # With batches and cut-offs the table comes sorted by gene name.
        table = table.loc[data.var_names]
        flags = table["highly_variable"].to_numpy()
        cases.append(
            dict(
                name=case["name"],
                flavor=flavor,
                file=case["file"],
                batch=case.get("batch"),
                top=case["options"].get("n_top_genes"),
                genes=int(len(flags)),
                every=EVERY,
                highly_variable_genes=int(flags.sum()),
                highly_variable=pack(np.packbits(flags, bitorder="little")),
            )
        )
        # The statistics do not depend on how many genes are taken: once a data set is enough.
        if "n_top_genes" in case["options"]:
            dispersions = "variances" if flavor == "seurat_v3" else "dispersions"
            scores_every = 1 if flavor == "seurat" else 8
            cases[-1] |= dict(
                scores_every=scores_every,
                dispersions_norm=pack(table[f"{dispersions}_norm"].to_numpy()[::scores_every].astype("<f4")),
                means=pack(table["means"].to_numpy()[::EVERY].astype("<f8")),
                dispersions=pack(table[dispersions].to_numpy()[::EVERY].astype("<f8")),
            )
        print(flavor, case["name"], flags.sum())
    out = Path(__file__).parent / "hvg.json"
    out.write_text(json.dumps(dict(scanpy=version("scanpy"), cases=cases), indent=1) + "\n")


main(Path(sys.argv[1]))
