"""Who takes part and when. The database keeps a person's confirmed meetings from overlapping."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from psycopg2.extras import DateTimeTZRange

from accounts.models import User
from core.clock import zone
from core.errors import Conflict, DomainError
from sessions.models import Meeting, MeetingAttendee
from sessions.services.rules import length_of


def during_of(meeting: Meeting) -> DateTimeTZRange | None:
    """Return the half-open time of a meeting, or None while start or length is unknown."""
    length = length_of(meeting.minutes)
    if meeting.starts_at is None or length is None:
        return None
    return DateTimeTZRange(meeting.starts_at, meeting.starts_at + length)


def lock_people(user_ids: Collection[int]) -> None:
    """Lock these people in order of their ids: who books the same hour waits for who came first."""
    list(
        User.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk__in=user_ids)
        .order_by("pk")
        .values_list("pk")
    )


def set_attendees(meeting: Meeting, *, actor: User, members: Collection[int]) -> None:
    """Write who took part: the actor confirms with this, the others by adding to the meeting.

    Raises:
        DomainError: the time overlaps with another meeting that somebody here has confirmed.
    """
    during = during_of(meeting)
    lock_people(members)
    try:
        with transaction.atomic():
            MeetingAttendee.objects.filter(meeting=meeting).update(during=during)
            known = set(meeting.attendees.values_list("user_id", flat=True))
            MeetingAttendee.objects.bulk_create(
                MeetingAttendee(meeting=meeting, user_id=user_id, during=during)
                for user_id in sorted(set(members) - known)
            )
            meeting.attendees.filter(user=actor, is_confirmed=False).update(is_confirmed=True)
    except IntegrityError as error:
        if "attendee_no_overlap" not in str(error):
            raise
        raise DomainError(
            _("You were in another meeting at that time. Check the start and the minutes."),
            code="overlap",
            field="start_time",
        ) from error


def busy_in(
    during: DateTimeTZRange, user_ids: Collection[int], *, but: Meeting | None = None
) -> dict[int, MeetingAttendee]:
    """Return by person a confirmed meeting that overlaps this time, other than ``but``."""
    rows = MeetingAttendee.objects.filter(
        user__in=user_ids, is_confirmed=True, during__overlap=during
    ).select_related("meeting")
    if but is not None and but.pk:
        rows = rows.exclude(meeting=but)
    return {row.user_id: row for row in rows.order_by("-during")}


def take_hour(
    meeting: Meeting, *, actor: User, members: Collection[int], needed: Collection[int]
) -> None:
    """Take the meeting's time in everybody's calendar.

    Those ``needed`` must be free; others of a circle who are not stay invited, unconfirmed.

    Raises:
        Conflict: somebody who is needed is not free. To the actor it says what stands in their own
            calendar; of others it says only that they are not free.
    Effects: attendee rows; locks the people.
    """
    during = during_of(meeting)
    if during is None:
        raise ValueError("A meeting that takes an hour has a start and a length.")
    lock_people(members)
    busy = busy_in(during, members, but=meeting)
    _refuse_when_busy(busy, actor=actor, members=members, needed=needed)
    known = {row.user_id: row for row in meeting.attendees.all()}
    try:
        with transaction.atomic():
            meeting.attendees.update(is_confirmed=False, during=during)
            MeetingAttendee.objects.bulk_create(
                MeetingAttendee(meeting=meeting, user_id=user_id, during=during)
                for user_id in sorted(set(members) - set(known))
            )
            free = set(members) - set(busy)
            meeting.attendees.filter(user__in=free).update(is_confirmed=True)
    except IntegrityError as error:
        if "attendee_no_overlap" not in str(error):
            raise
        raise not_free() from error


def seat_newcomers(meeting: Meeting, people: Collection[int]) -> None:
    """Invite people to a planned meeting; who is free then is confirmed, nobody is refused."""
    during = during_of(meeting)
    if not people or during is None:
        return
    lock_people(people)
    busy = busy_in(during, people, but=meeting)
    MeetingAttendee.objects.bulk_create(
        MeetingAttendee(
            meeting=meeting, user_id=user_id, during=during, is_confirmed=user_id not in busy
        )
        for user_id in sorted(people)
    )


def refuse_own_clash(
    starts_at: datetime, minutes: int, *, actor: User, but: Meeting | None, field: str
) -> None:
    """Raise Conflict when the actor has another meeting then."""
    during = DateTimeTZRange(starts_at, starts_at + timedelta(minutes=minutes))
    own = busy_in(during, [actor.pk], but=but).get(actor.pk)
    if own is not None:
        raise Conflict(_own_clash(own.meeting, actor), code="overlap", field=field)


def free_hour(meeting: Meeting) -> None:
    """Give the time back to everybody."""
    meeting.attendees.update(is_confirmed=False)


def _refuse_when_busy(
    busy: dict[int, MeetingAttendee],
    *,
    actor: User,
    members: Collection[int],
    needed: Collection[int],
) -> None:
    own = busy.get(actor.pk)
    if own is not None:
        raise Conflict(_own_clash(own.meeting, actor), code="overlap", field="starts_at")
    taken = set(busy) & set(needed)
    if not taken:
        return
    others = set(members) - {actor.pk}
    if len(others) == 1:
        person = User.objects.get(pk=taken.pop())
        raise not_free(person.get_short_name())
    raise not_free()


def not_free(name: str = "") -> Conflict:
    """Return the refusal that reveals nothing of somebody else's calendar."""
    sentence = (
        _("%(name)s is not free then. Choose another time.") % {"name": name}
        if name
        else _("Not everybody is free then. Choose another time.")
    )
    return Conflict(sentence, code="not_free", field="starts_at")


def _own_clash(meeting: Meeting, actor: User) -> str:
    """Say which of the actor's own meetings is in the way."""
    partners = meeting.match.members.exclude(user=actor).select_related("user")
    names = ", ".join(member.user.get_full_name() for member in partners if not member.left_at)
    if meeting.starts_at is None or meeting.ends_at is None:
        return _("You have another meeting then. Choose another time.")
    starts, ends = (
        moment.astimezone(zone(actor.time_zone)) for moment in (meeting.starts_at, meeting.ends_at)
    )
    return _("You meet %(names)s from %(start)s to %(end)s then. Choose another time.") % {
        "names": names or _("somebody else"),
        "start": f"{starts:%H:%M}",
        "end": f"{ends:%H:%M}",
    }
