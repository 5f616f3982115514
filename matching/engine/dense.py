"""Settle a case with all scores in memory."""

from __future__ import annotations

import numpy as np

from matching.engine.assignment import highest_floor, most_pairs, solve_assignment
from matching.engine.errors import InvalidScores, NotProved
from matching.engine.flow import Whole
from matching.engine.goals import MOST_EXACT, Goal, strict_goal
from matching.engine.leximin import Leximin, leximin
from matching.engine.model import Floor
from matching.engine.outcomes import Outcome
from matching.engine.requests import Case, Locks, known_rows
from matching.engine.scoring import FORBIDDEN
from matching.engine.ties import TieValues

DENSE = "dense"


def settle_dense(case: Case, locks: Locks) -> Outcome:
    """Find and prove the best pairs. O(min(M, S)^2 * max(M, S)) for S seats at worst."""
    request = case.request
    case.scores  # noqa: B018 - computed here, under the stage "scores"
    fit = open_scores(case, locks)
    floor = _floor(case, fit, locks.seats, request.floor)
    fit[fit < (floor or 0)] = FORBIDDEN

    request.progress("pairs", 0, 1)
    goal, profit = goal_and_profit(case, locks, fit)
    seats = goal.seats(locks.seats, case.capacity - locks.seats)
    ties = TieValues.of(case.pool.mentees.id, case.pool.mentors.id, request.seed)
    found = solve_assignment(profit, seats, ties)
    request.progress("pairs", 1, 1)
    rows = np.flatnonzero(found.mentor_of >= 0)
    return Outcome(
        rows=rows,
        cols=found.mentor_of[rows],
        mentee_prices=found.mentee_prices,
        mentor_prices=found.mentor_prices,
        primal=found.primal(profit, seats),
        dual=found.dual(seats),
        passes=found.passes,
        goal=goal,
        floor=floor,
        solver=DENSE,
    )


def settle_leximin(case: Case, locks: Locks) -> Outcome:
    """Find and prove the pairs with the highest worst score, then second worst, and so on.

    Among those that are equal in this, pairs that stand, even load and ties decide.
    """
    request = case.request
    fit = open_scores(case, locks)
    fit[fit < int(request.floor or 0)] = FORBIDDEN
    request.progress("pairs", 0, 1)
    best = leximin(fit, locks.seats)
    goal, profit = _among_equals(case, locks, best)
    seats = goal.seats(locks.seats, case.capacity - locks.seats)
    ties = TieValues.of(case.pool.mentees.id, case.pool.mentors.id, request.seed)
    found = solve_assignment(profit, seats, ties)
    request.progress("pairs", 1, 1)
    rows = np.flatnonzero(found.mentor_of >= 0)
    cols = found.mentor_of[rows]
    placed = np.flatnonzero(best.mentor_of >= 0)
    reached = np.sort(fit[placed, best.mentor_of[placed]])
    if not np.array_equal(np.sort(fit[rows, cols]), reached):
        raise NotProved("A pair was weakened on the way.")
    left = zip(best.mentor_prices, locks.seats.tolist(), strict=True)
    return Outcome(
        rows=rows,
        cols=cols,
        mentee_prices=np.array(best.mentee_prices, dtype=object),
        mentor_prices=np.array(best.mentor_prices, dtype=object),
        primal=sum(best.ladder.worth(score) for score in reached.tolist()),
        dual=sum(best.mentee_prices) + sum(price * seats for price, seats in left),
        passes=found.passes,
        goal=Goal(1, best.ladder.bonus),
        floor=int(request.floor) if type(request.floor) is int else None,
        solver=DENSE,
        ladder=best.ladder,
    )


def _among_equals(case: Case, locks: Locks, best: Leximin) -> tuple[Goal, Whole]:
    """Return what decides among equally good answers: every place that must be used comes first."""
    rewards = np.broadcast_to(_rewards(case), best.is_open.shape)
    dearest = case.request.balance * max(int(case.capacity.max(initial=0)) - 1, 0)
    pairs = min(int(locks.free.sum()), int(locks.seats.sum()))
    bonus = (int(rewards.max(initial=0)) + dearest + 1) * (pairs + 1)
    counts = 1 + best.must_have[:, None].astype(np.int64) + best.must_fill
    profit = np.where(best.is_open, counts * bonus + rewards, 0)
    return Goal(1, bonus, case.request.balance), profit


def open_scores(case: Case, locks: Locks) -> Whole:
    """Return the scores of pairs that may be proposed, below 0 for the others."""
    fit = np.where(locks.free[:, None] & (locks.seats > 0), case.scores, FORBIDDEN)
    fit[fit < case.request.minimum_fit] = FORBIDDEN
    return fit


def _floor(case: Case, fit: Whole, seats: Whole, floor: Floor) -> int | None:
    """Return the score that no pair may fall below; None where no floor was asked for."""
    if floor is None or floor is False:
        return None
    if floor is not True:
        return int(floor)
    case.request.progress("floor", 0, 1)
    reached = highest_floor(fit, seats, most_pairs(fit >= 0, seats))
    case.request.progress("floor", 1, 1)
    return reached


def goal_and_profit(case: Case, locks: Locks, fit: Whole) -> tuple[Goal, Whole]:
    """Turn scores (below 0: may not be) into profits, 0 where a pair may not be."""
    allowed = fit >= 0
    worth = np.where(allowed, fit + _rewards(case), 0)
    pairs = min(int(locks.free.sum()), int(locks.seats.sum()))
    balance = case.request.balance
    dearest = balance * max(int(case.capacity.max(initial=0)) - 1, 0)
    largest = int(worth.max(initial=0))
    goal = strict_goal(case.request.objective, largest, pairs, dearest, balance)
    if largest * goal.factor + goal.bonus >= MOST_EXACT:
        raise InvalidScores("The scores are too large to be exact; the largest is", [largest])
    return goal, np.where(allowed, worth * goal.factor + goal.bonus, 0)


def _rewards(case: Case) -> Whole | int:
    """Return what pairs earn beside their score: for standing already, for who must be covered.

    Covering one mentee puts out at most one other and so costs at most the largest score.
    """
    standing = known_rows(case.pool, case.request.standing)
    covered = [case.pool.mentees.index[mentee] for mentee in case.request.covered]
    if not covered and not (standing and case.request.keep_reward):
        return 0
    rewards = np.zeros(case.scores.shape, dtype=np.int64)
    if standing:
        rewards[tuple(np.array(standing).T)] = case.request.keep_reward
    rewards[covered] += int(case.scores.max(initial=0)) + 1
    return rewards
