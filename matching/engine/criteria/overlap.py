"""Criteria about what two people have in common: skills, interests, hours, languages."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from matching.engine.columns import filled, given, hour_bits, hour_mask
from matching.engine.criteria.base import Measure, criterion
from matching.engine.criteria.wishes import wish_features
from matching.engine.features import Cells, Features, Term, Worth, dense, matched
from matching.engine.model import Hours


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
        self.wanted, self.offered = (
            self.pool.mentees.skills_wanted,
            self.pool.mentors.skills_offered,
        )
        self.left_told, self.right_told = filled(self.wanted), filled(self.offered)

    def worth(self) -> Iterable[Worth]:
        yield Term((wish_features(self.wanted, self.offered, self.points, self.related),))

    def facts(self, mentee: int, mentor: int) -> tuple[str, dict[str, object]]:
        wanted: Mapping[str, int] = self.wanted[mentee]
        offered = self.offered[mentor]
        by_importance = sorted(sorted(wanted), key=wanted.__getitem__, reverse=True)
        return "skills", {
            "skills": [skill for skill in by_importance if skill in offered],
            "related": self._nearest([s for s in by_importance if s not in offered], offered),
            "wanted": len(wanted),
        }

    def _nearest(self, wanted: Iterable[str], offered: Collection[str]) -> list[list[str]]:
        """Return each skill that only related ones meet, with the one of these that counts."""
        found = []
        for skill in wanted:
            credits = self.related.get(skill, {})
            near = [other for other in sorted(credits) if other in offered and credits[other]]
            if near:
                found.append([skill, max(near, key=credits.__getitem__)])
        return found


@criterion
class Interests(Measure):
    """Interests in common; full at ``enough``, or at all the mentee's where those are fewer.

    Each earns its part of the points, rounded up, until all are earned.
    """

    kind = "interests"
    needs = ("interests",)
    defaults = {"enough": 3}

    def prepare(self) -> None:
        self.enough = self.read.positive("enough")
        left, right = self.pool.mentees.interests, self.pool.mentors.interests
        self.left_told, self.right_told = filled(left), filled(right)

    def worth(self) -> Iterable[Worth]:
        own = Cells.of(self.pool.mentees.interests)
        counts = np.bincount(own.rows, minlength=own.people)
        enough = np.minimum(self.enough, np.maximum(counts, 1))
        each = np.minimum(np.ceil(self.points / enough), self.points).astype(np.int64)
        features = matched(
            own.with_values(each[own.rows]), Cells.of(self.pool.mentors.interests), self.points
        )
        yield Term((features,), high=self.points)

    def facts(self, mentee: int, mentor: int) -> tuple[str, dict[str, object]]:
        common = set(self.pool.mentees.interests[mentee]) & set(self.pool.mentors.interests[mentor])
        return "interests", {"interests": sorted(common)}


def hour_features(left: Sequence[Hours | None], right: Sequence[Hours | None]) -> Features:
    """Return features that count the hours of the week in common.

    Hours that the same people have on both sides share one column.
    """
    ours, theirs = hour_bits(left), hour_bits(right)
    patterns = np.packbits(np.concatenate([ours, theirs]).T, axis=1)
    _, first, times = np.unique(patterns, axis=0, return_index=True, return_counts=True)
    useful = np.flatnonzero(ours[:, first].any(axis=0) & theirs[:, first].any(axis=0))
    first, times = first[useful], times[useful]
    return dense(ours[:, first], theirs[:, first] * times, ours.shape[1])


@criterion
class SharedHours(Measure):
    """Hours of the week (UTC) in which both can meet; full at ``enough_hours``.

    Each earns its part of the points, rounded up, until all are earned.
    """

    kind = "shared_hours"
    needs = ("hours",)
    defaults = {"enough_hours": 4}

    def prepare(self) -> None:
        self.enough = self.read.positive("enough_hours")
        self.left, self.right = self.pool.mentees.hours, self.pool.mentors.hours
        self.left_told, self.right_told = given(self.left), given(self.right)

    def worth(self) -> Iterable[Worth]:
        each = min(math.ceil(self.points / self.enough), self.points)
        hours = self.pool.remember("hours in common", lambda: hour_features(self.left, self.right))
        yield Term((hours.scaled(each),), high=self.points)

    def facts(self, mentee: int, mentor: int) -> tuple[str, dict[str, object]]:
        common = hour_mask(self.left[mentee]) & hour_mask(self.right[mentor])
        return "shared_hours", {"hours": common.bit_count()}
