"""Somebody leaves: matches rest at once, partners are told kindly, and close a week later.

Locks are taken in one order everywhere: the person, the note, then by their ids cohorts, matches,
places. So two that leave at once, or a list from HR with both, never wait for each other in a ring.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import partial

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.clock import local_day
from core.errors import Conflict, DomainError
from matching.models import Match, MatchMember, MatchStatus
from matching.seats import goes_on_without, others_in
from matching.services.closing import leave_match, pause_match
from notifications.services import queue_message
from participants.models import Enrolment, EnrolmentStatus
from participants.services.enrolling import move_enrolment
from participants.services.staying import withdraw
from programs.models import Cohort, CohortStatus, Program
from support.models import Leaver
from support.services.each import stands_alone

UNDO = timedelta(days=7)
FARTHEST = timedelta(days=366)
OVER = (CohortStatus.COMPLETED, CohortStatus.ARCHIVED)


@transaction.atomic
def record_leaver(
    *,
    person: User,
    on: date,
    actor: User | None,
    now: datetime,
    program: Program | None = None,
    kept_programs: Iterable[int] = (),
) -> Leaver:
    """Note that somebody leaves after ``on``: one program, or without one everywhere.

    From the day after ``on`` (or now, when it has come) their matches rest and they are out of the
    pool; a week later what rests is closed, unless it was undone. Noted again, it moves the day.
    Days are those of the person's own zone. In ``kept_programs`` a new note changes nothing.

    Raises:
        DomainError: the day is more than a year away in either direction.
        Conflict: matches rest already; undo that first.
    Effects: locks the person; one row, one audit row; when the day has come, those of
    ``rest_leaver``.
    """
    person = lock_person(person.pk)
    today = local_day(now, person.time_zone)
    if abs(on - today) > FARTHEST:
        raise DomainError(_("That is more than a year away. Choose a nearer day."), field="on")
    row = (
        Leaver.objects.select_for_update()
        .filter(person=person, program=program, undone_at__isnull=True, closed_at__isnull=True)
        .first()
    )
    if row is not None and row.rested_at is not None:
        raise Conflict(_("That this person leaves is noted already, and their matches rest."))
    row = row or Leaver(person=person, program=program, kept_programs=sorted(kept_programs))
    row.leaves_on, row.closes_on = on, max(on, today) + UNDO
    row.recorded_by, row.recorded_at = actor, now
    row.save()
    note_act(row, "leaver.recorded", actor, now)
    if on <= today:
        _rest(row, now)
    return row


@transaction.atomic
def correct_day(*, leaver: Leaver, on: date, actor: User | None, now: datetime) -> None:
    """Write another day that has come into a note; what rests, closed or goes on stays so.

    Effects: locks the person; the row, one audit row.
    """
    row = lock_note(leaver)
    row.leaves_on, row.closes_on = on, max(row.closes_on, on)
    row.save(update_fields=("leaves_on", "closes_on"))
    note_act(row, "leaver.recorded", actor, now)


@transaction.atomic
def rest_leaver(*, leaver: Leaver, now: datetime) -> Leaver:
    """Let the matches of somebody who has left rest, and tell those they were with. Again is fine.

    A circle that still has others in the same seat goes on. Effects: matches and enrolments paused,
    one message to each partner that says neither why nor that somebody left the organisation.
    """
    row = lock_note(leaver)
    if row.is_open and row.rested_at is None:
        _rest(row, now)
    return row


def _rest(row: Leaver, now: datetime) -> None:
    for match in _open_matches(row):
        if match.status == MatchStatus.ACTIVE and not goes_on_without(match, row.person):
            pause_match(match=match, actor=None, now=now)
            row.rested_matches.append(match.pk)
            _tell_partners(match, row, now)
    for enrolment in _enrolments(row).filter(status=EnrolmentStatus.ENROLLED):
        move_enrolment(enrolment=enrolment, to=EnrolmentStatus.PAUSED, actor=None, now=now)
        row.rested_enrolments.append(enrolment.pk)
    row.rested_at, row.closes_on = now, local_day(now, row.person.time_zone) + UNDO
    row.save(
        update_fields=("rested_at", "closes_on", "rested_matches", "rested_enrolments"),
    )
    note_act(row, "leaver.rested", None, now, matches=len(row.rested_matches))


@transaction.atomic
def close_leaver(*, leaver: Leaver, now: datetime) -> Leaver:
    """End what rests because somebody left, and take them out of their cohorts. Again is fine.

    Effects: matches ended (their people are told, never why), enrolments withdrawn, an audit row.
    """
    row = lock_note(leaver)
    if not row.is_open or row.rested_at is None:
        return row
    _lock_cohorts(row)
    ended = 0
    for match in _open_matches(row):
        ended += leave_match(match=match, person=row.person, actor=row.person, now=now)
    for enrolment in _enrolments(row).exclude(
        status__in=(EnrolmentStatus.WITHDRAWN, EnrolmentStatus.DECLINED)
    ):
        withdraw(enrolment=enrolment, actor=row.recorded_by or row.person, now=now)
    row.closed_at = now
    row.save(update_fields=("closed_at",))
    note_act(row, "leaver.closed", None, now, matches=ended)
    return row


def carry_leavers(*, now: datetime) -> int:
    """Rest and close what is due; return how many were touched.

    Each stands alone: one that fails is logged and tried again by the next sweep.
    """
    soon = local_day(now, "UTC") + timedelta(days=1)  # no zone is further ahead than a day
    rows = Leaver.objects.filter(undone_at__isnull=True, closed_at__isnull=True)
    resting = rows.filter(rested_at__isnull=True, leaves_on__lt=soon)
    closing = rows.filter(rested_at__isnull=False, closes_on__lte=soon)
    carried = 0
    for row in resting.select_related("person"):
        if row.leaves_on < local_day(now, row.person.time_zone):
            carried += _carried(rest_leaver, row, now)
    for row in closing.select_related("person"):
        if row.closes_on <= local_day(now, row.person.time_zone):
            carried += _carried(close_leaver, row, now)
    return carried


def _carried(carry: Callable[..., Leaver], row: Leaver, now: datetime) -> bool:
    act = partial(carry, leaver=row, now=now)
    return stands_alone(act, "leaver %s could not be carried", row.pk)


def lock_person(pk: int) -> User:
    """Return a person, locked until the transaction ends: the first lock about who leaves."""
    person: User = User.objects.select_for_update(no_key=True).get(pk=pk)
    return person


def lock_note(leaver: Leaver) -> Leaver:
    """Return the note as it is now, locked after its person."""
    person = lock_person(leaver.person_id)
    row: Leaver = Leaver.objects.select_for_update().get(pk=leaver.pk)
    row.person = person
    return row


def _lock_cohorts(row: Leaver) -> None:
    cohorts = Cohort.objects.filter(pk__in=_enrolments(row).order_by().values("cohort"))
    list(cohorts.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _open_matches(row: Leaver) -> list[Match]:
    """Return the matches that end with this note, locked."""
    seats = MatchMember.objects.current().filter(user=row.person)
    found = Match.objects.open().filter(pk__in=seats.values("match"))
    found = found.exclude(cohort__program__in=row.kept_programs)
    if row.program_id is not None:
        found = found.filter(cohort__program=row.program_id)
    found = found.select_for_update(of=("self",), no_key=True)
    return list(found.select_related("cohort__program").order_by("pk"))


def _enrolments(row: Leaver) -> models.QuerySet[Enrolment]:
    found = Enrolment.objects.filter(user=row.person).exclude(cohort__status__in=OVER)
    found = found.exclude(cohort__program__in=row.kept_programs)
    if row.program_id is not None:
        found = found.filter(cohort__program=row.program_id)
    return found.select_related("cohort", "user").order_by("pk")


def _tell_partners(match: Match, row: Leaver, now: datetime) -> None:
    for partner in others_in(match, row.person):
        queue_message(
            kind="support.partner_away",
            recipient=partner,
            object_id=match.pk,
            occasion=str(row.pk),
            program_id=match.cohort.program_id,
            cohort_id=match.cohort_id,
            match_id=match.pk,
            now=now,
        )


def note_act(row: Leaver, action: str, actor: User | None, now: datetime, **detail: object) -> None:
    """Write what happens to a note to the audit log; of one for everywhere without counts."""
    record(
        actor=actor,
        action=action,
        about=row,
        now=now,
        program_id=row.program_id,
        detail={"on": row.leaves_on.isoformat(), **(detail if row.program_id else {})},
    )
