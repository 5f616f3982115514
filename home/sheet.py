"""Who somebody is in the product, read in one query: roles, cohorts, matches, open questions.

Every page of a participant needs it for its navigation, and the home page for everything else.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, F, Max, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat
from django.utils import timezone

from accounts.models import RoleGrant, User
from core.packed import day, moment, packed
from feedback.selectors import unanswered, unanswered_fits, unanswered_pulses
from goals.models import GoalReview
from matching.beginning import first_step_of
from matching.models import MatchMember
from matching.selectors import asks_traits
from matching.thread import unread_in
from notes.models import Reflection
from notifications.models import Notice
from participants.models import Enrolment, EnrolmentDraft, OfferOutcome, PlaceOffer
from programs.models import CohortStatus, Cover, Phase, ProgramFormat
from programs.selectors import days_late
from programs.wording import delivered, delivered_lines
from sessions.models import LONGEST_MINUTES, CohortEvent, LogDraft, Meeting
from sessions.selectors import (
    Partner,
    Partnered,
    packed_events,
    people_of,
    unpack_events,
    unpack_people,
)
from training.selectors import open_modules_for

ANYBODY = -987_654_321  # stands for the person's key in the query until it is asked


@dataclass(frozen=True)
class Step:
    """A phase as the strip shows it, and what the person has done in it."""

    id: int
    name: str
    purpose: str
    guide: str
    starts_on: date
    ends_on: date
    is_reviewed: bool
    reflection_prompt: str
    is_reflected: bool
    own_guide: str
    starters: str

    @property
    def conversation_starters(self) -> list[str]:
        return delivered_lines(self.starters)

    def state(self, today: date) -> str:
        if self.ends_on < today:
            return "done"
        return "now" if self.starts_on <= today else "next"


@dataclass
class OwnMatch(Partnered):
    """A match of the person, with who else is in it and what happened so far."""

    id: int
    status: str
    started_on: date
    contributions: list[dict[str, Any]]
    partners: list[Partner]
    meeting_count: int
    last_met_on: date | None
    unread_count: int = 0
    has_begun_log: bool = False
    first_step: str = ""

    @property
    def is_open(self) -> bool:
        return self.status != "ended"


@dataclass
class OwnEnrolment:
    """The person in one cohort, with the cohort's dates and the person's matches there."""

    id: int
    role: str
    status: str
    cohort_id: int
    cohort: str
    cohort_status: str
    program_id: int
    program: str
    contact_name: str
    contact_email: str
    starts_on: date
    ends_on: date
    enrolment_closes_on: date
    rhythm_days: int
    open_modules: int = 0
    has_traits: bool = False
    pause_until: date | None = None
    offer_until: datetime | None = None
    program_format: str = ""
    phases: list[Step] = field(default_factory=list)
    matches: list[OwnMatch] = field(default_factory=list)

    @property
    def is_of_peers(self) -> bool:
        return self.program_format == ProgramFormat.PEER

    @property
    def week_count(self) -> int:
        return max(1, round((self.ends_on - self.starts_on).days / 7))

    def week(self, today: date) -> int:
        return max(1, (today - self.starts_on).days // 7 + 1)

    def phase(self, today: date) -> Step | None:
        """Return the phase that the cohort is in."""
        return next((phase for phase in self.phases if phase.state(today) == "now"), None)

    @property
    def open_matches(self) -> list[OwnMatch]:
        return [match for match in self.matches if match.is_open]

    @property
    def planned_meetings(self) -> int:
        return max(1, (self.ends_on - self.starts_on).days // self.rhythm_days)


@dataclass(frozen=True)
class OwnDraft:
    """A sign-up that the person has begun."""

    cohort_id: int
    role: str
    cohort: str
    program: str


@dataclass
class Sheet:
    """Everything about a person that navigation and home page show."""

    user: User
    grants: list[RoleGrant]
    enrolments: list[OwnEnrolment]
    open_questions: int
    drafts: list[OwnDraft] = field(default_factory=list)
    events: list[CohortEvent] = field(default_factory=list)
    unread_count: int = 0

    @property
    def roles(self) -> set[str]:
        return {grant.role for grant in self.grants}

    @property
    def is_participant(self) -> bool:
        return bool(self.enrolments)

    @property
    def matches(self) -> list[OwnMatch]:
        return [match for enrolment in self.enrolments for match in enrolment.matches]


def read_sheet(user: User) -> Sheet:
    """Return the person's sheet and keep their grants for every later question. One query."""
    sql, values = _statement(timezone.now().replace(second=0, microsecond=0))
    with connection.cursor() as cursor:
        cursor.execute(sql, [user.pk if value == ANYBODY else value for value in values])
        granted, enrolment_rows, open_questions, draft_rows, unread, event_rows = cursor.fetchone()
    user._grants = grants = [RoleGrant(user_id=user.pk, **row) for row in map(json.loads, granted)]
    return Sheet(
        user=user,
        grants=grants,
        enrolments=[_enrolment(row, user) for row in map(json.loads, enrolment_rows)],
        open_questions=open_questions,
        drafts=[OwnDraft(**row) for row in map(json.loads, draft_rows)],
        unread_count=unread,
        events=unpack_events(map(json.loads, event_rows)),
    )


