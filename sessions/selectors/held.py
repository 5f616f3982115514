"""Reads of held meetings, and of one meeting with its words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone

from accounts.models import User
from core.clock import zone
from core.names import listed
from core.packed import day, packed, sealed, unpack_sealed
from matching.models import Match
from matching.selectors import current_matches_of
from sessions.clocks import When, when
from sessions.links import provider_of
from sessions.models import (
    ActionItem,
    AgendaItem,
    Meeting,
    MeetingRating,
    PrivateNote,
    SharedSummary,
)
from sessions.selectors.people import Partner, Partnered, people_of, unpack_people

MOST_CHOICES = 50


@dataclass(frozen=True)
class Action:
    """An action item with its text opened."""

    id: UUID
    text: str
    owner_id: int
    owner_name: str
    due_on: date | None
    is_done: bool


@dataclass
class LogSheet(Partnered):
    """What the log page shows beside the form."""

    match: Match
    partners: list[Partner]
    people: list[Partner]
    last: dict[str, Any] | None = None
    open_actions: list[Action] = field(default_factory=list)

    @property
    def meeting(self) -> None:
        """There is none yet."""


def actions_of(rows: QuerySet[ActionItem]) -> Any:
    """Pack action items, their words sealed."""
    return packed(
        rows.order_by(F("due_on").asc(nulls_last=True), "created_at"),
        id=F("id"),
        text=sealed("text"),
        owner_id=F("owner_id"),
        owner_name=Coalesce(NullIf("owner__first_name", Value("")), "owner__email"),
        due_on=F("due_on"),
        done_at=F("done_at"),
    )


def unpack_actions(rows: list[dict[str, Any]]) -> list[Action]:
    return [
        Action(
            id=UUID(row["id"]),
            text=unpack_sealed(ActionItem, UUID(row["id"]), text=row["text"]).text,
            owner_id=row["owner_id"],
            owner_name=row["owner_name"],
            due_on=day(row["due_on"]),
            is_done=row["done_at"] is not None,
        )
        for row in rows
    ]


def log_sheet(user: User, match_pk: int) -> LogSheet | None:
    """Return a match of this person with what its log page shows, or None. One query."""
    held = Meeting.objects.held().filter(match=OuterRef("pk")).order_by("-held_on", "-id")
    match = (
        Match.objects.of(user)
        .select_related("cohort__program")
        .annotate(
            packed_people=people_of("pk"),
            packed_last=packed(
                held[:1],
                id=F("id"),
                held_on=F("held_on"),
                summary_id=F("summary__id"),
                summary=sealed("summary__text"),
            ),
            packed_actions=actions_of(
                ActionItem.objects.filter(match=OuterRef("pk"), done_at__isnull=True)
            ),
        )
        .filter(pk=match_pk)
        .first()
    )
    if match is None:
        return None
    people = unpack_people(match.packed_people)
    return LogSheet(
        match=match,
        people=people,
        partners=[person for person in people if person.user_id != user.pk],
        last=_last(match.packed_last),
        open_actions=unpack_actions(match.packed_actions),
    )


def _last(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    if not rows:
        return None
    return {**rows[0], "held_on": day(rows[0]["held_on"]), "summary": _summary(rows[0])}


def _summary(row: dict[str, Any]) -> str:
    if not row["summary_id"]:
        return ""
    opened: str = unpack_sealed(SharedSummary, UUID(row["summary_id"]), text=row["summary"]).text
    return opened


@dataclass
class MeetingRow(Partnered):
    """One line of the list of meetings."""

    meeting: Meeting
    partners: list[Partner]


def meetings_of(user: User, *, start: int = 0, limit: int = 30) -> list[MeetingRow]:
    """Return the person's meetings, newest first, one more than ``limit`` when there are more."""
    rows = (
        Meeting.objects.of(user)
        .held()
        .select_related("match__cohort__program")
        .annotate(packed_people=people_of("match_id"))
        .order_by("-held_on", "-id")
    )
    return [
        MeetingRow(
            meeting,
            [p for p in unpack_people(meeting.packed_people) if p.user_id != user.pk],
        )
        for meeting in rows[start : start + limit + 1]
    ]


@dataclass(frozen=True)
class AgendaLine:
    """An agenda item with its text opened."""

    id: UUID
    text: str
    by: str
    is_done: bool


