"""Everybody who can be paired, as the pairing reads them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from core.clock import zone
from participants.models import (
    HOURS_A_WEEK,
    Answer,
    Enrolment,
    ProfileSkill,
    SkillDirection,
)
from programs.models import Cohort, QuestionKind

AnswerValue = str | float | frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolPerson:
    """One enrolment as the pairing reads it. ``hours`` is a mask of 168 UTC hours, Monday first."""

    enrolment_id: int
    user_id: int
    role: str
    manager_id: int | None
    second_manager_id: int | None
    department: str
    location: str
    function: str
    level: int | None
    skills_offered: frozenset[str]
    skills_wanted: dict[str, int] = field(default_factory=dict)
    interests: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    language_levels: dict[str, str] = field(default_factory=dict)
    career_goal: str = ""
    goal_text: str = ""
    offer_text: str = ""
    bio: str = ""
    hours: int | None = None
    seats: int = 1
    mentored_before_count: int = 0
    is_external: bool = False
    accepts_external: bool = False
    answers: dict[str, AnswerValue] = field(default_factory=dict)


POOL_COLUMNS = (
    "id",
    "user_id",
    "role",
    "user__manager_id",
    "user__manager__manager_id",
    "user__department",
    "user__location",
    "user__level__rank",
    "user__time_zone",
    "capacity",
    "open_match_count",
    "user__profile__id",
    "user__profile__function",
    "user__profile__career_goal",
    "user__profile__goal_text",
    "user__profile__offer_text",
    "user__profile__bio",
    "user__profile__interests",
    "user__profile__languages",
    "user__profile__language_levels",
    "user__profile__available_hours",
    "user__profile__mentored_before_count",
    "user__is_external",
    "accepts_external",
)


def with_open_match_count(enrolments: QuerySet[Enrolment]) -> QuerySet[Any]:
    """Annotate how many matches each enrolment is in now."""
    counts = (
        Enrolment.objects.filter(pk=OuterRef("pk"), memberships__left_at__isnull=True)
        .order_by()
        .values("pk")
        .annotate(found=Count("memberships"))
        .values("found")
    )
    return enrolments.annotate(open_match_count=Coalesce(Subquery(counts), 0))


def pool_for_system(cohort: Cohort) -> list[PoolPerson]:
    """Return everybody who can be paired in this cohort, in three queries, ordered by id.

    ``seats`` is capacity less open matches and may be 0. Available hours are read in the person's
    own zone in the week in which the cohort starts.
    """
    enrolments = with_open_match_count(cohort.enrolments.in_pool()).order_by("id")
    rows = list(enrolments.values_list(*POOL_COLUMNS))
    skills = _skills_of(cohort)
    answers = _answers_of(cohort)
    return [_pool_person(row, skills, answers, cohort.starts_on) for row in rows]


def _pool_person(
    row: tuple[Any, ...],
    skills: dict[int, dict[str, dict[str, int]]],
    answers: dict[int, dict[str, AnswerValue]],
    starts_on: date,
) -> PoolPerson:
    person = dict(zip(POOL_COLUMNS, row, strict=True))
    own_skills = skills.get(person["user__profile__id"], {})
    return PoolPerson(
        enrolment_id=person["id"],
        user_id=person["user_id"],
        role=person["role"],
        manager_id=person["user__manager_id"],
        second_manager_id=person["user__manager__manager_id"],
        department=person["user__department"],
        location=person["user__location"],
        function=person["user__profile__function"] or "",
        level=person["user__level__rank"],
        skills_offered=frozenset(own_skills.get(SkillDirection.OFFER, ())),
        skills_wanted=own_skills.get(SkillDirection.LEARN, {}),
        interests=frozenset(person["user__profile__interests"] or ()),
        languages=frozenset(person["user__profile__languages"] or ()),
        language_levels=person["user__profile__language_levels"] or {},
        career_goal=person["user__profile__career_goal"] or "",
        goal_text=person["user__profile__goal_text"] or "",
        offer_text=person["user__profile__offer_text"] or "",
        bio=person["user__profile__bio"] or "",
        hours=utc_hours(
            person["user__profile__available_hours"], person["user__time_zone"], starts_on
        ),
        seats=max(0, person["capacity"] - person["open_match_count"]),
        mentored_before_count=person["user__profile__mentored_before_count"] or 0,
        is_external=person["user__is_external"],
        accepts_external=person["accepts_external"],
        answers=answers.get(person["id"], {}),
    )


def _skills_of(cohort: Cohort) -> dict[int, dict[str, dict[str, int]]]:
    found: dict[int, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    rows = ProfileSkill.objects.filter(
        profile__user__in=cohort.enrolments.in_pool().values("user_id")
    ).values_list("profile_id", "direction", "skill__name", "importance")
    for profile_id, direction, name, importance in rows.iterator():
        found[profile_id][direction][name] = importance
    return {profile: dict(directions) for profile, directions in found.items()}


def _answers_of(cohort: Cohort) -> dict[int, dict[str, AnswerValue]]:
    """Return answers by enrolment and question key; a later version of the form wins."""
    rows: QuerySet[Any, Any] = (
        Answer.objects.filter(enrolment__in=cohort.enrolments.in_pool())
        .order_by("question__form__version")
        .values_list(
            "enrolment_id", "question__key", "question__kind", "text", "number", "day", "choices"
        )
    )
    found: dict[int, dict[str, AnswerValue]] = defaultdict(dict)
    for enrolment_id, key, kind, *columns in rows.iterator():
        value = typed_answer(kind, *columns)
        if value is not None:
            found[enrolment_id][key] = value
    return found


def typed_answer(
    kind: str, text: str, number: int | None, day: date | None, choices: list[str]
) -> AnswerValue | None:
    """Return the answer as text, number (a day counts as days) or set; None when it is empty."""
    if kind == QuestionKind.SCALE:
        return None if number is None else float(number)
    if kind == QuestionKind.DATE:
        return None if day is None else float(day.toordinal())
    if kind == QuestionKind.CHOICES:
        return frozenset(choices) or None
    return text or (choices[0] if choices else None)


def utc_hours(local_hours: list[int] | None, zone_name: str, week_of: date) -> int | None:
    """Return the UTC hours of the week that lie wholly within the local hours, as a bit mask.

    Bit ``24 * weekday + hour``, Monday first. None when no hour was told.
    """
    if not local_hours:
        return None
    told = set(local_hours)
    mask = 0
    for utc_hour, (first, last) in enumerate(_local_hours(zone_name, week_of)):
        if first in told and last in told:
            mask |= 1 << utc_hour
    return mask


@lru_cache(maxsize=1_000)
def _local_hours(zone_name: str, week_of: date) -> tuple[tuple[int, int], ...]:
    """Return, for each UTC hour of the week, the local hours in which it begins and ends."""
    monday = week_of - timedelta(days=week_of.weekday())
    start = datetime(monday.year, monday.month, monday.day, tzinfo=UTC)
    place = zone(zone_name)

    def local(moment: datetime) -> int:
        there = moment.astimezone(place)
        return 24 * there.weekday() + there.hour

    hours = (start + timedelta(hours=hour) for hour in range(HOURS_A_WEEK))
    return tuple((local(hour), local(hour + timedelta(minutes=59))) for hour in hours)
