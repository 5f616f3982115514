"""The exact optimum of one profit matrix: assignment over seats, and prices that prove it.

Kuhn 1955 (assignment and its dual); Jonker and Volgenant 1987, as SciPy has it, for the solver;
Ahuja, Magnanti and Orlin 1993 for prices as longest paths in the residual graph.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from matching.engine.errors import InvalidScores, NotProved
from matching.engine.floors import highest_reached
from matching.engine.flow import Bools, Market, Steps, Whole
from matching.engine.ties import Optimum, TieArcs, TieValues, break_ties

MOST_CELLS = 60_000_000
EXACT_IN_FLOAT64 = 2**53
NOBODY = -1
PAIRS_TRIED_FIRST = 16
CELLS_IN_A_BLOCK = 4_000_000

Seats = Steps | Whole
"""Seats in steps with what each earns (0, or less the fuller a mentor is); or their counts."""


@dataclass(frozen=True)
class Assigned:
    """An optimal assignment: mentor of each mentee (-1: nobody) and the prices that prove it."""

    mentor_of: Whole
    mentee_prices: Whole
    mentor_prices: Whole
    passes: int

    def primal(self, profit: Whole, seats: Seats) -> int:
        matched = np.flatnonzero(self.mentor_of >= 0)
        mentors = self.mentor_of[matched]
        load = np.bincount(mentors, minlength=profit.shape[1])
        return int(profit[matched, mentors].sum()) + _steps(seats).earned(load)

    def dual(self, seats: Seats) -> int:
        return int(self.mentee_prices.sum()) + _steps(seats).rent(self.mentor_prices)


def _steps(seats: Seats) -> Steps:
    return seats if isinstance(seats, Steps) else Steps.of((seats, 0))


def cells_needed(mentees: int, seats: Whole) -> int:
    """Return mentees times seats; more seats than mentees at one mentor are never needed."""
    return mentees * int(np.minimum(seats, mentees).sum())


def best_assignment(profit: Whole, seats: Steps) -> Whole:
    """Return the mentor of each mentee (-1: nobody) that earns the most profit.

    ``profit`` (mentees, mentors) is above 0 for pairs that may be and 0 for the others. Time
    O(min(M, S)^2 * max(M, S)) for S seats, memory 16 bytes a mentee and seat.
    """
    owners, gains = seats.each(most=len(profit))
    mentor_of = np.full(len(profit), NOBODY)
    if not owners.size or not len(profit):
        return mentor_of
    cost = -profit[:, owners].astype(np.float64)
    if gains.any():
        cost = np.where(cost < 0, np.minimum(cost - gains, 0), 0)
    rows, places = linear_sum_assignment(cost)
    real = cost[rows, places] < 0
    mentor_of[rows[real]] = owners[places[real]]
    return mentor_of


def prices(profit: Whole, mentor_of: Whole, seats: Steps | None = None) -> tuple[Whole, Whole, int]:
    """Return the least prices of mentees and mentors that prove ``mentor_of`` optimal.

    A mentor's price is the longest path that ends at them in the graph where a mentee leaves one
    mentor for another, found by label correcting: only mentees whose mentor's price has risen are
    looked at again. O(M * N) a full sweep, few sweeps on real pools, at most N. The third value
    counts the sweeps. Raises NotProved if prices keep rising, which optimality rules out.
    """
    mentees, mentors = profit.shape
    matched = mentor_of >= 0
    own = np.where(matched, profit[np.arange(mentees), mentor_of], 0) if mentors else mentor_of * 0
    price = np.zeros(mentors, np.int64)
    if seats is not None:
        load = np.bincount(mentor_of[matched], minlength=mentors)
        price = np.where(load > 0, np.maximum(-seats.last_gain(load), 0), 0)
    price = _rise(profit, ~matched, np.zeros(mentees, np.int64), price)
    risen = np.ones(mentors, dtype=bool)
    sweeps = 0
    while risen.any():
        sweeps += 1
        if sweeps > mentors + 2:
            raise NotProved("The prices of the mentors do not settle.")
        raised = _rise(profit, matched & risen[mentor_of], price[mentor_of] - own, price)
        risen = raised > price
        price = raised
    mentee_price = np.where(matched, own - price[mentor_of], 0) if mentors else own
    return mentee_price, price, sweeps


def _rise(profit: Whole, chosen: Bools, worth: Whole, price: Whole) -> Whole:
    """Return prices no lower than what the chosen mentees would gain by coming."""
    rows = np.flatnonzero(chosen)
    step = max(1, CELLS_IN_A_BLOCK // max(profit.shape[1], 1))
    for start in range(0, len(rows), step):
        block = rows[start : start + step]
        offers = profit[block] + worth[block, None]
        price = np.maximum(price, offers.max(axis=0))
    return price


def prove(profit: Whole, seats: Seats, assigned: Assigned) -> None:
    """Check the proof by itself: feasible prices whose sum is what the pairs earn.

    Raises NotProved otherwise. O(M * N).
    """
    mentee, mentor = assigned.mentee_prices, assigned.mentor_prices
    if mentee.min(initial=0) < 0 or mentor.min(initial=0) < 0:
        raise NotProved("A price is below zero.")
    for block in _blocks(profit):
        if (mentee[block, None] + mentor[None, :] < profit[block]).any():
            raise NotProved("A pair would earn more than the prices allow.")
    if assigned.primal(profit, seats) != assigned.dual(seats):
        raise NotProved("What the pairs earn differs from what the prices allow.")


def _blocks(profit: Whole) -> Iterator[slice]:
    step = max(1, CELLS_IN_A_BLOCK // max(profit.shape[1], 1))
    for start in range(0, len(profit), step):
        yield slice(start, start + step)


def solve_assignment(profit: Whole, seats: Steps, ties: TieValues) -> Assigned:
    """Return the optimal assignment of one profit matrix that ``ties`` prefers, proved.

    Raises InvalidScores or NotProved (see ``prices``).
    """
    refuse_inexact(profit, seats)
    found = best_assignment(profit, seats)
    mentee_prices, mentor_prices, sweeps = prices(profit, found, seats)
    assigned = Assigned(found, mentee_prices, mentor_prices, sweeps)
    assigned = replace(assigned, mentor_of=_preferred(profit, seats, assigned, ties))
    prove(profit, seats, assigned)
    return assigned


def refuse_inexact(profit: Whole, seats: Steps) -> None:
    """Raise InvalidScores where sums along a path could pass what a float64 holds exactly."""
    pairs = min(len(profit), int(seats.places.sum())) + 1
    largest = int(profit.max(initial=0))
    if largest * pairs >= EXACT_IN_FLOAT64:
        raise InvalidScores(
            "The scores are too large to be exact; the largest profit is", [largest]
        )


def _preferred(profit: Whole, seats: Steps, assigned: Assigned, ties: TieValues) -> Whole:
    """Return the mentors of the best assignment that ``ties`` prefers."""
    arcs = TieArcs(ties)
    for block in _blocks(profit):
        price = assigned.mentee_prices[block, None] + assigned.mentor_prices[None, :]
        row, col = np.nonzero((profit[block] > 0) & (profit[block] == price))
        arcs.add(row + block.start, col)
    mentor_of = assigned.mentor_of
    matched = np.flatnonzero(mentor_of >= 0)
    row, col = arcs.with_pairs(matched, mentor_of[matched])
    slots = Steps.of((np.ones(len(profit), np.int64), 0))
    market = Market(row, col, profit[row, col], slots, seats)
    chosen = break_ties(
        Optimum(market, mentor_of[row] == col, assigned.mentor_prices, assigned.mentee_prices),
        ties,
    )
    preferred = np.full(len(profit), NOBODY)
    preferred[row[chosen]] = col[chosen]
    return preferred


def most_pairs(allowed: Bools, seats: Whole) -> int:
    """Return how many pairs there can be at most: a largest flow from mentees to mentors' seats.

    Dinic 1970, as SciPy has it; O(E * sqrt(V)) on these graphs. A few pairs a mentee, spread over
    the mentors, mostly reach what no flow can pass; then the others need not be looked at.
    """
    mentees, mentors = allowed.shape
    seats = np.minimum(seats, mentees)
    most = min(int(allowed.any(axis=1).sum()), int(seats[allowed.any(axis=0)].sum()))
    every = max(1, mentors // PAIRS_TRIED_FIRST)
    spread = (np.arange(mentees)[:, None] * 7919 + np.arange(mentors) * 104_729) % every == 0
    rows, cols = np.nonzero(allowed & spread)
    reached = largest_flow(rows, cols, mentees, seats)
    if reached < most:
        rows, cols = np.nonzero(allowed)
        reached = largest_flow(rows, cols, mentees, seats)
    return reached


def largest_flow(rows: Whole, cols: Whole, mentees: int, seats: Whole) -> int:
    """Return how many of the listed pairs there can be at once; every mentee has one slot."""
    if not len(rows):
        return 0
    mentors = len(seats)
    source, sink = 0, mentees + mentors + 1
    every_mentee, every_mentor = 1 + np.arange(mentees), 1 + mentees + np.arange(mentors)
    tails = np.concatenate([np.full(mentees, source), 1 + rows, every_mentor])
    heads = np.concatenate([every_mentee, 1 + mentees + cols, np.full(mentors, sink)])
    room = np.concatenate([np.ones(mentees + len(rows)), seats])
    shape = (sink + 1, sink + 1)
    graph = csr_array((room.astype(np.int32), (tails, heads)), shape=shape)
    return int(maximum_flow(graph, source, sink, method="dinic").flow_value)


def highest_floor(scores: NDArray, seats: Whole, pairs: int) -> int:
    """Return the highest worst score that ``pairs`` pairs can have (bottleneck assignment).

    ``scores`` (mentees, mentors) is below 0 where a pair may not be. The search starts at the best
    score of the ``pairs``-th mentee or seat, which no floor can pass, goes down in growing strides,
    where few pairs are left and a largest matching is cheap, and closes in by bisection:
    O(E * sqrt(V) * log E) at worst.
    """
    if not pairs:
        return 0
    best = np.sort(scores.max(axis=1))[::-1][pairs - 1]
    of_seats = np.sort(np.repeat(scores.max(axis=0), np.minimum(seats, len(scores))))[::-1]
    best = min(best, of_seats[pairs - 1])
    steps = np.sort(scores[(scores >= 0) & (scores <= best)])
    steps = steps[np.append(True, steps[1:] > steps[:-1])]  # np.unique takes ten times as long
    reached = highest_reached(
        len(steps), lambda step: most_pairs(scores >= steps[step], seats) >= pairs
    )
    return int(steps[reached])
