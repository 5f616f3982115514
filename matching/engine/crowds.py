"""Who competes for what: for somebody left out, the mentors within reach and everybody who wants
only these (Hall 1935).

The mentors are those reached by "wants a seat of" and "whose seat is taken by"; where no seat is
free among them, those who sit there and the one left out are one more than the seats: nobody of
them could be left away. Others who are left out and want nobody else compete as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from matching.engine.flow import Bools, Whole
from matching.engine.model import id_key
from matching.engine.outcomes import Outcome
from matching.engine.requests import Case, Locks
from matching.engine.results import Facts

Bits = NDArray[np.uint8]

MOST_NAMED = 12
MENTORS_AT_ONCE = 256
LONG_SEARCH = 256
"""Mentors reached from which a search is worth remembering."""


@dataclass(frozen=True)
class Wants:
    """What each mentee left out wants: the mentors, eight to a byte, and the best of them."""

    mentees: Whole
    bits: Bits
    best: list[list[int]]

    def within(self, mentors: Bools) -> Whole:
        """Return the mentees who want somebody, and only these mentors."""
        outside = (self.bits & ~np.packbits(mentors)).any(axis=1)
        return self.mentees[self.bits.any(axis=1) & ~outside]


class Crowds:
    """The crowds of one outcome; what is learned for one mentee serves the next.

    ``ceiling`` holds mentors whom no crowd leaves: a search that has reached them all is over.
    Of each mentor within reach it keeps whom their mentees want, a bit a mentor.
    """

    def __init__(
        self, case: Case, locks: Locks, outcome: Outcome, bound: int, wants: Wants
    ) -> None:
        self._case, self._locks, self._bound, self._wants = case, locks, bound, wants
        mentors = len(locks.seats)
        order = np.lexsort((outcome.rows, outcome.cols))
        self._sitting = outcome.rows[order]
        self._starts = np.searchsorted(outcome.cols[order], np.arange(mentors + 1))
        self._ceiling = ceiling(locks, outcome)
        self._bits = np.zeros((mentors, (mentors + 7) // 8), dtype=np.uint8)
        self._known = np.zeros(mentors, dtype=bool)
        self._to_spare = (locks.seats - np.diff(self._starts) > 0) & (locks.seats > 0)
        self._to_all = np.zeros(mentors, dtype=bool)
        self._core: Bools | None = None
        self._to_core = np.zeros(mentors, dtype=bool)
        self._tries_left = 3
        self._told: dict[bytes, tuple[Facts, list[int], list[int]]] = {}

    def of(self, place: int) -> Facts | None:
        """Return the crowd of a mentee by their place among the wants; None if a seat is free.

        ``mentees``, ``seats`` and ``mentors`` count; ``mentee_ids`` and ``mentor_ids`` name up to
        twelve, whom the mentee would fit best first.
        """
        reached = self._reached(self._unpacked(self._wants.bits[place]))
        if reached is None:
            return None
        key = np.packbits(reached).tobytes()
        if key not in self._told:
            self._told[key] = self._tell(reached)
        facts, competing, nearest = self._told[key]
        own = int(self._wants.mentees[place])
        mentors = chain(self._wants.best[place], nearest)
        mentees = chain([own], competing)
        return {
            **facts,
            "mentor_ids": self._ids(self._case.pool.mentors.id, mentors),
            "mentee_ids": self._ids(self._case.pool.mentees.id, mentees),
        }

    def _ids(self, ids: tuple, rows: chain[int]) -> list:
        return [ids[row] for row in islice(dict.fromkeys(rows), MOST_NAMED)]

    def _tell(self, reached: Bools) -> tuple[Facts, list[int], list[int]]:
        inside = self._wants.within(reached)
        seated = self._seated(np.flatnonzero(reached))
        facts = {
            "mentees": len(inside) + len(seated),
            "seats": int(self._locks.seats[reached].sum()),
            "mentors": int(reached.sum()),
        }
        rank = self._ranks[0]
        named = [rows[np.argsort(rank[rows])][:MOST_NAMED].tolist() for rows in (inside, seated)]
        return facts, [*named[0], *named[1]], self._by_rank(reached)

    def _by_rank(self, reached: Bools) -> list[int]:
        rows = np.flatnonzero(reached)
        return rows[np.argsort(self._ranks[1][rows])][:MOST_NAMED].tolist()

    @cached_property
    def _ranks(self) -> list[Whole]:
        """Return the place of each mentee and each mentor when ordered by id."""
        ranks = []
        for people in (self._case.pool.mentees, self._case.pool.mentors):
            order = sorted(range(len(people)), key=lambda row: id_key(people.id[row]))
            rank = np.empty(len(people), np.int64)
            rank[order] = np.arange(len(people))
            ranks.append(rank)
        return ranks

    def _reached(self, start: Bools) -> Bools | None:
        """Return the mentors within reach; None where one of them has a free seat."""
        reached, front, steps = start.copy(), start, 0
        while front.any():
            if (front & self._to_spare).any():
                if steps:
                    self._grow(self._to_spare)
                return None
            if (front & self._to_all).any():
                return self._everything
            if self._core is not None and (front & self._to_core).any():
                reached |= self._core
                front = front & ~self._core
            wanted = self._wanted_from(np.flatnonzero(front), reached)
            front, steps = wanted & ~reached, steps + 1
            reached |= front
            if reached.sum() == self._ceiling.sum():
                self._remember(start)
                return self._everything
        self._keep_core(start, reached)
        return reached

    def _keep_core(self, start: Bools, reached: Bools) -> None:
        """Keep what a long search reached, if one mentor alone leads to all of it.

        Nobody leaves it, and it has no free seat: whoever comes to that mentor has reached it.
        """
        if self._core is not None or reached.sum() <= LONG_SEARCH or not self._tries_left:
            return
        self._tries_left -= 1
        for mentor in np.flatnonzero(start & self._known)[:1]:
            if self._closes(self._unpacked(self._bits[mentor]), reached):
                self._core = reached
                self._to_core[mentor] = True
                self._grow(self._to_core)

    @property
    def _everything(self) -> Bools | None:
        return None if (self._ceiling & self._to_spare).any() else self._ceiling

    def _remember(self, start: Bools) -> None:
        """Find mentors from whom everything is reached, so that the next search can stop there."""
        if (self._to_all & start).any():
            return
        for mentor in np.flatnonzero(start & self._known)[:1]:
            if self._closes(self._unpacked(self._bits[mentor]), self._ceiling):
                self._to_all[mentor] = True
                self._grow(self._to_all)

    def _closes(self, start: Bools, goal: Bools) -> bool:
        """Tell whether all of a goal, which nobody leaves, is reached from some mentors."""
        reached, front = start.copy(), start
        while front.any() and reached.sum() < goal.sum():
            wanted = self._wanted_from(np.flatnonzero(front), reached)
            front = wanted & ~reached
            reached |= front
        return bool(reached.sum() == goal.sum())

    def _grow(self, goal: Bools) -> None:
        """Add to the mentors who reach a goal all known ones whose mentees want one of these."""
        count = -1
        while count != goal.sum():
            count = goal.sum()
            goal |= self._known & (self._bits & np.packbits(goal)).any(axis=1)

    def _wanted_from(self, mentors: Whole, reached: Bools) -> Bools:
        """Return whom those sitting at some mentors want; stops where that is all there is."""
        wanted = np.zeros(len(reached), dtype=bool)
        for first in range(0, len(mentors), MENTORS_AT_ONCE):
            some = mentors[first : first + MENTORS_AT_ONCE]
            self._learn(some[~self._known[some]])
            wanted |= self._unpacked(np.bitwise_or.reduce(self._bits[some], axis=0))
            if (wanted | reached).sum() == self._ceiling.sum():
                break
        return wanted

    def _learn(self, mentors: Whole) -> None:
        """Look at all pairs of those who sit at some mentors."""
        sizes = self._starts[mentors + 1] - self._starts[mentors]
        rows, owner = self._seated(mentors), np.repeat(np.arange(len(mentors)), sizes)
        order = np.argsort(rows)
        step = max(16, 2_000_000 // max(len(self._known), 1))
        for first in range(0, len(rows), step):
            some = order[first : first + step]
            bits = wanted_bits(self._case.blocks.block(rows[some]), self._locks, self._bound)
            np.bitwise_or.at(self._bits, mentors[owner[some]], bits)
        self._known[mentors] = True

    def _seated(self, mentors: Whole) -> Whole:
        parts = (slice(self._starts[one], self._starts[one + 1]) for one in mentors.tolist())
        return np.concatenate([np.zeros(0, np.int64), *(self._sitting[part] for part in parts)])

    def _unpacked(self, bits: Bits) -> Bools:
        return np.unpackbits(bits, count=len(self._known)).astype(bool)


def wanted_bits(scores: NDArray, locks: Locks, bound: int) -> Bits:
    """Return which mentors with a seat each row of scores reaches the bound with."""
    return np.packbits((scores >= max(bound, 0)) & (locks.seats > 0), axis=1)


def ceiling(locks: Locks, outcome: Outcome) -> Bools:
    """Return mentors whom no crowd leaves: a cover read from the prices (König 1931), or all.

    Two prices of a pair sum to the bonus or more. So for any level, mentees with a price up to
    bonus - level want only mentors with a price from that level. Where as many of those mentees
    have a mentor as these have seats, they all sit there.
    """
    every: Bools = locks.seats > 0
    if outcome.goal.factor != 1 or outcome.ladder is not None or (locks.slots > 1).any():
        return every
    covered = np.zeros(len(locks.slots), dtype=bool)
    covered[outcome.rows] = True
    order = np.flatnonzero(every)[np.argsort(outcome.mentor_prices[every])]
    rising = outcome.mentor_prices[order]
    above = np.cumsum(locks.seats[order][::-1])[::-1]
    levels = np.unique(rising[rising > 0])
    seats = above[np.searchsorted(rising, levels)]
    prices = np.sort(outcome.mentee_prices[locks.free & covered])
    crowd = np.searchsorted(prices, outcome.goal.bonus - levels, side="right")
    uncovered = outcome.mentee_prices[locks.free & ~covered].max(initial=0)
    tight = levels[(crowd == seats) & (uncovered <= outcome.goal.bonus - levels)]
    if not len(tight):
        return every
    return every & (outcome.mentor_prices >= tight[-1])
