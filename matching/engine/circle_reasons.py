"""Why a mentee sits in no circle: the rules, the fit, too few for a circle, or no seat left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from matching.engine.circle_desk import Desk
from matching.engine.circle_values import Circle
from matching.engine.peers import LeftOver


def why(desk: Desk, circles: Sequence[Circle], free_mentors: Iterable[int]) -> tuple[LeftOver, ...]:
    """Say of everybody who takes part and has no seat why, in the order of their ids.

    ``free_mentors`` are those who could be given a circle.
    """
    pool = desk.pool
    seated = {seat.row for circle in circles for seat in circle.seats}
    rows = desk.by_id(pool.mentees, range(len(pool.mentees)))
    mentors = sorted({*free_mentors, *(row for one in circles for row in one.mentors)})
    return tuple(
        _why(desk, row, circles, mentors)
        for row in rows
        if row not in seated and pool.mentees.capacity[row] > 0
    )


def _why(desk: Desk, row: int, circles: Sequence[Circle], mentors: list[int]) -> LeftOver:
    identifier = desk.pool.mentees.id[row]
    scores = desk.scores[row, mentors]
    best = int(scores.max(initial=-1))
    if best < 0:
        facts = {"mentors": len(mentors), "rules": _removing(desk, row, mentors)}
        return LeftOver(row, identifier, "no_mentor_allowed", facts)
    if best < desk.policy.minimum_fit:
        mentor = mentors[int(scores.argmax())]
        return LeftOver(
            row,
            identifier,
            "circle_below_fit",
            {
                "best": best,
                "mentor_id": desk.pool.mentors.id[mentor],
                "minimum_fit": desk.policy.minimum_fit,
            },
        )
    fitting = int(desk.fits[row, mentors].sum())
    open_to = [one for one in circles if not one.locked and desk.fits[row, list(one.mentors)].all()]
    if not open_to:
        facts = {"mentors": fitting, "least": desk.shape.least}
        return LeftOver(row, identifier, "circle_too_small", facts)
    full = sum(len(one.seats) >= desk.shape.most for one in open_to)
    facts = {"mentors": fitting, "circles": len(open_to), "full": full}
    return LeftOver(row, identifier, "no_seat_left", facts)


def _removing(desk: Desk, row: int, mentors: list[int]) -> dict[str, int]:
    """Return how many of the mentors each rule removes."""
    cols = np.array(mentors, dtype=np.int64)
    removed = desk.scored.forbidden_by(np.full(len(cols), row), cols)
    return {key: int(gone.sum()) for key, gone in removed.items() if gone.any()}
