"""What every write about a meeting asks first: who, which day, what time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from core.clock import local_day, zone
from core.errors import DomainError, NotAllowed
from matching.models import Match, MatchMember, MatchStatus
from sessions.models import LONGEST_MINUTES, MeetingHow, MeetingKind

FURTHEST = timedelta(days=366)
LOWEST_RATING, HIGHEST_RATING = 1, 5


def lock_match(match: Match) -> Match:
    """Lock the match, so that two people who log at once do it one after the other."""
    return Match.objects.select_for_update(no_key=True, of=("self",)).get(pk=match.pk)


def require_member(match: Match, actor: User) -> list[MatchMember]:
    """Return the people of the match, or raise NotAllowed when the actor is none of them.

    In an ended match these are those of its end; in an open one those who are in it now.
    """
    current = list(match.members.seated().select_related("user").order_by("pk"))
    if all(member.user_id != actor.pk for member in current):
        raise NotAllowed(_("Only the people of a match log its meetings."))
    return current


def require_open_member(match: Match, actor: User) -> list[MatchMember]:
    """Return the current people of a match that meets, or raise.

    Raises:
        NotAllowed: the actor is not one of them.
        DomainError: the match has ended or is paused.
    """
    current = require_member(match, actor)
    if match.status == MatchStatus.ENDED:
        raise DomainError(_("This match has ended. Nothing can be planned any more."), code="ended")
    if match.status == MatchStatus.PAUSED:
        raise DomainError(
            _("This match is paused. Take it up again to plan meetings."), code="paused"
        )
    return current


def check_start(starts_at: datetime, *, now: datetime, field: str = "starts_at") -> None:
    """Raise DomainError unless a meeting can be planned for this moment."""
    if starts_at <= now:
        raise DomainError(
            _("This time is past. Choose one that is still to come."), code="past", field=field
        )
    if starts_at > now + FURTHEST:
        raise DomainError(
            _("That is more than a year away. Choose an earlier day."), code="far", field=field
        )


def check_plan(*, minutes: int, kind: str, how: str) -> None:
    """Raise DomainError for a length, kind or way of meeting that does not exist."""
    check_facts(minutes=minutes, how=how, rating=None)
    if kind not in MeetingKind.values:
        raise DomainError(_("Choose what kind of meeting it is."), code="kind", field="kind")


def check_day(match: Match, actor: User, *, held_on: date, now: datetime) -> None:
    """Raise DomainError unless the match could have met on this day, as the actor's zone has it."""
    if held_on > local_day(now, actor.time_zone):
        raise DomainError(
            _("%(day)s is in the future. Choose a date up to today.")
            % {"day": date_format(held_on)},
            code="future",
            field="held_on",
        )
    if held_on < match.started_on:
        raise DomainError(
            _("You were matched on %(day)s. Choose that day or a later one.")
            % {"day": date_format(match.started_on)},
            code="before_start",
            field="held_on",
        )
    if match.ended_on and held_on > match.ended_on:
        raise DomainError(
            _("This match ended on %(day)s. Choose that day or an earlier one.")
            % {"day": date_format(match.ended_on)},
            code="after_end",
            field="held_on",
        )


def check_facts(*, minutes: int | None, how: str, rating: int | None) -> None:
    """Raise DomainError for minutes, a way of meeting or a rating that does not exist."""
    if minutes is not None and not 1 <= minutes <= LONGEST_MINUTES:
        raise DomainError(
            _("A meeting lasts between 1 and 600 minutes."), code="minutes", field="minutes"
        )
    if how and how not in MeetingHow.values:
        raise DomainError(_("Choose how you met."), code="how", field="how")
    if rating is not None and not LOWEST_RATING <= rating <= HIGHEST_RATING:
        raise DomainError(_("Choose one of the five faces."), code="rating", field="rating")


def moment(
    held_on: date, start_time: time | None, *, actor: User, now: datetime
) -> datetime | None:
    """Return when a meeting began: the wall-clock time in the actor's zone, as UTC.

    Raises DomainError when that moment is still to come, or when a clock change skipped it.
    A time that happened twice means the first of the two.
    """
    if start_time is None:
        return None
    place = zone(actor.time_zone)
    starts_at = datetime.combine(held_on, start_time, tzinfo=place).astimezone(UTC)
    if starts_at.astimezone(place).replace(tzinfo=None) != datetime.combine(held_on, start_time):
        raise DomainError(
            _("The clocks went forward then: this time did not happen. Choose another."),
            code="skipped_time",
            field="start_time",
        )
    if starts_at > now:
        raise DomainError(
            _("This time is still to come. Choose an earlier one, or leave it empty."),
            code="future_time",
            field="start_time",
        )
    return starts_at


def length_of(minutes: int | None) -> timedelta | None:
    return timedelta(minutes=minutes) if minutes else None
