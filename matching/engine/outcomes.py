"""What either solver hands over: chosen pairs, prices that prove them, and what was asked."""

from __future__ import annotations

from dataclasses import dataclass

from matching.engine.flow import Whole
from matching.engine.goals import Goal


@dataclass(frozen=True)
class Outcome:
    """The best pairs beside the locked ones, as rows and columns of the whole pool, proved.

    In units of value: ``primal`` is what pairs, bonuses and seats earn, ``dual`` what the prices
    allow. A mentee's price includes the bonus of a first mentor.
    """

    rows: Whole
    cols: Whole
    mentee_prices: Whole
    mentor_prices: Whole
    primal: int
    dual: int
    passes: float
    goal: Goal
    floor: int | None
    solver: str
