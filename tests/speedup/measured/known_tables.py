"""Tables of iterations whose true speedup is an argument."""

import numpy as np


def iterations(rng, *, speedup=1.5, n=40, spread=0.6, correlation=0.0, order="alternated"):
    """Log-normal seconds in time order, errors an autoregression; the changed arm is `speedup` times faster.

    Log-normal with one spread in both arms: the ratio of means, of medians and of geometric means are all `speedup`.
    """
    arm = np.arange(n) % 2 if order == "alternated" else (np.arange(n) >= n // 2).astype(int)
    noise = np.empty(n)
    noise[0] = rng.standard_normal()
    for t in range(1, n):
        noise[t] = correlation * noise[t - 1] + np.sqrt(1 - correlation**2) * rng.standard_normal()
    return {
        "tool": np.where(arm == 1, "changed", "baseline"),
        "seconds": 600 * np.exp(spread * noise) / np.where(arm == 1, speedup, 1.0),
        "started_at": np.arange(n) * 3600,
    }
