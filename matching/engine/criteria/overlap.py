"""Criteria about what two people have in common: skills, interests, hours, languages."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from matching.engine.columns import Bools, Floats, Index, Overlap, hour_mask, hour_rows, members
from matching.engine.criteria.base import Measure, criterion

CREDIT_STEPS = 100
"""Partial credit for a related skill is kept in hundredths, so that sums stay whole numbers."""


def filled(column: Sequence[Collection[str]]) -> Bools:
    return np.array([bool(values) for values in column], dtype=bool)


@criterion
class Skills(Measure):
    """Share of what the mentee wants to learn, by importance, that the mentor offers.

    ``related`` gives partial credit: {wanted: {offered: 0..1}}; the best credit of a skill counts.
    """

    kind = "skills"
    needs = ("skills_wanted", "skills_offered")
    defaults = {"related": {}}

    def prepare(self) -> None:
        self.related = self.read.credits("related")
        wanted, offered = self.pool.mentees.skills_wanted, self.pool.mentors.skills_offered
        self.left_told, self.right_told = filled(wanted), filled(offered)
        self.overlap = Overlap(wanted, [self._credits(skills) for skills in offered])
        self.importance = np.array([sum(row.values()) for row in wanted], dtype=np.float64)

    def _credits(self, offered: Collection[str]) -> dict[str, int]:
        """Return what a mentor is worth for each skill, in hundredths."""
        worth = dict.fromkeys(offered, CREDIT_STEPS)
        for wanted, offers in self.related.items():
            credit = max((share for skill, share in offers.items() if skill in offered), default=0)
            if credit and wanted not in worth:
                worth[wanted] = round(credit * CREDIT_STEPS)
        return worth

    def values(self, rows: Index, cols: Index) -> Floats:
        most = np.maximum(self.importance[rows] * CREDIT_STEPS, 1.0)
        return self.overlap.sums(rows, cols) / most

    def facts(self, mentee: int, mentor: int) -> tuple[str, dict[str, object]]:
        wanted: Mapping[str, int] = self.pool.mentees.skills_wanted[mentee]
        offered = self.pool.mentors.skills_offered[mentor]
        by_importance = sorted(wanted, key=lambda skill: (-wanted[skill], skill))
        worth = self._credits(offered)
        return "skills", {
            "skills": [skill for skill in by_importance if skill in offered],
            "related": [s for s in by_importance if s not in offered and worth.get(s)],
            "wanted": len(wanted),
        }


@criterion
class Interests(Measure):
    """Interests in common; full at ``enough``, or at all the mentee's where those are fewer."""

    kind = "interests"
    needs = ("interests",)
    defaults = {"enough": 3}

    def prepare(self) -> None:
        left, right = self.pool.mentees.interests, self.pool.mentors.interests
        self.left_told, self.right_told = filled(left), filled(right)
        self.overlap = Overlap(members(left), members(right))
        enough = self.read.positive("enough")
        self.enough = np.array([min(enough, max(len(set(own)), 1)) for own in left])

    def values(self, rows: Index, cols: Index) -> Floats:
        return np.minimum(self.overlap.sums(rows, cols) / self.enough[rows], 1.0)

    def facts(self, mentee: int, mentor: int) -> tuple[str, dict[str, object]]:
        common = set(self.pool.mentees.interests[mentee]) & set(self.pool.mentors.interests[mentor])
        return "interests", {"interests": sorted(common)}


@criterion
class SharedHours(Measure):
    """Hours of the week (UTC) in which both can meet; full at ``enough_hours``."""

    kind = "shared_hours"
    needs = ("hours",)
    defaults = {"enough_hours": 4}

    def prepare(self) -> None:
        left, right = self.pool.mentees.hours, self.pool.mentors.hours
        self.left_told = np.array([hours is not None for hours in left], dtype=bool)
        self.right_told = np.array([hours is not None for hours in right], dtype=bool)
        self.overlap = Overlap(hour_rows(left), hour_rows(right))
        self.enough = self.read.positive("enough_hours")

    def values(self, rows: Index, cols: Index) -> Floats:
        return np.minimum(self.overlap.sums(rows, cols) / self.enough, 1.0)

    def facts(self, mentee: int, mentor: int) -> tuple[str, dict[str, object]]:
        left, right = self.pool.mentees.hours[mentee], self.pool.mentors.hours[mentor]
        return "shared_hours", {"hours": (hour_mask(left) & hour_mask(right)).bit_count()}


@criterion
class Language(Measure):
    """A language in common."""

    kind = "language"
    needs = ("languages",)

    def prepare(self) -> None:
        left, right = self.pool.mentees.languages, self.pool.mentors.languages
        self.left_told, self.right_told = filled(left), filled(right)
        self.overlap = Overlap(members(left), members(right))

    def values(self, rows: Index, cols: Index) -> Floats:
        return np.minimum(self.overlap.sums(rows, cols), 1.0)

    def facts(self, mentee: int, mentor: int) -> tuple[str, dict[str, object]]:
        common = set(self.pool.mentees.languages[mentee]) & set(self.pool.mentors.languages[mentor])
        return "language", {"languages": sorted(common)}
