"""Why many mentees have no mentor, without a matrix: one look at their pairs, and the prices."""

from __future__ import annotations

import numpy as np

from matching.engine.blocks import OpenPairs, Rewards
from matching.engine.describing import all_pairs
from matching.engine.flow import Whole
from matching.engine.outcomes import Outcome
from matching.engine.requests import Case, Locks
from matching.engine.results import Unmatched
from matching.engine.unmatched import explain_one


def explain_many_unmatched(
    case: Case, locks: Locks, outcome: Outcome, bound: int
) -> tuple[Unmatched, ...]:
    """Say for each mentee without a mentor why; pairs under ``bound`` were not proposed.

    Looks once at all pairs of those left out. Who competes is one crowd for all of them: with
    coverage first it is read from the prices, with the total first it is everybody within reach.
    """
    rows, _ = all_pairs(locks, outcome)
    has_none = np.ones(len(case.pool.mentees), dtype=bool)
    has_none[rows] = False
    left_out = np.flatnonzero(has_none)
    if not len(left_out):
        return ()
    best, mentor = _best_options(case, left_out)
    competes = left_out[(best >= bound) & case.takes_part[left_out]]
    crowd = _crowd(case, locks, outcome, competes, bound) if len(competes) else {}
    options = zip(left_out.tolist(), best.tolist(), mentor.tolist(), strict=True)
    return tuple(explain_one(case, one, (most, who), bound, crowd) for one, most, who in options)


def _pairs(case: Case, seats: Whole, least: int) -> OpenPairs:
    every = np.arange(len(case.pool.mentees))
    return OpenPairs(case.blocks, every, np.flatnonzero(seats > 0), least, Rewards.of({}))


def _best_options(case: Case, left_out: Whole) -> tuple[Whole, Whole]:
    """Return the best score open to each mentee, below 0 for none, and with whom."""
    pairs = _pairs(case, case.capacity, 0)
    best, mentor = np.full(len(left_out), -1), np.full(len(left_out), -1)
    if not len(pairs.cols):
        return best, mentor
    for start in range(0, len(left_out), pairs.block_rows):
        case.request.progress("reasons", start, len(left_out))
        block = slice(start, start + pairs.block_rows)
        scores = pairs.block(left_out[block])
        best[block] = scores.max(axis=1)
        mentor[block] = pairs.cols[scores.argmax(axis=1)]
    return best, mentor


def _crowd(
    case: Case, locks: Locks, outcome: Outcome, competes: Whole, bound: int
) -> dict[str, int]:
    if outcome.goal.factor == 1:
        return _cover(locks, outcome)
    return _reach(case, locks, outcome, competes, bound)


def _cover(locks: Locks, outcome: Outcome) -> dict[str, int]:
    """Return the largest crowd that is too large for the mentors it wants (Hall 1935).

    For any level, mentees with a price up to bonus - level want only mentors with a price from
    that level: two prices of a pair sum to the bonus or more.
    """
    open_mentees = np.sort(outcome.mentee_prices[locks.free])
    seats = locks.seats > 0
    order = np.argsort(outcome.mentor_prices[seats])
    ascending = outcome.mentor_prices[seats][order]
    above = np.cumsum(locks.seats[seats][order][::-1])[::-1]
    levels = np.unique(np.minimum(ascending, outcome.goal.bonus))
    levels = levels[levels > 0]
    if not len(levels):
        return {"mentees": 0, "seats": 0, "mentors": 0, "spare": 0}
    first = np.searchsorted(ascending, levels)
    crowd = np.searchsorted(open_mentees, outcome.goal.bonus - levels, side="right")
    most = int((crowd - above[first]).argmax())
    return {
        "mentees": int(crowd[most]),
        "seats": int(above[first[most]]),
        "mentors": len(ascending) - int(first[most]),
        "spare": 0,
    }


def _reach(
    case: Case, locks: Locks, outcome: Outcome, competes: Whole, bound: int
) -> dict[str, int]:
    """Return everybody reached by "wants a seat of" and "whose seat is taken by"."""
    pairs = _pairs(case, locks.seats, bound)
    load = np.bincount(outcome.cols, minlength=len(locks.seats))
    wanted = np.zeros(len(locks.seats), dtype=bool)
    seen = np.zeros(len(locks.slots), dtype=bool)
    front = competes
    while len(front):
        seen[front] = True
        for start in range(0, len(front), pairs.block_rows):
            case.request.progress("reasons", start, len(front))
            block = pairs.block(front[start : start + pairs.block_rows])
            wanted[pairs.cols] |= (block >= 0).any(axis=0)
        front = np.unique(outcome.rows[wanted[outcome.cols]])
        front = front[~seen[front]]
    return {
        "mentees": int(seen.sum()),
        "seats": int(locks.seats[wanted].sum()),
        "mentors": int(wanted.sum()),
        "spare": int((locks.seats - load)[wanted].sum()),
    }
