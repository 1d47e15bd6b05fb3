"""Makes rank_agreement.json: Kendall's tau-b and Spearman's rho of made-up counts against counts over medians.

Needs numpy and scipy (made with numpy 2.4, scipy 1.17):

    python test/golden/stats/make_rank_agreement.py

A correlation that is not defined is null.
"""

import json
from pathlib import Path

import numpy as np
from scipy.stats import kendalltau, spearmanr

random = np.random.default_rng(5)
medians = np.round(random.gamma(1.5, 1.2, 400) + 0.2, 3)


def case(n, most):
    """`n` detected genes with counts up to `most`; medians of three decimals, so quotients tie now and then."""
    x = random.integers(1, most + 1, n)
    m = medians[:n]
    return x.tolist(), m.tolist()


cases = []
for n, most in [(2, 3), (3, 2), (17, 4), (64, 1), (100, 3), (400, 30), (400, 2)]:
    x, m = case(n, most)
    # Rounded, so that quotients that are equal as fractions are equal.
    thousandths = np.round(np.array(m) * 1000).astype(int)
    y = [float(a) * 1000 / int(t) for a, t in zip(x, thousandths)]
    with np.errstate(all="ignore"):
        tau = kendalltau(x, np.round(y, 9)).statistic
        rho = spearmanr(x, np.round(y, 9)).statistic
    cases.append(
        {
            "counts": x,
            "medians": m,
            "kendall": None if np.isnan(tau) else float(tau),
            "spearman": None if np.isnan(rho) else float(rho),
        }
    )

path = Path(__file__).with_name("rank_agreement.json")
path.write_text(json.dumps(cases) + "\n")
