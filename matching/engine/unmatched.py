"""Why somebody has no mentor: the rule, the fit, or the competition that stood in the way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matching.engine.blocks import CELLS_IN_A_BLOCK
from matching.engine.crowds import MOST_NAMED, Bits, Crowds, Wants, wanted_bits
from matching.engine.describing import all_pairs
from matching.engine.flow import Bools, Whole
from matching.engine.outcomes import Outcome
from matching.engine.requests import Case, Locks
from matching.engine.results import Facts, Unmatched

NO_SEAT = "no_seat"


def explain_unmatched(
    case: Case, locks: Locks, outcome: Outcome, bound: int
) -> tuple[Unmatched, ...]:
    """Say for each mentee without a mentor why. Pairs under ``bound`` were not proposed.

    Looks once at all pairs of those left out, at the rules where nobody is allowed, and at the
    pairs of who sits at mentors within reach until it is clear whom the crowd competes for.
    """
    rows, _ = all_pairs(locks, outcome)
    has_none = np.ones(len(case.pool.mentees), dtype=bool)
    has_none[rows] = False
    left_out = np.flatnonzero(has_none)
    if not len(left_out):
        return ()
    options, wants = _look(case, locks, bound, left_out)
    crowds = Crowds(case, locks, outcome, bound, wants)
    found = []
    for place, (mentee, option) in enumerate(zip(left_out.tolist(), options, strict=True)):
        competes = option[0] >= bound and case.takes_part[mentee]
        crowd = crowds.of(place) if competes else None
        found.append(explain_one(case, mentee, option, bound, crowd))
    return tuple(found)


def _look(
    case: Case, locks: Locks, bound: int, left_out: Whole
) -> tuple[list[tuple[int, int]], Wants]:
    """Return the best score open to each mentee left out, with whom, and all whom they want."""
    options: list[tuple[int, int]] = []
    bits: list[Bits] = []
    named: list[list[int]] = []
    mentors = len(locks.seats)
    step = max(16, CELLS_IN_A_BLOCK // max(mentors, 1))
    for start in range(0, len(left_out), step):
        case.request.progress("reasons", start, len(left_out))
        scores = case.blocks.block(left_out[start : start + step])
        scores = np.where(case.capacity > 0, scores, -1)
        best = scores.argmax(axis=1) if mentors else np.full(len(scores), -1)
        most = scores.max(axis=1, initial=-1).astype(np.int64)
        options += zip(most.tolist(), best.tolist(), strict=True)
        bits.append(wanted_bits(scores, locks, bound))
        named += _named(scores, bits[-1], mentors)
    return options, Wants(left_out, np.concatenate(bits), named)


def _named(scores: NDArray, bits: Bits, mentors: int) -> list[list[int]]:
    """Return the few mentors whom each mentee would fit best, of those they want."""
    wanted = np.unpackbits(bits, axis=1, count=mentors).astype(bool)
    if not mentors:
        return [[] for _ in bits]
    few = min(MOST_NAMED, mentors)
    worth = np.where(wanted, scores, -1)
    best = np.argpartition(-worth, few - 1, axis=1)[:, :few]
    return [
        [int(one) for one in row[np.lexsort((row, -own[row]))] if own[one] >= 0]
        for row, own in zip(best, worth, strict=True)
    ]


def explain_one(
    case: Case, mentee: int, best_option: tuple[int, int], bound: int, crowd: Facts | None
) -> Unmatched:
    """Say why one mentee has no mentor, from the best score and mentor open to them.

    Without a ``crowd`` there is a free seat within reach.
    """
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
    if crowd is None:
        return Unmatched(mentee, mentee_id, "total_first")
    return Unmatched(mentee, mentee_id, "out_competed", crowd)


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
