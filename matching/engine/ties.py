"""Of all best answers, the one that a value from ids and seed prefers: the same in every solver.

By complementary slackness the best answers are those that use only pairs whose value equals their
prices, leave no place empty that is worth something, and use none that costs something. A pair can
change only on a cycle of such steps, so within a strongly connected part (Tarjan 1972) of the
graph "a mentee leaves one mentor for another"; there the largest sum of tie values decides. That
choice is a property of the problem: rows in any order and either solver find the same one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from matching.engine.errors import NotProved
from matching.engine.flow import Bools, Market, Steps, Whole, best_flow, moves_of
from matching.engine.model import Id

Hashes = NDArray[np.uint64]

TIE_BITS = 36
MOST_ARCS = 8_000_000
MOST_DENSE_CELLS = 16_000_000
DENSE_SHARE = 0.1


@dataclass(frozen=True)
class TieValues:
    """A value from 1 to 2**36 for each pair, from hashes of the two ids and the seed."""

    rows: Hashes
    cols: Hashes

    @classmethod
    def of(cls, mentees: Sequence[Id], mentors: Sequence[Id], seed: int) -> TieValues:
        return cls(_hashes(mentees, "mentee", seed), _hashes(mentors, "mentor", seed))

    def of_pairs(self, row: Whole, col: Whole) -> Whole:
        mixed = self.rows[row] ^ (self.cols[col] * np.uint64(0x9E3779B97F4A7C15))
        mixed ^= mixed >> np.uint64(29)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(32)
        return (mixed >> np.uint64(64 - TIE_BITS)).astype(np.int64) + 1


def _hashes(ids: Sequence[Id], side: str, seed: int) -> Hashes:
    digests = (hashlib.blake2b(f"{seed} {side} {one!r}".encode(), digest_size=8) for one in ids)
    return np.frombuffer(b"".join(one.digest() for one in digests), dtype=">u8").astype(np.uint64)


class TieArcs:
    """Pairs that may be part of a best answer, listed; beyond a limit only the most preferred.

    Where more than 8 million pairs tie, those with small tie values are left out, half of them at
    a time: the choice among the others still depends on ids, seed and prices alone.
    """

    def __init__(self, ties: TieValues) -> None:
        self._ties = ties
        self._least = 0
        self._new: list[tuple[Whole, Whole]] = []
        self._count = 0

    def add(self, row: Whole, col: Whole) -> None:
        if self._least:
            row, col = self._liked(row, col)
        self._new.append((row, col))
        self._count += len(row)
        while self._count > MOST_ARCS:
            self._least += ((1 << TIE_BITS) - self._least) // 2
            self._new = [self._liked(*self._joined())]
            self._count = len(self._new[0][0])

    def _joined(self) -> tuple[Whole, Whole]:
        rows, cols = zip(*self._new, strict=True) if self._new else ((), ())
        none = np.zeros(0, np.int64)
        return np.concatenate([none, *rows]), np.concatenate([none, *cols])

    def _liked(self, row: Whole, col: Whole) -> tuple[Whole, Whole]:
        liked = self._ties.of_pairs(row, col) > self._least
        return row[liked], col[liked]

    def with_pairs(self, row: Whole, col: Whole) -> tuple[Whole, Whole]:
        """Return all pairs listed and these, each once, sorted."""
        rows, cols = self._joined()
        width = len(self._ties.cols)
        cells = np.unique(np.concatenate([rows * width + cols, row * width + col]))
        return cells // max(width, 1), cells % max(width, 1)


@dataclass(frozen=True)
class Optimum:
    """A best answer and what proves it; ``market`` holds every pair that equals its prices."""

    market: Market
    chosen: Bools
    price: Whole
    worth: Whole


def break_ties(found: Optimum, ties: TieValues) -> Bools:
    """Return the chosen arcs of the best answer whose tie values sum highest.

    One pass of strongly connected parts, O(arcs), and one more assignment of those who can move.
    """
    loose = _loose_arcs(found)
    if not loose.any():
        return found.chosen
    part, must = _part(found, loose, ties)
    chosen = found.chosen.copy()
    chosen[loose] = _settle(part, must)
    return chosen


@dataclass(frozen=True)
class _Slack:
    """Places that could as well be empty (taken) or used (spare), at prices that prove both."""

    slots_taken: Whole
    slots_spare: Whole
    seats_taken: Whole
    seats_spare: Whole

    @classmethod
    def of(cls, found: Optimum) -> _Slack:
        at_rows, at_cols = found.market.uses(found.chosen)
        slots = found.market.slots.at(-found.worth, at_rows)
        seats = found.market.seats.at(-found.price, at_cols)
        return cls(*slots, *seats)


def _loose_arcs(found: Optimum) -> Bools:
    """Return the arcs that some best answers use and others do not."""
    market, chosen = found.market, found.chosen
    slack = _Slack.of(found)
    even = market.value == found.worth[market.row] + found.price[market.col]
    nobody = market.seats.owners
    idle, used = np.flatnonzero(even & ~chosen), np.flatnonzero(even & chosen)
    moves = moves_of(_only(market, even), chosen[even])
    comes = idle[slack.slots_spare[market.row[idle]] > 0]
    goes = used[slack.slots_taken[market.row[used]] > 0]
    spare, taken = np.flatnonzero(slack.seats_spare), np.flatnonzero(slack.seats_taken)
    outside = (np.full(len(places), nobody) for places in (comes, goes, spare, taken))
    from_nobody, to_nobody, open_seats, idle_seats = outside
    tails = np.concatenate([moves.tail, from_nobody, market.col[goes], spare, idle_seats])
    heads = np.concatenate([moves.head, market.col[comes], to_nobody, open_seats, taken])
    part = _parts(tails, heads, nobody + 1)
    return _within_parts(market, chosen & even, ~chosen & even, part, slack)


def _parts(tails: Whole, heads: Whole, nodes: int) -> Whole:
    ones = np.ones(len(tails), dtype=np.int8)
    graph = csr_array((ones, (tails, heads)), shape=(nodes, nodes))
    return connected_components(graph, connection="strong")[1]


def _within_parts(market: Market, used: Bools, idle: Bools, part: Whole, slack: _Slack) -> Bools:
    """Return the arcs that lie on a cycle: both ends of one of their steps in the same part."""
    nobody = part[-1]
    joins = (slack.slots_spare[market.row] > 0) & (part[market.col] == nobody)
    quits = (slack.slots_taken[market.row] > 0) & (part[market.col] == nobody)
    width = int(part.max()) + 1
    keys = market.row * width + part[market.col]
    changing = np.intersect1d(keys[used], keys[idle])
    moves = np.isin(keys, changing)
    return (used & (moves | quits)) | (idle & (moves | joins))


def _only(market: Market, arcs: Bools) -> Market:
    return Market(
        market.row[arcs], market.col[arcs], market.value[arcs], market.slots, market.seats
    )


@dataclass(frozen=True)
class _Must:
    """How many places of each row and column must be used, of how many."""

    rows: Whole
    all_rows: Whole
    cols: Whole
    all_cols: Whole


def _part(found: Optimum, loose: Bools, ties: TieValues) -> tuple[Market, _Must]:
    """Return the loose arcs as a market of their own with tie values, and what must be used."""
    market, slack = found.market, _Slack.of(found)
    rows, row = np.unique(market.row[loose], return_inverse=True)
    cols, col = np.unique(market.col[loose], return_inverse=True)
    used = found.chosen[loose]
    at_rows = np.bincount(row[used], minlength=len(rows))
    at_cols = np.bincount(col[used], minlength=len(cols))
    must = _Must(
        rows=np.maximum(at_rows - slack.slots_taken[rows], 0),
        all_rows=at_rows + slack.slots_spare[rows],
        cols=np.maximum(at_cols - slack.seats_taken[cols], 0),
        all_cols=np.minimum(
            at_cols + slack.seats_spare[cols], np.bincount(col, minlength=len(cols))
        ),
    )
    value = ties.of_pairs(rows[row], cols[col])
    return Market(row, col, value, Steps.of((at_rows, 0)), Steps.of((at_cols, 0))), must


def _settle(part: Market, must: _Must) -> Bools:
    """Return the arcs with the largest sum that use what must be used.

    A bonus for those places is raised until it does; a larger one changes nothing more.
    """
    bonus = 1 << (TIE_BITS + 2)
    while True:
        slots = Steps.of((must.rows, bonus), (must.all_rows - must.rows, 0))
        seats = Steps.of((must.cols, bonus), (must.all_cols - must.cols, 0))
        market = Market(part.row, part.col, part.value, slots, seats)
        chosen = _best(market)
        at_rows, at_cols = market.uses(chosen)
        if (at_rows >= must.rows).all() and (at_cols >= must.cols).all():
            return chosen
        bonus <<= 3
        if bonus > 1 << 60:
            raise NotProved("Ties cannot be broken.")


def _best(market: Market) -> Bools:
    """Return the best flow; by dense assignment where most pairs are open and rows have a slot."""
    cells = market.slots.owners * int(market.seats.places.sum())
    is_dense = len(market.row) > DENSE_SHARE * cells and cells <= MOST_DENSE_CELLS
    if not is_dense or market.slots.places.max() > 1:
        return best_flow(market)
    own_slot = np.zeros(market.slots.owners, np.int64)
    own_slot[market.slots.owner] = market.slots.gain
    value = np.zeros((market.slots.owners, market.seats.owners))
    value[market.row, market.col] = market.value + own_slot[market.row]
    owners, gains = market.seats.each(most=market.slots.owners)
    open_pairs = value > 0
    cost = np.where(open_pairs[:, owners], -value[:, owners] - gains, 0.0)
    rows, places = linear_sum_assignment(cost)
    partner = np.full(market.slots.owners, -1)
    partner[rows] = owners[places]
    chosen: Bools = partner[market.row] == market.col
    return chosen
