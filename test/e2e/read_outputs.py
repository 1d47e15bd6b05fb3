"""Reads Arrow and Parquet files with pandas and polars; prints their columns and NaN counts as JSON.

Needs pandas, pyarrow and polars. Called by outputs.test.ts.
"""

import json
import sys

import pandas as pd
import polars as pl

result = {}
for path in sys.argv[1:]:
    parquet = path.endswith(".parquet")
    frame = pd.read_parquet(path) if parquet else pd.read_feather(path)
    table = pl.read_parquet(path) if parquet else pl.read_ipc(path)
    nans = sum(
        int(table[c].is_nan().sum() or 0) for c in table.columns if table[c].dtype in (pl.Float32, pl.Float64)
    )
    result[path] = {"pandas": list(frame.columns), "polars": table.columns, "nans": nans}
print(json.dumps(result))
