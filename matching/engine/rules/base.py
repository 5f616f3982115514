"""The shape of a hard rule. A new one is one small class, decorated with ``@rule``.

A rule judges what is known. Where it cannot tell, the parameter ``unknown`` decides: "allow" (the
default) or "forbid".
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from functools import cached_property
from typing import ClassVar

import numpy as np
from scipy.sparse import csr_array

from matching.engine.columns import Bools, Index
from matching.engine.features import Listed, Term, Worth, both
from matching.engine.model import Params, Pool
from matching.engine.params import Reader
from matching.engine.patterns import simplified
from matching.engine.sums import Sum


class HardRule(ABC):
    """One rule at work on one pool: terms that count strikes against a pair. One is too many."""

    kind: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ()
    defaults: ClassVar[Params] = {}

    def __init__(self, pool: Pool, params: Params) -> None:
        self.pool = pool
        self.read = Reader(self.kind, self.all_defaults(), params)
        self.forbids_unknown = self.read.choice("unknown", ("allow", "forbid")) == "forbid"
        self.left_told = np.ones(len(pool.mentees), dtype=bool)
        self.right_told = np.ones(len(pool.mentors), dtype=bool)
        self.prepare()
        strikes = (simplified(term, at_most=1) for term in self.strikes())
        self.terms: tuple[Worth, ...] = (*strikes, *self._unknown())

    @classmethod
    def all_defaults(cls) -> Params:
        return {"unknown": "allow", **cls.defaults}

    @abstractmethod
    def prepare(self) -> None:
        """Read the parameters and columns it needs, and set who has told."""

    @abstractmethod
    def strikes(self) -> Iterable[Worth]:
        """Count strikes: 0 for pairs that keep the rule or where a side has not told."""

    def _unknown(self) -> Iterable[Worth]:
        if self.forbids_unknown and not (self.left_told.all() and self.right_told.all()):
            everybody = np.ones_like(self.right_told)
            yield Term((both(~self.left_told, everybody, 1),))
            yield Term((both(self.left_told, ~self.right_told, 1),))

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.pool.mentees), len(self.pool.mentors)

    @cached_property
    def listed(self) -> csr_array | None:
        """The pairs it forbids, where it knows them by name; None where it looks at every pair."""
        cells = [term.cells for term in self.terms if isinstance(term, Listed)]
        return cells[0] if len(cells) == len(self.terms) == 1 else None

    @cached_property
    def _sum(self) -> Sum:
        return Sum(self.terms, self.shape)

    def forbids(self, rows: Index, cols: Index) -> Bools:
        """Tell which pairs the rule forbids; shape as ``rows`` and ``cols`` broadcast."""
        if rows.ndim == 1:
            return self._sum.pairs(rows, cols) > 0
        found = np.empty((len(rows), cols.shape[1]), dtype=bool)
        if self.listed is not None and not self.listed.nnz:
            found.fill(False)
            return found
        for here, there, tile in self._sum.of_cols(cols.ravel()).tiles(rows.ravel()):
            np.greater(tile, 0, out=found[here, there])
        return found


RULES: dict[str, type[HardRule]] = {}
"""Every rule by its kind."""

ALWAYS_ON = ("not_self", "reporting_line", "must_not_pair", "from_outside")
"""Rules that hold in every policy, listed or not."""

NEVER_OVERRIDDEN = ("not_self", "from_outside")


def rule(hard_rule: type[HardRule]) -> type[HardRule]:
    """Enter a rule in the registry."""
    RULES[hard_rule.kind] = hard_rule
    return hard_rule