@dataclass
class MeetingSheet(Partnered):
    """A meeting as its people see it: plan, agenda, shared words, own note and rating, actions."""

    meeting: Meeting
    partners: list[Partner]
    people: list[Partner]
    summary: str
    note: str
    rating: int | None
    actions: list[Action]
    summary_at: datetime | None = None
    agenda: list[AgendaLine] = field(default_factory=list)
    link: str = ""
    place: str = ""
    plan_note: str = ""

    @property
    def provider(self) -> str:
        return provider_of(self.link)

    def when_for(self, user: User) -> When | None:
        """Return the meeting's time on this person's clock and on the others'."""
        starts_at = self.meeting.starts_at
        if starts_at is None:
            return None
        others = [(person.short_name, person.time_zone) for person in self.partners]
        return when(starts_at, self.meeting.minutes, zone_name=user.time_zone, others=others)

    @property
    def match(self) -> Match:
        return self.meeting.match

    @property
    def clocks(self) -> list[tuple[Partner, str]]:
        """Return when it began where each partner is, where their clock shows another time."""
        began = self.meeting.starts_at
        if began is None:
            return []
        own = f"{timezone.localtime(began):%H:%M}"
        clocks = [(who, f"{began.astimezone(zone(who.time_zone)):%H:%M}") for who in self.partners]
        return [(who, clock) for who, clock in clocks if clock != own]


def meeting_sheet(user: User, pk: int) -> MeetingSheet | None:
    """Return a meeting of one of the person's matches with its words, or None. One query."""
    own_note = PrivateNote.objects.filter(meeting=OuterRef("pk"), author=user)
    own_rating = MeetingRating.objects.filter(meeting=OuterRef("pk"), author=user)
    meeting = (
        Meeting.objects.of(user)
        .select_related(
            "match__cohort__program", "logged_by", "summary", "plan", "series", "cancelled_by"
        )
        .annotate(
            packed_people=people_of("match_id"),
            packed_note=packed(own_note, id=F("id"), text=sealed("text")),
            packed_rating=packed(own_rating, rating=F("rating")),
            packed_actions=actions_of(ActionItem.objects.filter(meeting=OuterRef("pk"))),
            packed_agenda=_agenda(),
        )
        .filter(pk=pk)
        .first()
    )
    if meeting is None:
        return None
    people = unpack_people(meeting.packed_people)
    summary = getattr(meeting, "summary", None)
    plan = getattr(meeting, "plan", None)
    return MeetingSheet(
        meeting=meeting,
        people=people,
        partners=[person for person in people if person.user_id != user.pk],
        summary=summary.text if summary else "",
        summary_at=summary.changed_at if summary else None,
        note=opened_note(meeting.packed_note),
        rating=meeting.packed_rating[0]["rating"] if meeting.packed_rating else None,
        actions=unpack_actions(meeting.packed_actions),
        agenda=_unpack_agenda(meeting.packed_agenda),
        link=plan.link if plan else "",
        place=plan.place if plan else "",
        plan_note=plan.note if plan else "",
    )


def _agenda() -> Any:
    rows = AgendaItem.objects.filter(meeting=OuterRef("pk")).order_by("position", "created_at")
    return packed(
        rows,
        id=F("id"),
        text=sealed("text"),
        by=Coalesce(NullIf("added_by__first_name", Value("")), "added_by__email"),
        done_at=F("done_at"),
    )


def _unpack_agenda(rows: list[dict[str, Any]]) -> list[AgendaLine]:
    return [
        AgendaLine(
            id=UUID(row["id"]),
            text=unpack_sealed(AgendaItem, UUID(row["id"]), text=row["text"]).text,
            by=row["by"],
            is_done=row["done_at"] is not None,
        )
        for row in rows
    ]


def opened_note(rows: list[dict[str, Any]]) -> str:
    """Return the text of the one note that was packed, or ""."""
    if not rows:
        return ""
    opened: str = unpack_sealed(PrivateNote, UUID(rows[0]["id"]), text=rows[0]["text"]).text
    return opened


def start_of(meeting: Meeting, user: User) -> datetime | None:
    """Return when a meeting began, in the person's own zone."""
    return meeting.starts_at.astimezone(zone(user.time_zone)) if meeting.starts_at else None


def matches_to_log(user: User) -> list[tuple[int, str]]:
    """Return (match id, names of the partners) of the person's open matches. One query."""
    rows = current_matches_of(user).annotate(packed_people=people_of("pk"))
    return [(match.pk, _names(match.packed_people, user)) for match in rows[:MOST_CHOICES]]


def _names(people: list[dict[str, Any]], user: User) -> str:
    return listed([row["name"] for row in people if row["user_id"] != user.pk])


def action_row(action: ActionItem) -> Action:
    """Return an action item as the pages show it."""
    return Action(
        id=action.pk,
        text=action.text,
        owner_id=action.owner_id,
        owner_name=action.owner.get_short_name(),
        due_on=action.due_on,
        is_done=action.done_at is not None,
    )


def booking_to_log(
    user: User, match: Match, *, now: datetime, pk: int | None = None
) -> Meeting | None:
    """Return the planned meeting that the log form is about: the named one, or the last begun."""
    rows = Meeting.objects.filter(match=match)
    if pk is not None:
        return rows.filter(pk=pk, status__in=("scheduled", "missed")).first()
    begun = rows.filter(
        status="scheduled", starts_at__lte=now, starts_at__gt=now - timedelta(days=14)
    )
    return begun.order_by("-starts_at").first()
