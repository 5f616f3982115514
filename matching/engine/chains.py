"""What imposing a pair would cost exactly, and who would move, without solving again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from matching.engine.assignment import Assigned, prices, prove
from matching.engine.blocks import MatrixBlocks, PoolBlocks
from matching.engine.dense import goal_and_profit, open_scores
from matching.engine.errors import NotProved
from matching.engine.flow import Whole
from matching.engine.goals import Goal
from matching.engine.model import Id, Policy, Pool
from matching.engine.requests import Case, IdPair, Request, locked_rows
from matching.engine.residual import FAR, NOBODY, Residual, Search, Standing
from matching.engine.results import Move, Solution, WhyNot
from matching.engine.scoring import FORBIDDEN, Scored

MOST_SEARCHES = 32


class NoPrices(ValueError):
    """The prices of a solution do not tell what a pair costs: solve again instead."""


@dataclass(frozen=True)
class _Option:
    """A mentor for a mentee: reduced cost of the pair with its chain, and the search it is from."""

    mentor: int
    cost: int
    search: Search
    may_lose: bool


class Chains:
    """One solution, prepared for many questions of "why not?".

    Preparing looks at all pairs once and keeps some 40 arcs a mentee in large pools; a question is
    one search over these, and exact: where the arcs at hand do not prove it, all pairs are looked
    at again. Raises NoPrices where mentees want several mentors, a reward of an earlier run is
    part of the solution or the objective is "leximin": its prices prove something else.
    """

    def __init__(self, pool: Pool, policy: Policy, solution: Solution) -> None:
        certificate = solution.certificate
        is_about_total = solution.objective != "leximin" and not certificate.rewards
        if not is_about_total or max(pool.mentees.capacity, default=0) > 1:
            raise NoPrices("The prices stand for another question.")
        case = Case(pool, PoolBlocks(scored := Scored(pool, policy)), request_of(solution), scored)
        standing = Standing(
            case=case,
            locks=locked_rows(case),
            goal=Goal(certificate.score_factor, certificate.pair_bonus, certificate.balance),
            least=max(solution.minimum_fit, solution.floor or 0, 0),
            mentor_of=_free_mentors(pool, [p.ids for p in solution.pairs if not p.locked]),
            mentee_prices=np.array(certificate.mentee_prices, dtype=np.int64),
            mentor_prices=np.array(certificate.mentor_prices, dtype=np.int64),
        )
        self._prepare(standing)

    @classmethod
    def of_pairs(
        cls,
        scored: Scored,
        pairs: Iterable[IdPair],
        *,
        locked: Iterable[IdPair] = (),
        floor: int | None = None,
    ) -> Chains:
        """Prepare the chains of pairs whose prices were not kept; they are found anew.

        ``scored`` is the pool under its policy (``score_pool``).

        All scores are held in memory. Raises NoPrices where the pairs beside the locked ones are
        not the best there are, or mentees want several mentors, and what :func:`solve` raises for
        locked pairs.
        """
        policy = scored.policy
        if policy.objective == "leximin":
            raise NoPrices("The prices tell the weakest pairs, not the total.")
        request = Request(
            objective=policy.objective,
            floor=floor,
            minimum_fit=policy.minimum_fit,
            balance=policy.balance,
            locked=tuple(locked),
        )
        case = Case(scored.pool, PoolBlocks(scored), request, scored)
        case = replace(case, blocks=MatrixBlocks(case.scores))
        fixed = set(request.locked)
        chains = cls.__new__(cls)
        chains._prepare(_settled(case, [pair for pair in pairs if pair not in fixed]))
        return chains

    def _prepare(self, standing: Standing) -> None:
        self.pool = standing.case.pool
        self._standing = standing
        self._residual = Residual(self._standing)
        self.looks = 1
        self._search = lru_cache(MOST_SEARCHES)(self._residual.search)

    def price_of(self, mentee_id: Id, mentor_id: Id) -> WhyNot:
        """Return what imposing an open pair costs and who moves, the mentee first.

        It may lie under the minimum fit or the floor, as a locked pair may.
        """
        row = np.array([self.pool.mentees.index[mentee_id]])
        col = np.array([self.pool.mentors.index[mentor_id]])
        standing = self._standing
        value = standing.case.blocks.pairs(row, col) * standing.goal.factor + standing.goal.bonus
        reduced = standing.mentee_prices[row] + standing.mentor_prices[col] - value
        [option] = self._options(int(row[0]), col, reduced, 1)
        return self._told(int(row[0]), option)

    def is_open(self, mentee_id: Id, mentor_id: Id) -> bool:
        """Tell whether a pair can be imposed: no rule forbids it, and neither side is locked."""
        row, col = self.pool.mentees.index[mentee_id], self.pool.mentors.index[mentor_id]
        locks = self._standing.locks
        score = self._standing.case.blocks.pairs(np.array([row]), np.array([col]))
        return bool(locks.free[row] and locks.seats[col] > 0 and score[0] >= 0)

    def alternatives_of(self, mentee_id: Id, limit: int) -> list[WhyNot]:
        """Return what the mentors open to a mentee cost, the least costly first.

        The mentor of each is where the first move leads. Locked mentees have none.
        """
        mentee = self.pool.mentees.index[mentee_id]
        if not self._standing.locks.free[mentee]:
            return []
        reduced = self._standing.reduced(np.array([mentee]))[0]
        is_other = np.arange(len(reduced)) != self._standing.mentor_of[mentee]
        mentors = np.flatnonzero((reduced < FAR) & is_other)
        options = self._options(mentee, mentors, reduced[mentors], limit)
        return [self._told(mentee, option) for option in options]

    def _options(self, mentee: int, mentors: Whole, reduced: Whole, limit: int) -> list[_Option]:
        """Return the least costly of some mentors; losing nobody comes before losing somebody."""
        found = self._cheapest(mentee, mentors, reduced, limit, may_lose=False)
        if len(found) < min(limit, len(mentors)):
            known = [option.mentor for option in found]
            rest = ~np.isin(mentors, known)
            missing = limit - len(found)
            found += self._cheapest(mentee, mentors[rest], reduced[rest], missing, may_lose=True)
        return found

    def _cheapest(
        self, mentee: int, mentors: Whole, reduced: Whole, limit: int, *, may_lose: bool
    ) -> list[_Option]:
        residual, target = self._residual, int(self._standing.place_of[mentee])
        reaches = iter(residual.reaches)
        reach = next(reaches)
        while True:
            search = self._search(target, reach, may_lose=may_lose)
            length = search.length[mentors]
            cost = np.where(length < FAR, reduced + length, FAR)
            order = np.lexsort((mentors, cost))[:limit]
            open_ends = np.where(length <= reach, FAR, reduced + reach + 1)
            if int(cost[order].max(initial=0)) <= int(open_ends.min(initial=FAR)):
                break
            if reach < residual.limit:
                reach = next(reaches)
            elif not self._widen(search):
                break
        return [
            _Option(int(mentors[place]), int(cost[place]), search, may_lose)
            for place in order
            if cost[place] < FAR
        ]

    def _widen(self, search: Search) -> bool:
        self.looks += 1
        self._search.cache_clear()
        return self._residual.widen(search)

    def _told(self, mentee: int, option: _Option) -> WhyNot:
        moves = list(self._moves(mentee, option))
        count = len(self.pool.mentors)
        kept = [(who, node) for who, _, node in moves if node < count]
        gone = [(who, node) for who, node, _ in moves if node < count]
        places = np.array(kept + gone)
        scores = self._standing.case.blocks.pairs(places[:, 0], places[:, 1])
        loss = int(scores[len(kept) :].sum() - scores[: len(kept)].sum())
        coverage_loss = len(gone) - len(kept)
        ids = self.pool.mentees.id
        return WhyNot(
            code="worse" if loss or coverage_loss else "equally_good",
            facts={"score": int(scores[0])},
            loss=loss,
            coverage_loss=coverage_loss,
            moves=tuple(
                Move(ids[who], self._mentor_id(left), self._mentor_id(joined))
                for who, left, joined in moves
            ),
        )

    def _moves(self, mentee: int, option: _Option) -> Iterator[tuple[int, int, int]]:
        target = int(self._standing.place_of[mentee])
        yield mentee, target, option.mentor
        yield from self._residual.chain(option.search, option.mentor, target)

    def _mentor_id(self, node: int) -> Id | None:
        return self.pool.mentors.id[node] if node < self._standing.mentors else None


def _free_mentors(pool: Pool, pairs: Iterable[IdPair]) -> Whole:
    mentor_of = np.full(len(pool.mentees), NOBODY)
    for mentee, mentor in pairs:
        mentor_of[pool.mentees.index[mentee]] = pool.mentors.index[mentor]
    return mentor_of


def _settled(case: Case, pairs: Sequence[IdPair]) -> Standing:
    """Find the prices that prove pairs the best beside the locked ones. Raises NoPrices."""
    if max(case.pool.mentees.capacity, default=0) > 1:
        raise NoPrices("Some mentees want several mentors.")
    locks, floor = locked_rows(case), case.request.floor
    fit = open_scores(case, locks)
    fit[fit < (floor or 0)] = FORBIDDEN
    goal, profit = goal_and_profit(case, locks, fit)
    seats = goal.seats(locks.seats, case.capacity - locks.seats)
    mentor_of = _free_mentors(case.pool, pairs)
    try:
        found = Assigned(mentor_of, *prices(profit, mentor_of, seats))
        prove(profit, seats, found)
    except NotProved as error:
        raise NoPrices("These pairs are not the best there are.") from error
    return Standing(
        case=case,
        locks=locks,
        goal=goal,
        least=max(case.request.minimum_fit, floor or 0),
        mentor_of=mentor_of,
        mentee_prices=found.mentee_prices,
        mentor_prices=found.mentor_prices,
    )


def alternatives_of(
    pool: Pool, policy: Policy, solution: Solution, mentee_id: Id, limit: int
) -> list[WhyNot]:
    """Return exactly what each of the least costly other mentors of a mentee would change.

    For many questions about one solution prepare :class:`Chains` once. Raises NoPrices.
    """
    return Chains(pool, policy, solution).alternatives_of(mentee_id, limit)


def request_of(solution: Solution) -> Request:
    """Return what a solution was asked for, so that a changed question can be asked."""
    return Request(
        objective=solution.objective,
        floor=solution.floor,
        seed=solution.seed,
        minimum_fit=solution.minimum_fit,
        balance=solution.certificate.balance,
        locked=tuple(fixed.ids for fixed in solution.pairs if fixed.locked),
    )
