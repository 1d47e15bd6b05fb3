"""Opens artifacts with the readers that users have: pyarrow, pandas, polars, DuckDB. Not run by the tests.

    node test/golden/formats/write_samples.ts <folder>
    python test/golden/formats/check_readers.py <folder>

Made with pyarrow 26, pandas 2.3, polars 2.1, duckdb and scipy; prints one line a check, fails at the first difference.
"""

import json
import pathlib
import sys

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.parquet as pq
import scipy.sparse as sp

folder = pathlib.Path(sys.argv[1])
truth = json.loads((folder / "truth.json").read_text())


def same(rows, what):
    assert len(rows) == len(truth["table"]), what
    for got, wanted in zip(rows, truth["table"]):
        for name, value in wanted.items():
            found = got[name]
            if isinstance(value, float) and found is not None:
                assert found == value or np.float32(found) == np.float32(value), (what, name, found, value)
            else:
                assert found == value, (what, name, found, value)
    print("ok", what)


nullable = {name for name, kind in truth["schema"].items() if kind.endswith("?")}
arrow = ipc.open_file(folder / "table.arrow").read_all()
arrow.validate(full=True)
assert {field.name for field in arrow.schema if field.nullable} == nullable
same(arrow.to_pylist(), "pyarrow, Arrow file")
with open(folder / "table.arrow", "rb") as file:
    file.seek(8)
    same(ipc.open_stream(file).read_all().to_pylist(), "pyarrow, the stream inside the Arrow file")
same(pl.read_ipc(folder / "table.arrow").to_dicts(), "polars, Arrow file")
same(pl.scan_ipc(folder / "table.arrow").collect().to_dicts(), "polars, Arrow file, lazily")
assert list(pd.read_feather(folder / "table.arrow").columns) == list(truth["schema"])
print("ok pandas, Arrow file")

parquet = pq.read_table(folder / "table.parquet")
parquet.validate(full=True)
assert {field.name for field in parquet.schema if field.nullable} == nullable
same(parquet.to_pylist(), "pyarrow, Parquet")
same(pl.read_parquet(folder / "table.parquet").to_dicts(), "polars, Parquet")
relation = duckdb.sql(f"select * from '{folder / 'table.parquet'}'")
same([dict(zip(relation.columns, row)) for row in relation.fetchall()], "DuckDB, Parquet")
count = duckdb.sql(f"select count(*) from '{folder / 'table.parquet'}' where median is null").fetchall()[0][0]
assert count == sum(row["median"] is None for row in truth["table"])
print("ok DuckDB, nulls by statistics")
assert list(pd.read_parquet(folder / "table.parquet").columns) == list(truth["schema"])
print("ok pandas, Parquet")

matrix = ipc.open_file(folder / "matrix.arrow").read_all().combine_chunks()
matrix.validate(full=True)
meta = {key.decode(): value.decode() for key, value in matrix.schema.metadata.items()}
genes, values = matrix["genes"].combine_chunks(), matrix["values"].combine_chunks()
csr = sp.csr_matrix(
    (values.values.to_numpy(), genes.values.to_numpy(), genes.offsets.to_numpy()),
    shape=(int(meta["rows"]), int(meta["columns"])),
)
assert csr.nnz == int(meta["nnz"]) == truth["nnz"] and np.isclose(csr.sum(), truth["sum"])
print("ok scipy from the matrix")
assert pl.read_ipc(folder / "matrix.arrow").height == csr.shape[0]
print("ok polars, matrix")

embedding = pd.read_feather(folder / "embedding.arrow").set_index("cell_id")
assert np.array_equal(embedding[["d1", "d2"]].to_numpy().ravel(), np.array(truth["embedding"], "f4"))
print("ok pandas, embedding")
neighbors = ipc.open_file(folder / "neighbors.arrow").read_all()
neighbors.validate(full=True)
assert neighbors["neighbors"].type == pa.list_(pa.field("item", pa.int32(), nullable=False), 3)
assert pl.read_ipc(folder / "neighbors.arrow").height == neighbors.num_rows
print("ok pyarrow and polars, neighbors")
tokens = ipc.open_file(folder / "tokens.arrow").read_all()
tokens.validate(full=True)
assert tokens["tokens"].to_pylist() == truth["tokens"]
print("ok pyarrow, tokens")
for name in ("table", "matrix", "embedding", "tokens"):
    empty = ipc.open_file(folder / f"empty-{name}.arrow").read_all()
    assert empty.num_rows == 0 and pl.read_ipc(folder / f"empty-{name}.arrow").height == 0
assert pq.read_table(folder / "empty-table.parquet").num_rows == 0
assert pl.read_parquet(folder / "empty-table.parquet").height == 0
assert duckdb.sql(f"select count(*) from '{folder / 'empty-table.parquet'}'").fetchall() == [(0,)]
print("ok artifacts without rows")
