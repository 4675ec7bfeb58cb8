"""Statistics of the cells: speedups of groups, of mixes of them, and the weighted sums that are decomposed.

`sums` has shape (…, groups, sides, columns): sums over loops of the seconds of each part, of the changed seconds
of each part, of the number of spans of each part, and the number of loops last.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import FloatArray
from tracker.speedup.composition.kitagawa import Weighted, weighted_ratio
from tracker.speedup.composition.loops import AFTER, BEFORE


@dataclass(frozen=True)
class Layout:
    """Where things stand in the sums."""

    groups: int
    parts: int
    is_paired: bool

    def shaped(self, sums: FloatArray) -> FloatArray:
        """From (…, cells, columns) to (…, groups, sides, columns)."""
        return np.asarray(sums.reshape(*sums.shape[:-2], self.groups, 2, sums.shape[-1]))

    def baseline(self, sums: FloatArray) -> FloatArray:
        """Mean seconds of each part of a loop at baseline, (…, groups, parts)."""
        shaped = self.shaped(sums)
        columns = shaped[..., : self.parts]
        if self.is_paired:
            return _mean(columns.sum(axis=-2), shaped[..., -1].sum(axis=-1))
        return _mean(columns[..., BEFORE, :], shaped[..., BEFORE, -1])

    def changed(self, sums: FloatArray) -> FloatArray:
        """The same with the change."""
        shaped = self.shaped(sums)
        if self.is_paired:
            columns = shaped[..., self.parts : 2 * self.parts]
            return _mean(columns.sum(axis=-2), shaped[..., -1].sum(axis=-1))
        return _mean(shaped[..., AFTER, : self.parts], shaped[..., AFTER, -1])

    def log_speedups(self, sums: FloatArray) -> FloatArray:
        """Log speedup of each group, (…, groups)."""
        return np.asarray(np.log(self.baseline(sums).sum(axis=-1) / self.changed(sums).sum(axis=-1)))

    def log_uplifts(self, sums: FloatArray) -> FloatArray:
        """Logs of the old-mix uplift, the value and the new-mix uplift, (…, 3).

        Old and new mix are Laspeyres' and Paasche's quantity-weighted indices of the time that work costs. Whoever is
        free to choose work gains at least the first (the old work is still there to do) and at most the second (the new
        work could have been done before). Their geometric mean is Fisher's ideal index, which is exact for preferences
        up to second order (Diewert 1976, Journal of Econometrics 4(2), section 3).
        """
        before, after = self.baseline(sums).sum(axis=-1), self.changed(sums).sum(axis=-1)
        loops = self.shaped(sums)[..., -1]
        ends = [
            np.log((loops[..., side] * before).sum(axis=-1) / (loops[..., side] * after).sum(axis=-1))
            for side in (BEFORE, AFTER)
        ]
        return np.stack([ends[0], (ends[0] + ends[1]) / 2, ends[1]], axis=-1)

    def savings(self, sums: FloatArray, group: int) -> Weighted:
        """Share of each part in the baseline seconds, and the share of it that the change saves."""
        before, after = self.baseline(sums)[..., group, :], self.changed(sums)[..., group, :]
        whole = before.sum(axis=-1, keepdims=True)
        return weighted_ratio((before - after) / whole, before / whole)

    def lengths(self, sums: FloatArray, group: int) -> Weighted:
        """Spans of each part in a loop, and the seconds of one of them."""
        pooled = self.shaped(sums)[..., group, :, :].sum(axis=-2)
        loops = pooled[..., -1:]
        count = pooled[..., 2 * self.parts : 3 * self.parts] / loops
        return weighted_ratio(pooled[..., : self.parts] / loops, count)

    def sides(self, sums: FloatArray, side: int) -> Weighted:
        """Share of each group in the loops of a side, and the mean seconds of its loops."""
        shaped = self.shaped(sums)[..., side, :]
        loops = shaped[..., -1]
        whole = loops.sum(axis=-1, keepdims=True)
        return weighted_ratio(shaped[..., : self.parts].sum(axis=-1) / whole, loops / whole)


def log_speedup_at(fraction: FloatArray, logs: FloatArray) -> FloatArray:
    """Log speedup when this fraction of the baseline seconds is work of the second of two groups."""
    slowness = np.exp(-logs)
    return np.asarray(-np.log((1 - fraction) * slowness[..., :1] + fraction * slowness[..., 1:2]))


def _mean(sums: FloatArray, loops: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(sums / loops[..., None])