@lru_cache(maxsize=2)
def _statement(minute: datetime) -> tuple[str, tuple[Any, ...]]:
    """Return the sheet's query with ``ANYBODY`` in place of the person.

    Every page of everybody asks it, and to write it takes Django ten times as long as PostgreSQL
    needs to answer. So it is written once a minute: what it compares with the time is that old.
    """
    rows = User.objects.filter(pk=ANYBODY).values_list(
        _grants(),
        _enrolments(minute),
        _open_questions(minute.date()),
        _drafts(),
        _unread(),
        packed_events("id", since=minute - timedelta(minutes=LONGEST_MINUTES)),
    )
    sql, values = rows.query.sql_with_params()
    return sql, tuple(values)


def _grants() -> Any:
    rows = RoleGrant.objects.filter(user=OuterRef("pk"))
    return packed(rows, id=F("id"), role=F("role"), program_id=F("program_id"))


def _open_questions(today: date) -> Any:
    """Count what waits for a tap: check-ins, how matches fit, and the pulse."""
    return (
        _count(unanswered(today=today))
        + _count(unanswered_fits(today=today))
        + _count(unanswered_pulses(today=today), of="enrolment__user")
    )


def _unread() -> Any:
    """Count what is new in the inbox."""
    return _count(Notice.objects.filter(read_at__isnull=True), of="recipient")


def _count(rows: QuerySet[Any], *, of: str = "user") -> Any:
    own = rows.filter(**{of: OuterRef("pk")}).order_by().values(of)
    return Coalesce(Subquery(own.annotate(count=Count("pk")).values("count")), 0)


def _drafts() -> Any:
    """Sign-ups begun but not sent, in cohorts that still take them; edited answers are none."""
    rows = EnrolmentDraft.objects.filter(
        user=OuterRef("pk"), cohort__status=CohortStatus.ENROLLING
    ).exclude(
        Exists(
            Enrolment.objects.filter(
                user=OuterRef("user"), cohort=OuterRef("cohort"), role=OuterRef("role")
            )
        )
    )
    return packed(
        rows.order_by("started_at"),
        cohort_id=F("cohort_id"),
        role=F("role"),
        cohort=F("cohort__name"),
        program=F("cohort__program__name"),
    )


def _enrolments(now: datetime) -> Any:
    rows = (
        Enrolment.objects.filter(user=OuterRef("pk"))
        .exclude(status__in=("withdrawn", "declined"))
        .exclude(cohort__status__in=("draft", "archived"))
        .order_by("-cohort__starts_on", "id")
    )
    return packed(
        rows,
        id=F("id"),
        role=F("role"),
        status=F("status"),
        cohort_id=F("cohort_id"),
        cohort=F("cohort__name"),
        cohort_status=F("cohort__status"),
        program_id=F("cohort__program_id"),
        program=F("cohort__program__name"),
        program_format=F("cohort__program__format"),
        contact_name=Coalesce(
            Subquery(
                _cover(now.date()).values(
                    name=Concat("covered_by__first_name", Value(" "), "covered_by__last_name")
                )[:1]
            ),
            F("cohort__program__contact_name"),
        ),
        contact_email=Coalesce(
            Subquery(_cover(now.date()).values("covered_by__email")[:1]),
            F("cohort__program__contact_email"),
        ),
        starts_on=F("cohort__starts_on"),
        ends_on=F("cohort__ends_on"),
        enrolment_closes_on=F("cohort__enrolment_closes_on"),
        rhythm_days=F("cohort__rhythm_days"),
        pause_until=F("pause_until"),
        offer_until=Subquery(
            PlaceOffer.objects.filter(
                enrolment=OuterRef("pk"),
                outcome=OfferOutcome.OPEN,
                expires_at__gt=now,
            ).values("expires_at")[:1]
        ),
        open_modules=_open_modules(now.date()),
        has_traits=asks_traits(),
        phases=_phases(),
        matches=_matches(),
    )


