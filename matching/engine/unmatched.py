"""Why somebody has no mentor: the rule, the fit, or the competition that stood in the way."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.sparse import csr_array

from matching.engine.assignment import NOBODY
from matching.engine.describing import all_pairs
from matching.engine.flow import Bools, Whole
from matching.engine.outcomes import Outcome
from matching.engine.requests import Case, Locks
from matching.engine.results import Unmatched

NO_SEAT = "no_seat"


def explain_unmatched(
    case: Case, locks: Locks, outcome: Outcome, bound: int
) -> tuple[Unmatched, ...]:
    """Say for each mentee without a mentor why. Pairs under ``bound`` were not proposed.

    Rules and fit: O(N * rules) for each mentee. Competition: all mentees at once, one product of
    boolean matrices (left out by mentors by mentors) for each step of the longest chain.
    """
    rows, cols = all_pairs(locks, outcome)
    mentor_of = np.full(len(case.pool.mentees), NOBODY)
    mentor_of[rows] = cols
    left_out = np.flatnonzero(mentor_of < 0)
    crowds = _crowds(case, locks, mentor_of, bound, left_out)
    return tuple(
        _explain_one(case, int(mentee), bound, crowd)
        for mentee, crowd in zip(left_out, crowds, strict=True)
    )


def _explain_one(case: Case, mentee: int, bound: int, crowd: dict[str, int]) -> Unmatched:
    open_scores = np.where(case.capacity > 0, case.scores[mentee], -1)
    best = int(open_scores.max(initial=-1))
    mentor = int(open_scores.argmax()) if best >= 0 else -1
    return explain_one(case, mentee, (best, mentor), bound, crowd)


def explain_one(
    case: Case, mentee: int, best_option: tuple[int, int], bound: int, crowd: Mapping[str, int]
) -> Unmatched:
    """Say why one mentee has no mentor, from the best score and mentor open to them."""
    best, mentor = best_option
    mentee_id = case.pool.mentees.id[mentee]
    if not case.takes_part[mentee]:
        return Unmatched(mentee, mentee_id, "takes_no_part")
    if best < 0:
        return Unmatched(mentee, mentee_id, "no_mentor_allowed", removals(case, mentee))
    if best < bound:
        facts = {
            "best": best,
            "mentor_id": case.pool.mentors.id[mentor],
            "minimum_fit": bound,
        }
        return Unmatched(mentee, mentee_id, "below_minimum_fit", facts)
    if crowd["spare"] > 0:
        return Unmatched(mentee, mentee_id, "total_first")
    facts = {key: count for key, count in crowd.items() if key != "spare"}
    return Unmatched(mentee, mentee_id, "out_competed", facts)


def removals(case: Case, mentee: int) -> dict[str, object]:
    """Count the mentors that each rule removes for one mentee, and those that it alone removes.

    Mentors without a seat count under "no_seat".
    """
    mentors = len(case.pool.mentors)
    removed: dict[str, Bools] = {NO_SEAT: case.capacity <= 0}
    if case.scored:
        cols = np.arange(mentors)
        removed |= case.scored.forbidden_by(np.full(mentors, mentee), cols)
    times = np.sum(list(removed.values()), axis=0) if mentors else np.zeros(0)
    return {
        "mentors": mentors,
        "removed": {key: int(gone.sum()) for key, gone in removed.items() if gone.any()},
        "alone": {
            key: int((gone & (times == 1)).sum())
            for key, gone in removed.items()
            if (gone & (times == 1)).any()
        },
    }


def _crowds(
    case: Case, locks: Locks, mentor_of: Whole, bound: int, left_out: Whole
) -> list[dict[str, int]]:
    """Return for each mentee left out the crowd that competes with them (Hall 1935).

    The mentors are those reached by "wants a seat of" and "whose seat is taken by"; the mentees,
    those placed there and those left out who want nobody else; ``spare`` seats stay free. Locked
    pairs stand aside.
    """
    if not len(left_out):
        return []
    wants = (case.scores >= bound) & (locks.seats > 0)
    placed = np.flatnonzero((mentor_of >= 0) & locks.free)
    reached = _closure(wants[left_out], wants[placed], mentor_of[placed])
    taken = np.bincount(mentor_of[placed], minlength=len(locks.seats))
    mentees = reached @ taken + _confined(wants[left_out], reached)
    columns = (mentees, reached @ locks.seats, reached.sum(axis=1), reached @ (locks.seats - taken))
    return [
        {"mentees": m, "seats": s, "mentors": r, "spare": free}
        for m, s, r, free in zip(*(column.tolist() for column in columns), strict=True)
    ]


def _closure(start: Bools, wants: Bools, mentor_of: Whole) -> Bools:
    """Return the mentors that each row of ``start`` reaches through the mentees placed."""
    shape = (start.shape[1], len(mentor_of))
    sits = csr_array((np.ones(shape[1], np.float32), (mentor_of, np.arange(shape[1]))), shape=shape)
    steps = sits @ wants.astype(np.float32)
    reached = start
    while True:
        further = reached | (reached.astype(np.float32) @ steps > 0)
        if (further == reached).all():
            return reached
        reached = further


def _confined(start: Bools, reached: Bools) -> Whole:
    """Count for each row of ``reached`` the rows of ``start`` that lie within it."""
    outside = start.astype(np.float32) @ (~reached).astype(np.float32).T
    within = (outside == 0) & np.any(start, axis=1, keepdims=True)
    return within.sum(axis=0).astype(np.int64)
