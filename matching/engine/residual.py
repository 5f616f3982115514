"""Who would move if one pair were imposed: shortest chains in the mentors' residual graph.

Nodes are the mentors, "nobody" (where mentees without a mentor are) and "no one" (where seats
without a mentee lead). An arc from mentor to mentor stands for the mentee whose move costs least:
their reduced cost, mentee price + mentor price - value, which no optimum has below 0. Imposing a
pair costs its own reduced cost and the shortest chain from its mentor to the place its mentee
leaves (Ahuja, Magnanti and Orlin 1993). One search against the arcs tells all mentors at once.

Small pools keep every arc. In large ones only arcs up to a limit are kept: distances up to it are
exact, and beyond it all pairs are looked at again until no arc is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from matching.engine.blocks import CELLS_IN_A_BLOCK
from matching.engine.flow import ENDLESS, Bools, Steps, Whole
from matching.engine.goals import Goal
from matching.engine.requests import Case, Locks

NOBODY = -1
MOST_CELLS = 2_500_000
"""Pairs up to which every arc is kept."""
NEAR_ARCS = 40
"""About how many arcs a mentee has in larger pools."""
SAMPLED_ROWS = 200
FAR = 2**60
MOST_REDUCED = 2**53


@dataclass(frozen=True)
class Standing:
    """An optimum and the prices that prove it, over the whole pool.

    ``mentor_of`` is NOBODY for mentees who stand aside (locked, or taking no part) and those
    without a mentor. ``load`` counts mentees beside the locked ones. Pairs under ``least`` are
    shut.
    """

    case: Case
    locks: Locks
    goal: Goal
    least: int
    mentor_of: Whole
    mentee_prices: Whole
    mentor_prices: Whole

    @property
    def mentors(self) -> int:
        return len(self.locks.seats)

    @cached_property
    def load(self) -> Whole:
        return np.bincount(self.mentor_of[self.mentor_of >= 0], minlength=self.mentors)

    @cached_property
    def seats(self) -> Steps:
        return self.goal.seats(self.locks.seats, self.case.capacity - self.locks.seats)

    @property
    def place_of(self) -> Whole:
        """Return the node where each mentee is."""
        return np.where(self.mentor_of >= 0, self.mentor_of, self.mentors)

    def reduced(self, rows: Whole) -> Whole:
        """Return what each pair of these mentees earns less than its prices; FAR where shut."""
        scores = self.case.blocks.block(rows).astype(np.int64)
        is_shut = (scores < self.least) | (self.locks.seats <= 0)
        values = scores * self.goal.factor + self.goal.bonus
        found = self.mentee_prices[rows, None] + self.mentor_prices - values
        return np.where(is_shut, FAR, found)

    def near(self, rows: Whole, most: int) -> Iterator[tuple[Whole, Whole, Whole]]:
        """Yield mentees, mentors and reduced costs of open pairs up to ``most``, in blocks."""
        goal, is_open = self.goal, self.locks.seats > 0
        price = np.where(is_open, self.mentor_prices / goal.factor, np.inf)
        exact = np.float32 if int(self.mentor_prices.max(initial=0)) < 2**22 else np.float64
        price = price.astype(exact if goal.factor == 1 else np.float64)
        # A little too low where divided: what is found is judged again in whole numbers.
        bar = (self.mentee_prices[rows] - goal.bonus - most) / goal.factor - (goal.factor > 1)
        step = max(16, CELLS_IN_A_BLOCK // max(self.mentors, 1))
        for start in range(0, len(rows), step):
            some = rows[start : start + step]
            scores = self.case.blocks.block(some)
            bars = bar[start : start + step, None].astype(price.dtype)
            place, col = np.nonzero(scores - price >= bars)
            score = scores[place, col].astype(np.int64)
            prices = self.mentee_prices[some[place]] + self.mentor_prices[col]
            reduced = prices - score * goal.factor - goal.bonus
            kept = (score >= self.least) & (reduced <= most)
            yield some[place[kept]], col[kept], reduced[kept]

    def blocks(self, rows: Whole) -> Iterator[tuple[Whole, Whole]]:
        """Yield mentees and the reduced costs of all their pairs, some at a time."""
        step = max(16, CELLS_IN_A_BLOCK // max(self.mentors, 1))
        for start in range(0, len(rows), step):
            some = rows[start : start + step]
            yield some, self.reduced(some)


@dataclass(frozen=True)
class Arcs:
    """Steps of the residual graph, and whose move each is (NOBODY: a seat's)."""

    tail: Whole
    head: Whole
    weight: Whole
    mentee: Whole

    @classmethod
    def of(cls, *parts: tuple[Whole, Whole | int, Whole, Whole | int]) -> Arcs:
        widened = [np.broadcast_arrays(*part) for part in parts]
        return cls(
            *(np.concatenate(column).astype(np.int64) for column in zip(*widened, strict=True))
        )

    def lightest(self, nodes: int) -> Arcs:
        """Return the lightest arc between any two nodes, sorted by head, then tail."""
        order = np.argsort(self.weight, kind="stable")
        key = self.head[order] * nodes + self.tail[order]
        _, first = np.unique(key, return_index=True)
        kept = order[first]
        return Arcs(self.tail[kept], self.head[kept], self.weight[kept], self.mentee[kept])

    def up_to(self, most: int) -> Arcs:
        kept = self.weight <= most
        return Arcs(*(column[kept] for column in vars(self).values()))

    def __add__(self, other: Arcs) -> Arcs:
        mine, theirs = vars(self).values(), vars(other).values()
        return Arcs(*(np.concatenate(pair) for pair in zip(mine, theirs, strict=True)))


@dataclass(frozen=True)
class Search:
    """The shortest chains from every node to one: their lengths, and the next node of each."""

    length: Whole
    following: Whole


class Residual:
    """The residual graph of one optimum; every search in it is exact."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self.nobody, self.no_one = standing.mentors, standing.mentors + 1
        self.nodes = standing.mentors + 2
        self.rows = np.flatnonzero(standing.locks.free)
        cells = len(self.rows) * standing.mentors
        self.limit = FAR if cells <= MOST_CELLS else self._limit()
        self.arcs = (self._moves() + self._seats()).lightest(self.nodes)
        self._graphs: dict[tuple[bool, int], csr_array] = {}
        for reach in self.reaches:
            self._graph_up_to(reach, may_lose=False)

    def _limit(self) -> int:
        """Return a reduced cost that about NEAR_ARCS pairs of a mentee do not pass."""
        step = max(1, len(self.rows) // SAMPLED_ROWS)
        sample = np.sort(self.standing.reduced(self.rows[::step]), axis=None)
        wanted = min(len(sample) - 1, NEAR_ARCS * len(self.rows[::step]))
        limit = int(sample[wanted])
        within = np.searchsorted(sample, limit, side="right")
        return limit if within <= 4 * wanted else limit - 1

    def _moves(self) -> Arcs:
        """Return the arcs that mentees stand for, within the limit."""
        place_of, none = self.standing.place_of, np.zeros(0, np.int64)
        parts: list[tuple[Whole, Whole | int, Whole, Whole | int]] = [(none, none, none, none)]
        most = min(self.limit, MOST_REDUCED)
        for mentee, head, reduced in self.standing.near(self.rows, most):
            parts.append((place_of[mentee], head, reduced, mentee))
        placed = self.rows[self.standing.mentor_of[self.rows] >= 0]
        prices = self.standing.mentee_prices[placed]
        return Arcs.of(*parts, (place_of[placed], self.nobody, prices, placed))

    def _seats(self) -> Arcs:
        """Return the arcs of seats that are taken or left, and what those cost."""
        standing, every = self.standing, np.arange(self.standing.mentors)
        following = standing.seats.next_gain(standing.load)
        last = standing.seats.last_gain(standing.load)
        open_, used = every[following > -ENDLESS], every[last < ENDLESS]
        price = standing.mentor_prices
        nobody, no_one = np.array([self.nobody]), np.array([self.no_one])
        parts: list[tuple[Whole, Whole | int, Whole, Whole | int]] = [
            (open_, self.no_one, -(following + price)[open_], NOBODY),
            (np.full(len(used), self.no_one), used, (last + price)[used], NOBODY),
        ]
        if not self.covers_first:
            parts.append((no_one, nobody, no_one * 0, NOBODY))
            parts.append((nobody, no_one, no_one * 0, NOBODY))
        return Arcs.of(*parts)

    @property
    def covers_first(self) -> bool:
        """Whether the most mentees come before the total: then losing one is the last resort."""
        return self.standing.case.request.objective == "coverage"

    @property
    def reaches(self) -> list[int]:
        """How far to search: near first, which is quick and mostly far enough."""
        if self.limit == FAR:
            return [FAR]
        return [self.limit // 3, self.limit]

    def search(self, target: int, reach: int, *, may_lose: bool = False) -> Search:
        """Return the shortest chains to a node up to a length, as the arcs at hand tell.

        ``may_lose`` lets a mentee end without a mentor while a seat stays empty.
        """
        graph = self._graph_up_to(reach, may_lose=may_lose)
        limit = np.inf if reach >= self.limit else float((reach + 1) * self.nodes)
        found, following = dijkstra(graph, indices=target, return_predecessors=True, limit=limit)
        lengths = np.full(self.nodes, FAR)
        reached = np.isfinite(found)
        lengths[reached] = found[reached] // self.nodes
        return Search(lengths, following)

    def _graph_up_to(self, reach: int, *, may_lose: bool) -> csr_array:
        if (may_lose, reach) not in self._graphs:
            self._graphs[may_lose, reach] = self._graph(reach, may_lose=may_lose)
        return self._graphs[may_lose, reach]

    def _graph(self, reach: int, *, may_lose: bool) -> csr_array:
        """Return the arcs from head to tail; of equally long chains, fewer moves are shorter.

        A chain up to a length has no arc beyond it: leaving those out makes a near search cheap.
        """
        arcs = self.arcs if reach >= self.limit else self.arcs.up_to(reach)
        if may_lose:
            nobody, no_one = np.array([self.nobody]), np.array([self.no_one])
            arcs = (arcs + Arcs(nobody, no_one, no_one * 0, no_one * 0 - 1)).lightest(self.nodes)
        starts = np.searchsorted(arcs.head, np.arange(self.nodes + 1))
        length = arcs.weight.astype(np.float64) * self.nodes + 1
        shape = (self.nodes, self.nodes)
        return csr_array((length, arcs.tail.astype(np.int32), starts.astype(np.int32)), shape=shape)

    def widen(self, search: Search) -> bool:
        """Add arcs beyond the limit that shorten a chain of this search; tell whether any did."""
        place_of = self.standing.place_of
        is_open: Bools = search.length[place_of[self.rows]] > self.limit
        added = []
        for rows, reduced in self.standing.blocks(self.rows[is_open]):
            chain = np.minimum(reduced + search.length[: self.standing.mentors], FAR)
            head = chain.argmin(axis=1)
            places = np.arange(len(rows))
            better = chain[places, head] < search.length[place_of[rows]]
            at, to = places[better], head[better]
            added.append(Arcs(place_of[rows[at]], to, reduced[at, to], rows[at]))
        if not any(len(arcs.tail) for arcs in added):
            return False
        for arcs in added:
            self.arcs = self.arcs + arcs
        self.arcs = self.arcs.lightest(self.nodes)
        self._graphs.clear()
        self.__dict__.pop("_keys", None)
        return True

    def chain(self, search: Search, start: int, target: int) -> Iterator[tuple[int, int, int]]:
        """Yield mentee, node left and node joined for each move of a chain; seats are no moves."""
        keys, node = self._keys, start
        while node != target:
            head = int(search.following[node])
            key = head * self.nodes + node
            place = int(np.searchsorted(keys, key))
            is_known = place < len(keys) and keys[place] == key
            mentee = int(self.arcs.mentee[place]) if is_known else NOBODY
            if mentee != NOBODY:
                yield mentee, node, head
            node = head

    @cached_property
    def _keys(self) -> Whole:
        """Return head and tail of each arc as one number; they rise."""
        return self.arcs.head * self.nodes + self.arcs.tail