def _open_modules(today: date) -> Any:
    """Count the required modules that the enrolment has not finished."""
    rows = open_modules_for(today=today).order_by().values("cohort")
    return Coalesce(Subquery(rows.annotate(count=Count("pk")).values("count")), 0)


def _cover(today: date) -> QuerySet[Cover]:
    """Return who stands in today for the contact of the enrolment's program."""
    return Cover.objects.filter(
        program=OuterRef("cohort__program"),
        away__email__iexact=OuterRef("cohort__program__contact_email"),
        starts_on__lte=today,
        ends_on__gte=today,
    )


def _phases() -> Any:
    person = OuterRef(OuterRef("user_id"))
    reviewed = GoalReview.objects.filter(phase=OuterRef("pk"), user=person)
    reflected = Reflection.objects.filter(phase=OuterRef("pk"), author=person)
    return packed(
        Phase.objects.filter(cohort=OuterRef("cohort_id")).order_by("starts_on", "id"),
        id=F("id"),
        name=F("name"),
        purpose=F("purpose"),
        guide=F("guide"),
        mentor_guide=F("mentor_guide"),
        mentee_guide=F("mentee_guide"),
        starters=F("starters"),
        starts_on=F("starts_on"),
        ends_on=F("ends_on"),
        is_reviewed=Exists(reviewed),
        reflection_prompt=F("reflection_prompt"),
        is_reflected=Exists(reflected),
    )


def _matches() -> Any:
    held = Meeting.objects.held().filter(match=OuterRef("match_id")).order_by().values("match")
    members = (
        MatchMember.objects.seated()
        .filter(enrolment=OuterRef("id"))
        .order_by("match__status", "-match_id")
    )
    return packed(
        members,
        id=F("match_id"),
        status=F("match__status"),
        started_on=F("match__started_on"),
        contributions=F("match__contributions"),
        people=people_of("match_id"),
        meeting_count=Coalesce(Subquery(held.annotate(count=Count("pk")).values("count")), 0),
        last_met_on=Subquery(held.annotate(last=Max("held_on")).values("last")),
        unread_count=unread_in("match_id", "user_id"),
        has_begun_log=Exists(
            LogDraft.objects.filter(match=OuterRef("match_id"), author=OuterRef("user_id"))
        ),
        first_step=first_step_of("match_id", "user_id"),
    )


def _enrolment(values: dict[str, Any], user: User) -> OwnEnrolment:
    matches = [_match(match, user) for match in values.pop("matches")]
    for name in ("starts_on", "ends_on", "enrolment_closes_on"):
        values[name] = _day(values[name])
    begun = [match.started_on for match in matches if match.is_open]
    late = timedelta(
        days=days_late(cohort_starts_on=values["starts_on"], started_on=min(begun, default=None))
    )
    values["starts_on"] += late
    values["ends_on"] += late
    phases = [_step(phase, values["role"], late) for phase in values.pop("phases")]
    values["pause_until"] = day(values["pause_until"])
    values["offer_until"] = moment(values["offer_until"])
    return OwnEnrolment(**values, phases=phases, matches=matches)


def _step(values: dict[str, Any], role: str, late: timedelta) -> Step:
    """Return a phase in the reader's language, its days moved for somebody who began late."""
    guides = {name: values.pop(f"{name}_guide") for name in ("mentor", "mentee")}
    values["own_guide"] = guides[role]
    for name in ("name", "purpose", "guide", "own_guide", "reflection_prompt"):
        values[name] = delivered(values[name])
    for name in ("starts_on", "ends_on"):
        values[name] = _day(values[name]) + late
    return Step(**values)


def _match(values: dict[str, Any], user: User) -> OwnMatch:
    people = unpack_people(values.pop("people"))
    values["started_on"] = _day(values["started_on"])
    values["last_met_on"] = day(values["last_met_on"])
    return OwnMatch(**values, partners=[person for person in people if person.user_id != user.pk])


def _day(value: str) -> date:
    return date.fromisoformat(value)
