"""What lists from HR said earlier and has not been followed yet, found by the sweep."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import BooleanField, Exists, F, Func, JSONField, OuterRef, QuerySet, Value
from django.db.models.fields import TextField
from django.db.models.functions import Cast

from accounts.models import User
from participants.models import TAKES_PART, Enrolment, EnrolmentStatus
from support.feed.impact import engaged
from support.feed.rows import Facts
from support.leavers import LATEST, open_notes, settled_notes
from support.models import FeedPerson, Leaver
from support.services.away import Absences
from support.services.each import stands_alone
from support.services.following import AHEAD, Follower

AT_ONCE = 500


def follow_late(*, now: datetime) -> int:
    """Let leave and pause who took a place after HR had said it; return how many were touched.

    So are those whom a list could not carry when it was applied. Each stands alone: one that fails
    is logged and tried again by the next sweep. What people have decided since stays: whoever was
    taken back by hand, or takes a place anew after their last one was closed, is let be.
    """
    follower = Follower(actor=None, now=now)
    absences = Absences(None, now, [])
    return (
        _each(partial(_return, follower), _late_returns())
        + _each(partial(_go, follower), _late_leavers(now))
        + _each(partial(_end, absences), _late_ends())
        + _each(partial(_rest, absences), _late_leaves(now))
        + _each(partial(_give_back, absences), _own_pauses())
    )


def _each(act: Callable[[Any], None], found: Iterable[Any]) -> int:
    sentence = "what HR said could not be followed for %s"
    return sum(stands_alone(partial(act, one), sentence, _name(one)) for one in found)


def _name(one: Any) -> str:
    return str(one) if isinstance(one, int) else f"{type(one).__name__} {one.pk}"


def _late_returns() -> list[Leaver]:
    back = open_notes().filter(
        person__hr_record__isnull=False, person__hr_record__gone_on__isnull=True
    )
    return list(back.order_by("person_id")[:AT_ONCE])


def _return(follower: Follower, note: Leaver) -> None:
    record = _locked(note.person_id)
    if record is not None and record.gone_on is None:
        follower.take_back(note)


def _late_leavers(now: datetime) -> list[int]:
    today = now.date()
    late = (
        engaged()
        .filter(user__hr_record__gone_on__range=(today - LATEST, today + AHEAD))
        .exclude(Exists(open_notes().filter(person=OuterRef("user"))))
        .exclude(Exists(settled_notes("user", "user__hr_record__gone_on")))
    )
    return list(late.order_by("user_id").values_list("user_id", flat=True).distinct()[:AT_ONCE])


def _go(follower: Follower, person_id: int) -> None:
    record = _locked(person_id)
    if record is not None and record.gone_on is not None:
        follower.go(record.user, record.gone_on, None)


def _late_ends() -> list[Enrolment]:
    ended = _known(is_followed=True).filter(user__hr_record__leave_from__isnull=True)
    return list(ended.filter(status__in=TAKES_PART)[:AT_ONCE])


def _end(absences: Absences, place: Enrolment) -> None:
    record = _locked(place.user_id)
    if record is not None and record.leave_from is None:
        _kept(absences, place, record)


def _late_leaves(now: datetime) -> list[Enrolment]:
    late = _known(is_followed=False).filter(
        status=EnrolmentStatus.ENROLLED,
        pause_from__isnull=True,
        user__hr_record__leave_from__lte=now.date() + AHEAD,
    )
    return list(late.exclude(user__hr_record__leave_until__lt=now.date())[:AT_ONCE])


def _rest(absences: Absences, place: Enrolment) -> None:
    record = _locked(place.user_id)
    if record is not None and str(place.pk) not in record.pauses:
        _kept(absences, place, record)


def _own_pauses() -> list[Enrolment]:
    """Return places whose pause for a leave is over, and whose people had planned a later one."""
    later = Func(
        F("user__hr_record__pauses"),
        Cast("pk", TextField()),
        Value("2"),
        function="jsonb_extract_path",
        output_field=JSONField(),
    )
    over = _known(is_followed=True).alias(later=later).filter(later__isnull=False)
    return list(over.filter(status=EnrolmentStatus.ENROLLED, pause_from__isnull=True)[:AT_ONCE])


def _give_back(absences: Absences, place: Enrolment) -> None:
    record = _locked(place.user_id)
    key = str(place.pk)
    if record is None or not record.pauses.get(key):
        return
    place.refresh_from_db(fields=("status", "pause_from", "pause_until"))
    if place.pause_from is None:
        absences.give_back(place, record.pauses[key][2:])
    record.pauses[key] = record.pauses[key][:2]
    record.save(update_fields=("pauses",))


def _kept(absences: Absences, place: Enrolment, record: FeedPerson) -> None:
    place.refresh_from_db(fields=("status", "pause_from", "pause_until"))
    absences.rest(place, record, Facts(None, record.leave_from, record.leave_until))
    record.save(update_fields=("pauses",))


def _known(*, is_followed: bool) -> QuerySet[Enrolment]:
    """Return places of people whom lists name; followed: what became of a leave is written down."""
    has_key = Func(
        F("user__hr_record__pauses"),
        Cast("pk", TextField()),
        function="jsonb_exists",
        output_field=BooleanField(),
    )
    rows = engaged().alias(is_followed=has_key).filter(is_followed=is_followed)
    return rows.select_related("cohort__program", "user").order_by("pk")


def _locked(person_id: int) -> FeedPerson | None:
    """Return HR's record of somebody, locked after the person, unless a list is just writing it."""
    people = User.objects.select_for_update(no_key=True, skip_locked=True)
    person = people.filter(pk=person_id).first()
    if person is None:
        return None
    record: FeedPerson | None = FeedPerson.objects.select_for_update().filter(user=person).first()
    if record is not None:
        record.user = person
    return record
