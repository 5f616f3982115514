"""One case to settle: people, scores and what was asked for; locked pairs checked on the way."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from matching.engine.assignment import Bools, Whole
from matching.engine.errors import (
    LockedBeyondCapacity,
    LockedPairForbidden,
    LockedTwice,
    UnknownId,
)
from matching.engine.goals import Floor
from matching.engine.model import Id, Objective, Pool
from matching.engine.scoring import Progress, Scored, no_progress

IdPair = tuple[Id, Id]
RowPair = tuple[int, int]


@dataclass
class Clock:
    """Seconds spent in each stage."""

    spent: dict[str, float] = field(default_factory=dict)
    _since: float = field(default_factory=time.perf_counter)

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.spent[stage] = self.spent.get(stage, 0.0) + now - self._since
        self._since = now


@dataclass(frozen=True)
class Request:
    """What a run was asked for, beside the pool.

    ``covered`` mentees get a mentor whatever it costs in the total, if any is open to them.
    """

    objective: Objective
    floor: Floor = None
    seed: int = 0
    minimum_fit: int = 0
    keep_reward: int = 0
    locked: Sequence[IdPair] = ()
    standing: Sequence[IdPair] = ()
    covered: Sequence[Id] = ()
    progress: Progress = no_progress


@dataclass(frozen=True)
class Case:
    """Scores (mentees, mentors), below 0 where a rule forbids; ``scored`` knows the criteria.

    ``scored`` is None where only scores were given.
    """

    pool: Pool
    scores: Whole
    request: Request
    scored: Scored | None = None

    @property
    def capacity(self) -> Whole:
        return np.array(self.pool.mentors.capacity, dtype=np.int64)

    @property
    def takes_part(self) -> Bools:
        return np.array(self.pool.mentees.capacity, dtype=np.int64) > 0


@dataclass(frozen=True)
class Locks:
    """The locked pairs as rows, who is still free, and the seats that are left."""

    rows: tuple[RowPair, ...]
    free: Bools
    seats: Whole


def locked_rows(case: Case) -> Locks:
    """Check the locked pairs and set them aside.

    Raises UnknownId, LockedPairForbidden, LockedTwice or LockedBeyondCapacity.
    """
    pairs = list(dict.fromkeys(case.request.locked))
    refuse_unknown(case.pool, pairs)
    mentees, mentors = case.pool.mentees.index, case.pool.mentors.index
    rows = tuple((mentees[mentee], mentors[mentor]) for mentee, mentor in pairs)
    forbidden = [pair for pair, row in zip(pairs, rows, strict=True) if case.scores[row] < 0]
    if forbidden:
        raise LockedPairForbidden("A rule forbids these locked pairs:", forbidden)
    times = Counter(mentee for mentee, _ in pairs)
    if twice := [mentee for mentee, count in times.items() if count > 1]:
        raise LockedTwice("These mentees stand in more than one locked pair:", twice)
    free, seats = case.takes_part, case.capacity
    absent = [pairs[k][0] for k, (mentee, _) in enumerate(rows) if not free[mentee]]
    for mentee, mentor in rows:
        free[mentee] = False
        seats[mentor] -= 1
    over = [case.pool.mentors.id[mentor] for mentor in np.flatnonzero(seats < 0)]
    if over or absent:
        raise LockedBeyondCapacity("More pairs are locked than there is room for:", over + absent)
    return Locks(rows, free, seats)


def refuse_unknown(pool: Pool, pairs: Sequence[IdPair]) -> None:
    """Raise UnknownId for ids that are not in the pool."""
    unknown = [mentee for mentee, _ in pairs if mentee not in pool.mentees.index]
    unknown += [mentor for _, mentor in pairs if mentor not in pool.mentors.index]
    if unknown:
        raise UnknownId("These ids are not in the pool:", unknown)


def known_rows(pool: Pool, pairs: Sequence[IdPair]) -> list[RowPair]:
    """Return the rows of the pairs whose people are both in the pool."""
    mentees, mentors = pool.mentees.index, pool.mentors.index
    return [
        (mentees[mentee], mentors[mentor])
        for mentee, mentor in pairs
        if mentee in mentees and mentor in mentors
    ]
