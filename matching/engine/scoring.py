"""Scores of all pairs: criteria folded into whole numbers, hard rules into -1."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from typing import get_args

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from matching.engine.columns import Bools, Index
from matching.engine.criteria import CRITERIA, Measure
from matching.engine.errors import InvalidOverride, InvalidPolicy
from matching.engine.features import Listed
from matching.engine.model import SCALE, Criterion, Objective, Policy, Pool, Rule
from matching.engine.rules import ALWAYS_ON, NEVER_OVERRIDDEN, RULES, HardRule
from matching.engine.sums import Sum

Progress = Callable[[str, int, int], None]
Scores = NDArray[np.int32]
Points = NDArray[np.int64]
Block = NDArray[np.int32] | NDArray[np.float32]

FORBIDDEN = -1
STRIKE = 2**20
"""More than the best score, and a power of two: strikes add up without rounding."""
CELLS_IN_A_BLOCK = 4_000_000


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
    and any order of the people: products are sums of whole numbers, the rest is elementwise. The
    contributions of a pair are whole numbers that sum to its score.
    """

    def __init__(self, pool: Pool, policy: Policy) -> None:
        self.pool = pool
        self.policy = policy
        _refuse_policy(policy)
        self.points = share_out([criterion.weight for criterion in policy.criteria])
        self.measures = [
            _measure(pool, criterion, points)
            for criterion, points in zip(policy.criteria, self.points, strict=True)
        ]
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

    @cached_property
    def _folded(self) -> Sum:
        """Everything in one sum: a strike of a rule costs more than the best score."""
        terms = [term for measure in self.measures for term in measure.terms]
        terms += [term.scaled(-STRIKE) for rule in self.rules.values() for term in rule.terms]
        return Sum(terms, self.shape)

    @cached_property
    def _let_through(self) -> csr_array:
        """Judged scores of the pairs with an override, which the sum would get wrong."""
        cells = [override.cells for override in self._overrides.values()]
        cells = sum(cells[1:], start=cells[0]).tocoo() if cells else csr_array(self.shape).tocoo()
        worth = self._judged_pairs(cells.row, cells.col)
        return csr_array((worth, (cells.row, cells.col)), shape=self.shape)

    def scores(self, rows: Index, cols: Index) -> Scores:
        """Return the scores, whatever the rules say."""
        if rows.ndim == 1:
            total = np.zeros(len(rows), dtype=np.int64)
            for measure in self.measures:
                total += measure.earned(rows, cols)
            return total.astype(np.int32)
        terms = [term for measure in self.measures for term in measure.terms]
        found = np.empty((len(rows), cols.shape[1]), dtype=np.int32)
        for here, there, tile in Sum(terms, self.shape).of_cols(cols.ravel()).tiles(rows.ravel()):
            found[here, there] = tile
        return found

    def forbidden_by(self, rows: Index, cols: Index) -> dict[str, Bools]:
        """Tell for each rule which pairs it forbids, overrides taken into account."""
        return {key: self.forbidden(key, rows, cols) for key in self.rules}

    def forbidden(self, key: str, rows: Index, cols: Index) -> Bools:
        """Tell which pairs one rule forbids, overrides taken into account."""
        forbidden = self.rules[key].forbids(rows, cols)
        if key in self._overrides:
            cells = self._overrides[key].cells
            if rows.ndim == 1:
                forbidden &= self._overrides[key].pairs(rows, cols) == 0
            else:
                forbidden &= ~cells[rows.ravel()][:, cols.ravel()].toarray().astype(bool)
        return forbidden

    def judged(self, rows: Index, cols: Index) -> Scores:
        """Return the scores, -1 where a rule forbids the pair."""
        if rows.ndim == 1:
            return self._judged_pairs(rows, cols)
        scores = np.empty((rows.size, cols.size), dtype=np.int32)
        self.judged_outer(rows.ravel(), cols.ravel(), out=scores)
        return scores

    def judged_rows(self, start: int, stop: int, out: Block | None = None) -> Block:
        """Return the judged scores of rows ``start`` to ``stop`` and all columns.

        ``out`` (int32 or float32, which holds them exactly) saves making a new block.
        """
        return self.judged_outer(np.arange(start, stop), out=out)

    def judged_outer(
        self, rows: Index, cols: Index | None = None, out: Block | None = None
    ) -> Block:
        """Return the judged scores of some rows by some columns (default: all).

        One product of float32 matrices for all that is linear, one for each criterion or rule that
        is cut; memory of a tile beside the result.
        """
        folded, let_through = self._folded, self._let_through
        if cols is not None:
            folded, let_through = folded.of_cols(cols), let_through[:, cols]
        if out is None:
            out = np.empty((len(rows), folded.shape[1]), dtype=np.int32)
        for here, there, tile in folded.tiles(rows):
            np.maximum(tile, FORBIDDEN, out=out[here, there], casting="unsafe")
        if let_through.nnz:
            cells = let_through[rows].tocoo()
            out[cells.row, cells.col] = cells.data
        return out

    def _judged_pairs(self, rows: Index, cols: Index) -> Scores:
        scores = np.maximum(self._folded.pairs(rows, cols), FORBIDDEN).astype(np.int32)
        overridden = np.zeros(len(rows), dtype=bool)
        for override in self._overrides.values():
            overridden |= override.pairs(rows, cols) > 0
        places = np.flatnonzero(overridden)
        if len(places):
            some = rows[places], cols[places]
            broken = np.any(list(self.forbidden_by(*some).values()), axis=0)
            scores[places] = np.where(broken, FORBIDDEN, self.scores(*some))
        return scores

    def matrix(self, progress: Progress = no_progress) -> Scores:
        """Return all judged scores, (mentees, mentors), block by block.

        Time O(M * N * features); memory 4 bytes a pair and a tile.
        """
        mentees, mentors = self.shape
        scores = np.empty((mentees, mentors), dtype=np.int32)
        for start, stop in self.spans():
            progress("scores", start, mentees)
            self.judged_rows(start, stop, out=scores[start:stop])
        progress("scores", mentees, mentees)
        return scores

    def spans(self) -> Iterator[tuple[int, int]]:
        """Yield first and last row of blocks of some 16 MiB in float32."""
        mentees, mentors = self.shape
        step = max(1, CELLS_IN_A_BLOCK // max(mentors, 1))
        for start in range(0, mentees, step):
            yield start, min(start + step, mentees)

    def blocks(self) -> Iterator[tuple[Index, Index]]:
        """Yield all pairs as blocks of whole rows."""
        cols = np.arange(self.shape[1])[None, :]
        for start, stop in self.spans():
            yield np.arange(start, stop)[:, None], cols

    def contributions(self, rows: Index, cols: Index) -> Points:
        """Return what each criterion contributes, (pairs, criteria), rows summing to the score."""
        return np.stack([measure.earned(rows, cols) for measure in self.measures], axis=-1)


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
    if policy.objective not in get_args(Objective):
        raise InvalidPolicy(
            "The objective is “coverage”, “total” or “leximin”; it is", [policy.objective]
        )
    if not policy.criteria:
        raise InvalidPolicy("A policy needs at least one criterion.")
    keys = [rule.key for rule in policy.rules]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise InvalidPolicy("These rules stand twice in the policy:", twice)


def _measure(pool: Pool, criterion: Criterion, points: int) -> Measure:
    if criterion.kind not in CRITERIA:
        raise InvalidPolicy("There is no criterion of this kind:", [criterion.kind])
    return CRITERIA[criterion.kind](pool, criterion.params, points)


def _hard_rule(pool: Pool, rule: Rule) -> HardRule:
    if rule.kind not in RULES:
        raise InvalidPolicy("There is no rule of this kind:", [rule.kind])
    return RULES[rule.kind](pool, rule.params)


def _overrides(pool: Pool, rules: Iterable[str]) -> dict[str, Listed]:
    """Return the pairs let through, by rule; overrides for other rules or people have no effect."""
    refused = [key for _, _, key in pool.overrides if key in NEVER_OVERRIDDEN]
    if refused:
        raise InvalidOverride("These rules can never be overridden:", sorted(set(refused)))
    mentees, mentors = pool.mentees.person_index, pool.mentors.person_index
    found: dict[str, dict[tuple[int, int], int]] = {}
    for mentee, mentor, key in pool.overrides:
        if key in rules and mentee in mentees and mentor in mentors:
            found.setdefault(key, {})[mentees[mentee], mentors[mentor]] = 1
    shape = len(pool.mentees), len(pool.mentors)
    return {key: Listed.of(pairs, shape) for key, pairs in found.items()}


def score_pool(pool: Pool, policy: Policy) -> Scored:
    """Prepare a pool under a policy, so that several questions share the work.

    Raises InvalidPolicy or InvalidOverride.
    """
    return Scored(pool, policy)
