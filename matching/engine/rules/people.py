"""Rules about who the two people are to each other."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable

import numpy as np

from matching.engine.columns import equal_codes, unordered_pairs
from matching.engine.features import Listed, Term, Worth, alike, both
from matching.engine.model import Id, People
from matching.engine.rules.base import HardRule, rule


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
class FromOutside(HardRule):
    """A mentor from outside, and a mentee who has not said that this is fine."""

    kind = "from_outside"
    needs = ("is_external", "accepts_external")

    def prepare(self) -> None:
        self.unasked = ~np.array(self.pool.mentees.accepts_external, dtype=bool)
        self.outside = np.array(self.pool.mentors.is_external, dtype=bool)

    def strikes(self) -> Iterable[Worth]:
        if self.unasked.any() and self.outside.any():
            yield Term((both(self.unasked, self.outside, 1),))
        else:
            yield Listed.of({}, self.shape)


@rule
class EarlierPair(PairRule):
    """Two people who were a pair before."""

    kind = "earlier_pair"

    def forbidden(self, mentees: People, mentors: People) -> Iterable[tuple[int, int]]:
        return unordered_pairs(self.pool.earlier_pairs, mentees, mentors)
