"""Figures of a cohort: funnel, meetings, groups. Aggregates only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.models import User
from core.packed import packed
from core.small_groups import combine_small
from feedback.models import CheckIn
from matching.models import Match, MatchMember
from participants.models import Enrolment, EnrolmentStatus, MemberRole
from programs.models import Cohort, CohortStatus
from sessions.models import Meeting

BEFORE_ENROLLED = (
    EnrolmentStatus.INVITED.value,
    EnrolmentStatus.APPLIED.value,
    EnrolmentStatus.WAITLISTED.value,
    EnrolmentStatus.DECLINED.value,
)
RECENT_DAYS = 30
GROUPINGS = {"department": "u.department", "location": "u.location", "level": "l.name"}

# Each match of the cohort once, with its meetings of the period: first counted by match, so that
# nothing is counted again for each person. One probe of an index for each match.
MATCHES = """
    SELECT mt.id, mt.created_at, mt.end_reason, held.meetings, held.first_on, held.last_on
    FROM matching_match mt
    CROSS JOIN LATERAL (
        SELECT count(*) AS meetings, min(h.held_on) AS first_on, max(h.held_on) AS last_on
        FROM meetings_meeting h
        WHERE h.match_id = mt.id AND h.status = 'held'
          AND h.held_on BETWEEN %(since)s AND %(until)s
    ) held
    WHERE mt.cohort_id = %(cohort)s
"""
# Whether the match met while this member was in it: of a circle one may join late or leave early.
MET = """
    meetings > 0
    AND (m.joined_at <= matches.created_at OR last_on >= (m.joined_at AT TIME ZONE 'UTC')::date)
    AND (NOT m.left_early OR first_on <= (m.left_at AT TIME ZONE 'UTC')::date)
"""
# Each enrolment of the cohort once, with the steps it has come to.
STEPS = f"""
    WITH matches AS MATERIALIZED ({MATCHES}), people AS (
        SELECT m.enrolment_id,
               bool_or({MET}) AS has_met,
               bool_or(last_on > %(recent)s AND m.left_at IS NULL) AS is_active,
               bool_or(end_reason IN ('completed', 'goals_reached') AND NOT m.left_early)
                   AS is_finished
        FROM matches JOIN matching_matchmember m ON m.match_id = matches.id
        GROUP BY m.enrolment_id
    ), steps AS (
        SELECT e.id, e.user_id, true AS invited,
               e.status <> ALL (%(before)s) AS enrolled,
               people.enrolment_id IS NOT NULL AS paired,
               coalesce(has_met, false) AS met,
               coalesce(has_met AND is_active, false) AS active,
               coalesce(is_finished, false) AS completed
        FROM participants_enrolment e LEFT JOIN people ON people.enrolment_id = e.id
        WHERE e.cohort_id = %(cohort)s
    )
"""  # noqa: S608 - text of this module only
FUNNEL = f"""
    {STEPS}
    SELECT count(*),
           count(*) FILTER (WHERE enrolled),
           count(*) FILTER (WHERE paired),
           count(*) FILTER (WHERE met),
           count(*) FILTER (WHERE active),
           count(*) FILTER (WHERE completed),
           (SELECT count(*) FROM matches WHERE meetings > 0)
    FROM steps
"""  # noqa: S608 - text of this module only
# A meeting of two people of one group counts once for the group.
GROUPS = f"""
    WITH matches AS MATERIALIZED ({MATCHES}), seats AS MATERIALIZED (
        SELECT coalesce({{name}}, '') AS name, e.user_id, m.match_id, matches.meetings,
               {MET} AS has_met
        FROM participants_enrolment e
        JOIN accounts_user u ON u.id = e.user_id
        LEFT JOIN accounts_level l ON l.id = u.level_id
        LEFT JOIN matches JOIN matching_matchmember m ON m.match_id = matches.id
          ON m.enrolment_id = e.id
        WHERE e.cohort_id = %(cohort)s AND e.status <> ALL (%(before)s)
    ), people AS (
        SELECT name, count(*) AS people, count(*) FILTER (WHERE is_paired) AS paired,
               count(*) FILTER (WHERE has_met) AS met
        FROM (
            SELECT name, user_id, bool_or(match_id IS NOT NULL) AS is_paired,
                   bool_or(has_met) AS has_met
            FROM seats GROUP BY name, user_id
        ) person GROUP BY name
    ), met AS (
        SELECT name, coalesce(sum(meetings), 0)::bigint AS meetings
        FROM (SELECT DISTINCT name, match_id, meetings FROM seats) pair GROUP BY name
    )
    SELECT name, people.people, people.paired, people.met, met.meetings
    FROM people JOIN met USING (name) ORDER BY name
