"""Makes pickles.json: small pickles, base64, with what they hold as JSON.

Needs numpy (made with Python 3.11 and numpy 2.4):

    python test/golden/formats/make_pickles.py

Pickles of older versions, which this Python cannot write, are put together by hand: see BY_HAND.
"""

import base64
import collections
import fractions
import json
import os
import pickle
from pathlib import Path

import numpy as np

shared = ["x", "x" * 300]
PLAIN = {
    "dictionary": {"<pad>": 0, "ENSG00000000003": 2, "é\u2603\U0001f9ec\n\\": "a'b\"c", "": ""},
    "numbers": [0, 1, 255, 256, 65535, 65536, -1, -(2**31), 2**31, 2**53 - 1, -(2**53 - 1), 0.5, -1e-300, 1e300],
    "constants": [None, True, False, [], {}, []],
    "tuples": [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]],
    "nested": {"a": {"b": [1, {"c": shared}], "again": shared}, "keys": {"1": 1}},
    "long": {f"g{i}": i for i in range(1010)},
}
cases = []
for name, value in PLAIN.items():
    made = [tuple(v) for v in value] if name == "tuples" else value
    for protocol in range(6):
        if name == "long" and protocol != 4:
            continue
        cases.append({"name": f"{name}, protocol {protocol}", "pickle": pickle.dumps(made, protocol), "value": value})

two = np.arange(6, dtype="<f4").reshape(2, 3)
for protocol in range(6):
    for name, made, value in [
        ("float64", {"a": np.float64(0.1), "b": np.float64(2)}, {"a": 0.1, "b": 2}),
        ("float32", np.float32(0.5), 0.5),
        ("int64", {"a": np.int64(-7)}, {"a": -7}),
        ("uint8", np.uint8(200), 200),
        ("arrays", {"a": np.array([0.5, 2.0]), "b": np.array([0.25, 4.0])}, {"a": [0.5, 2], "b": [0.25, 4]}),
        ("array, two dimensions", two, [[0, 1, 2], [3, 4, 5]]),
        ("array, Fortran order", np.asfortranarray(two), [[0, 1, 2], [3, 4, 5]]),
    ]:
        cases.append({"name": f"numpy {name}, protocol {protocol}", "pickle": pickle.dumps(made, protocol), "value": value})

BY_HAND = {
    "Python 2, protocol 0": (b"(dp0\nS'ENSG1'\np1\nI5\nsS'it\\'s\\n\\x41'\np2\nL7L\ns.", {"ENSG1": 5, "it's\nA": 7}),
    "Python 2, protocol 2": (b"\x80\x02}q\x00(U\x05ENSG1q\x01K\x05T\x01\x00\x00\x00aI01\nu.", {"ENSG1": 5, "a": True}),
    "numpy 1": (pickle.dumps(np.float64(3), 2).replace(b"numpy._core.multiarray", b"numpy.core.multiarray"), 3),
}
for name, (data, value) in BY_HAND.items():
    cases.append({"name": name, "pickle": data, "value": value})


class Evil:
    def __reduce__(self):
        return os.system, ("echo this must never run",)


class Plain:
    pass


REFUSED = {
    "a call of os.system": (Evil(), "posix.system"),
    "eval": (b"cbuiltins\neval\n(S'1+1'\ntR.", "builtins.eval"),
    "an instance": (fractions.Fraction(1, 2), "fractions.Fraction"),
    "an instance with state": (Plain(), "Plain"),
    "an ordered dictionary": (collections.OrderedDict(a=1), "collections.OrderedDict"),
    "a set": ({1, 2}, "a set"),
    "complex numbers": (1j, ".complex"),
    "a key that is a tuple": ({(1, 2): 3}, "neither text nor number"),
    "a whole number above 2^53": (2**53, "beyond 2^53"),
    "a very long whole number": (2**100, "beyond 2^53"),
    "numpy text": (np.array(["a"]), "not plain data"),
    "numpy objects": (np.array([Plain()], dtype=object), "not plain data"),
    "three dimensions": (np.zeros((1, 1, 1)), "not plain data"),
    "a function by itself": (b"cnumpy\ndtype\n.", "not plain data"),
    "a persistent id": (b"Pid\n.", "a reference to something outside"),
    "protocol 9": (b"\x80\x09N.", "protocol 9"),
    "nothing": (b"", "truncated"),
    "text": (b"hello", "not a pickle"),
    "an array longer than its data": (pickle.dumps(np.arange(3.0), 4).replace(b"K\x03\x85", b"K\x04\x85"), "not plain data"),
    "a text longer than the file": (b"\x80\x04X\xff\xff\xff\xffabc.", "truncated"),
    "a negative length": (b"\x80\x02T\xff\xff\xff\xff.", "truncated"),
    "a stack that is empty": (b"\x80\x04a.", "not a pickle"),
    "a mark that is missing": (b"\x80\x04}u.", "not a pickle"),
    "a memo that is missing": (b"\x80\x04h\x07.", "not a pickle"),
    "items of something else": (b"\x80\x04]K\x01K\x02s.", "not a pickle"),
    "text that is not UTF-8": (b"\x80\x04\x8c\x01\xff.", "not a pickle"),
}
refused = [
    {"name": name, "pickle": data if isinstance(data, bytes) else pickle.dumps(data, protocol), "says": says}
    for name, (data, says) in REFUSED.items()
    for protocol in ([4] if isinstance(data, bytes) or name == "a call of os.system" else [0, 2, 4])
    # Protocol 0 writes sets as calls, and so on: what is refused there is the call.
    if not (protocol < 4 and name in ("a set", "numpy text", "numpy objects", "an instance with state"))
]
for case in cases + refused:
    case["pickle"] = base64.b64encode(case["pickle"]).decode()
out = Path(__file__).with_name("pickles.json")
out.write_text(json.dumps({"cases": cases, "refused": refused}, separators=(",", ":")) + "\n")
print(len(cases), len(refused), out.stat().st_size)
