"""The smallest change that would give a mentee without a mentor one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine.columns import Bools
from matching.engine.flow import Whole
from matching.engine.model import Id, Policy, Pool
from matching.engine.results import Facts, Solution
from matching.engine.rules import NEVER_OVERRIDDEN
from matching.engine.scoring import Scored


def smallest_changes(
    pool: Pool, policy: Policy, solution: Solution, mentees: Sequence[Id]
) -> dict[Id, Facts]:
    """Return for mentees without a mentor one change by which each would have one, if one would do.

    ``change`` tells which: "accept" a pair under the minimum fit or left for the total, with a
    mentor who has a seat; a "seat" more at a mentor; a "rule" lifted for one pair with a mentor who
    has a seat. Of these the first that helps, with the ``mentor_id`` that fits best and the
    ``score``; "rule" names the ``rule``. Nobody else loses by it. O(mentors * rules) a mentee.
    """
    scored = Scored(pool, policy)
    seats = np.array(pool.mentors.capacity, dtype=np.int64)
    spare = seats > np.array(solution.load, dtype=np.int64)
    least = max(policy.minimum_fit, solution.floor or 0)
    found = {}
    for mentee in mentees:
        seen = _Mentors.of(scored, pool.mentees.index[mentee], spare)
        change = seen.change(least)
        if change is not None:
            found[mentee] = change
    return found


@dataclass(frozen=True)
class _Mentors:
    """All mentors as one mentee sees them."""

    ids: Sequence[Id]
    scores: Whole
    broken: dict[str, Bools]
    spare: Bools

    @classmethod
    def of(cls, scored: Scored, mentee: int, spare: Bools) -> _Mentors:
        cols = np.arange(len(spare))
        rows = np.full(len(spare), mentee)
        scores = scored.scores(rows, cols).astype(np.int64)
        return cls(scored.pool.mentors.id, scores, scored.forbidden_by(rows, cols), spare)

    def change(self, least: int) -> Facts | None:
        """Return the first change that helps, with the mentor who fits best."""
        times = np.sum([*self.broken.values(), np.zeros(len(self.spare), bool)], axis=0)
        is_allowed, fits = times == 0, self.scores >= least
        one_rule = (times == 1) & self.spare & fits
        lifted = [
            ("rule", key, one_rule & broken)
            for key, broken in self.broken.items()
            if key not in NEVER_OVERRIDDEN
        ]
        ways = [
            ("accept", "", is_allowed & self.spare & fits),
            ("seat", "", is_allowed & ~self.spare & fits),
            *sorted(lifted, key=self._best, reverse=True),
            ("accept", "", is_allowed & self.spare),
        ]
        for change, key, possible in ways:
            if possible.any():
                mentor = int(np.where(possible, self.scores, -1).argmax())
                facts = {"mentor_id": self.ids[mentor], "score": int(self.scores[mentor])}
                rule = {"rule": key} if key else {}
                return {"change": change, **facts, **rule}
        return None

    def _best(self, way: tuple[str, str, Bools]) -> int:
        return int(np.where(way[2], self.scores, -1).max(initial=-1))
