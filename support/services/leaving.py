"""Somebody leaves: matches rest at once, partners are told kindly, and all can be undone a week."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import Conflict, DomainError
from matching.models import EndReason, Match, MatchMember, MatchStatus
from matching.seats import others_in
from matching.services.closing import end_match, pause_match, resume_match
from notifications.services import queue_message
from participants.models import Enrolment, EnrolmentStatus
from participants.services.enrolling import move_enrolment
from participants.services.staying import withdraw
from programs.models import CohortStatus, Program
from support.models import Leaver

UNDO = timedelta(days=7)
FARTHEST = timedelta(days=366)
OVER = (CohortStatus.COMPLETED, CohortStatus.ARCHIVED)


@transaction.atomic
def record_leaver(
    *, person: User, on: date, actor: User | None, now: datetime, program: Program | None = None
) -> Leaver:
    """Note that somebody leaves after ``on``: one program, or without one everywhere.

    From the day after ``on`` (or now, when it has come) their matches rest and they are out of the
    pool; a week later what rests is closed, unless it was undone. Noted again, it moves the day.

    Raises:
        DomainError: the day is more than a year away in either direction.
        Conflict: matches rest already; undo that first.
    Effects: one row, one audit row; when the day has come, those of ``rest_leaver``.
    """
    today = now.astimezone(UTC).date()
    if abs(on - today) > FARTHEST:
        raise DomainError(_("That is more than a year away. Choose a nearer day."), field="on")
    row = (
        Leaver.objects.select_for_update()
        .filter(person=person, program=program, undone_at__isnull=True, closed_at__isnull=True)
        .first()
    )
    if row is not None and row.rested_at is not None:
        raise Conflict(_("That this person leaves is noted already, and their matches rest."))
    row = row or Leaver(person=person, program=program)
    row.leaves_on, row.closes_on = on, max(on, today) + UNDO
    row.recorded_by, row.recorded_at = actor, now
    row.save()
    _record(row, "leaver.recorded", actor, now)
    if on <= today:
        rest_leaver(leaver=row, now=now)
    return row


@transaction.atomic
def rest_leaver(*, leaver: Leaver, now: datetime) -> Leaver:
    """Let the matches of somebody who has left rest, and tell those they were with. Again is fine.

    A circle that still has others in the same seat goes on. Effects: matches and enrolments paused,
    one message to each partner that says neither why nor that somebody left the organisation.
    """
    row = Leaver.objects.select_for_update().get(pk=leaver.pk)
    if not row.is_open or row.rested_at is not None:
        return row
    for match in _open_matches(row):
        if match.status == MatchStatus.ACTIVE and not _has_others_in_seat(match, row.person):
            pause_match(match=match, actor=None, now=now)
            row.rested_matches.append(match.pk)
            _tell_partners(match, row, now)
    for enrolment in _enrolments(row).filter(status=EnrolmentStatus.ENROLLED):
        move_enrolment(enrolment=enrolment, to=EnrolmentStatus.PAUSED, actor=None, now=now)
        row.rested_enrolments.append(enrolment.pk)
    row.rested_at, row.closes_on = now, now.astimezone(UTC).date() + UNDO
    row.save(
        update_fields=("rested_at", "closes_on", "rested_matches", "rested_enrolments"),
    )
    _record(row, "leaver.rested", None, now, matches=len(row.rested_matches))
    return row


@transaction.atomic
def undo_leaver(*, leaver: Leaver, actor: User, now: datetime) -> Leaver:
    """Take it back: what was paused because of it goes on; what people paused themselves stays.

    Raises:
        Conflict: the matches are closed, or it was undone already.
    Effects: matches and enrolments, one audit row.
    """
    row = Leaver.objects.select_for_update().get(pk=leaver.pk)
    if not row.is_open:
        raise Conflict(_("This cannot be undone any more."))
    for match in Match.objects.filter(pk__in=row.rested_matches, status=MatchStatus.PAUSED):
        resume_match(match=match, actor=actor, now=now)
    for enrolment in Enrolment.objects.filter(
        pk__in=row.rested_enrolments, status=EnrolmentStatus.PAUSED
    ):
        move_enrolment(enrolment=enrolment, to=EnrolmentStatus.ENROLLED, actor=actor, now=now)
    row.undone_at = now
    row.save(update_fields=("undone_at",))
    _record(row, "leaver.undone", actor, now)
    return row


@transaction.atomic
def close_leaver(*, leaver: Leaver, now: datetime) -> Leaver:
    """End what rests because somebody left, and take them out of their cohorts. Again is fine.

    Effects: matches ended (their people are told, never why), enrolments withdrawn, an audit row.
    """
    row = Leaver.objects.select_for_update().get(pk=leaver.pk)
    if not row.is_open or row.rested_at is None:
        return row
    ended = 0
    for match in _open_matches(row):
        if _has_others_in_seat(match, row.person):
            seats = MatchMember.objects.filter(match=match, user=row.person, left_at__isnull=True)
            seats.update(left_at=now)
        else:
            end_match(match=match, actor=row.person, now=now, reason=EndReason.LEFT)
            ended += 1
    for enrolment in _enrolments(row).exclude(
        status__in=(EnrolmentStatus.WITHDRAWN, EnrolmentStatus.DECLINED)
    ):
        withdraw(enrolment=enrolment, actor=row.recorded_by or row.person, now=now)
    row.closed_at = now
    row.save(update_fields=("closed_at",))
    _record(row, "leaver.closed", None, now, matches=ended)
    return row


def carry_leavers(*, now: datetime) -> int:
    """Rest and close what is due; return how many were touched. Each stands alone."""
    today = now.astimezone(UTC).date()
    rows = Leaver.objects.filter(undone_at__isnull=True, closed_at__isnull=True)
    carried = 0
    for row in rows.filter(rested_at__isnull=True, leaves_on__lt=today):
        rest_leaver(leaver=row, now=now)
        carried += 1
    for row in rows.filter(rested_at__isnull=False, closes_on__lte=today):
        close_leaver(leaver=row, now=now)
        carried += 1
    return carried


def _open_matches(row: Leaver) -> list[Match]:
    found = Match.objects.open().filter(members__user=row.person, members__left_at__isnull=True)
    if row.program_id is not None:
        found = found.filter(cohort__program=row.program_id)
    return list(found.select_related("cohort__program").distinct().order_by("pk"))


def _enrolments(row: Leaver) -> models.QuerySet[Enrolment]:
    found = Enrolment.objects.filter(user=row.person).exclude(cohort__status__in=OVER)
    if row.program_id is not None:
        found = found.filter(cohort__program=row.program_id)
    return found.select_related("cohort", "user").order_by("pk")


def _has_others_in_seat(match: Match, person: User) -> bool:
    """Tell whether a circle keeps somebody in the seat that becomes empty."""
    seats = MatchMember.objects.current().filter(match=match)
    own = seats.filter(user=person).values_list("role", flat=True).first()
    return seats.filter(role=own).exclude(user=person).exists()


def _tell_partners(match: Match, row: Leaver, now: datetime) -> None:
    for partner in others_in(match, row.person):
        queue_message(
            kind="support.partner_away",
            recipient=partner,
            object_id=match.pk,
            occasion=str(row.pk),
            program_id=match.cohort.program_id,
            now=now,
        )


def _record(row: Leaver, action: str, actor: User | None, now: datetime, **detail: object) -> None:
    record(
        actor=actor,
        action=action,
        about=row,
        now=now,
        program_id=row.program_id,
        detail={"on": row.leaves_on.isoformat(), **detail},
    )
