"""Makes detection.json: metrics of detected genes of 24 made-up cells, by scipy in double precision.

Needs numpy and scipy (made with numpy 2.4, scipy 1.17):

    python test/golden/pairwise/make_detection.py

Spearman over the union (genes with a count in either cell) and the intersection (in both) is scipy.stats.spearmanr
of the counts of these genes; Ochiai is one minus scipy's cosine distance of the counts above 0. A pair without a
value is null.
"""

import json
import warnings
from pathlib import Path

import numpy as np
from scipy.spatial.distance import cosine
from scipy.stats import spearmanr

rng = np.random.default_rng(7)
rows = rng.poisson(rng.gamma(0.4, 2.0, size=(24, 40)))
rows[3] = rows[2]
rows[5] = 0
rows[6] = np.where(rows[6] > 0, 2, 0)
rows[7] = np.eye(40, dtype=int)[4] * 3
rows[8] = rows[8] + 1


def spearman(a, b):
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    return float(spearmanr(a, b).statistic)


def ochiai(a, b):
    if not a.any() or not b.any():
        return None
    return float(1 - cosine((a > 0).astype(float), (b > 0).astype(float)))


values = {"ochiai": [], "spearman-union": [], "spearman-intersection": []}
warnings.simplefilter("error")
for i in range(len(rows)):
    for j in range(i + 1, len(rows)):
        a, b = rows[i], rows[j]
        either, both = (a > 0) | (b > 0), (a > 0) & (b > 0)
        values["ochiai"].append(ochiai(a, b))
        values["spearman-union"].append(spearman(a[either], b[either]))
        values["spearman-intersection"].append(spearman(a[both], b[both]))
out = Path(__file__).with_name("detection.json")
out.write_text(json.dumps({"rows": rows.tolist(), "values": values}) + "\n")
