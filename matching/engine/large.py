"""Settle a case that does not fit in memory, or whose mentees want several mentors."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matching.engine.blocks import OpenPairs, Rewards
from matching.engine.bottleneck import Bottleneck
from matching.engine.candidates import even_pairs
from matching.engine.flow import Market, Steps, Whole
from matching.engine.goals import Goal, covers_most, easy_goals, strict_goal
from matching.engine.outcomes import Outcome
from matching.engine.pricing import Look, Places, Priced, Pricing, Start
from matching.engine.requests import Case, Locks, known_rows
from matching.engine.ties import Optimum, TieArcs, TieValues, break_ties


@dataclass(frozen=True)
class Best:
    """A proved optimum, the goal it was found for and the pairs it chose from."""

    goal: Goal
    pairs: OpenPairs
    priced: Priced


class Large:
    """One case on its way through the large solver; rows and columns count among the open ones."""

    def __init__(self, case: Case, locks: Locks, *, may_give_up: bool) -> None:
        self.case, self.locks, self.may_give_up = case, locks, may_give_up
        self._look: Look | None = None
        self.rows, self.cols = np.flatnonzero(locks.free), np.flatnonzero(locks.seats > 0)
        self.slots, self.seats = locks.slots[self.rows], locks.seats[self.cols]
        self.pairs = OpenPairs(
            case.blocks, self.rows, self.cols, case.request.minimum_fit, self._rewards()
        )

    def _rewards(self) -> Rewards:
        """Return what standing pairs earn beside their score; locked pairs cannot come twice."""
        request = self.case.request
        standing = known_rows(self.case.pool, request.standing)
        extras = dict.fromkeys(standing, request.keep_reward)
        never = -2 * (self.case.blocks.largest + request.keep_reward + 1)
        extras |= {row: never for row in self.locks.rows if self.locks.free[row[0]]}
        return Rewards.of(extras)

    def settle(self) -> Outcome:
        """Find and prove the best pairs, over the floor that was asked for."""
        floor = self.case.request.floor
        if floor is None or floor is False:
            return self._settle(self._best(), None)
        if floor is True:
            return self._settle_highest()
        return self._settle(self._over(int(floor))._best(), int(floor))

    def _settle_highest(self) -> Outcome:
        """Raise the floor as far as the most mentees still have a mentor, then find the best.

        One look at all pairs serves both.
        """
        plain = replace(self.pairs, rewards=self.pairs.rewards.shut())
        look = Look.at(plain, self._first_price(), self.case.request.progress)
        search = Bottleneck(
            pairs=plain,
            pool=look.pool,
            firsts=self._own_first(),
            seats=np.minimum(self.seats, len(self.rows)),
            progress=self.case.request.progress,
            dearest=int(look.price.max(initial=0)),
        )
        floor = search.highest()
        raised = self._over(floor)
        if len(plain.rewards.row) == len(self.pairs.rewards.row):
            raised._look = replace(look, pool=search.pool.over(floor))
        del look, search  # the flow that follows needs the room
        return self._settle(raised._best(), floor)

    def _over(self, floor: int) -> Large:
        """Return the same case with pairs under a floor shut."""
        raised = Large(self.case, self.locks, may_give_up=self.may_give_up)
        raised.pairs = replace(self.pairs, least=max(floor, self.pairs.least))
        return raised

    def _covered(self, priced: Priced) -> int:
        return len(np.unique(priced.market.row[priced.chosen]))

    def _settle(self, best: Best, floor: int | None) -> Outcome:
        goal, pairs, priced = best.goal, best.pairs, best.priced
        pool = self.case.pool
        ties = TieValues.of(
            [pool.mentees.id[row] for row in self.rows],
            [pool.mentors.id[col] for col in self.cols],
            self.case.request.seed,
        )
        row, col = preferred_pairs(priced, pairs, ties)
        mentee_prices = np.zeros(len(self.locks.slots), dtype=np.int64)
        mentee_prices[self.rows] = priced.worth + goal.bonus + self._extra(goal)
        mentor_prices = np.zeros(len(self.locks.seats), dtype=np.int64)
        mentor_prices[self.cols] = priced.price
        return Outcome(
            rows=self.rows[row],
            cols=self.cols[col],
            mentee_prices=mentee_prices,
            mentor_prices=mentor_prices,
            primal=priced.primal,
            dual=priced.dual,
            passes=priced.passes,
            goal=goal,
            floor=floor,
            solver="pricing",
        )

    def _best(self) -> Best:
        """Return the best pairs under the first bonus that provably covers most mentees."""
        start = Start(self._first_price(), self._look)
        for goal in self._goals():
            pairs = replace(self.pairs, factor=goal.factor)
            pricing = Pricing(
                pairs, self._places(goal), self.case.request.progress, self.may_give_up
            )
            priced = pricing.run(start)
            if goal.is_strict or self._covers_most(goal, priced):
                break
            start = Start(priced.price)
        return Best(goal, pairs, priced)

    def _first_price(self) -> Whole | None:
        """Return the prices of an earlier solution, to begin with."""
        warm = self.case.request.warm
        if not warm:
            return None
        factor = self._goals()[0].factor
        ids = self.case.pool.mentors.id
        return np.array([warm.get(ids[col], 0) * factor for col in self.cols], np.int64)

    def _goals(self) -> list[Goal]:
        request = self.case.request
        dearest = request.balance * max(int(self.case.capacity.max(initial=0)) - 1, 0)
        largest = self.pairs.largest
        count = min(int(self.slots.sum()), int(self.seats.sum()))
        strict = strict_goal(request.objective, largest, count, dearest, request.balance)
        if (self.slots > 1).any():
            return [strict]
        return easy_goals(strict, largest, dearest)

    def _places(self, goal: Goal) -> Places:
        taken = (self.case.capacity - self.locks.seats)[self.cols]
        first = (self._own_first(), goal.bonus + self._extra(goal))
        further = (self.slots - self._own_first(), 0)
        return Places(Steps.of(first, further), goal.seats(self.seats, taken))

    def _own_first(self) -> Whole:
        """Return 1 for mentees who have no mentor yet, 0 for those with a locked one."""
        return (self.locks.slots == self.case.wanted)[self.rows].astype(np.int64)

    def _extra(self, goal: Goal) -> Whole:
        """Return the extra bonus of mentees who must be covered; see ``Request.covered``."""
        extra = np.zeros(len(self.locks.slots), dtype=np.int64)
        covered = [self.case.pool.mentees.index[mentee] for mentee in self.case.request.covered]
        extra[covered] = (self.pairs.largest + 1) * goal.factor
        return extra[self.rows]

    def _covers_most(self, goal: Goal, priced: Priced) -> bool:
        covered = self._covered(priced)
        if covered == min(len(self.rows), int(self.seats.sum())):
            return True
        prices = priced.worth + goal.bonus + self._extra(goal)
        return covered >= covers_most(goal, prices, priced.price, self.seats)


def preferred_pairs(priced: Priced, pairs: OpenPairs, ties: TieValues) -> tuple[Whole, Whole]:
    """Return rows and columns of the best answer that ``ties`` prefers."""
    arcs = TieArcs(ties)
    pool = priced.pool
    certain = np.ones(pairs.shape[0], dtype=bool)
    certain[priced.loose] = False
    excess = pool.value - priced.worth[pool.row] - priced.price[pool.col]
    even = (excess == 0) & certain[pool.row]
    arcs.add(pool.row[even], pool.col[even])
    for row, col in even_pairs(pairs, priced.loose, priced.price, priced.worth):
        arcs.add(row, col)
    own = priced.market.row[priced.chosen], priced.market.col[priced.chosen]
    row, col = arcs.with_pairs(*own)
    chosen = np.isin(row * pairs.shape[1] + col, own[0] * pairs.shape[1] + own[1])
    value = priced.worth[row] + priced.price[col]
    order = np.lexsort((own[1], own[0]))
    value[chosen] = priced.market.value[priced.chosen][order]
    market = Market(row, col, value, priced.market.slots, priced.market.seats)
    chosen = break_ties(Optimum(market, chosen, priced.price, priced.worth), ties)
    return row[chosen], col[chosen]
