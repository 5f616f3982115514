"""What either solver hands over: chosen pairs, prices that prove them, and what was asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from matching.engine.flow import Whole
from matching.engine.goals import Goal
from matching.engine.leximin import Ladder

Prices = NDArray[Any]
"""Whole numbers; of any length under a ladder."""


@dataclass(frozen=True)
class Outcome:
    """The best pairs beside the locked ones, as rows and columns of the whole pool, proved.

    In units of value: ``primal`` is what pairs, bonuses and seats earn, ``dual`` what the prices
    allow. A mentee's price includes the bonus of a first mentor. With a ``ladder`` that tells what
    pairs are worth, not the goal.
    """

    rows: Whole
    cols: Whole
    mentee_prices: Prices
    mentor_prices: Prices
    primal: int
    dual: int
    passes: float
    goal: Goal
    floor: int | None
    solver: str
    ladder: Ladder | None = None
