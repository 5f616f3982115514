"""What mentees ask for against what mentors have seats for, and who could be asked to join."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Window
from django.db.models.functions import RowNumber

from accounts.models import Level, User
from core.clock import zone
from participants.importing.languages import language_name
from participants.models import Enrolment, EnrolmentStatus, MemberRole, ProfileSkill, SkillDirection
from participants.selectors import with_open_match_count
from programs.models import Cohort

NEAR_HOURS = 3
MOST_LINES = 20
MOST_NAMES = 12


@dataclass(frozen=True)
class Line:
    """One thing that mentees ask for: how many, and how many free seats would serve them."""

    label: str
    wanted: int
    mentors: int
    seats: int

    @property
    def missing(self) -> int:
        return max(0, self.wanted - self.seats)


@dataclass(frozen=True)
class SkillLine(Line):
    """A skill; ``outside`` counts who offers it and is not in this cohort.

    ``known`` names those of them whom the manager may know: people of their own programs.
    """

    outside: int = 0
    known: tuple[tuple[int, str], ...] = ()

    @property
    def unnamed(self) -> int:
        return self.outside - len(self.known)


@dataclass(frozen=True)
class Balance:
    """Demand against supply of one cohort, what is missing most first."""

    mentees: int
    mentors: int
    seats: int
    skills: list[SkillLine] = field(default_factory=list)
    languages: list[Line] = field(default_factory=list)
    zones: list[Line] = field(default_factory=list)
    levels: list[Line] = field(default_factory=list)
    without_language: int = 0

    @property
    def missing(self) -> int:
        return max(0, self.mentees - self.seats)


@dataclass(frozen=True)
class _Person:
    profile: int | None
    languages: frozenset[str]
    zone: str
    rank: int | None
    seats: int


def balance_of(cohort: Cohort, *, manager: User, now: datetime) -> Balance:
    """Return who asks for what in a cohort and who could give it. Six queries at most.

    Counts people who are enrolled: mentees with room for a match, mentors with a free seat. A
    mentor counts for each skill they offer: seats of different skills must not be added up.
    """
    mentees = _people(cohort, MemberRole.MENTEE)
    mentors = _people(cohort, MemberRole.MENTOR)
    spoken = {code for mentor in mentors for code in mentor.languages}
    return Balance(
        mentees=len(mentees),
        mentors=len(mentors),
        seats=sum(mentor.seats for mentor in mentors),
        skills=_skills(cohort, mentees, mentors, manager),
        languages=_languages(mentees, mentors),
        zones=_zones(mentees, mentors, now),
        levels=_levels(mentees, mentors),
        without_language=sum(
            1 for mentee in mentees if mentee.languages and not mentee.languages & spoken
        ),
    )


def _people(cohort: Cohort, role: str) -> list[_Person]:
    rows = with_open_match_count(
        Enrolment.objects.filter(
            cohort=cohort, role=role, status=EnrolmentStatus.ENROLLED, user__is_active=True
        )
    ).values_list(
        "user__profile",
        "user__profile__languages",
        "user__time_zone",
        "user__level__rank",
        "capacity",
        "open_match_count",
    )
    return [
        _Person(profile, frozenset(languages or ()), zone_name, rank, capacity - taken)
        for profile, languages, zone_name, rank, capacity, taken in rows
        if capacity > taken
    ]


def _skills(
    cohort: Cohort, mentees: list[_Person], mentors: list[_Person], manager: User
) -> list[SkillLine]:
    seats = {mentor.profile: mentor.seats for mentor in mentors}
    wanting = {mentee.profile for mentee in mentees}
    names: dict[int, str] = {}
    wanted, offering, free = Counter[int](), Counter[int](), Counter[int]()
    within = ProfileSkill.objects.filter(
        profile__user__enrolments__cohort=cohort,
        profile__user__enrolments__status=EnrolmentStatus.ENROLLED,
    ).distinct()
    for profile, skill, name, direction in within.values_list(
        "profile", "skill", "skill__name", "direction"
    ):
        names[skill] = name
        if direction == SkillDirection.LEARN and profile in wanting:
            wanted[skill] += 1
        elif direction == SkillDirection.OFFER and profile in seats:
            offering[skill] += 1
            free[skill] += seats[profile]
    order = sorted(wanted, key=lambda pk: (free[pk] - wanted[pk], -wanted[pk], names[pk]))
    shown = order[:MOST_LINES]
    outside, known = _outside(cohort, [pk for pk in shown if wanted[pk] > free[pk]], manager)
    return [
        SkillLine(
            label=names[pk],
            wanted=wanted[pk],
            mentors=offering[pk],
            seats=free[pk],
            outside=outside[pk],
            known=tuple(known[pk]),
        )
        for pk in shown
    ]


def _outside(
    cohort: Cohort, skills: list[int], manager: User
) -> tuple[Counter[int], dict[int, list[tuple[int, str]]]]:
    """Count by skill who offers it and has no enrolment here, and name some whom the manager knows.

    Two queries, whatever the number of people.
    """
    here = Enrolment.objects.filter(cohort=cohort).values("user")
    offers = ProfileSkill.objects.filter(
        skill__in=skills, direction=SkillDirection.OFFER, profile__user__is_active=True
    ).exclude(profile__user__in=here)
    counts = Counter[int](
        dict(offers.order_by().values_list("skill").annotate(count=Count("profile")))
    )
    mine = Enrolment.objects.filter(cohort__in=Cohort.objects.managed_by(manager))
    by_name = Window(
        RowNumber(), partition_by="skill", order_by=("profile__user__name_key", "profile__user")
    )
    named = (
        offers.filter(profile__user__in=mine.values("user"))
        .annotate(place=by_name)
        .filter(place__lte=MOST_NAMES)
        .select_related("profile__user")
        .order_by("skill", "place")
    )
    known = defaultdict[int, list[tuple[int, str]]](list)
    for offer in named:
        known[offer.skill_id].append((offer.profile.user.pk, str(offer.profile.user)))
    return counts, known


def _languages(mentees: list[_Person], mentors: list[_Person]) -> list[Line]:
    wanted = Counter(code for mentee in mentees for code in mentee.languages)
    lines = []
    for code, count in wanted.items():
        speaking = [mentor for mentor in mentors if code in mentor.languages]
        seats = sum(mentor.seats for mentor in speaking)
        lines.append(Line(language_name(code), count, len(speaking), seats))
    return _worst_first(lines)


def _zones(mentees: list[_Person], mentors: list[_Person], now: datetime) -> list[Line]:
    """Group mentees by their clock; seats are those within three hours of it."""

    def hours(name: str) -> float:
        offset: Any = now.astimezone(zone(name)).utcoffset()
        return float(offset.total_seconds() / 3600)

    names = {person.zone for person in (*mentees, *mentors)}
    clocks = {name: hours(name) for name in names}
    lines = []
    for clock, count in Counter(clocks[mentee.zone] for mentee in mentees).items():
        near = [one for one in mentors if _apart(clocks[one.zone], clock) <= NEAR_HOURS]
        label = f"UTC{int(clock):+d}:{int(abs(clock) % 1 * 60):02d}"
        lines.append(Line(label, count, len(near), sum(one.seats for one in near)))
    return _worst_first(lines)


def _apart(one: float, other: float) -> float:
    """Return how many hours two clocks differ; a whole day apart is the same hour."""
    gap = abs(one - other) % 24
    return min(gap, 24 - gap)


def _levels(mentees: list[_Person], mentors: list[_Person]) -> list[Line]:
    """Group mentees by level; seats are those of mentors who stand higher."""
    wanted = Counter(mentee.rank for mentee in mentees if mentee.rank is not None)
    if not wanted:
        return []
    names = dict(Level.objects.filter(rank__in=wanted).values_list("rank", "name"))
    lines = []
    for rank, count in wanted.items():
        above = [one for one in mentors if one.rank is not None and one.rank > rank]
        lines.append(Line(names[rank], count, len(above), sum(one.seats for one in above)))
    return _worst_first(lines)


def _worst_first(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (-line.missing, -line.wanted, line.label))[:MOST_LINES]
