"""Keys of some actions, by the form that lib/flow/keys/canonical.ts describes, written anew. Needs Python 3 alone.

    python3 make_keys.py > keys.json
"""

import hashlib
import json
import struct

SCHEMA = 1


def form(value):
    if value is None:
        return b"n"
    if value is True:
        return b"t"
    if value is False:
        return b"f"
    if isinstance(value, (int, float)):
        return b"d" + struct.pack(">d", float(value))
    if isinstance(value, str):
        return b"s" + struct.pack(">I", len(value.encode())) + value.encode()
    if isinstance(value, list):
        return b"a" + struct.pack(">I", len(value)) + b"".join(map(form, value))
    keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
    return b"o" + struct.pack(">I", len(value)) + b"".join(form(key) + form(value[key]) for key in keys)


def ingredients(**other):
    base = {
        "code": "c" * 64,
        "params": {"target": 10000, "genes": "hvg", "limits": [1, None, -0.5, 1e-320], "log": True},
        "inputs": {"counts": {"kind": "matrix", "hash": "a" * 64}, "lists": []},
        "seed": 0,
        "environment": {},
        "share": {"role": "whole"},
    }
    return {**base, **other}


PART = {"kind": "json", "hash": "b" * 64}
CASES = {
    "whole": ingredients(),
    "no seed": ingredients(seed=None),
    "plan": ingredients(share={"role": "plan", "round": 0, "rounds": []}),
    "plan of the second round": ingredients(share={"role": "plan", "round": 1, "rounds": [[{"piece": PART}]]}),
    "part": ingredients(share={"role": "part", "round": 1, "part": {"from": 10, "names": ["é", "e\u0301", "😀", "\uffff"]}}),
    "list of inputs": ingredients(inputs={"lists": [PART, PART]}),
    "environment": ingredients(environment={"aligner": "2.1"}),
    "keys beyond the basic plane": ingredients(params={"\uffff": 1, "😀": 2, "": 3}),
}

print(
    json.dumps(
        [
            {"name": name, "ingredients": value, "key": hashlib.sha256(form({"schema": SCHEMA, **value})).hexdigest()}
            for name, value in CASES.items()
        ],
        indent=1,
        ensure_ascii=True,
    )
)
