"""Pair a pool: the best answer in a fixed order of goals, proved, the same on every machine."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from matching.engine.assignment import (
    NOBODY,
    Assigned,
    StableOrder,
    Ties,
    Whole,
    seat_owners,
    solve_assignment,
)
from matching.engine.errors import InvalidScores
from matching.engine.goals import Floor, Goal, find_floor, set_goal
from matching.engine.model import Id, Objective, People, Policy, Pool, id_key
from matching.engine.requests import (
    Case,
    Clock,
    IdPair,
    Locks,
    Request,
    RowPair,
    known_rows,
    locked_rows,
)
from matching.engine.results import Certificate, Pair, Solution
from matching.engine.scoring import FORBIDDEN, Progress, Scored, no_progress
from matching.engine.unmatched import explain_unmatched


def solve(
    pool: Pool,
    policy: Policy,
    *,
    locked: Iterable[IdPair] = (),
    previous: Solution | Iterable[IdPair] | None = None,
    objective: Objective | None = None,
    floor: Floor = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Solution:
    """Return the best pairs for a pool of M mentees and N mentors with S seats.

    Order of goals: most mentees with a mentor (``objective`` "coverage"; with "total" the total
    comes first), the highest worst score if ``floor`` is True, the highest total, and last a value
    from ids and ``seed`` that decides ties. A number as ``floor`` is a bound no pair falls below.
    ``locked`` pairs (mentee id, mentor id) are fixed and use capacity; they may lie under the
    minimum fit, not break a rule. Pairs of ``previous`` that stand earn ``policy.keep_reward``;
    people of it who are not in the pool are passed over.

    The same people in any row order give the same pairs: they are ordered by id before the
    assignment, all figures are whole numbers, and SciPy's assignment is deterministic on them.

    ``progress(stage, done, total)`` is called between steps and may raise Cancelled, which passes
    through. Raises InvalidPolicy, InvalidOverride, UnknownId, LockedPairForbidden, LockedTwice,
    LockedBeyondCapacity, and TooLarge above 60 million mentees times seats.

    Scores: O(M * N * criteria). Solution: O(min(M, S)^2 * max(M, S)) at worst; memory about 50
    bytes a mentee and seat.
    """
    request = Request(
        objective=objective or policy.objective,
        floor=floor,
        seed=seed,
        minimum_fit=policy.minimum_fit,
        keep_reward=policy.keep_reward,
        locked=tuple(locked),
        standing=_standing(previous),
        progress=progress or no_progress,
    )
    return solve_request(pool, policy, request)


def solve_request(pool: Pool, policy: Policy, request: Request) -> Solution:
    """Score a pool and settle what was asked for."""
    clock = Clock()
    seat_owners(np.array(pool.mentors.capacity, dtype=np.int64), len(pool.mentees))
    scored = Scored(pool, policy)
    scores = scored.matrix(request.progress).astype(np.int64)
    clock.lap("scores")
    return settle(Case(pool, scores, request, scored), clock)


def _standing(previous: Solution | Iterable[IdPair] | None) -> Sequence[IdPair]:
    if previous is None:
        return ()
    if isinstance(previous, Solution):
        return [pair.ids for pair in previous.pairs]
    return list(previous)


def solve_scores(
    scores: ArrayLike,
    *,
    capacity: int | Sequence[int],
    allowed: ArrayLike | None = None,
    objective: Objective = "coverage",
    floor: Floor = None,
    seed: int = 0,
    mentee_ids: Sequence[Id] | None = None,
    mentor_ids: Sequence[Id] | None = None,
) -> Solution:
    """Return the best pairs of a plain matrix of whole scores, (mentees, mentors).

    A score below 0, or False in ``allowed``, forbids the pair. ``capacity`` is one number for all
    mentors or one for each. Ids default to row and column numbers. Scores may pass 1,000,000 as
    long as all sums stay exact. Raises InvalidScores for NaN, fractions or wrong shapes, and what
    :func:`solve` raises.
    """
    matrix = _whole_matrix(scores)
    if allowed is not None:
        mask = np.asarray(allowed, dtype=bool)
        if mask.shape != matrix.shape:
            raise InvalidScores("Scores and allowed pairs differ in shape:", [mask.shape])
        matrix = np.where(mask, matrix, FORBIDDEN)
    mentees, mentors = matrix.shape
    seats = (capacity,) * mentors if isinstance(capacity, int) else tuple(capacity)
    pool = Pool(
        mentees=People(id=tuple(mentee_ids or range(mentees))),
        mentors=People(id=tuple(mentor_ids or range(mentors)), capacity=seats),
    )
    clock = Clock()
    return settle(Case(pool, matrix, Request(objective=objective, floor=floor, seed=seed)), clock)


def _whole_matrix(scores: ArrayLike) -> Whole:
    given = np.asarray(scores)
    if given.ndim != 2:
        raise InvalidScores(
            "Scores are a matrix of mentees by mentors; the shape is", [given.shape]
        )
    if given.dtype.kind == "f":
        broken = np.argwhere(~np.isfinite(given) | (given != np.rint(given)))
        if len(broken):
            raise InvalidScores(
                "Scores must be whole numbers; not so at", map(tuple, broken.tolist())
            )
    elif given.dtype.kind not in "iub":
        raise InvalidScores("Scores must be whole numbers; they are", [given.dtype])
    return given.astype(np.int64)


def settle(case: Case, clock: Clock) -> Solution:
    """Find and prove the best pairs of a case."""
    request = case.request
    locks = locked_rows(case)
    fit = np.where(locks.free[:, None] & (locks.seats > 0), case.scores, FORBIDDEN)
    fit[fit < request.minimum_fit] = FORBIDDEN
    floor = find_floor(fit, locks.seats, request.objective, request.floor, request.progress)
    fit[fit < (floor or 0)] = FORBIDDEN
    clock.lap("floor")

    request.progress("pairs", 0, 1)
    goal = set_goal(fit, locks.seats, request.objective, _rewards(case))
    assigned = solve_assignment(goal.profit, locks.seats, stable_order(case))
    request.progress("pairs", 1, 1)
    clock.lap("pairs")

    solution = _describe(case, locks, goal, assigned, floor)
    clock.lap("reasons")
    request.progress("reasons", 1, 1)
    return replace(solution, timings=clock.spent)


def _describe(
    case: Case, locks: Locks, goal: Goal, assigned: Assigned, floor: int | None
) -> Solution:
    """Turn an assignment into pairs, held pairs, reasons for who is left out, and the proof."""
    request = case.request
    mentor_of = assigned.mentor_of.copy()
    for mentee, mentor in locks.rows:
        mentor_of[mentee] = mentor
    load = np.bincount(mentor_of[mentor_of >= 0], minlength=len(locks.seats))
    held = _held(case, mentor_of, case.capacity - load)
    return Solution(
        pairs=_pairs(case, mentor_of, locks.rows),
        unmatched=explain_unmatched(case, locks, mentor_of, max(request.minimum_fit, floor or 0)),
        held=_pairs(case, held, ()),
        load=tuple(load.tolist()),
        objective=request.objective,
        floor=floor,
        seed=request.seed,
        minimum_fit=request.minimum_fit,
        criteria=case.scored.kinds if case.scored else (),
        certificate=_certificate(case, goal, assigned, locks),
    )


def _certificate(case: Case, goal: Goal, assigned: Assigned, locks: Locks) -> Certificate:
    primal = assigned.primal(goal.profit)
    rows = np.flatnonzero(assigned.mentor_of >= 0)
    scores = int(case.scores[rows, assigned.mentor_of[rows]].sum())
    return Certificate(
        primal=primal,
        dual=assigned.dual(locks.seats),
        passes=assigned.passes,
        mentee_prices=tuple(assigned.mentee_prices.tolist()),
        mentor_prices=tuple(assigned.mentor_prices.tolist()),
        score_factor=goal.score_factor,
        pair_bonus=goal.pair_bonus,
        rewards=primal - scores * goal.score_factor - len(rows) * goal.pair_bonus,
    )


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


def _held(case: Case, mentor_of: Whole, spare: Whole) -> Whole:
    """Return the best mentor, from the seats left, of each mentee who was left out.

    Everything that fits was proposed, so what the rules allow here lies under the bound.
    """
    left_out = np.flatnonzero((mentor_of < 0) & case.takes_part)
    mentors = np.flatnonzero(spare > 0)
    held = np.full_like(mentor_of, NOBODY)
    if not len(left_out) or not len(mentors):
        return held
    goal = set_goal(case.scores[np.ix_(left_out, mentors)], spare[mentors], "coverage")
    order = stable_order(case, left_out, mentors)
    found = solve_assignment(goal.profit, spare[mentors], order).mentor_of
    held[left_out] = np.where(found >= 0, mentors[found], NOBODY)
    return held


def _pairs(case: Case, mentor_of: Whole, locked: Collection[RowPair]) -> tuple[Pair, ...]:
    rows = np.flatnonzero(mentor_of >= 0)
    cols = mentor_of[rows]
    parts: Sequence[Sequence[int]] = [()] * len(rows)
    if case.scored and len(rows):
        parts = case.scored.contributions(rows, cols).tolist()
    is_locked = frozenset(locked)
    return tuple(
        Pair(
            mentee=mentee,
            mentor=mentor,
            mentee_id=case.pool.mentees.id[mentee],
            mentor_id=case.pool.mentors.id[mentor],
            score=int(case.scores[mentee, mentor]),
            contributions=tuple(contributions),
            locked=(mentee, mentor) in is_locked,
        )
        for mentee, mentor, contributions in zip(rows.tolist(), cols.tolist(), parts, strict=True)
    )


def stable_order(
    case: Case, mentees: Whole | None = None, mentors: Whole | None = None
) -> StableOrder:
    """Return an order of some rows and columns (default: all) that depends on ids and seed."""
    mentee_ids = _ids_of(case.pool.mentees, mentees)
    mentor_ids = _ids_of(case.pool.mentors, mentors)
    return StableOrder(
        mentees=_sorted_rows(mentee_ids),
        mentors=_sorted_rows(mentor_ids),
        mentee_ties=_hashes(mentee_ids, "mentee", case.request.seed),
        mentor_ties=_hashes(mentor_ids, "mentor", case.request.seed),
    )


def _ids_of(people: People, rows: Whole | None) -> list[Id]:
    return list(people.id) if rows is None else [people.id[row] for row in rows]


def _sorted_rows(ids: Sequence[Id]) -> Whole:
    return np.array(sorted(range(len(ids)), key=lambda row: id_key(ids[row])), dtype=np.int64)


def _hashes(ids: Sequence[Id], side: str, seed: int) -> Ties:
    return np.array([_hash(f"{seed} {side} {one!r}") for one in ids], dtype=np.uint64)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
