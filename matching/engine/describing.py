"""Turn an outcome into a solution: pairs, held pairs, reasons for who is left out, the proof."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from matching.engine.flow import Whole
from matching.engine.outcomes import Outcome
from matching.engine.requests import Case, Locks, RowPair
from matching.engine.results import Certificate, Pair, Solution, Unmatched


def describe(
    case: Case,
    locks: Locks,
    outcome: Outcome,
    held: tuple[Whole, Whole],
    unmatched: tuple[Unmatched, ...],
) -> Solution:
    """Return the solution that an outcome stands for."""
    request = case.request
    rows, cols = all_pairs(locks, outcome)
    return Solution(
        pairs=_pairs(case, rows, cols, locks.rows),
        unmatched=unmatched,
        held=_pairs(case, *held, ()),
        load=tuple(np.bincount(cols, minlength=len(locks.seats)).tolist()),
        objective=request.objective,
        floor=outcome.floor,
        seed=request.seed,
        minimum_fit=request.minimum_fit,
        criteria=case.scored.kinds if case.scored else (),
        certificate=_certificate(case, locks, outcome),
        mentor_ids=case.pool.mentors.id,
    )


def all_pairs(locks: Locks, outcome: Outcome) -> tuple[Whole, Whole]:
    """Return rows and columns of all pairs, locked ones with them, ordered by the mentee's row."""
    fixed = np.array(locks.rows, dtype=np.int64).reshape(-1, 2)
    rows = np.concatenate([outcome.rows, fixed[:, 0]])
    cols = np.concatenate([outcome.cols, fixed[:, 1]])
    order = np.lexsort((cols, rows))
    return rows[order], cols[order]


def _pairs(case: Case, rows: Whole, cols: Whole, locked: Collection[RowPair]) -> tuple[Pair, ...]:
    parts: Sequence[Sequence[int]] = [()] * len(rows)
    if case.scored and len(rows):
        parts = case.scored.contributions(rows, cols).tolist()
    is_locked = frozenset(locked)
    scores = case.blocks.pairs(rows, cols).tolist()
    return tuple(
        Pair(
            mentee=mentee,
            mentor=mentor,
            mentee_id=case.pool.mentees.id[mentee],
            mentor_id=case.pool.mentors.id[mentor],
            score=score,
            contributions=tuple(contributions),
            locked=(mentee, mentor) in is_locked,
        )
        for mentee, mentor, score, contributions in zip(
            rows.tolist(), cols.tolist(), scores, parts, strict=True
        )
    )


def _certificate(case: Case, locks: Locks, outcome: Outcome) -> Certificate:
    goal = outcome.goal
    proof = Certificate(
        primal=outcome.primal,
        dual=outcome.dual,
        passes=outcome.passes,
        mentee_prices=tuple(outcome.mentee_prices.tolist()),
        mentor_prices=tuple(outcome.mentor_prices.tolist()),
        score_factor=goal.factor,
        pair_bonus=goal.bonus,
        balance=goal.balance,
        solver=outcome.solver,
        levels=outcome.ladder.levels if outcome.ladder else (),
    )
    return proof if outcome.ladder else replace(proof, rewards=_rewards(case, locks, outcome))


def _rewards(case: Case, locks: Locks, outcome: Outcome) -> int:
    """Return what the pairs earn beside scores, bonuses and seats."""
    goal = outcome.goal
    scores = int(case.blocks.pairs(outcome.rows, outcome.cols).sum()) * goal.factor
    had = set((locks.slots < case.wanted).nonzero()[0].tolist())
    first = len(set(outcome.rows.tolist()) - had)
    load = np.bincount(outcome.cols, minlength=len(locks.seats))
    seats = goal.seats(locks.seats, case.capacity - locks.seats).earned(load)
    return outcome.primal - scores - first * goal.bonus - seats
