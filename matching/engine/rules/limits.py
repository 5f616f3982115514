"""Rules that set a limit: levels, languages, hours, training."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from matching.engine.columns import Bools, Floats, filled, given, number_column
from matching.engine.criteria.languages import RANK, spoken_from
from matching.engine.criteria.numbers import number_worth
from matching.engine.criteria.overlap import hour_features
from matching.engine.features import Cells, Term, Worth, both, matched
from matching.engine.model import LANGUAGE_LEVELS, People
from matching.engine.rules.base import HardRule, rule


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
