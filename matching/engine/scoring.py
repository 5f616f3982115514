"""Scores of all pairs: criteria folded into whole numbers, hard rules into -1."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from matching.engine.columns import Bools, Floats, Index, PairSet
from matching.engine.criteria import CRITERIA, Measure
from matching.engine.errors import InvalidOverride, InvalidPolicy
from matching.engine.model import SCALE, Criterion, Policy, Pool, Rule
from matching.engine.rules import ALWAYS_ON, NEVER_OVERRIDDEN, RULES, HardRule

Progress = Callable[[str, int, int], None]
Scores = NDArray[np.int32]
Points = NDArray[np.int64]

FORBIDDEN = -1
CELLS_IN_A_BLOCK = 1_000_000


def no_progress(stage: str, done: int, total: int) -> None:
    """Ignore progress."""


def share_out(weights: Sequence[float], total: int = SCALE) -> tuple[int, ...]:
    """Divide ``total`` in proportion to the weights, whole numbers that sum exactly to it.

    Largest remainder; the earlier wins a tie. Scaling all weights changes nothing: remainders are
    compared to a billionth. Raises InvalidPolicy for weights below zero, NaN, or all zero.
    """
    if any(not 0 <= weight < float("inf") for weight in weights):
        raise InvalidPolicy("Weights must be zero or more; these are not:", weights)
    if not any(weights):
        raise InvalidPolicy("At least one criterion must have a weight above zero.")
    whole = sum(Fraction(weight) for weight in weights)
    exact = [Fraction(weight) / whole * total for weight in weights]
    exact = [Fraction(round(part * 10**9), 10**9) for part in exact]
    floors = [part.numerator // part.denominator for part in exact]
    remainders = [part - floor for part, floor in zip(exact, floors, strict=True)]
    by_remainder = sorted(range(len(weights)), key=lambda place: -remainders[place])
    for place in by_remainder[: total - sum(floors)]:
        floors[place] += 1
    return tuple(floors)


class Scored:
    """A pool under a policy: scores, contributions and rules for any block of pairs.

    ``rows`` and ``cols`` broadcast as in ``columns``. All values are the same for any block shape
    and any order of the people: products are sums of whole numbers, the rest is elementwise.
    """

    def __init__(self, pool: Pool, policy: Policy) -> None:
        self.pool = pool
        self.policy = policy
        _refuse_policy(policy)
        self.points = share_out([criterion.weight for criterion in policy.criteria])
        self.measures = [_measure(pool, criterion) for criterion in policy.criteria]
        self.rules: dict[str, HardRule] = {
            rule.key: _hard_rule(pool, rule) for rule in effective_rules(policy.rules)
        }
        self._overrides = _overrides(pool, self.rules)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.pool.mentees), len(self.pool.mentors)

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(criterion.kind for criterion in self.policy.criteria)

    def _parts(self, rows: Index, cols: Index) -> Iterator[Floats]:
        """Yield what each criterion adds to the score, before rounding."""
        for points, measure in zip(self.points, self.measures, strict=True):
            yield points * measure.score(rows, cols)

    def scores(self, rows: Index, cols: Index) -> Scores:
        """Return the scores, each rounded once (half to even), whatever the rules say."""
        total = np.zeros(np.broadcast_shapes(rows.shape, cols.shape))
        for part in self._parts(rows, cols):
            total += part
        return np.rint(total).astype(np.int32)

    def forbidden_by(self, rows: Index, cols: Index) -> dict[str, Bools]:
        """Tell for each rule which pairs it forbids, overrides taken into account."""
        return {key: self._forbids(key, rows, cols) for key in self.rules}

    def _forbids(self, key: str, rows: Index, cols: Index) -> Bools:
        forbidden = self.rules[key].forbids(rows, cols)
        if key in self._overrides:
            forbidden = forbidden & ~self._overrides[key].holds(rows, cols)
        return forbidden

    def judged(self, rows: Index, cols: Index) -> Scores:
        """Return the scores, -1 where a rule forbids the pair."""
        scores = self.scores(rows, cols)
        for key in self.rules:
            scores[self._forbids(key, rows, cols)] = FORBIDDEN
        return scores

    def matrix(self, progress: Progress = no_progress) -> Scores:
        """Return all judged scores, (mentees, mentors), block by block.

        Time O(M * N * criteria); memory 4 bytes a pair and a few blocks.
        """
        mentees, mentors = self.shape
        scores = np.empty((mentees, mentors), dtype=np.int32)
        for rows, cols in self.blocks():
            progress("scores", int(rows[0, 0]), mentees)
            scores[rows.ravel()] = self.judged(rows, cols)
        progress("scores", mentees, mentees)
        return scores

    def blocks(self) -> Iterator[tuple[Index, Index]]:
        """Yield all pairs as blocks of whole rows."""
        mentees, mentors = self.shape
        cols = np.arange(mentors)[None, :]
        step = max(1, CELLS_IN_A_BLOCK // max(mentors, 1))
        for start in range(0, mentees, step):
            yield np.arange(start, min(start + step, mentees))[:, None], cols

    def contributions(self, rows: Index, cols: Index) -> Points:
        """Return what each criterion contributes, (pairs, criteria), rows summing to the score.

        Largest remainder; the earlier criterion wins a tie.
        """
        parts = np.stack(list(self._parts(rows, cols)), axis=-1)
        floors = np.floor(parts)
        spare = self.scores(rows, cols) - floors.sum(axis=-1)
        order = np.argsort(floors - parts, axis=-1, kind="stable")
        rank = np.argsort(order, axis=-1, kind="stable")
        return (floors + (rank < spare[:, None])).astype(np.int64)


def effective_rules(rules: Iterable[Rule]) -> list[Rule]:
    """Return the rules of a policy with those that always hold in front."""
    listed = list(rules)
    kinds = {rule.kind for rule in listed}
    return [Rule(kind) for kind in ALWAYS_ON if kind not in kinds] + listed


def _refuse_policy(policy: Policy) -> None:
    if not 0 <= policy.minimum_fit <= SCALE:
        raise InvalidPolicy("The minimum fit lies from 0 to 1,000,000; it is", [policy.minimum_fit])
    if not 0 <= policy.keep_reward <= SCALE:
        raise InvalidPolicy("The reward lies from 0 to 1,000,000; it is", [policy.keep_reward])
    if policy.objective not in ("coverage", "total"):
        raise InvalidPolicy("The objective is “coverage” or “total”; it is", [policy.objective])
    if not policy.criteria:
        raise InvalidPolicy("A policy needs at least one criterion.")
    keys = [rule.key for rule in policy.rules]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise InvalidPolicy("These rules stand twice in the policy:", twice)


def _measure(pool: Pool, criterion: Criterion) -> Measure:
    if criterion.kind not in CRITERIA:
        raise InvalidPolicy("There is no criterion of this kind:", [criterion.kind])
    return CRITERIA[criterion.kind](pool, criterion.params)


def _hard_rule(pool: Pool, rule: Rule) -> HardRule:
    if rule.kind not in RULES:
        raise InvalidPolicy("There is no rule of this kind:", [rule.kind])
    return RULES[rule.kind](pool, rule.params)


def _overrides(pool: Pool, rules: Iterable[str]) -> dict[str, PairSet]:
    """Return the pairs let through, by rule; overrides for other rules or people have no effect."""
    refused = [key for _, _, key in pool.overrides if key in NEVER_OVERRIDDEN]
    if refused:
        raise InvalidOverride("These rules can never be overridden:", sorted(set(refused)))
    mentees, mentors = pool.mentees.person_index, pool.mentors.person_index
    found: dict[str, list[tuple[int, int]]] = {}
    for mentee, mentor, key in pool.overrides:
        if key in rules and mentee in mentees and mentor in mentors:
            found.setdefault(key, []).append((mentees[mentee], mentors[mentor]))
    return {key: PairSet(pairs, len(pool.mentors)) for key, pairs in found.items()}


def score_pool(pool: Pool, policy: Policy) -> Scored:
    """Prepare a pool under a policy, so that several questions share the work.

    Raises InvalidPolicy or InvalidOverride.
    """
    return Scored(pool, policy)
