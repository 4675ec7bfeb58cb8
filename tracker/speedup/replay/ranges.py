"""Ranges of time, each with an owner: what they cover, merged where they overlap."""

from __future__ import annotations

import numpy as np

from tracker.speedup.columns import FloatArray, IntArray, pair_keys


def union_lengths(owner: IntArray, begun: IntArray, done: IntArray, n: int) -> FloatArray:
    """Length that the ranges of each of n owners cover; where they overlap, once."""
    begun_key, done_key = pair_keys(owner, begun, done)
    order = np.argsort(begun_key, kind="stable")
    reach = np.maximum.accumulate(done_key[order]) if order.size else done_key
    earlier = np.concatenate([[-1], reach[:-1]])
    # Keys of one owner differ by what lies between its instants; a key of an earlier owner is below all of this one's.
    seen = np.maximum(begun_key[order], earlier)
    return np.asarray(np.bincount(owner[order], np.maximum(done_key[order] - seen, 0), minlength=n), np.float64)


def merged(owner: IntArray, begun: IntArray, done: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Ranges of each owner with those that overlap made one, in order."""
    order = np.lexsort((begun, owner))
    owner, begun, done = owner[order], begun[order], done[order]
    first_key, last_key = pair_keys(owner, begun, done)
    reach = np.maximum.accumulate(last_key) if last_key.size else last_key
    fresh = np.flatnonzero(np.concatenate([[True], first_key[1:] > reach[:-1]])[: owner.size])
    return owner[fresh], begun[fresh], np.maximum.reduceat(done, fresh) if fresh.size else done


def covered_until(owner: IntArray, begun: IntArray, done: IntArray, asked: IntArray, instant: IntArray) -> FloatArray:
    """Length of the merged ranges of the owner asked about before an instant (plus a constant of each owner)."""
    length = done - begun
    before = np.cumsum(length) - length
    keys = pair_keys(np.concatenate([owner, asked]), np.concatenate([begun, instant]))[0]
    place = np.searchsorted(keys[: owner.size], keys[owner.size :], side="right") - 1
    mine = (place >= 0) & (owner[np.maximum(place, 0)] == asked)
    at = np.maximum(place, 0)
    inside = np.clip(instant - begun[at], 0, length[at])
    # Where no range of the owner has begun yet, all ranges of the owners before it count, as they do later on.
    passed = np.where(place >= 0, before[at] + np.where(mine, inside, length[at]), 0)
    return np.asarray(passed, np.float64)
