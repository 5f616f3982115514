"""Pair a pool: the best answer in a fixed order of goals, proved, the same on every machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from matching.engine.assignment import MOST_CELLS, cells_needed
from matching.engine.blocks import MatrixBlocks, PoolBlocks
from matching.engine.dense import DENSE, settle_dense, settle_leximin
from matching.engine.describing import all_pairs, describe
from matching.engine.errors import InvalidPolicy, InvalidScores, TooManyForLeximin
from matching.engine.flow import Whole
from matching.engine.goals import refuse_wishes
from matching.engine.large import Large
from matching.engine.model import Floor, Id, Objective, People, Policy, Pool
from matching.engine.outcomes import Outcome
from matching.engine.pricing import NeedsDense
from matching.engine.requests import (
    Case,
    Clock,
    IdPair,
    Locks,
    Request,
    Solver,
    locked_rows,
)
from matching.engine.results import Solution
from matching.engine.scoring import FORBIDDEN, Progress, Scored, no_progress
from matching.engine.unmatched import explain_unmatched

QUICK_CELLS = 2_500_000
"""Mentees times seats up to which the dense solver is the quicker one."""
MOST_LEXIMIN_CELLS = 4_000_000
"""Mentees times seats up to which the weakest pairs are lifted one after the other."""


def solve(
    pool: Pool,
    policy: Policy,
    *,
    locked: Iterable[IdPair] = (),
    previous: Solution | Iterable[IdPair] | None = None,
    objective: Objective | None = None,
    floor: Floor = None,
    seed: int = 0,
    warm: Solution | None = None,
    scored: Scored | None = None,
    progress: Progress | None = None,
) -> Solution:
    """Return the best pairs for a pool of M mentees and N mentors with S seats.

    Order of goals: most mentees with a mentor (``objective`` "coverage"; with "total" the total
    comes first), the highest worst score if ``floor`` is True, the highest total, and last a value
    from ids and ``seed`` that decides ties. A number as ``floor`` is a bound no pair falls below.
    With "leximin", among the answers with most mentees, the worst score is the highest, then the
    second worst, and so on to the best; the total follows from that, and pairs of ``previous`` and
    balance decide only among answers whose scores are the same.
    ``locked`` pairs (mentee id, mentor id) are fixed and use capacity; they may lie under the
    minimum fit, not break a rule. Pairs of ``previous`` that stand earn ``policy.keep_reward``;
    people of it who are not in the pool are passed over.

    ``warm`` is a solution of nearly the same pool and policy: where pairs are found by pricing, its
    prices are where the search begins, which saves most of it. The result is the same without.
    ``scored`` is the pool under this policy as :func:`score_pool` prepared it, where it is there.

    The same people in any row order give the same pairs, whichever solver found them: all figures
    are whole numbers, and a value from ids and ``seed`` decides among equals (see ``ties``).

    ``progress(stage, done, total)`` is called between steps and may raise Cancelled, which passes
    through. Raises InvalidPolicy, InvalidOverride, UnknownId, LockedPairForbidden, LockedTwice,
    LockedBeyondCapacity, and for "leximin" TooManyForLeximin beyond 4 million mentees times seats.

    Scores: O(M * N * criteria), about twice where they do not fit in memory. Up to some 2.5 million
    mentees times seats the dense solver, O(min(M, S)^2 * max(M, S)) at worst and about 50 bytes a
    mentee and seat; beyond, pricing: memory of about 100 pairs a mentee.
    """
    request = Request(
        objective=objective or policy.objective,
        floor=floor,
        seed=seed,
        minimum_fit=policy.minimum_fit,
        keep_reward=policy.keep_reward,
        balance=policy.balance,
        locked=tuple(locked),
        standing=_standing(previous),
        warm=_prices(pool, warm),
        progress=progress or no_progress,
    )
    return solve_request(pool, policy, request, scored)


def solve_request(
    pool: Pool, policy: Policy, request: Request, scored: Scored | None = None
) -> Solution:
    """Score a pool and settle what was asked for."""
    scored = scored or Scored(pool, policy)
    return settle(Case(pool, PoolBlocks(scored), request, scored), Clock())


def _standing(previous: Solution | Iterable[IdPair] | None) -> Sequence[IdPair]:
    if previous is None:
        return ()
    if isinstance(previous, Solution):
        return [pair.ids for pair in previous.pairs]
    return list(previous)


def _prices(pool: Pool, warm: Solution | None) -> dict[Id, int]:
    """Return the mentors' prices of a solution in points of a score.

    None where they prove how far the weakest pairs are lifted: those tell nothing about a total.
    """
    if warm is None or warm.certificate.levels:
        return {}
    prices = np.array(warm.certificate.mentor_prices) // warm.certificate.score_factor
    return {
        mentor: price
        for mentor, price in zip(warm.mentor_ids, prices.tolist(), strict=True)
        if price and mentor in pool.mentors.index
    }


def solve_scores(
    scores: ArrayLike,
    *,
    capacity: int | Sequence[int],
    allowed: ArrayLike | None = None,
    objective: Objective = "coverage",
    floor: Floor = None,
    seed: int = 0,
    balance: int = 0,
    mentors_wanted: Sequence[int] | None = None,
    solver: Solver = "best",
    mentee_ids: Sequence[Id] | None = None,
    mentor_ids: Sequence[Id] | None = None,
) -> Solution:
    """Return the best pairs of a plain matrix of whole scores, (mentees, mentors).

    A score below 0, or False in ``allowed``, forbids the pair. ``capacity`` is one number for all
    mentors or one for each. ``solver`` is "dense", "pricing" or "best", which takes the quicker
    one: they find the same pairs. Ids default to row and column numbers. Scores may pass 1,000,000
    as long as all sums stay exact. Raises InvalidScores for NaN, fractions or wrong shapes, and
    what :func:`solve` raises.
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
        mentees=People(
            id=tuple(mentee_ids or range(mentees)),
            capacity=tuple(mentors_wanted or (1,) * mentees),
        ),
        mentors=People(id=tuple(mentor_ids or range(mentors)), capacity=seats),
    )
    request = Request(objective=objective, floor=floor, seed=seed, balance=balance, solver=solver)
    return settle(Case(pool, MatrixBlocks(matrix), request), Clock())


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
    """Find and prove the best pairs of a case, and say why the others were left out."""
    request = replace(case.request, progress=clock.watch(case.request.progress))
    case = replace(case, request=request)
    refuse_wishes(request.objective, request.floor, request.balance)
    locks = locked_rows(case)
    outcome = _outcome(case, locks)
    bound = max(request.minimum_fit, outcome.floor or 0)
    clock.start("reasons")
    if outcome.solver == DENSE:
        case = replace(case, blocks=MatrixBlocks(case.scores))
    held = _held(case, locks, outcome, bound)
    left_out = explain_unmatched(case, locks, outcome, bound)
    solution = describe(case, locks, outcome, held, left_out)
    request.progress("reasons", 1, 1)
    clock.stop()
    return replace(solution, timings=clock.spent)


