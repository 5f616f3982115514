"""Rules about the same, or a different, department, place, organisation or answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from matching.engine.columns import Codes, equal_codes, filled
from matching.engine.criteria.answers import answer_sets
from matching.engine.features import Term, Worth, alike, both
from matching.engine.rules.base import HardRule, rule


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
