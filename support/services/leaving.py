"""Somebody leaves: matches rest at once, partners are told kindly, and all can be undone a week."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.clock import local_day
from core.errors import Conflict, DomainError
from matching.models import EndReason, Match, MatchMember, MatchStatus
from matching.seats import others_in
from matching.services.closing import end_match, pause_match, resume_match
from notifications.services import queue_message
from participants.models import Enrolment, EnrolmentStatus
from participants.services.enrolling import move_enrolment
from participants.services.staying import withdraw
from programs.models import Cohort, CohortStatus, Program
from support.models import Leaver

UNDO = timedelta(days=7)
FARTHEST = timedelta(days=366)
OVER = (CohortStatus.COMPLETED, CohortStatus.ARCHIVED)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Undone:
    """What undoing a leaver could not bring back: matches and cohorts that moved on meanwhile."""

    leaver: Leaver
    matches_left: int = 0
    cohorts_left: tuple[str, ...] = ()
    named_cohorts_left: tuple[str, ...] = ()
    """Those that whoever is no manager of theirs may read: without discreet programs'."""
    has_discreet_left: bool = False


@transaction.atomic
def record_leaver(
    *, person: User, on: date, actor: User | None, now: datetime, program: Program | None = None
) -> Leaver:
    """Note that somebody leaves after ``on``: one program, or without one everywhere.

    From the day after ``on`` (or now, when it has come) their matches rest and they are out of the
    pool; a week later what rests is closed, unless it was undone. Noted again, it moves the day.
    Days are those of the person's own zone.

    Raises:
        DomainError: the day is more than a year away in either direction.
        Conflict: matches rest already; undo that first.
    Effects: locks the person; one row, one audit row; when the day has come, those of
    ``rest_leaver``.
    """
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
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
    row.rested_at, row.closes_on = now, local_day(now, row.person.time_zone) + UNDO
    row.save(
        update_fields=("rested_at", "closes_on", "rested_matches", "rested_enrolments"),
    )
    _record(row, "leaver.rested", None, now, matches=len(row.rested_matches))
    return row


@transaction.atomic
def undo_leaver(*, leaver: Leaver, actor: User | None, now: datetime) -> Undone:
    """Take it back: what was paused because of it goes on; what people paused themselves stays.

    What cannot go on, say because its cohort is over meanwhile, stays as it is and is told.

    Raises:
        Conflict: the matches are closed, or it was undone already.
    Effects: matches and enrolments, one audit row.
    """
    row = Leaver.objects.select_for_update().get(pk=leaver.pk)
    if not row.is_open:
        raise Conflict(_("This cannot be undone any more."))
    _hand_on(row)
    matches_left, left = 0, []
    matches = Match.objects.filter(pk__in=row.rested_matches, status=MatchStatus.PAUSED)
    for match in matches.select_related("cohort"):
        if match.cohort.status in OVER:
            matches_left += 1
        else:
            resume_match(match=match, actor=actor, now=now)
    seats = Enrolment.objects.filter(pk__in=row.rested_enrolments, status=EnrolmentStatus.PAUSED)
    for enrolment in seats.select_related("cohort__program", "user"):
        if enrolment.cohort.status in OVER:
            left.append(enrolment.cohort)
        else:
            move_enrolment(enrolment=enrolment, to=EnrolmentStatus.ENROLLED, actor=actor, now=now)
    row.undone_at = now
    row.save(update_fields=("undone_at",))
    _record(row, "leaver.undone", actor, now, left=matches_left + len(left))
    named = [cohort for cohort in left if not cohort.program.is_discreet]
    return Undone(row, matches_left, _names(left), _names(named), len(named) < len(left))


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


def _names(cohorts: list[Cohort]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(cohort) for cohort in cohorts))


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
    try:
        carry(leaver=row, now=now)
    except Exception:
        log.exception("leaver %s could not be carried", row.pk)
        return False
    return True


def _hand_on(row: Leaver) -> None:
    """Leave to another open note about the same person what rests because of both."""
    others = Leaver.objects.select_for_update().filter(
        person=row.person_id, undone_at__isnull=True, closed_at__isnull=True
    )
    for other in others.filter(rested_at__isnull=False).exclude(pk=row.pk):
        matches = Match.objects.filter(pk__in=row.rested_matches)
        seats = Enrolment.objects.filter(pk__in=row.rested_enrolments)
        if other.program_id is not None:
            matches = matches.filter(cohort__program=other.program_id)
            seats = seats.filter(cohort__program=other.program_id)
        handed = set(matches.values_list("pk", flat=True))
        sat = set(seats.values_list("pk", flat=True))
        other.rested_matches = [*other.rested_matches, *sorted(handed)]
        other.rested_enrolments = [*other.rested_enrolments, *sorted(sat)]
        other.save(update_fields=("rested_matches", "rested_enrolments"))
        row.rested_matches = [pk for pk in row.rested_matches if pk not in handed]
        row.rested_enrolments = [pk for pk in row.rested_enrolments if pk not in sat]


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
            cohort_id=match.cohort_id,
            match_id=match.pk,
            now=now,
        )


def _record(row: Leaver, action: str, actor: User | None, now: datetime, **detail: object) -> None:
    record(
        actor=actor,
        action=action,
        about=row,
        now=now,
        program_id=row.program_id,
        detail={"on": row.leaves_on.isoformat(), **(detail if row.program_id else {})},
    )
