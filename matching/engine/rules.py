"""The hard rules: what no pair may break. A new one is one small class, decorated with ``@rule``.

A rule judges what is known. Where it cannot tell, the parameter ``unknown`` decides: "allow" (the
default) or "forbid".
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from matching.engine.columns import (
    Bools,
    Codes,
    Index,
    Overlap,
    PairSet,
    equal_codes,
    hour_rows,
    known,
    members,
    number_column,
    same,
    unordered_pairs,
)
from matching.engine.criteria.answers import answer_sets
from matching.engine.criteria.overlap import filled
from matching.engine.model import Params, Pool
from matching.engine.params import Reader


class HardRule(ABC):
    """One rule at work on one pool; it answers for any block of pairs."""

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

    @classmethod
    def all_defaults(cls) -> Params:
        return {"unknown": "allow", **cls.defaults}

    @abstractmethod
    def prepare(self) -> None:
        """Turn the columns it needs into arrays, and set who has told."""

    @abstractmethod
    def breaks(self, rows: Index, cols: Index) -> Bools:
        """Tell which pairs break the rule, given that both sides have told."""

    def forbids(self, rows: Index, cols: Index) -> Bools:
        """Tell which pairs the rule forbids; shape as ``rows`` and ``cols`` broadcast."""
        told = known(self.left_told, self.right_told, rows, cols)
        return np.where(told, self.breaks(rows, cols), self.forbids_unknown)


RULES: dict[str, type[HardRule]] = {}
"""Every rule by its kind."""

ALWAYS_ON = ("not_self", "reporting_line", "must_not_pair")
"""Rules that hold in every policy, listed or not."""

NEVER_OVERRIDDEN = ("not_self",)


def rule(hard_rule: type[HardRule]) -> type[HardRule]:
    """Enter a rule in the registry."""
    RULES[hard_rule.kind] = hard_rule
    return hard_rule


@rule
class NotSelf(HardRule):
    """Nobody is their own mentor."""

    kind = "not_self"
    needs = ("person",)

    def prepare(self) -> None:
        self.left, self.right = equal_codes(self.pool.mentees.person, self.pool.mentors.person)

    def breaks(self, rows: Index, cols: Index) -> Bools:
        return same(self.left, self.right, rows, cols)


@rule
class ReportingLine(HardRule):
    """Neither is the other's manager, nor the manager of that manager.

    With ``same_manager``, two people who report to the same manager are kept apart as well.
    """

    kind = "reporting_line"
    needs = ("person", "manager", "second_manager")
    defaults = {"same_manager": False}

    def prepare(self) -> None:
        mentees, mentors = self.pool.mentees, self.pool.mentors
        codes = equal_codes(
            mentees.person,
            mentees.manager,
            mentees.second_manager,
            mentors.person,
            mentors.manager,
            mentors.second_manager,
        )
        self.person, self.manager, self.second, *rest = codes
        self.mentor_person, self.mentor_manager, self.mentor_second = rest
        self.same_manager = self.read.flag("same_manager")

    def breaks(self, rows: Index, cols: Index) -> Bools:
        lines: list[tuple[Codes, Codes]] = [
            (self.manager, self.mentor_person),
            (self.second, self.mentor_person),
            (self.person, self.mentor_manager),
            (self.person, self.mentor_second),
        ]
        if self.same_manager:
            lines.append((self.manager, self.mentor_manager))
        broken = same(*lines[0], rows, cols)
        for left, right in lines[1:]:
            broken |= same(left, right, rows, cols)
        return broken


@rule
class MustNotPair(HardRule):
    """Two people who must not be paired, as somebody has asked."""

    kind = "must_not_pair"

    def prepare(self) -> None:
        mentees, mentors = self.pool.mentees, self.pool.mentors
        pairs = unordered_pairs(self.pool.must_not_pairs, mentees, mentors)
        self.pairs = PairSet(pairs, len(mentors))

    def breaks(self, rows: Index, cols: Index) -> Bools:
        return self.pairs.holds(rows, cols)


@rule
class EarlierPair(HardRule):
    """Two people who were a pair before."""

    kind = "earlier_pair"

    def prepare(self) -> None:
        mentees, mentors = self.pool.mentees, self.pool.mentors
        pairs = unordered_pairs(self.pool.earlier_pairs, mentees, mentors)
        self.pairs = PairSet(pairs, len(mentors))

    def breaks(self, rows: Index, cols: Index) -> Bools:
        return self.pairs.holds(rows, cols)


class SameTrait(HardRule):
    """The same value in one column, or a different one."""

    column: ClassVar[str]
    wants_same: ClassVar[bool]

    def prepare(self) -> None:
        left = getattr(self.pool.mentees, self.column)
        right = getattr(self.pool.mentors, self.column)
        self.left, self.right = equal_codes(left, right)
        self.left_told, self.right_told = self.left >= 0, self.right >= 0

    def breaks(self, rows: Index, cols: Index) -> Bools:
        alike = same(self.left, self.right, rows, cols)
        return ~alike if self.wants_same else alike


@rule
class SameDepartment(SameTrait):
    """The same department."""

    kind = "same_department"
    needs = ("department",)
    column = "department"
    wants_same = True


@rule
class DifferentDepartment(SameTrait):
    """A different department."""

    kind = "different_department"
    needs = ("department",)
    column = "department"
    wants_same = False


@rule
class SameLocation(SameTrait):
    """The same place."""

    kind = "same_location"
    needs = ("location",)
    column = "location"
    wants_same = True


@rule
class DifferentLocation(SameTrait):
    """A different place."""

    kind = "different_location"
    needs = ("location",)
    column = "location"
    wants_same = False


@rule
class SameOrganisation(SameTrait):
    """The same organisation."""

    kind = "same_organisation"
    needs = ("organisation",)
    column = "organisation"
    wants_same = True


@rule
class DifferentOrganisation(SameTrait):
    """A different organisation."""

    kind = "different_organisation"
    needs = ("organisation",)
    column = "organisation"
    wants_same = False


@rule
class LevelGap(HardRule):
    """The mentor stands from ``min`` to ``max`` levels above the mentee; None is no bound."""

    kind = "level_gap"
    needs = ("level",)
    defaults = {"min": None, "max": None}

    def prepare(self) -> None:
        self.left, self.left_told = number_column(self.pool.mentees.level)
        self.right, self.right_told = number_column(self.pool.mentors.level)
        low, high = self.read.optional_number("min"), self.read.optional_number("max")
        self.low = -np.inf if low is None else low
        self.high = np.inf if high is None else high
        if self.low > self.high:
            raise self.read.refuse("max", "at least the smallest gap")

    def breaks(self, rows: Index, cols: Index) -> Bools:
        gap = self.right[cols] - self.left[rows]
        return (gap < self.low) | (gap > self.high)


@rule
class CommonLanguage(HardRule):
    """At least one language in common."""

    kind = "common_language"
    needs = ("languages",)

    def prepare(self) -> None:
        left, right = self.pool.mentees.languages, self.pool.mentors.languages
        self.left_told, self.right_told = filled(left), filled(right)
        self.overlap = Overlap(members(left), members(right))

    def breaks(self, rows: Index, cols: Index) -> Bools:
        return self.overlap.sums(rows, cols) < 1


@rule
class MinimumSharedHours(HardRule):
    """At least ``hours`` hours of the week in which both can meet."""

    kind = "minimum_shared_hours"
    needs = ("hours",)
    defaults = {"hours": 1}

    def prepare(self) -> None:
        left, right = self.pool.mentees.hours, self.pool.mentors.hours
        self.left_told = np.array([hours is not None for hours in left], dtype=bool)
        self.right_told = np.array([hours is not None for hours in right], dtype=bool)
        self.overlap = Overlap(hour_rows(left), hour_rows(right))
        self.least = self.read.number("hours", high=168)

    def breaks(self, rows: Index, cols: Index) -> Bools:
        return self.overlap.sums(rows, cols) < self.least


class AnswerRule(HardRule):
    """The same, or a different, answer to a question (or to two that belong together)."""

    needs = ("answers",)
    defaults = {"question": "", "mentor_question": None}

    def prepare(self) -> None:
        question = self.read.text("question")
        has_other = self.read.raw("mentor_question") is not None
        other = self.read.text("mentor_question") if has_other else question
        left = answer_sets(self.pool.mentees, question)
        right = answer_sets(self.pool.mentors, other)
        self.left, self.right = equal_codes(left, right)
        self.left_told, self.right_told = filled(left), filled(right)


@rule
class AnswerSame(AnswerRule):
    """The same answer."""

    kind = "answer_same"

    def breaks(self, rows: Index, cols: Index) -> Bools:
        return ~same(self.left, self.right, rows, cols)


@rule
class AnswerDifferent(AnswerRule):
    """A different answer."""

    kind = "answer_different"

    def breaks(self, rows: Index, cols: Index) -> Bools:
        return same(self.left, self.right, rows, cols)
