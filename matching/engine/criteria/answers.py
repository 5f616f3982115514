"""The criterion about answers to a question of the enrolment form."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from matching.engine.columns import Bools, Codes, Floats, equal_codes, filled
from matching.engine.criteria.base import Measure, criterion
from matching.engine.criteria.numbers import number_worth
from matching.engine.criteria.traits import code_worth
from matching.engine.criteria.wishes import wish_features
from matching.engine.features import Term, Worth
from matching.engine.model import Answer, People

MODES = ("same", "different", "near", "at_least", "overlap")


def answer_sets(people: People, question: str) -> list[frozenset[str]]:
    """Return each person's answer as a set of texts; empty where there is none."""
    return [_as_set(answers.get(question)) for answers in people.answers]


def _as_set(answer: Answer | None) -> frozenset[str]:
    if answer is None or answer == "":
        return frozenset()
    if isinstance(answer, str):
        return frozenset({answer})
    if isinstance(answer, int | float):
        return frozenset({repr(float(answer))})
    return frozenset(answer)


def answer_numbers(people: People, question: str) -> tuple[Floats, Bools]:
    """Return each person's answer as a number, and who gave one."""
    given = [answers.get(question) for answers in people.answers]
    told = np.array([isinstance(answer, int | float) for answer in given], dtype=bool)
    numbers = [float(answer) if isinstance(answer, int | float) else 0.0 for answer in given]
    return np.array(numbers, dtype=np.float64), told


@criterion
class AnswerFit(Measure):
    """What the two answered to a question (or to two that belong together).

    ``mode``: *same* or *different* answer; *near*: closer numbers are better, 0 at a distance of
    ``range``; *at_least*: the mentor's number reaches the mentee's, and loses evenly to 0 where it
    falls short by ``range``; *overlap*: share of the mentee's choices among the mentor's. With
    ``only_if_answered`` off, *same* and *different* take "no answer" as an answer of its own.
    """

    kind = "answer"
    needs = ("answers",)
    defaults = {
        "question": "",
        "mentor_question": None,
        "mode": "same",
        "range": 4,
        "only_if_answered": True,
    }

    def prepare(self) -> None:
        self.question = self.read.text("question")
        self.mode = self.read.choice("mode", MODES)
        self.range = self.read.positive("range")
        other = self.read.raw("mentor_question")
        self.mentor_question = self.question if other is None else self.read.text("mentor_question")
        self.left_sets = answer_sets(self.pool.mentees, self.question)
        self.right_sets = answer_sets(self.pool.mentors, self.mentor_question)
        self.is_number = self.mode in ("near", "at_least")
        if self.is_number:
            self.left, self.left_told = answer_numbers(self.pool.mentees, self.question)
            self.right, self.right_told = answer_numbers(self.pool.mentors, self.mentor_question)
        elif self.read.flag("only_if_answered") or self.mode == "overlap":
            self.left_told, self.right_told = filled(self.left_sets), filled(self.right_sets)

    def worth(self) -> Iterable[Worth]:
        if self.is_number:
            left, right = (self.left, self.left_told), (self.right, self.right_told)
            yield number_worth(left, right, self._closeness, self.points)
        elif self.mode == "overlap":
            wanted = [dict.fromkeys(own, 1) for own in self.left_sets]
            yield Term((wish_features(wanted, self.right_sets, self.points),))
        else:
            left_codes, right_codes = equal_codes(self.left_sets, self.right_sets)
            yield code_worth(
                _known(left_codes, self.left_told),
                _known(right_codes, self.right_told),
                self.mode,
                self.points,
            )

    def _closeness(self, mentee: Floats, mentor: Floats) -> Floats:
        if self.mode == "near":
            return np.maximum(1.0 - np.abs(mentor - mentee) / self.range, 0.0)
        return np.maximum(1.0 - np.maximum(mentee - mentor, 0.0) / self.range, 0.0)

    def facts(self, mentee: int, mentor: int) -> tuple[str, dict[str, object]]:
        left, right = self.left_sets[mentee], self.right_sets[mentor]
        common = left & right if self.mode in ("same", "overlap") else left | right
        return f"answer_{self.mode}", {"question": self.question, "values": sorted(common)}


def _known(codes: Codes, told: Bools) -> Codes:
    return np.where(told, codes, -1)
