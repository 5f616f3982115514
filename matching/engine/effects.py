"""What each hard rule does to a pool: the pairs it removes, and the mentees it leaves alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matching.engine.columns import Bools
from matching.engine.model import Policy, Pool
from matching.engine.results import RuleEffect
from matching.engine.scoring import Scored

Places = NDArray[np.intp]


def rule_effects(pool: Pool, policy: Policy) -> dict[str, RuleEffect]:
    """Return what each rule does to the pool, in one pass over blocks of rows.

    O(M * N) for each rule that looks at every pair; rules that list pairs cost only these.
    """
    scored = Scored(pool, policy)
    sums = {key: np.zeros(3, dtype=np.int64) for key in scored.rules}
    has_seat = np.array(pool.mentors.capacity) > 0
    for start, stop in scored.spans():
        for key, effect in _Block(scored, start, stop).effects(has_seat).items():
            sums[key] += effect
    return {key: RuleEffect(*found.tolist()) for key, found in sums.items()}


class _Block:
    """Some rows of all pairs: for each rule a mask of what it forbids, or the places in it."""

    def __init__(self, scored: Scored, start: int, stop: int) -> None:
        self.shape = stop - start, scored.shape[1]
        self.masks: dict[str, Bools] = {}
        self.places: dict[str, Places] = {}
        rows, cols = np.arange(start, stop)[:, None], np.arange(scored.shape[1])[None, :]
        for key, rule in scored.rules.items():
            if rule.listed is None:
                self.masks[key] = scored.forbidden(key, rows, cols)
            else:
                listed = rule.listed[start:stop].tocoo()
                is_broken = scored.forbidden(key, listed.row + start, listed.col)
                self.places[key] = (listed.row * self.shape[1] + listed.col)[is_broken]
        self.times = np.zeros(self.shape, dtype=np.uint8)
        for mask in self.masks.values():
            self.times += mask
        for places in self.places.values():
            self.times.ravel()[places] += 1

    def effects(self, has_seat: Bools) -> dict[str, tuple[int, int, int]]:
        """Return for each rule: pairs removed, removed by it alone, mentees left with nobody."""
        once = self.times == 1
        nobody = np.flatnonzero(~((self.times == 0) & has_seat).any(axis=1))
        found = {}
        for key, mask in self.masks.items():
            alone = mask & once
            rescued = (alone[nobody] & has_seat).any(axis=1)
            found[key] = int(mask.sum()), int(alone.sum()), int(rescued.sum())
        for key, places in self.places.items():
            alone = places[once.ravel()[places]]
            rows, cols = np.divmod(alone, max(self.shape[1], 1))
            rescued = np.isin(nobody, rows[has_seat[cols]])
            found[key] = len(places), len(alone), int(rescued.sum())
        return found
