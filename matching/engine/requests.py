"""One case to settle: people, scores and what was asked for; locked pairs checked on the way."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from matching.engine.blocks import ScoreBlocks
from matching.engine.errors import (
    LockedBeyondCapacity,
    LockedPairForbidden,
    LockedTwice,
    UnknownId,
)
from matching.engine.flow import Bools, Whole
from matching.engine.model import Floor, Id, Objective, Pool
from matching.engine.scoring import CELLS_IN_A_BLOCK, Progress, Scored, no_progress

IdPair = tuple[Id, Id]
RowPair = tuple[int, int]
Solver = Literal["best", "dense", "pricing"]


@dataclass
class Clock:
    """Seconds spent in each stage, told apart by what the solver reports."""

    spent: dict[str, float] = field(default_factory=dict)
    _stage: str = ""
    _since: float = 0.0

    def start(self, stage: str) -> None:
        if stage != self._stage:
            self.stop()
            self._stage, self._since = stage, time.perf_counter()

    def stop(self) -> None:
        if self._stage:
            seconds = time.perf_counter() - self._since
            self.spent[self._stage] = self.spent.get(self._stage, 0.0) + seconds
        self._stage = ""

    def watch(self, progress: Progress) -> Progress:
        """Return a progress that takes the time of each stage on the way."""

        def watched(stage: str, done: int, total: int) -> None:
            self.start(stage)
            progress(stage, done, total)

        return watched


@dataclass(frozen=True)
class Request:
    """What a run was asked for, beside the pool.

    ``covered`` mentees get a mentor whatever it costs in the total, if any is open to them.
    ``warm`` holds prices of mentors, in points of a score, from which pricing starts; they change
    how long it takes, never what comes out.
    """

    objective: Objective
    floor: Floor = None
    seed: int = 0
    minimum_fit: int = 0
    keep_reward: int = 0
    balance: int = 0
    solver: Solver = "best"
    locked: Sequence[IdPair] = ()
    standing: Sequence[IdPair] = ()
    covered: Sequence[Id] = ()
    warm: Mapping[Id, int] = field(default_factory=dict)
    progress: Progress = no_progress


@dataclass(frozen=True)
class Case:
    """Scores of a pool in blocks, below 0 where a rule forbids; ``scored`` knows the criteria.

    ``scored`` is None where only scores were given.
    """

    pool: Pool
    blocks: ScoreBlocks
    request: Request
    scored: Scored | None = None

    @cached_property
    def scores(self) -> Whole:
        """All scores at once, (mentees, mentors): for pools that the dense solver can hold."""
        mentees, mentors = self.blocks.shape
        scores = np.empty((mentees, mentors), dtype=np.int64)
        step = max(1, CELLS_IN_A_BLOCK // max(mentors, 1))
        for start in range(0, mentees, step):
            self.request.progress("scores", start, mentees)
            rows = np.arange(start, min(start + step, mentees))
            scores[rows] = self.blocks.block(rows)
        self.request.progress("scores", mentees, mentees)
        return scores

    @cached_property
    def capacity(self) -> Whole:
        return np.array(self.pool.mentors.capacity, dtype=np.int64)

    @cached_property
    def wanted(self) -> Whole:
        """How many mentors each mentee wants."""
        return np.array(self.pool.mentees.capacity, dtype=np.int64)

    @cached_property
    def takes_part(self) -> Bools:
        return self.wanted > 0


@dataclass(frozen=True)
class Locks:
    """The locked pairs as rows, and the slots of mentees and seats of mentors that are left."""

    rows: tuple[RowPair, ...]
    slots: Whole
    seats: Whole

    @property
    def free(self) -> Bools:
        return self.slots > 0


def locked_rows(case: Case) -> Locks:
    """Check the locked pairs and set them aside.

    Raises UnknownId, LockedPairForbidden, LockedTwice or LockedBeyondCapacity.
    """
    pairs = list(dict.fromkeys(case.request.locked))
    refuse_unknown(case.pool, pairs)
    mentees, mentors = case.pool.mentees.index, case.pool.mentors.index
    rows = tuple((mentees[mentee], mentors[mentor]) for mentee, mentor in pairs)
    places = np.array(rows, dtype=np.int64).reshape(-1, 2)
    scores = case.blocks.pairs(places[:, 0], places[:, 1])
    if len(forbidden := np.flatnonzero(scores < 0)):
        raise LockedPairForbidden(
            "A rule forbids these locked pairs:", [pairs[place] for place in forbidden]
        )
    _refuse_twice(case, pairs)
    slots = case.wanted - np.bincount(places[:, 0], minlength=len(mentees))
    seats = case.capacity - np.bincount(places[:, 1], minlength=len(mentors))
    over = [case.pool.mentors.id[mentor] for mentor in np.flatnonzero(seats < 0)]
    over += [case.pool.mentees.id[mentee] for mentee in np.flatnonzero(slots < 0)]
    if over:
        raise LockedBeyondCapacity("More pairs are locked than there is room for:", over)
    return Locks(rows, slots, seats)


def _refuse_twice(case: Case, pairs: Sequence[IdPair]) -> None:
    wanted = dict(zip(case.pool.mentees.id, case.pool.mentees.capacity, strict=True))
    times = Counter(mentee for mentee, _ in pairs)
    twice = [mentee for mentee, count in times.items() if count > max(wanted[mentee], 1)]
    if twice:
        raise LockedTwice("These mentees stand in more locked pairs than they may:", twice)


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
