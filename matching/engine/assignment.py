"""The exact optimum of one profit matrix: assignment over seats, prices that prove it, ties.

Kuhn 1955 (assignment and its dual); Jonker and Volgenant 1987, as SciPy has it, for the solver;
Ahuja, Magnanti and Orlin 1993 for prices as longest paths in the residual graph.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from matching.engine.errors import InvalidScores, NotProved, TooLarge

Whole = NDArray[np.int64]
Bools = NDArray[np.bool_]
Ties = NDArray[np.uint64]

MOST_CELLS = 60_000_000
EXACT_IN_FLOAT64 = 2**53
NOBODY = -1
TIE_BITS = 24
CELLS_IN_A_BLOCK = 4_000_000


@dataclass(frozen=True)
class Assigned:
    """An optimal assignment: mentor of each mentee (-1: nobody) and the prices that prove it."""

    mentor_of: Whole
    mentee_prices: Whole
    mentor_prices: Whole
    passes: int

    def primal(self, profit: Whole) -> int:
        matched = np.flatnonzero(self.mentor_of >= 0)
        return int(profit[matched, self.mentor_of[matched]].sum())

    def dual(self, seats: Whole) -> int:
        return int(self.mentee_prices.sum()) + int((self.mentor_prices * seats).sum())


def seat_owners(seats: Whole, mentees: int) -> Whole:
    """Return the mentor of each seat; more seats than mentees at one mentor are never needed.

    Raises TooLarge when mentees times seats pass 60 million (about 1 GB while solving).
    """
    useful = np.minimum(seats, mentees)
    cells = mentees * int(useful.sum())
    if cells > MOST_CELLS:
        raise TooLarge(
            f"{mentees:,} mentees times {int(useful.sum()):,} seats are {cells:,} pairs; the exact "
            f"solver holds at most {MOST_CELLS:,}. Pair departments or sites one by one, lower "
            "capacities, or lock pairs that are sure."
        )
    return np.repeat(np.arange(len(seats)), useful)


def best_assignment(profit: Whole, seats: Whole) -> Whole:
    """Return the mentor of each mentee (-1: nobody) that earns the most profit.

    ``profit`` (mentees, mentors) is above 0 for pairs that may be and 0 for the others. Time
    O(min(M, S)^2 * max(M, S)) for S seats, memory 16 bytes a mentee and seat.
    """
    owners = seat_owners(seats, len(profit))
    if not owners.size or not len(profit):
        return np.full(len(profit), NOBODY)
    cost = -profit[:, owners].astype(np.float64)
    rows, places = linear_sum_assignment(cost)
    mentor_of = np.full(len(profit), NOBODY)
    chosen = owners[places]
    real = profit[rows, chosen] > 0
    mentor_of[rows[real]] = chosen[real]
    return mentor_of


def prices(profit: Whole, mentor_of: Whole) -> tuple[Whole, Whole, int]:
    """Return the least prices of mentees and mentors that prove ``mentor_of`` optimal.

    A mentor's price is the longest path that ends at them in the graph where a mentee leaves one
    mentor for another, found by label correcting: only mentees whose mentor's price has risen are
    looked at again. O(M * N) a full sweep, few sweeps on real pools, at most N. The third value
    counts the sweeps. Raises NotProved if prices keep rising, which optimality rules out.
    """
    mentees, mentors = profit.shape
    matched = mentor_of >= 0
    own = np.where(matched, profit[np.arange(mentees), mentor_of], 0) if mentors else mentor_of * 0
    price = _rise(profit, ~matched, np.zeros(mentees, np.int64), np.zeros(mentors, np.int64))
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


def prove(profit: Whole, seats: Whole, assigned: Assigned) -> None:
    """Check the proof by itself: feasible prices whose sum is what the pairs earn.

    Raises NotProved otherwise. O(M * N).
    """
    mentee, mentor = assigned.mentee_prices, assigned.mentor_prices
    if mentee.min(initial=0) < 0 or mentor.min(initial=0) < 0:
        raise NotProved("A price is below zero.")
    step = max(1, CELLS_IN_A_BLOCK // max(profit.shape[1], 1))
    for start in range(0, len(profit), step):
        block = slice(start, start + step)
        if (mentee[block, None] + mentor[None, :] < profit[block]).any():
            raise NotProved("A pair would earn more than the prices allow.")
    if assigned.primal(profit) != assigned.dual(seats):
        raise NotProved("What the pairs earn differs from what the prices allow.")


@dataclass(frozen=True)
class StableOrder:
    """Rows and columns in an order that depends on ids alone, and the hashes that decide ties."""

    mentees: Whole
    mentors: Whole
    mentee_ties: Ties
    mentor_ties: Ties


def solve_assignment(profit: Whole, seats: Whole, order: StableOrder) -> Assigned:
    """Return the optimal assignment of one profit matrix that ``order`` prefers, proved.

    Raises InvalidScores, TooLarge, or NotProved (see ``best_assignment`` and ``prices``).
    """
    refuse_inexact(profit, seats)
    ordered, ordered_seats = profit[np.ix_(order.mentees, order.mentors)], seats[order.mentors]
    found = best_assignment(ordered, ordered_seats)
    mentee_prices, mentor_prices, sweeps = prices(ordered, found)
    assigned = Assigned(found, mentee_prices, mentor_prices, sweeps)
    ties = order.mentee_ties[order.mentees], order.mentor_ties[order.mentors]
    chosen = break_ties(ordered, ordered_seats, assigned, ties)
    assigned = _as_given(replace(assigned, mentor_of=chosen), order)
    prove(profit, seats, assigned)
    return assigned


def _as_given(assigned: Assigned, order: StableOrder) -> Assigned:
    """Return the assignment for rows and columns as they were given."""
    mentor_of, mentee_prices, mentor_prices = (
        np.empty_like(values)
        for values in (assigned.mentor_of, assigned.mentee_prices, assigned.mentor_prices)
    )
    found = assigned.mentor_of
    given = order.mentors[found] if len(order.mentors) else found
    mentor_of[order.mentees] = np.where(found >= 0, given, NOBODY)
    mentee_prices[order.mentees] = assigned.mentee_prices
    mentor_prices[order.mentors] = assigned.mentor_prices
    return Assigned(mentor_of, mentee_prices, mentor_prices, assigned.passes)


def refuse_inexact(profit: Whole, seats: Whole) -> None:
    """Raise InvalidScores where sums along a path could pass what a float64 holds exactly."""
    pairs = min(len(profit), int(seats.sum())) + 1
    largest = int(profit.max(initial=0))
    if largest * pairs >= EXACT_IN_FLOAT64:
        raise InvalidScores(
            "The scores are too large to be exact; the largest profit is", [largest]
        )


def break_ties(profit: Whole, seats: Whole, assigned: Assigned, ties: tuple[Ties, Ties]) -> Whole:
    """Return, of all optimal assignments, the one with the largest sum of tie values.

    By complementary slackness the optimal assignments are those that use tight pairs only (profit
    equals the two prices), give every mentee with a price a mentor, and fill every mentor with a
    price. Mentees with one tight pair and a price cannot move; the others are assigned again on
    tie values, with a bonus that keeps those conditions. Costs one more assignment of those left.
    """
    matched = assigned.mentor_of >= 0
    tight = _tight(profit, assigned)
    options = tight.sum(axis=1) + (assigned.mentee_prices == 0)
    open_rows = np.flatnonzero(options > 1)
    fixed = matched & (options <= 1)
    taken = np.bincount(assigned.mentor_of[fixed], minlength=len(seats))
    left = np.minimum(seats - taken, len(open_rows))
    cols = np.flatnonzero(left > 0)
    if not len(open_rows) or not len(cols):
        return assigned.mentor_of
    must_have = 1 << (TIE_BITS + len(open_rows).bit_length() + 1)
    values = tie_values(ties[0][open_rows], ties[1][cols])
    values += must_have * (assigned.mentee_prices[open_rows] > 0)[:, None]
    values += must_have * (assigned.mentor_prices[cols] > 0)[None, :]
    values[~tight[np.ix_(open_rows, cols)]] = 0
    chosen = best_assignment(values, left[cols])
    mentor_of = assigned.mentor_of.copy()
    mentor_of[open_rows] = np.where(chosen >= 0, cols[chosen], NOBODY)
    return mentor_of


def _tight(profit: Whole, assigned: Assigned) -> Bools:
    tight = np.empty(profit.shape, dtype=bool)
    step = max(1, CELLS_IN_A_BLOCK // max(profit.shape[1], 1))
    for start in range(0, len(profit), step):
        block = slice(start, start + step)
        price = assigned.mentee_prices[block, None] + assigned.mentor_prices[None, :]
        tight[block] = (profit[block] > 0) & (profit[block] == price)
    return tight


def tie_values(mentees: Ties, mentors: Ties) -> Whole:
    """Return a value from 1 to 2**24 for each pair, from hashes of their ids."""
    mixed = mentees[:, None] ^ (mentors[None, :] * np.uint64(0x9E3779B97F4A7C15))
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(32)
    return (mixed >> np.uint64(64 - TIE_BITS)).astype(np.int64) + 1


def most_pairs(allowed: Bools, seats: Whole) -> int:
    """Return how many pairs there can be at most: a largest flow from mentees to mentors' seats.

    Dinic 1970, as SciPy has it; O(E * sqrt(V)) on these graphs.
    """
    mentees, mentors = allowed.shape
    if not allowed.any():
        return 0
    rows, cols = np.nonzero(allowed)
    source, sink = 0, mentees + mentors + 1
    every_mentee, every_mentor = 1 + np.arange(mentees), 1 + mentees + np.arange(mentors)
    tails = np.concatenate([np.full(mentees, source), 1 + rows, every_mentor])
    heads = np.concatenate([every_mentee, 1 + mentees + cols, np.full(mentors, sink)])
    room = np.concatenate([np.ones(mentees + len(rows)), np.minimum(seats, mentees)])
    shape = (sink + 1, sink + 1)
    graph = csr_array((room.astype(np.int32), (tails, heads)), shape=shape)
    return int(maximum_flow(graph, source, sink, method="dinic").flow_value)


def highest_floor(scores: Whole, seats: Whole, pairs: int) -> int:
    """Return the highest worst score that ``pairs`` pairs can have (bottleneck assignment).

    ``scores`` (mentees, mentors) is below 0 where a pair may not be. The search starts at the best
    score of the ``pairs``-th mentee, which no floor can pass, goes down in growing strides, where
    few pairs are left and a largest matching is cheap, and closes in by bisection:
    O(E * sqrt(V) * log E) at worst.
    """
    if not pairs:
        return 0
    best = np.sort(scores.max(axis=1))[::-1][pairs - 1]
    steps = np.unique(scores[(scores >= 0) & (scores <= best)])

    def is_reached(step: int) -> bool:
        return most_pairs(scores >= steps[step], seats) >= pairs

    high = low = len(steps) - 1
    stride = 1
    while low > 0 and not is_reached(low):
        high, low, stride = low - 1, max(0, low - stride), stride * 2
    while low < high:
        middle = (low + high + 1) // 2
        if is_reached(middle):
            low = middle
        else:
            high = middle - 1
    return int(steps[low])
