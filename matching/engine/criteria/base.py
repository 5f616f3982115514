"""The shape of a criterion. A new one is one small class, decorated with ``@criterion``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from matching.engine.columns import Bools, Floats, Index, known
from matching.engine.model import Params, Pool
from matching.engine.params import Reader
from matching.engine.results import Reason


class Measure(ABC):
    """One criterion at work on one pool.

    Built once for a pool, it answers for any block of pairs with values in [0, 1]. Where either
    side has not told what it needs, the value is the parameter ``missing``.
    """

    kind: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]
    defaults: ClassVar[Params] = {}

    def __init__(self, pool: Pool, params: Params) -> None:
        self.pool = pool
        self.read = Reader(self.kind, self.all_defaults(), params)
        self.missing = self.read.number("missing", high=1.0)
        self.left_told = np.ones(len(pool.mentees), dtype=bool)
        self.right_told = np.ones(len(pool.mentors), dtype=bool)
        self.prepare()

    @classmethod
    def all_defaults(cls) -> Params:
        return {"missing": 0.0, **cls.defaults}

    @abstractmethod
    def prepare(self) -> None:
        """Turn the columns it needs into arrays, and set who has told."""

    @abstractmethod
    def values(self, rows: Index, cols: Index) -> Floats:
        """Return the value in [0, 1] of the pairs where both sides have told."""

    @abstractmethod
    def facts(self, mentee: int, mentor: int) -> tuple[str, dict[str, object]]:
        """Return the code and the facts that explain a pair with a value above 0."""

    def told(self, rows: Index, cols: Index) -> Bools:
        return known(self.left_told, self.right_told, rows, cols)

    def score(self, rows: Index, cols: Index) -> Floats:
        """Return the value in [0, 1] of all pairs asked for; shape as ``rows`` and ``cols`` say."""
        told = self.told(rows, cols)
        return np.where(told, self.values(rows, cols), self.missing)

    def explain(self, rows: Index, cols: Index) -> list[Reason | None]:
        """Return for each single pair why it fits by this criterion; None: nothing to say."""
        strengths = np.where(self.told(rows, cols), self.score(rows, cols), 0.0)
        return [
            self._reason(mentee, mentor, strength) if strength > 0 else None
            for mentee, mentor, strength in zip(
                rows.tolist(), cols.tolist(), strengths.tolist(), strict=True
            )
        ]

    def _reason(self, mentee: int, mentor: int, strength: float) -> Reason:
        code, facts = self.facts(mentee, mentor)
        return Reason(code=code, params=facts, strength=strength, kind=self.kind)


CRITERIA: dict[str, type[Measure]] = {}
"""Every criterion by its kind."""


def criterion(measure: type[Measure]) -> type[Measure]:
    """Enter a criterion in the registry."""
    CRITERIA[measure.kind] = measure
    return measure
