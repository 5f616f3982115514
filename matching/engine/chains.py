"""What imposing a pair would cost exactly, and who would move, without solving again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from matching.engine.blocks import PoolBlocks
from matching.engine.flow import Whole
from matching.engine.goals import Goal
from matching.engine.model import Id, Policy, Pool
from matching.engine.requests import Case, Request, locked_rows
from matching.engine.residual import FAR, NOBODY, Residual, Search, Standing
from matching.engine.results import Move, Solution, WhyNot
from matching.engine.scoring import Scored

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
    at again. Raises NoPrices where mentees want several mentors or a reward of an earlier run is
    part of the solution: its prices prove something else.
    """

    def __init__(self, pool: Pool, policy: Policy, solution: Solution) -> None:
        certificate = solution.certificate
        if certificate.rewards or max(pool.mentees.capacity, default=0) > 1:
            raise NoPrices("The prices stand for another question.")
        case = Case(pool, PoolBlocks(scored := Scored(pool, policy)), request_of(solution), scored)
        locks = locked_rows(case)
        mentor_of = np.full(len(pool.mentees), NOBODY)
        for pair in solution.pairs:
            if not pair.locked:
                mentor_of[pair.mentee] = pair.mentor
        self.pool = pool
        self._standing = Standing(
            case=case,
            locks=locks,
            goal=Goal(certificate.score_factor, certificate.pair_bonus, certificate.balance),
            least=max(solution.minimum_fit, solution.floor or 0, 0),
            mentor_of=mentor_of,
            mentee_prices=np.array(certificate.mentee_prices, dtype=np.int64),
            mentor_prices=np.array(certificate.mentor_prices, dtype=np.int64),
        )
        self._residual = Residual(self._standing)
        self.looks = 1
        self._search = lru_cache(MOST_SEARCHES)(self._residual.search)

    def price_of(self, mentee_id: Id, mentor_id: Id) -> WhyNot:
        """Return what imposing an open pair costs and who moves, the mentee first."""
        mentee, mentor = self.pool.mentees.index[mentee_id], self.pool.mentors.index[mentor_id]
        found = self._options(mentee, np.array([mentor]), 1)
        return self._told(mentee, found[0])

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
        options = self._options(mentee, mentors, limit)
        return [self._told(mentee, option) for option in options]

    def _options(self, mentee: int, mentors: Whole, limit: int) -> list[_Option]:
        """Return the least costly of some mentors; losing nobody comes before losing somebody."""
        reduced = self._standing.reduced(np.array([mentee]))[0][mentors]
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
        target = int(self._standing.place_of[mentee])
        while True:
            search = self._search(target, may_lose=may_lose)
            length = search.length[mentors]
            cost = np.where(length < FAR, reduced + length, FAR)
            order = np.lexsort((mentors, cost))[:limit]
            certain = length <= self._residual.limit
            at_least = np.where(certain, FAR, reduced + self._residual.limit + 1)
            last = int(cost[order].max(initial=0))
            if certain[order].all() and last <= int(at_least.min(initial=FAR)):
                break
            self.looks += 1
            if not self._residual.widen(search):
                break
            self._search.cache_clear()
        return [
            _Option(int(mentors[place]), int(cost[place]), search, may_lose)
            for place in order
            if cost[place] < FAR
        ]

    def _told(self, mentee: int, option: _Option) -> WhyNot:
        moves = list(self._moves(mentee, option))
        blocks = self._standing.case.blocks
        loss = coverage_loss = 0
        for sign, side in ((1, 1), (-1, 2)):
            rows = [(move[0], move[side]) for move in moves if move[side] < len(self.pool.mentors)]
            places = np.array(rows, dtype=np.int64).reshape(-1, 2)
            loss += sign * int(blocks.pairs(places[:, 0], places[:, 1]).sum())
            coverage_loss += sign * len(rows)
        own = blocks.pairs(np.array([mentee]), np.array([option.mentor]))
        ids = self.pool.mentees.id
        return WhyNot(
            code="worse" if loss or coverage_loss else "equally_good",
            facts={"score": int(own[0])},
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
        return self.pool.mentors.id[node] if node < len(self.pool.mentors) else None


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