def _outcome(case: Case, locks: Locks) -> Outcome:
    """Solve with all scores in memory where that is quick, else by pricing; both find the same.

    Where pricing does not settle, the dense solver takes over if it can hold the scores.
    """
    cells = cells_needed(int(locks.free.sum()), locks.seats)
    if case.request.objective == "leximin":
        _refuse_leximin(case, cells)
        return settle_leximin(case, locks)
    has_one_each = bool((case.wanted <= 1).all())
    has_pairs = locks.free.any() and (locks.seats > 0).any()
    is_quick = cells <= QUICK_CELLS and case.request.solver != "pricing"
    if not has_pairs or (has_one_each and (is_quick or case.request.solver == DENSE)):
        return settle_dense(case, locks)
    fits = has_one_each and cells <= MOST_CELLS
    try:
        return Large(case, locks, may_give_up=fits).settle()
    except NeedsDense:
        return settle_dense(case, locks)


def _refuse_leximin(case: Case, cells: int) -> None:
    if cells > MOST_LEXIMIN_CELLS:
        raise TooManyForLeximin(
            f"The weakest pairs can be lifted one after the other for up to "
            f"{MOST_LEXIMIN_CELLS:,} mentees times seats; there are",
            [f"{cells:,}"],
        )
    if (case.wanted > 1).any():
        raise InvalidPolicy("Lifting the weakest pairs one by one gives each mentee one mentor.")


def _held(case: Case, locks: Locks, outcome: Outcome, bound: int) -> tuple[Whole, Whole]:
    """Return the best mentors, from the seats left, for the mentees who were left out.

    Everything that fits was proposed, so what the rules allow here lies under the bound.
    """
    rows, cols = all_pairs(locks, outcome)
    slots = case.takes_part.astype(np.int64)
    slots[rows] = 0
    seats = case.capacity - np.bincount(cols, minlength=len(locks.seats))
    if not bound or not slots.any() or not seats.any():
        return rows[:0], cols[:0]
    request = Request(objective="coverage", seed=case.request.seed, progress=_only_cancel(case))
    found = _outcome(replace(case, request=request), Locks((), slots, seats))
    return found.rows, found.cols


def _only_cancel(case: Case) -> Progress:
    """Return a progress that keeps to the stage "reasons", so that a run can be stopped there."""
    if case.scored is None or len(case.pool.mentees) * len(case.pool.mentors) <= QUICK_CELLS:
        return no_progress
    return lambda stage, done, total: case.request.progress("reasons", 0, 1)
