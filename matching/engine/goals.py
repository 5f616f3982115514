"""What the solver is asked for, as one value for each pair.

Each goal comes strictly before the next: for "coverage" most mentees with a mentor, then the
floor, then the highest total less the price of uneven load; for "total" that total, then most
mentees. Ties are broken after that. For "leximin" see there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.engine.errors import InvalidPolicy, InvalidScores
from matching.engine.flow import Steps, Whole
from matching.engine.model import SCALE, Floor, Objective

BONUS_IN_SCORES = 50
MOST_EXACT = 2**62


@dataclass(frozen=True)
class Goal:
    """A pair is worth ``score * factor``, and ``bonus`` for being the mentee's first mentor.

    ``is_strict`` bonuses outweigh whatever the scores could add up to. ``balance`` is what each
    further mentee of a mentor costs more than the one before, in points of a score.
    """

    factor: int
    bonus: int
    balance: int = 0
    is_strict: bool = True

    def seats(self, left: Whole, taken: Whole) -> Steps:
        """Return the seats left in steps; those behind taken ones cost as much as they would."""
        if not self.balance:
            return Steps.of((left, 0))
        levels = range(int((left + taken).max(initial=0)))
        price = self.balance * self.factor
        return Steps.of(
            *(((taken <= level) & (level < left + taken), -price * level) for level in levels),
            (left * 0, 0),
        )


def strict_goal(objective: Objective, largest: int, pairs: int, dearest: int, balance: int) -> Goal:
    """Return factors that put one goal strictly before the other.

    ``pairs`` of at most ``largest`` points are possible; a seat costs at most ``dearest`` points.
    One more mentee covered can cost at most the whole score of every pair; one more point of the
    total can cost at most every pair. Raises InvalidScores where that is beyond whole numbers.
    """
    most = largest + dearest
    if most * (pairs + 1) >= MOST_EXACT:
        raise InvalidScores("The scores are too large to be exact; the largest is", [largest])
    if objective == "coverage":
        return Goal(1, pairs * most + 1, balance)
    return Goal(pairs + 1, 1, balance)


def easy_goals(strict: Goal, largest: int, dearest: int) -> list[Goal]:
    """Return goals to try in turn: small bonuses are quick, and a proof tells if one was enough."""
    if strict.factor > 1:
        return [strict]
    bonus = BONUS_IN_SCORES * (largest + dearest + 1)
    goals = []
    while bonus < strict.bonus:
        goals.append(Goal(1, bonus, strict.balance, is_strict=False))
        bonus *= 8
    return [*goals, strict]


def covers_most(goal: Goal, mentee_prices: Whole, mentor_prices: Whole, seats: Whole) -> int:
    """Return a bound on how many mentees can have a mentor, read from the prices.

    König 1931: a pair's two prices sum to the bonus or more, so for any level t the mentors with
    a price from t and the mentees with a price above bonus - t touch every pair; their seats and
    slots bound the pairs. The smallest such cover over all t counts.
    """
    order = np.argsort(mentor_prices)
    ascending = mentor_prices[order]
    seats_above = np.append(np.cumsum(seats[order][::-1])[::-1], 0)
    mentees = np.sort(mentee_prices)
    levels = np.concatenate([ascending, goal.bonus - mentees, [goal.bonus + 1]])
    at_mentors = seats_above[np.searchsorted(ascending, levels, side="left")]
    at_mentees = len(mentees) - np.searchsorted(mentees, goal.bonus - levels, side="right")
    return int((at_mentors + at_mentees).min())


def refuse_wishes(objective: Objective, floor: Floor, balance: int) -> None:
    """Raise InvalidPolicy for what cannot be meant.

    The highest floor goes wrong with best total, as one perfect pair reaches it; a price of uneven
    load below 0 would crowd people at one mentor.
    """
    if floor is True and objective == "total":
        raise InvalidPolicy("The highest floor goes with most people first, not with best total.")
    if not 0 <= balance <= SCALE * BONUS_IN_SCORES:
        raise InvalidPolicy(
            "The price of uneven load lies from 0 to 50 whole scores; it is", [balance]
        )
