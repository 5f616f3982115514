"""What the solver is asked for, as one profit for each pair.

Each goal comes strictly before the next: for "coverage" most pairs, then the floor, then the
highest total; for "total" the highest total, then most pairs. Ties are broken after that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.engine.assignment import Whole, highest_floor, most_pairs
from matching.engine.errors import InvalidPolicy, InvalidScores
from matching.engine.model import Objective
from matching.engine.scoring import Progress

Floor = bool | int | None


@dataclass(frozen=True)
class Goal:
    """The profit of each allowed pair is ``score * score_factor + pair_bonus``, of others 0."""

    profit: Whole
    score_factor: int
    pair_bonus: int


def set_goal(scores: Whole, seats: Whole, objective: Objective, reward: Whole | int = 0) -> Goal:
    """Turn scores (below 0: may not be) into profits; ``reward`` is added to the scores.

    One more pair can cost at most the whole score of every other pair; one more point of the total
    can cost at most every pair: the factors put one strictly before the other.
    """
    allowed = scores >= 0
    worth = np.where(allowed, scores + reward, 0)
    pairs = min(len(worth), int(seats.sum()))
    largest = int(worth.max(initial=0))
    if largest * (pairs + 1) >= np.iinfo(np.int64).max // 2:
        raise InvalidScores("The scores are too large to be exact; the largest is", [largest])
    factor, bonus = (1, pairs * largest + 1) if objective == "coverage" else (pairs + 1, 1)
    return Goal(np.where(allowed, worth * factor + bonus, 0), factor, bonus)


def find_floor(
    scores: Whole, seats: Whole, objective: Objective, floor: Floor, progress: Progress
) -> int | None:
    """Return the score that no pair may fall below; None where no floor was asked for.

    True asks for the highest worst score that the most pairs can have; a number is taken as it is.
    Raises InvalidPolicy for True with the objective "total", which one perfect pair would reach.
    """
    if floor is None or floor is False:
        return None
    if floor is not True:
        return int(floor)
    if objective != "coverage":
        raise InvalidPolicy("The highest floor goes with most people first, not with best total.")
    progress("floor", 0, 1)
    reached = highest_floor(scores, seats, most_pairs(scores >= 0, seats))
    progress("floor", 1, 1)
    return reached
