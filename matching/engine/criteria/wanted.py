"""Criteria about what people are after: a career, certain people, somebody like or unlike them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from matching.engine.columns import equal_codes, filled
from matching.engine.criteria.base import Measure, criterion, share_of
from matching.engine.criteria.traits import code_worth
from matching.engine.criteria.wishes import wish_features
from matching.engine.features import Listed, Term, Worth
from matching.engine.model import People


@criterion
class CareerPath(Measure):
    """The mentor works in the profession that the mentee wants to reach.

    ``related`` gives partial credit: {wanted profession: {profession: 0..1}}.
    """

    kind = "career_path"
    needs = ("career_goal", "profession")
    defaults = {"related": {}}

    def prepare(self) -> None:
        self.related = self.read.credits("related")
        goals, professions = self.pool.mentees.career_goal, self.pool.mentors.profession
        self.wanted = [{goal: 1} if goal else {} for goal in goals]
        self.offered = [{profession} if profession else set() for profession in professions]
        self.left_told, self.right_told = filled(self.wanted), filled(self.offered)

    def worth(self) -> Iterable[Worth]:
        yield Term((wish_features(self.wanted, self.offered, self.points, self.related),))

    def facts(self, mentee: int, mentor: int) -> tuple[str, dict[str, object]]:
        [goal], [profession] = self.wanted[mentee], self.offered[mentor]
        return "career_path", {
            "goal": goal,
            "profession": profession,
            "is_exact": goal == profession,
        }


@criterion
class Preferences(Measure):
    """What either side asked for: whom they named, dearest first.

    The first place is worth a wish, and each further place ``step`` less. The wish of one side
    alone counts ``one_sided`` of the points; two wishes add up, to all points at most.
    """

    kind = "preference"
    needs = ("preferred", "person")
    defaults = {"step": 0.2, "one_sided": 0.6}

    def prepare(self) -> None:
        self.step = self.read.number("step", high=1.0)
        self.one_sided = self.read.number("one_sided", high=1.0)
        mentees, mentors = self.pool.mentees, self.pool.mentors
        self.by_mentee = {(row, col): place for row, col, place in _named_rows(mentees, mentors)}
        self.by_mentor = {(row, col): place for col, row, place in _named_rows(mentors, mentees)}

    def worth(self) -> Iterable[Worth]:
        pairs = self.by_mentee.keys() | self.by_mentor.keys()
        worth = {
            pair: min(
                self._wish(self.by_mentee, pair) + self._wish(self.by_mentor, pair), self.points
            )
            for pair in sorted(pairs)
        }
        yield Listed.of(worth, (len(self.pool.mentees), len(self.pool.mentors)))

    def _wishes(self, pair: tuple[int, int]) -> int:
        return min(self._wish(self.by_mentee, pair) + self._wish(self.by_mentor, pair), self.points)

    def _wish(self, places: Mapping[tuple[int, int], int], pair: tuple[int, int]) -> int:
        if pair not in places:
            return 0
        share = max(1.0 - self.step * places[pair], 0.0)
        return share_of(self.points, self.one_sided * share)

    def facts(self, mentee: int, mentor: int) -> tuple[str, dict[str, object]]:
        sides = {"mentee": self.by_mentee, "mentor": self.by_mentor}
        asked = [side for side, places in sides.items() if self._wish(places, (mentee, mentor))]
        return "preference", {"by": asked}


def _named_rows(own: People, others: People) -> Iterable[tuple[int, int, int]]:
    """Yield who named whom, in rows, and at which place; a person named twice counts once."""
    for row, named in enumerate(own.preferred):
        for place, person in enumerate(dict.fromkeys(named)):
            if person in others.person_index:
                yield row, others.person_index[person], place


@criterion
class OptedTrait(Measure):
    """The same, or a different, value of a trait, among those who agreed to have it compared.

    The facts never tell the value.
    """

    kind = "trait"
    needs = ("traits",)
    defaults = {"trait": "", "mode": "same"}

    def prepare(self) -> None:
        trait = self.read.text("trait")
        self.mode = self.read.choice("mode", ("same", "different"))
        self.left, self.right = equal_codes(
            [traits.get(trait) for traits in self.pool.mentees.traits],
            [traits.get(trait) for traits in self.pool.mentors.traits],
        )
        self.left_told, self.right_told = self.left >= 0, self.right >= 0

    def worth(self) -> Iterable[Worth]:
        yield code_worth(self.left, self.right, self.mode, self.points)

    def facts(self, mentee: int, mentor: int) -> tuple[str, dict[str, object]]:
        return f"trait_{self.mode}", {}
