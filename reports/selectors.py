"""Figures of a cohort: funnel, meetings, groups. Aggregates only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncWeek

from accounts.models import User
from core.packed import packed
from feedback.models import CheckIn
from matching.models import Match, MatchMember
from participants.models import Enrolment
from programs.models import Cohort
from reports.privacy import combine_small
from sessions.models import Meeting

GROUPINGS = {
    "department": "user__department",
    "location": "user__location",
    "level": "user__level__name",
}


@dataclass(frozen=True)
class Filters:
    """What the report looks at; the same words stand in the page's address."""

    cohort: Cohort
    since: date
    until: date
    group_by: str = "department"


@dataclass
class Group:
    """People of one department (or location, level), or of several combined."""

    names: list[str]
    people: int = 0
    paired: int = 0
    met: int = 0
    meetings: int = 0

    @property
    def label(self) -> str:
        return ", ".join(self.names)

    def plus(self, other: Group) -> Group:
        return Group(
            self.names + other.names,
            self.people + other.people,
            self.paired + other.paired,
            self.met + other.met,
            self.meetings + other.meetings,
        )


@dataclass
class Funnel:
    invited: int = 0
    enrolled: int = 0
    paired: int = 0
    met: int = 0
    active: int = 0
    completed: int = 0


@dataclass
class MeetingFigures:
    count: int = 0
    minutes: int = 0
    by_week: list[tuple[date, int]] = field(default_factory=list)


def cohorts_reported_to(user: User) -> QuerySet[Cohort]:
    """Return cohorts whose figures this person may see, newest first."""
    return Cohort.objects.reported_to(user).exclude(status="draft").select_related("program")


def funnel(filters: Filters) -> Funnel:
    """Count people of the cohort step by step; each step is part of the one before. One query."""
    in_match = MatchMember.objects.filter(enrolment=OuterRef("pk"))
    met = in_match.filter(
        match__meetings__status="held",
        match__meetings__held_on__range=(filters.since, filters.until),
    )
    recently = in_match.filter(
        left_at__isnull=True,
        match__meetings__status="held",
        match__meetings__held_on__gt=filters.until - timedelta(days=30),
    )
    finished = in_match.filter(match__end_reason__in=("completed", "goals_reached"))
    rows = Enrolment.objects.filter(cohort=filters.cohort).annotate(
        is_paired=Exists(in_match),
        has_met=Exists(met),
        is_active_now=Exists(recently),
        is_finished=Exists(finished),
    )
    enrolled = ~Q(status__in=("invited", "applied", "waitlisted"))
    counts = rows.aggregate(
        invited=Count("pk"),
        enrolled=Count("pk", filter=enrolled),
        paired=Count("pk", filter=Q(is_paired=True)),
        met=Count("pk", filter=Q(has_met=True)),
        active=Count("pk", filter=Q(has_met=True, is_active_now=True)),
        completed=Count("pk", filter=Q(is_finished=True)),
    )
    return Funnel(**counts)


def meeting_figures(filters: Filters) -> MeetingFigures:
    """Count held meetings and their minutes by week. One query."""
    held = Meeting.objects.held().filter(
        match__cohort=filters.cohort, held_on__range=(filters.since, filters.until)
    )
    rows = list(
        held.annotate(week=TruncWeek("held_on"))
        .values("week")
        .annotate(count=Count("pk"), told=Coalesce(Sum("minutes"), 0))
        .order_by("week")
    )
    weeks = {row["week"]: row["count"] for row in rows}
    return MeetingFigures(
        count=sum(weeks.values()),
        minutes=sum(row["told"] for row in rows),
        by_week=_every_week(weeks, filters.since, filters.until),
    )


def matches_that_met(filters: Filters) -> int:
    """Count matches with a meeting in the period. One query."""
    held = Meeting.objects.held().filter(
        match__cohort=filters.cohort, held_on__range=(filters.since, filters.until)
    )
    return held.aggregate(count=Count("match", distinct=True))["count"]


def _every_week(counts: dict[date, int], since: date, until: date) -> list[tuple[date, int]]:
    monday = since - timedelta(days=since.weekday())
    found = []
    while monday <= until:
        found.append((monday, counts.get(monday, 0)))
        monday += timedelta(weeks=1)
    return found


def groups(filters: Filters) -> list[Group]:
    """Return figures by department, location or level; groups under five are combined."""
    path = GROUPINGS[filters.group_by]
    enrolled = (
        Enrolment.objects.filter(cohort=filters.cohort)
        .exclude(status__in=("invited", "applied", "waitlisted"))
        .annotate(group=F(path))
    )
    member = MatchMember.objects.filter(enrolment=OuterRef("pk"))
    held = Q(
        memberships__match__meetings__status="held",
        memberships__match__meetings__held_on__range=(filters.since, filters.until),
    )
    rows: Any = (
        enrolled.annotate(is_paired=Exists(member))
        .values("group")
        .annotate(
            people=Count("user", distinct=True),
            paired=Count("user", filter=Q(is_paired=True), distinct=True),
            met=Count("user", filter=held, distinct=True),
            meetings=Count("memberships__match__meetings", filter=held, distinct=True),
        )
        .order_by("group")
    )
    found = [
        Group([row.pop("group") or ""], **row)  # an empty name is shown as "not told"
        for row in rows
    ]
    return combine_small(found, size=lambda group: group.people, merge=Group.plus)


def match_and_check_in_counts(cohort: Cohort) -> tuple[dict[str, int], dict[str, int]]:
    """Count matches by status, and check-ins by answer since the start. One query."""
    matches = (
        Match.objects.filter(cohort=OuterRef("pk"))
        .order_by()
        .values("cohort")
        .annotate(
            all=Count("pk"),
            active=Count("pk", filter=Q(status="active")),
            paused=Count("pk", filter=Q(status="paused")),
            ended=Count("pk", filter=Q(status="ended")),
        )
    )
    check_ins = (
        CheckIn.objects.filter(match__cohort=OuterRef("pk"), due_on__gte=OuterRef("starts_on"))
        .exclude(status="skipped")
        .order_by()
        .values("match__cohort")
        .annotate(asked=Count("pk"), answered=Count("pk", filter=Q(status="answered")))
    )
    match_names, check_names = ("all", "active", "paused", "ended"), ("asked", "answered")
    row = (
        Cohort.objects.filter(pk=cohort.pk)
        .values_list(
            packed(matches, **{name: F(name) for name in match_names}),
            packed(check_ins, **{name: F(name) for name in check_names}),
        )
        .get()
    )
    return (
        row[0][0] if row[0] else dict.fromkeys(match_names, 0),
        row[1][0] if row[1] else dict.fromkeys(check_names, 0),
    )
