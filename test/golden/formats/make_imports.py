"""Writes the files that test/data/import-embedding.test.ts and npy.test.ts read: the same small matrix, as users'
tools write it. Needs numpy, pandas, pyarrow and polars (made with the versions it prints).

    python make_imports.py
"""

import pathlib

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq

here = pathlib.Path(__file__).parent
for module in (np, pd, pl, pa):
    print(module.__name__, module.__version__)

# 300 cells × 3 dimensions: enough that LZ4 and Zstandard compress, with matches that overlap.
cells = [f"cell-{i}" for i in range(300)]
values = (np.arange(900).reshape(300, 3) / 8 - 10).astype("float32")
frame = pd.DataFrame(values, index=cells, columns=["a", "b", "c"])
named = frame.rename_axis("cell_id").reset_index()

frame.to_parquet(here / "pandas_index.parquet")
named.assign(label="T cell").to_parquet(here / "pandas_zstd.parquet", compression="zstd", index=False)
for codec in ("gzip", "brotli", "lz4", "none"):
    pq.write_table(pa.Table.from_pandas(named, preserve_index=False), here / f"pyarrow_{codec}.parquet", compression=codec)
named.to_feather(here / "pandas_lz4.feather")
named.to_feather(here / "pandas_zstd.feather", compression="zstd")
pl.DataFrame(named).write_ipc(here / "polars_views.arrow")
pl.DataFrame(named).write_parquet(here / "polars.parquet")

# Ids as a dictionary, values as lists of fixed size, another column of text, batches of 7 rows.
lists = pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), 3)
table = pa.table(
    {
        "label": pa.array(["T cell"] * 300),
        "barcode": pa.array(cells).dictionary_encode(),
        "X": lists,
    }
)
with pa.ipc.new_file(here / "pyarrow_lists.arrow", table.schema) as writer:
    writer.write_table(table, max_chunksize=7)
pq.write_table(table, here / "pyarrow_lists.parquet", row_group_size=100)

for name, array in {
    "f4": values,
    "f8_fortran": np.asfortranarray(values.astype("f8")),
    "i4": (values * 8).astype("i4"),
    "i8_v2": (values * 8).astype("i8"),
    "big_endian": values.astype(">f4")[:4],
    "one": values[:5, 0],
    "three": values[:4].reshape(2, 2, 3),
    "objects": np.array([["x"]], dtype=object),
    "text": np.array(["x", "yy"]),
    "half": values[:4].astype("f2"),
}.items():
    with open(here / f"{name}.npy", "wb") as file:
        version = (2, 0) if name.endswith("v2") else None
        np.lib.format.write_array(file, array, version=version)
with open(here / "f4_v3.npy", "wb") as file:
    np.lib.format.write_array(file, values[:6], version=(3, 0))
