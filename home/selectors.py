"""Reads of pages that are made of several apps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from core.names import listed
from core.packed import day, packed
from matching.models import Match
from sessions.models import ActionItem, Meeting
from sessions.selectors import (
    Action,
    Partner,
    Partnered,
    action_row,
    actions_of,
    people_of,
    unpack_actions,
    unpack_people,
)

MEETINGS_SHOWN = 12


@dataclass
class MatchSheet(Partnered):
    """A match as its people see it, or, without words, its manager."""

    match: Match
    people: list[Partner]
    is_member: bool
    me: int
    meeting_count: int = 0
    meetings: list[dict[str, Any]] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)

    @property
    def partners(self) -> list[Partner]:
        return [person for person in self.people if person.user_id != self.me]

    @property
    def mentors(self) -> list[Partner]:
        return [person for person in self.people if person.role == "mentor"]

    @property
    def mentees(self) -> list[Partner]:
        return [person for person in self.people if person.role == "mentee"]

    @property
    def mentor_names(self) -> str:
        return listed([person.name for person in self.mentors])

    @property
    def goes_on(self) -> bool:
        """Tell whether it goes on when the reader leaves."""
        return self.goes_on_without(self.role)

    @property
    def may_rest(self) -> bool:
        """Tell whether the reader may pause it: in a circle its mentors do."""
        return not self.goes_on or self.role == "mentor"

    @property
    def role(self) -> str:
        """Return the reader's own role in it; nothing for a manager."""
        return next((person.role for person in self.people if person.user_id == self.me), "")


def match_sheet(user: User, pk: int) -> MatchSheet | None:
    """Return a match that this person is in or manages, or None.

    One query for members. Who manages it gets dates and minutes, never the words.
    """
    held = Meeting.objects.held().filter(match=OuterRef("pk")).order_by("-held_on", "-id")
    counted = held.order_by().values("match").annotate(count=Count("pk")).values("count")
    rows = (
        Match.objects.filter(pk=pk)
        .select_related("cohort__program")
        .annotate(
            packed_people=people_of("pk"),
            meeting_count=Coalesce(Subquery(counted), 0),
            packed_meetings=packed(
                held[:MEETINGS_SHOWN],
                id=F("id"),
                held_on=F("held_on"),
                minutes=F("minutes"),
                how=F("how"),
            ),
        )
    )
    open_or_recent = ActionItem.objects.filter(match=OuterRef("pk")).filter(
        Q(done_at__isnull=True) | Q(meeting__held_on__isnull=False)
    )
    own = rows.of(user).annotate(packed_actions=actions_of(open_or_recent)).first()
    if own is not None:
        return _sheet(own, user, is_member=True)
    managed = rows.managed_by(user).first()
    return _sheet(managed, user, is_member=False) if managed else None


def _sheet(match: Any, user: User, *, is_member: bool) -> MatchSheet:
    actions = unpack_actions(match.packed_actions) if is_member else []
    return MatchSheet(
        match=match,
        people=unpack_people(match.packed_people),
        is_member=is_member,
        me=user.pk,
        meeting_count=match.meeting_count,
        meetings=[{**row, "held_on": day(row["held_on"])} for row in match.packed_meetings],
        actions=sorted(actions, key=lambda action: (action.is_done, action.due_on or date.max)),
    )


def open_actions(match_ids: list[int]) -> list[Action]:
    """Return the open action items of these matches, the next due first. One query."""
    if not match_ids:
        return []
    rows = (
        ActionItem.objects.filter(match__in=match_ids, done_at__isnull=True)
        .select_related("owner")
        .order_by(F("due_on").asc(nulls_last=True), "created_at")
    )
    return [action_row(action) for action in rows[:10]]
