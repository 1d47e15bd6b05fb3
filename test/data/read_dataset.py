"""Opens a folder as a Hugging Face dataset and prints what is in it as JSON. Needs datasets. Called by hf-dataset.test.ts."""

import json
import sys

import datasets

dataset = datasets.load_from_disk(sys.argv[1])
sorted_too = dataset.add_column("row", list(range(len(dataset)))).sort("length", reverse=True)
print(
    json.dumps(
        {
            "rows": len(dataset),
            "columns": dataset.column_names,
            "types": {name: str(dataset.data.schema.field(name).type) for name in dataset.column_names},
            "data": {name: list(dataset[name]) for name in dataset.column_names},
            "longest": max(dataset["length"], default=0),
            "sorted_first": sorted_too[0]["length"] if len(dataset) else 0,
            "fingerprint": dataset._fingerprint,
        }
    )
)