"""  # noqa: S608 - text of this module only


@dataclass(frozen=True)
class Filters:
    """What the report looks at; the same words stand in the page's address."""

    cohort: Cohort
    since: date
    until: date
    group_by: str = "department"

    @property
    def params(self) -> dict[str, Any]:
        return {
            "cohort": self.cohort.pk,
            "since": self.since,
            "until": self.until,
            "recent": self.until - timedelta(days=RECENT_DAYS),
            "before": list(BEFORE_ENROLLED),
        }


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
    pairs_met: int = 0


@dataclass
class MeetingFigures:
    count: int = 0
    minutes: int = 0
    by_week: list[tuple[date, int]] = field(default_factory=list)


def cohorts_reported_to(user: User) -> QuerySet[Cohort]:
    """Return cohorts whose figures this person may see, newest first."""
    return Cohort.objects.reported_to(user).exclude(status="draft").select_related("program")


def funnel(filters: Filters) -> Funnel:
    """Count people of the cohort step by step, and the pairs that met. One query."""
    with connection.cursor() as cursor:
        cursor.execute(FUNNEL, filters.params)
        return Funnel(*cursor.fetchone())


def meeting_figures(filters: Filters) -> MeetingFigures:
    """Count held meetings and their minutes by week. One query."""
    held = Meeting.objects.held().filter(
        match__cohort=filters.cohort, held_on__range=(filters.since, filters.until)
    )
    rows = held.order_by().values_list("held_on").annotate(count=Count("pk"), told=Sum("minutes"))
    figures = MeetingFigures()
    weeks: dict[date, int] = {}
    for held_on, count, told in rows:
        figures.count += count
        figures.minutes += told or 0
        monday = held_on - timedelta(days=held_on.weekday())
        weeks[monday] = weeks.get(monday, 0) + count
    figures.by_week = _every_week(weeks, filters.since, filters.until)
    return figures


def _every_week(counts: dict[date, int], since: date, until: date) -> list[tuple[date, int]]:
    monday = since - timedelta(days=since.weekday())
    found = []
    while monday <= until:
        found.append((monday, counts.get(monday, 0)))
        monday += timedelta(weeks=1)
    return found


def groups(filters: Filters) -> list[Group]:
    """Return figures by department, location or level; groups under five are combined.

    An empty name stands for people of whom it is not told. One query.
    """
    statement = GROUPS.format(name=GROUPINGS[filters.group_by])
    with connection.cursor() as cursor:
        cursor.execute(statement, filters.params)
        found = [
            Group([name], people=people, paired=paired, met=met, meetings=meetings)
            for name, people, paired, met, meetings in cursor.fetchall()
        ]
    return combine_small(found, size=lambda group: group.people, merge=Group.plus)


def match_and_check_in_counts(cohort: Cohort) -> tuple[dict[str, int], dict[str, int]]:
    """Count matches by status, and check-ins by answer since the start. One query.

    Beside the matches stand, as ``unpaired``, the mentees who are in none once pairing has begun.
    """
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
    unpaired = (
        Enrolment.objects.in_pool()
        .filter(cohort=OuterRef("pk"), role=MemberRole.MENTEE)
        .filter(cohort__status__in=(CohortStatus.PAIRING, CohortStatus.ACTIVE))
        .exclude(Exists(MatchMember.objects.current().filter(enrolment=OuterRef("pk"))))
        .order_by()
        .values("cohort")
        .annotate(found=Count("pk"))
    )
    match_names, check_names = ("all", "active", "paused", "ended"), ("asked", "answered")
    row = (
        Cohort.objects.filter(pk=cohort.pk)
        .values_list(
            packed(matches, **{name: F(name) for name in match_names}),
            packed(check_ins, **{name: F(name) for name in check_names}),
            Coalesce(Subquery(unpaired.values("found")), 0),
        )
        .get()
    )
    counts = row[0][0] if row[0] else dict.fromkeys(match_names, 0)
    return (
        {**counts, "unpaired": row[2]},
        row[1][0] if row[1] else dict.fromkeys(check_names, 0),
    )
