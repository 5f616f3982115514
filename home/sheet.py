"""Who somebody is in the product, read in one query: roles, cohorts, matches, open questions.

Every page of a participant needs it for its navigation, and the home page for everything else.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import RoleGrant, User
from core.clock import local_day
from core.packed import day, moment
from home.sheet_query import ANYBODY, statement
from programs.models import ProgramFormat
from programs.selectors import days_late
from programs.wording import delivered, delivered_lines
from sessions.models import CohortEvent
from sessions.selectors import Partner, Partnered, unpack_events, unpack_people


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
    open_steps: int = 0
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
    sql, values = statement(timezone.now().replace(second=0, microsecond=0))
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
    values |= _stand_in(values.pop("covers"))
    return OwnEnrolment(**values, phases=phases, matches=matches)


def _stand_in(covers: list[dict[str, Any]]) -> dict[str, str]:
    """Return the name and address of who stands in for the contact on the contact's own day."""
    now = timezone.now()
    for cover in covers:
        today = local_day(now, cover["time_zone"])
        if _day(cover["starts_on"]) <= today <= _day(cover["ends_on"]):
            person = User(first_name=cover["first_name"], last_name=cover["last_name"])
            return {"contact_name": person.get_full_name(), "contact_email": cover["email"]}
    return {}


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
