"""What two numbers are worth: a table over the different numbers, or a function where too many."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from matching.engine.columns import Bools, Codes, Floats, Index, distinct
from matching.engine.features import Features, Judged, Term, Whole, Worth, tabled

MOST_COLUMNS = 64
Told = tuple[Floats, Bools]
Values = Callable[[Floats, Floats], Floats]
"""Values in [0, 1] of a mentee's and a mentor's number; broadcasts."""


def number_worth(left: Told, right: Told, values: Values, points: int) -> Worth:
    """Return what pairs of numbers are worth, each rounded half to even, 0 where one is untold."""
    (ours, our_codes), (theirs, their_codes) = distinct(*left), distinct(*right)
    if min(len(ours), len(theirs)) <= MOST_COLUMNS:
        return Term((_table(ours, our_codes, theirs, their_codes, values, points),))

    def judge(rows: Index, cols: Index) -> Whole:
        told = left[1][rows] & right[1][cols]
        return np.where(told, _whole(values(left[0][rows], right[0][cols]), points), 0)

    return Judged(judge)


def _table(
    ours: Floats,
    our_codes: Codes,
    theirs: Floats,
    their_codes: Codes,
    values: Values,
    points: int,
) -> Features:
    shape = len(ours), len(theirs)
    worth = np.broadcast_to(values(ours[:, None], theirs[None, :]), shape)
    return tabled(our_codes, their_codes, _whole(worth, points))


def _whole(values: Floats, points: int) -> Whole:
    return np.rint(values * points).astype(np.int64)
