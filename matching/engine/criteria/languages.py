"""Criteria about the languages that two people speak."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from matching.engine.columns import filled
from matching.engine.criteria.base import Measure, criterion
from matching.engine.features import Cells, Term, Worth, matched
from matching.engine.model import LANGUAGE_LEVELS

FLUENT = len(LANGUAGE_LEVELS)
RANK = {name: place for place, name in enumerate(LANGUAGE_LEVELS, start=1)}


def levels_of(languages: Collection[str]) -> dict[str, int]:
    """Return the rank of each language, 1 to 6; a language without a level counts as fluent."""
    if isinstance(languages, Mapping):
        return {name: RANK.get(level, FLUENT) for name, level in languages.items()}
    return dict.fromkeys(languages, FLUENT)


def spoken_from(column: Sequence[Collection[str]], rank: int) -> list[set[str]]:
    """Return the languages that each person speaks at a rank or better."""
    if rank <= 1:
        return [set(languages) for languages in column]
    return [
        {name for name, level in levels_of(languages).items() if level >= rank}
        for languages in column
    ]


class Spoken(Measure):
    """What both speak."""

    needs = ("languages",)

    def prepare(self) -> None:
        self.left, self.right = self.pool.mentees.languages, self.pool.mentors.languages
        self.left_told, self.right_told = filled(self.left), filled(self.right)

    def _common_from(self, rank: int, points: int) -> Worth:
        """Return points for a language in common at a rank or better."""
        left, right = spoken_from(self.left, rank), spoken_from(self.right, rank)
        return Term((matched(Cells.of(left, points), Cells.of(right), points),), high=points)


@criterion
class Language(Spoken):
    """A language in common."""

    kind = "language"

    def worth(self) -> Iterable[Worth]:
        yield self._common_from(1, self.points)

    def facts(self, mentee: int, mentor: int) -> tuple[str, dict[str, object]]:
        return "language", {"languages": sorted(set(self.left[mentee]) & set(self.right[mentor]))}


@criterion
class LanguageLevel(Spoken):
    """How well both speak their better common language; full at the level ``enough``.

    What counts in a language is the lower of the two levels.
    """

    kind = "language_level"
    defaults = {"enough": "B2"}

    def prepare(self) -> None:
        super().prepare()
        self.enough = RANK[self.read.choice("enough", LANGUAGE_LEVELS)]

    def worth(self) -> Iterable[Worth]:
        earned = 0
        for rank in range(1, self.enough + 1):
            reached = self.points * rank // self.enough
            yield self._common_from(rank, reached - earned)
            earned = reached

    def facts(self, mentee: int, mentor: int) -> tuple[str, dict[str, object]]:
        left, right = levels_of(self.left[mentee]), levels_of(self.right[mentor])
        shared = {name: min(left[name], right[name]) for name in left.keys() & right.keys()}
        best = min(shared, key=lambda name: (-shared[name], name))
        return "language_level", {
            "language": best,
            "level": LANGUAGE_LEVELS[shared[best] - 1],
        }
