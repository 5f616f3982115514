"""What the policy does to the people who are there now: rules that remove pairs, criteria unheard.

Counted while the manager looks on, so for pools of some thousand people; the next run counts the
others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from matching.engine import People, Pool, rule_effects
from matching.labels import criterion_label
from matching.models import CriterionKind, PairingPolicy
from matching.pool import engine_pool, take_snapshot
from matching.selectors import pool_counts
from matching.services.policy import engine_policy, policy_snapshot
from participants.models import MemberRole
from programs.models import Cohort

MOST_PAIRS = 2_000_000


@dataclass(frozen=True)
class Told:
    """How many people gave what a criterion compares; who did not earns no points for it."""

    label: str
    mentees: int
    mentors: int


@dataclass(frozen=True)
class Effects:
    """The policy on today's pool. Where there are too many pairs to count now, ``rules`` is None
    and ``told`` is empty."""

    mentees: int
    mentors: int
    rules: list[dict[str, Any]] | None
    told: list[Told]

    @property
    def as_result(self) -> dict[str, Any]:
        """Return the figures in the form in which a run keeps them."""
        return {"mentees": self.mentees, "mentors": self.mentors, "rules": self.rules or []}


def present_effects(policy: PairingPolicy) -> Effects:
    """Return what the policy does to the cohort's people as they are now."""
    snapshot = policy_snapshot(policy)
    counts = pool_counts(policy.cohort)
    if _pairs(counts, policy.cohort) > MOST_PAIRS:
        return Effects(counts["mentees"], counts["mentors"], None, [])
    compared = engine_policy(snapshot)
    people = take_snapshot(policy.cohort, with_meaning=False)
    pool = engine_pool(people, rule_keys=[rule.key for rule in compared.rules])
    rules = [
        {"rule": key, "removed": found.removed, "left_without": found.left_without}
        for key, found in sorted(rule_effects(pool, compared).items())
    ]
    told = [
        _agreed(row, policy) if row["kind"] == CriterionKind.TRAIT else _told(row, pool)
        for row in snapshot["criteria"]
    ]
    return Effects(len(pool.mentees), len(pool.mentors), rules, told)


def kinds_told(cohort: Cohort, kinds: Sequence[str]) -> set[str]:
    """Return the kinds of criteria that at least a fifth of the mentees and of the mentors told.

    An empty set while one side has nobody, or there are too many to count while somebody waits.
    """
    counts = pool_counts(cohort)
    if not 0 < _pairs(counts, cohort) <= MOST_PAIRS:
        return set()
    pool = engine_pool(take_snapshot(cohort, with_meaning=False))
    sides = (len(pool.mentees), len(pool.mentors))
    if not all(sides):
        return set()
    found = set()
    for kind in kinds:
        told = _told({"kind": kind, "question": ""}, pool)
        if all(
            5 * number >= people
            for number, people in zip((told.mentees, told.mentors), sides, strict=True)
        ):
            found.add(kind)
    return found


def _pairs(counts: dict[str, int], cohort: Cohort) -> int:
    other_side = "mentees" if cohort.program.is_of_peers else "mentors"
    return counts["mentees"] * counts[other_side]


Columns = tuple[Callable[[People], Sequence[Any]], Callable[[People], Sequence[Any]]]
COMPARED: dict[str, Columns] = {
    CriterionKind.SKILLS: (lambda side: side.skills_wanted, lambda side: side.skills_offered),
    CriterionKind.GOAL_TEXT: (lambda side: side.goal, lambda side: side.about),
    CriterionKind.INTERESTS: (lambda side: side.interests, lambda side: side.interests),
    CriterionKind.SENIORITY: (lambda side: side.level, lambda side: side.level),
    CriterionKind.FUNCTION: (lambda side: side.profession, lambda side: side.profession),
    CriterionKind.LOCATION: (lambda side: side.location, lambda side: side.location),
    CriterionKind.SHARED_HOURS: (lambda side: side.hours, lambda side: side.hours),
    CriterionKind.CAREER_PATH: (lambda side: side.career_goal, lambda side: side.profession),
    CriterionKind.PREFERENCE: (lambda side: side.preferred, lambda side: side.preferred),
    CriterionKind.LANGUAGE: (lambda side: side.languages, lambda side: side.languages),
}


def _told(row: dict[str, Any], pool: Pool) -> Told:
    label = criterion_label(row)
    if row["kind"] == CriterionKind.ANSWER:
        key = row["question"]
        mentees, mentors = (
            sum(key in given for given in side.answers) for side in (pool.mentees, pool.mentors)
        )
        return Told(label, mentees, mentors)
    if row["kind"] == CriterionKind.EXPERIENCE:
        return Told(label, len(pool.mentees), _given(pool.mentors.experience))
    of_mentee, of_mentor = COMPARED[row["kind"]]
    return Told(label, _given(of_mentee(pool.mentees)), _given(of_mentor(pool.mentors)))


def _agreed(row: dict[str, Any], policy: PairingPolicy) -> Told:
    """Count who agreed to have a trait compared; what they said is not read."""
    waiting = policy.cohort.enrolments.in_pool().filter(
        traits__trait__policy=policy, traits__trait__key=row["question"]
    )
    roles = list(waiting.values_list("role", flat=True))
    mentors = roles.count(MemberRole.MENTOR)
    return Told(criterion_label(row), len(roles) - mentors, mentors)


def _given(column: Sequence[Any]) -> int:
    """Count what is there: a level of 0 is, an empty text or set is not."""
    return sum(value not in (None, "") and not _is_empty(value) for value in column)


def _is_empty(value: Any) -> bool:
    return hasattr(value, "__len__") and len(value) == 0
