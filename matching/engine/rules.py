"""The hard rules: what no pair may break. A new one is one small class, decorated with ``@rule``.

A rule judges what is known. Where it cannot tell, the parameter ``unknown`` decides: "allow" (the
default) or "forbid".
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from functools import cached_property
from typing import ClassVar

import numpy as np
from scipy.sparse import csr_array

from matching.engine.columns import (
    Bools,
    Codes,
    Floats,
    Index,
    equal_codes,
    filled,
    given,
    number_column,
    unordered_pairs,
)
from matching.engine.criteria.answers import answer_sets
from matching.engine.criteria.languages import RANK, spoken_from
from matching.engine.criteria.numbers import number_worth
from matching.engine.criteria.overlap import hour_features
from matching.engine.features import Cells, Listed, Term, Worth, alike, both, matched
from matching.engine.model import LANGUAGE_LEVELS, Id, Params, People, Pool
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

ALWAYS_ON = ("not_self", "reporting_line", "must_not_pair")
"""Rules that hold in every policy, listed or not."""

NEVER_OVERRIDDEN = ("not_self",)


def rule(hard_rule: type[HardRule]) -> type[HardRule]:
    """Enter a rule in the registry."""
    RULES[hard_rule.kind] = hard_rule
    return hard_rule


class PairRule(HardRule):
    """A rule that forbids single pairs; what it looks at is always known."""

    def prepare(self) -> None:
        """Read nothing."""

    @abstractmethod
    def forbidden(self, mentees: People, mentors: People) -> Iterable[tuple[int, int]]:
        """Name the rows of the pairs; a pair may be named more than once."""

    def strikes(self) -> Iterable[Worth]:
        pairs = dict.fromkeys(self.forbidden(self.pool.mentees, self.pool.mentors), 1)
        yield Listed.of(pairs, self.shape)


@rule
class NotSelf(PairRule):
    """Nobody is their own mentor."""

    kind = "not_self"
    needs = ("person",)

    def forbidden(self, mentees: People, mentors: People) -> Iterable[tuple[int, int]]:
        return _who_is(mentees.person, mentors)


def _who_is(named: Iterable[Id | None], people: People) -> Iterable[tuple[int, int]]:
    """Yield each row that names somebody of the people, with the row of whom it names."""
    place = people.person_index
    for row, person in enumerate(named):
        if person in place and person != "":
            yield row, place[person]


@rule
class ReportingLine(PairRule):
    """Neither is the other's manager, nor the manager of that manager.

    With ``same_manager``, two people who report to the same manager are kept apart as well.
    """

    kind = "reporting_line"
    needs = ("person", "manager", "second_manager")
    defaults = {"same_manager": False}

    def prepare(self) -> None:
        self.same_manager = self.read.flag("same_manager")

    def forbidden(self, mentees: People, mentors: People) -> Iterable[tuple[int, int]]:
        for column in ("manager", "second_manager"):
            yield from _who_is(getattr(mentees, column), mentors)
            for mentor, mentee in _who_is(getattr(mentors, column), mentees):
                yield mentee, mentor

    def strikes(self) -> Iterable[Worth]:
        yield from super().strikes()
        if self.same_manager:
            left, right = equal_codes(self.pool.mentees.manager, self.pool.mentors.manager)
            yield Term((alike(left, right, 1),))


@rule
class MustNotPair(PairRule):
    """Two people who must not be paired, as somebody has asked."""

    kind = "must_not_pair"

    def forbidden(self, mentees: People, mentors: People) -> Iterable[tuple[int, int]]:
        return unordered_pairs(self.pool.must_not_pairs, mentees, mentors)


@rule
class EarlierPair(PairRule):
    """Two people who were a pair before."""

    kind = "earlier_pair"

    def forbidden(self, mentees: People, mentors: People) -> Iterable[tuple[int, int]]:
        return unordered_pairs(self.pool.earlier_pairs, mentees, mentors)


def _code_strikes(rule: HardRule, codes: tuple[Codes, ...], *, wants_same: bool) -> Term:
    """Return a strike where known codes differ, or where they are the same."""
    left, right = codes
    if wants_same:
        return Term((both(rule.left_told, rule.right_told, 1), alike(left, right, -1)))
    return Term((alike(left, right, 1),))


class SameTrait(HardRule):
    """The same value in one column, or a different one."""

    column: ClassVar[str]
    wants_same: ClassVar[bool]

    def prepare(self) -> None:
        left = getattr(self.pool.mentees, self.column)
        right = getattr(self.pool.mentors, self.column)
        self.codes = equal_codes(left, right)
        self.left_told, self.right_told = (codes >= 0 for codes in self.codes)

    def strikes(self) -> Iterable[Worth]:
        yield _code_strikes(self, self.codes, wants_same=self.wants_same)


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

    def strikes(self) -> Iterable[Worth]:
        left, right = (self.left, self.left_told), (self.right, self.right_told)
        yield number_worth(left, right, self._outside, 1)

    def _outside(self, mentee: Floats, mentor: Floats) -> Floats:
        gap = mentor - mentee
        return ((gap < self.low) | (gap > self.high)).astype(np.float64)


@rule
class CommonLanguage(HardRule):
    """At least one language in common, which both speak at ``level`` or better (None: any)."""

    kind = "common_language"
    needs = ("languages",)
    defaults = {"level": None}

    def prepare(self) -> None:
        self.left, self.right = self.pool.mentees.languages, self.pool.mentors.languages
        self.left_told, self.right_told = filled(self.left), filled(self.right)
        is_any = self.read.raw("level") is None
        self.rank = 1 if is_any else RANK[self.read.choice("level", LANGUAGE_LEVELS)]

    def strikes(self) -> Iterable[Worth]:
        left, right = spoken_from(self.left, self.rank), spoken_from(self.right, self.rank)
        common = matched(Cells.of(left, -1), Cells.of(right), 1)
        yield Term((both(self.left_told, self.right_told, 1), common), low=0)


@rule
class MinimumSharedHours(HardRule):
    """At least ``hours`` hours of the week in which both can meet."""

    kind = "minimum_shared_hours"
    needs = ("hours",)
    defaults = {"hours": 1}

    def prepare(self) -> None:
        self.left, self.right = self.pool.mentees.hours, self.pool.mentors.hours
        self.left_told, self.right_told = given(self.left), given(self.right)
        self.least = math.ceil(self.read.number("hours", high=168))

    def strikes(self) -> Iterable[Worth]:
        common = hour_features(self.left, self.right).scaled(-1)
        yield Term((both(self.left_told, self.right_told, self.least), common), low=0)


@rule
class TrainingDone(HardRule):
    """Both (or ``who``: the mentor, the mentee) have done the training."""

    kind = "training_done"
    needs = ("training_done",)
    defaults = {"who": "both"}

    def prepare(self) -> None:
        who = self.read.choice("who", ("both", "mentor", "mentee"))
        self.untrained = [
            self._untrained(people) if who in ("both", side) else np.zeros(len(people), dtype=bool)
            for side, people in (("mentee", self.pool.mentees), ("mentor", self.pool.mentors))
        ]

    def _untrained(self, people: People) -> Bools:
        wrong = (False, None) if self.forbids_unknown else (False,)
        return np.array([done in wrong for done in people.training_done], dtype=bool)

    def strikes(self) -> Iterable[Worth]:
        mentees, mentors = self.untrained
        yield Term((both(mentees, np.ones_like(mentors), 1),))
        yield Term((both(np.ones_like(mentees), mentors, 1),))


class AnswerRule(HardRule):
    """The same, or a different, answer to a question (or to two that belong together)."""

    needs = ("answers",)
    defaults = {"question": "", "mentor_question": None}
    wants_same: ClassVar[bool]

    def prepare(self) -> None:
        question = self.read.text("question")
        has_other = self.read.raw("mentor_question") is not None
        other = self.read.text("mentor_question") if has_other else question
        left = answer_sets(self.pool.mentees, question)
        right = answer_sets(self.pool.mentors, other)
        self.left_told, self.right_told = filled(left), filled(right)
        self.codes = equal_codes(*([own or None for own in side] for side in (left, right)))

    def strikes(self) -> Iterable[Worth]:
        yield _code_strikes(self, self.codes, wants_same=self.wants_same)


@rule
class AnswerSame(AnswerRule):
    """The same answer."""

    kind = "answer_same"
    wants_same = True


@rule
class AnswerDifferent(AnswerRule):
    """A different answer."""

    kind = "answer_different"
    wants_same = False
