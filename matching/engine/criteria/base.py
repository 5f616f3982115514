"""The shape of a criterion. A new one is one small class, decorated with ``@criterion``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from matching.engine.columns import Bools, Index
from matching.engine.features import Term, Whole, Worth, both
from matching.engine.model import SCALE, Params, Pool
from matching.engine.params import Reader
from matching.engine.patterns import simplified
from matching.engine.results import Reason


class Measure(ABC):
    """One criterion at work on one pool, worth up to ``points``.

    Built once for a pool, it gives each pair a whole number from 0 to ``points``. Where either side
    has not told what it needs, that is the share ``missing`` of the points.
    """

    kind: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]
    defaults: ClassVar[Params] = {}

    def __init__(self, pool: Pool, params: Params, points: int = SCALE) -> None:
        self.pool = pool
        self.points = points
        self.read = Reader(self.kind, self.all_defaults(), params)
        self.missing = self.read.number("missing", high=1.0)
        self.left_told = np.ones(len(pool.mentees), dtype=bool)
        self.right_told = np.ones(len(pool.mentors), dtype=bool)
        self.prepare()
        self.terms: tuple[Worth, ...] = ()
        if points:
            self.terms = (*map(simplified, self.worth()), *self._untold())

    @classmethod
    def all_defaults(cls) -> Params:
        return {"missing": 0.0, **cls.defaults}

    @abstractmethod
    def prepare(self) -> None:
        """Read the parameters and columns it needs, and set who has told."""

    @abstractmethod
    def worth(self) -> Iterable[Worth]:
        """Say what pairs are worth: 0 to ``points`` in all, 0 where a side has not told."""

    @abstractmethod
    def facts(self, mentee: int, mentor: int) -> tuple[str, dict[str, object]]:
        """Return the code and the facts that explain a pair with a value above 0."""

    def _untold(self) -> Iterable[Worth]:
        points = share_of(self.points, self.missing)
        if points:
            everybody = np.ones_like(self.right_told)
            yield Term((both(~self.left_told, everybody, points),))
            yield Term((both(self.left_told, ~self.right_told, points),))

    def told(self, rows: Index, cols: Index) -> Bools:
        return self.left_told[rows] & self.right_told[cols]

    def earned(self, rows: Index, cols: Index) -> Whole:
        """Return the points of single pairs."""
        total = np.zeros(len(rows), dtype=np.int64)
        for term in self.terms:
            total += term.pairs(rows, cols)
        return total

    def explain(self, rows: Index, cols: Index) -> list[Reason | None]:
        """Return for each single pair why it fits by this criterion; None: nothing to say."""
        strengths = np.where(self.told(rows, cols), self.earned(rows, cols), 0) / max(
            self.points, 1
        )
        return [
            self._reason(mentee, mentor, strength) if strength > 0 else None
            for mentee, mentor, strength in zip(
                rows.tolist(), cols.tolist(), strengths.tolist(), strict=True
            )
        ]

    def _reason(self, mentee: int, mentor: int, strength: float) -> Reason:
        code, facts = self.facts(mentee, mentor)
        return Reason(code=code, params=facts, strength=strength, kind=self.kind)


def share_of(points: int, share: float) -> int:
    """Return a share of some points, rounded to a whole number, half to even."""
    return round(points * share)


CRITERIA: dict[str, type[Measure]] = {}
"""Every criterion by its kind."""


def criterion(measure: type[Measure]) -> type[Measure]:
    """Enter a criterion in the registry."""
    CRITERIA[measure.kind] = measure
    return measure
