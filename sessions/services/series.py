"""Meetings that come again: booked three months ahead, under the same rules as any other."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from core.clock import local_day, zone
from core.errors import Conflict, DomainError
from matching.models import Match, MatchStatus
from sessions.clocks import settle
from sessions.models import (
    LeftOut,
    Meeting,
    MeetingSeries,
    MeetingStatus,
    SeriesPlan,
    SeriesRule,
)
from sessions.repeating import days_of
from sessions.services import rules
from sessions.services.booking import call_off, needed_of, plan_meeting
from sessions.services.plans import Plan, keep_words, note_down, tell

AHEAD = timedelta(days=92)
# The sweep extends a series when it is this much short of three months.
SLACK = timedelta(days=7)


@dataclass
class Booked:
    """What became of the days of a series: meetings, and days on which somebody is not free."""

    series: MeetingSeries
    meetings: list[Meeting] = field(default_factory=list)
    left_out: list[date] = field(default_factory=list)


@transaction.atomic
def book_series(
    *,
    match: Match,
    actor: User,
    now: datetime,
    rule: str,
    starts_on: date,
    start_time: time,
    plan: Plan,
    ends_on: date | None = None,
) -> Booked:
    """Book a meeting that comes again at one wall-clock time of the actor's zone.

    Days on which somebody is not free are left out. A time that a clock change skips moves
    forward by as much as the clocks do; of one that comes twice it is the first.

    Raises:
        NotAllowed: the actor is not a current member.
        Conflict: somebody is not free on any of the days.
        DomainError: the match does not meet, or a value cannot be; ``field`` names which.
    Effects: the series, its meetings of the next three months, audit rows, one invitation to each
        member; locks the match and its people.
    """
    match = rules.lock_match(match)
    members = {member.user_id for member in rules.require_open_member(match, actor)}
    plan = plan.checked()
    last = min(ends_on or match.cohort.ends_on, starts_on + rules.FURTHEST)
    _check(rule, starts_on, start_time, last, actor=actor, now=now)
    series = MeetingSeries.objects.create(
        match=match,
        organiser=actor,
        rule=rule,
        time_zone=zone(actor.time_zone).key,
        starts_on=starts_on,
        start_time=start_time,
        ends_on=last,
        planned_until=starts_on - timedelta(days=1),
        minutes=plan.minutes,
        kind=plan.kind,
        how=plan.how,
        changed_at=now,
        created_at=now,
    )
    keep_words(SeriesPlan, series, link=plan.link, place=plan.place)
    booked = _extend(series, members=members, now=now)
    if not booked.meetings:
        raise Conflict(
            _("Not everybody is free on any of these days. Choose another time."),
            code="not_free",
            field="time",
        )
    note_down(series, "meeting.series_booked", actor=actor, match=match, now=now)
    tell("series", about=series.pk, to=members, match=match, now=now, occasion="0")
    return booked


def _check(
    rule: str, starts_on: date, start_time: time, last: date, *, actor: User, now: datetime
) -> None:
    if rule not in SeriesRule.values:
        raise DomainError(_("Choose how often you meet."), code="rule", field="repeat")
    rules.check_start(settle(starts_on, start_time, actor.time_zone), now=now, field="time")
    if last < starts_on:
        raise DomainError(
            _("The last day, %(day)s, is before the first.") % {"day": date_format(last)},
            code="until",
            field="until",
        )


def _extend(series: MeetingSeries, *, members: Collection[int], now: datetime) -> Booked:
    """Book what is missing up to three months ahead. Again is fine: every day is done once."""
    until = min(series.ends_on, local_day(now, series.time_zone) + AHEAD)
    until = max(until, series.starts_on) if series.planned_until < series.starts_on else until
    done = set(series.meetings.values_list("series_on", flat=True))
    done |= set(series.left_out.values_list("day", flat=True))
    booked = Booked(series)
    for day in days_of(series.rule, series.starts_on, until):
        starts_at = settle(day, series.start_time, series.time_zone)
        if day in done or starts_at <= now:
            continue
        meeting = _book_day(series, starts_at, members=members, now=now)
        if meeting is None:
            LeftOut.objects.create(series=series, day=day)
            booked.left_out.append(day)
            continue
        meeting.series, meeting.series_on = series, day
        meeting.save(update_fields=["series", "series_on"])
        booked.meetings.append(meeting)
    series.planned_until = max(until, series.planned_until)
    series.save(update_fields=["planned_until"])
    return booked


def _book_day(
    series: MeetingSeries, starts_at: datetime, *, members: Collection[int], now: datetime
) -> Meeting | None:
    words = SeriesPlan.objects.filter(series=series).first()
    plan = Plan(
        minutes=series.minutes,
        kind=series.kind,
        how=series.how,
        link=str(words.link) if words else "",
        place=str(words.place) if words else "",
    )
    try:
        with transaction.atomic():
            return plan_meeting(
                match=series.match,
                actor=series.organiser,
                now=now,
                starts_at=starts_at,
                plan=plan,
                members=members,
                needed=needed_of(members, series.organiser_id),
            )
    except Conflict:
        return None


@transaction.atomic
def end_series(
    *, series: MeetingSeries, actor: User, now: datetime, from_day: date
) -> MeetingSeries:
    """End a series before ``from_day``: that meeting and all later ones are cancelled.

    Raises:
        NotAllowed: the actor is not a member.
        Conflict: it has ended already.
    Effects: the series with its sequence + 1, its meetings from that day on, audit rows, one
        message to each member; locks the match.
    """
    match = rules.lock_match(series.match)
    members = {member.user_id for member in rules.require_member(match, actor)}
    series = _running(series)
    _stop(series, actor=actor, match=match, now=now, from_day=from_day)
    _tell_over(series, to=members, match=match, now=now)
    return series


@transaction.atomic
def change_series(
    *,
    series: MeetingSeries,
    actor: User,
    now: datetime,
    from_day: date,
    rule: str,
    starts_on: date,
    start_time: time,
    plan: Plan,
    ends_on: date | None = None,
) -> Booked:
    """Give this meeting of a series and all later ones another day, time or rhythm.

    Earlier ones stay as they are. Raises and effects as ``end_series`` and ``book_series``.
    """
    end_series(series=series, actor=actor, now=now, from_day=from_day)
    return book_series(
        match=series.match,
        actor=actor,
        now=now,
        rule=rule,
        starts_on=starts_on,
        start_time=start_time,
        plan=plan,
        ends_on=ends_on,
    )


def _running(series: MeetingSeries) -> MeetingSeries:
    fresh = MeetingSeries.objects.select_for_update(of=("self",)).get(pk=series.pk)
    if fresh.ended_at is not None:
        raise Conflict(_("This series has ended already."))
    return fresh


def _stop(
    series: MeetingSeries, *, actor: User | None, match: Match, now: datetime, from_day: date
) -> None:
    coming = series.meetings.filter(
        status=MeetingStatus.SCHEDULED, series_on__gte=from_day, starts_at__gt=now
    )
    for meeting in coming.select_for_update(of=("self",)).order_by("pk"):
        call_off(meeting, actor=actor, match=match, now=now)
    series.ends_on = min(series.ends_on, from_day - timedelta(days=1))
    series.sequence += 1
    series.ended_at = series.changed_at = now
    series.save(update_fields=["ends_on", "sequence", "ended_at", "changed_at"])
    note_down(series, "meeting.series_ended", actor=actor, match=match, now=now)


def _tell_over(series: MeetingSeries, *, to: Collection[int], match: Match, now: datetime) -> None:
    tell(
        "series_over",
        about=series.pk,
        to=to,
        match=match,
        now=now,
        occasion=str(series.sequence),
    )


def series_to_extend(*, now: datetime) -> list[int]:
    """Return running series that are not booked three months ahead any more."""
    limit = now.date() + AHEAD - SLACK
    rows = MeetingSeries.objects.filter(
        ended_at__isnull=True, planned_until__lt=Least(F("ends_on"), limit)
    )
    return list(rows.filter(match__status=MatchStatus.ACTIVE).values_list("pk", flat=True)[:500])


@transaction.atomic
def extend_series(*, pk: int, now: datetime) -> Booked | None:
    """Book a series up to three months ahead; None when it has ended or its people changed.

    Effects: meetings; when days are left out, one update to each member.
    """
    series = MeetingSeries.objects.select_related("match__cohort", "organiser").get(pk=pk)
    match = rules.lock_match(series.match)
    series = MeetingSeries.objects.select_for_update(of=("self",)).get(pk=pk)
    if series.ended_at is not None or match.status != MatchStatus.ACTIVE:
        return None
    members = set(match.members.current().values_list("user_id", flat=True))
    if series.organiser_id not in members or len(members) < 2:
        _stop(series, actor=None, match=match, now=now, from_day=local_day(now, series.time_zone))
        _tell_over(series, to=members, match=match, now=now)
        return None
    booked = _extend(series, members=members, now=now)
    if booked.left_out:
        series.sequence += 1
        series.changed_at = now
        series.save(update_fields=["sequence", "changed_at"])
        tell(
            "series",
            about=series.pk,
            to=members,
            match=match,
            now=now,
            occasion=str(series.sequence),
        )
    return booked
