"""Criteria about one trait of each side: level, profession, place, experience, opted-in traits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from matching.engine.columns import Codes, Floats, equal_codes, number_column
from matching.engine.criteria.base import Measure, criterion
from matching.engine.criteria.numbers import number_worth
from matching.engine.errors import InvalidPolicy
from matching.engine.features import Term, Worth, alike, both


@criterion
class Seniority(Measure):
    """How many levels the mentor stands above the mentee.

    Either ``table`` ({gap: share}, other gaps 0), or a band from ``min`` to ``max`` that counts 1
    and loses ``step`` for each level outside it.
    """

    kind = "seniority"
    needs = ("level",)
    defaults = {"table": None, "min": 1, "max": 3, "step": 0.5}

    def prepare(self) -> None:
        self.left, self.left_told = number_column(self.pool.mentees.level)
        self.right, self.right_told = number_column(self.pool.mentors.level)
        self.table = self.read.share_table("table")
        self.low = self.read.number("min", low=-np.inf)
        self.high = self.read.number("max", low=-np.inf)
        self.step = self.read.number("step", high=1.0)
        if self.low > self.high:
            raise InvalidPolicy("The seniority band ends before it starts.")

    def worth(self) -> Iterable[Worth]:
        left, right = (self.left, self.left_told), (self.right, self.right_told)
        yield number_worth(left, right, self._values, self.points)

    def _values(self, mentee: Floats, mentor: Floats) -> Floats:
        gap = mentor - mentee
        if self.table is None:
            outside = np.maximum(np.maximum(self.low - gap, gap - self.high), 0.0)
            return np.maximum(1.0 - self.step * outside, 0.0)
        shares = np.zeros(gap.shape)
        for step, share in self.table.items():
            shares[gap == step] = share
        return shares

    def facts(self, mentee: int, mentor: int) -> tuple[str, dict[str, object]]:
        return "seniority", {"gap": int(self.right[mentor] - self.left[mentee])}


def code_worth(left: Codes, right: Codes, mode: str, points: int) -> Worth:
    """Return what the same (or a different) known code is worth."""
    if mode == "same":
        return Term((alike(left, right, points),))
    return Term((both(left >= 0, right >= 0, points), alike(left, right, -points)))


class Trait(Measure):
    """The same, or a different, value in one column."""

    column: ClassVar[str]
    defaults = {"mode": "same"}

    def prepare(self) -> None:
        left = getattr(self.pool.mentees, self.column)
        right = getattr(self.pool.mentors, self.column)
        self.mode = self.read.choice("mode", ("same", "different"))
        self.left, self.right = equal_codes(left, right)
        self.left_told, self.right_told = self.left >= 0, self.right >= 0

    def worth(self) -> Iterable[Worth]:
        yield code_worth(self.left, self.right, self.mode, self.points)

    def facts(self, mentee: int, mentor: int) -> tuple[str, dict[str, object]]:
        left = getattr(self.pool.mentees, self.column)[mentee]
        right = getattr(self.pool.mentors, self.column)[mentor]
        code = f"{self.column}_{self.mode}"
        if self.mode == "same":
            return code, {"value": left}
        return code, {"mentee": left, "mentor": right}


@criterion
class Profession(Trait):
    """The same function or profession."""

    kind = column = "profession"
    needs = ("profession",)


@criterion
class Industry(Trait):
    """The same industry, or a different one."""

    kind = column = "industry"
    needs = ("industry",)


@criterion
class Location(Trait):
    """The same place."""

    kind = column = "location"
    needs = ("location",)


@criterion
class Department(Trait):
    """A different department, or the same."""

    kind = column = "department"
    needs = ("department",)
    defaults = {"mode": "different"}


@criterion
class Organisation(Trait):
    """The same organisation, or a different one."""

    kind = column = "organisation"
    needs = ("organisation",)


@criterion
class Experience(Measure):
    """What the mentor has done before; full at ``enough`` (matches or years, as the column is)."""

    kind = "experience"
    needs = ("experience",)
    defaults = {"enough": 2}

    def prepare(self) -> None:
        self.years, self.right_told = number_column(self.pool.mentors.experience)
        self.enough = self.read.positive("enough")

    def worth(self) -> Iterable[Worth]:
        mentees = np.zeros(len(self.pool.mentees))
        left, right = (mentees, self.left_told), (self.years, self.right_told)
        yield number_worth(left, right, self._values, self.points)

    def _values(self, _mentee: Floats, mentor: Floats) -> Floats:
        return np.clip(mentor / self.enough, 0.0, 1.0)

    def facts(self, mentee: int, mentor: int) -> tuple[str, dict[str, object]]:
        return "experience", {"experience": self.pool.mentors.experience[mentor]}
