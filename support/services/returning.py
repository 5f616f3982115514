"""Somebody stays after all: what rested because they were to leave goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.clock import local_day
from core.errors import Conflict
from matching.models import Match, MatchStatus
from matching.services.closing import resume_match
from notifications.models import Message, MessageState
from notifications.services import queue_message
from participants.models import Enrolment, EnrolmentStatus
from participants.services.enrolling import move_enrolment
from programs.models import Cohort, Program
from support.leavers import who_leaves
from support.models import Leaver
from support.services.leaving import OVER, lock_note, lock_person, note_act

TOLD = (MessageState.HANDING_OVER, MessageState.SENT, MessageState.UNKNOWN)


@dataclass(frozen=True)
class Undone:
    """What undoing a leaver could not bring back: matches and cohorts that moved on meanwhile."""

    leaver: Leaver
    matches_left: int = 0
    cohorts_left: tuple[str, ...] = ()
    named_cohorts_left: tuple[str, ...] = ()
    """Those that whoever is no manager of theirs may read: without discreet programs'."""


@transaction.atomic
def undo_leaver(*, leaver: Leaver, actor: User | None, now: datetime) -> Undone:
    """Take it back: what was paused because of it goes on; what people paused themselves stays.

    What cannot go on, say because its cohort is over meanwhile, stays as it is and is told.

    Raises:
        Conflict: the matches are closed, or it was undone already.
    Effects: matches and enrolments, one audit row; a message to partners who were told that the
    match rests.
    """
    row = lock_note(leaver)
    if not row.is_open:
        raise Conflict(_("This cannot be undone any more."))
    _hand_on(row)
    row.undone_at = now  # first: no match goes on while an open note lets it rest
    row.save(update_fields=("undone_at",))
    matches_left, cohorts_left = _go_on(row, row.rested_matches, row.rested_enrolments, actor, now)
    note_act(row, "leaver.undone", actor, now, left=matches_left + len(cohorts_left))
    return _undone(row, matches_left, cohorts_left)


@transaction.atomic
def keep_in_program(*, person: User, program: Program, actor: User, now: datetime) -> Undone:
    """Let somebody who leaves everywhere stay in one program: what rests there goes on.

    Of that note, nothing rests or closes in the program any more. Again is fine.

    Raises:
        Conflict: nothing says that they leave, or the matches are closed.
    Effects: matches and enrolments of the program, one audit row.
    """
    person = lock_person(person.pk)
    rows = Leaver.objects.select_for_update().filter(person=person, program__isnull=True)
    row = rows.filter(undone_at__isnull=True, closed_at__isnull=True).first()
    if row is None:
        raise Conflict(_("This cannot be undone any more."))
    if program.pk in row.kept_programs:
        return Undone(row)
    _hand_on(row, only=program)
    here = Match.objects.filter(pk__in=row.rested_matches, cohort__program=program)
    matches = set(here.values_list("pk", flat=True))
    places = Enrolment.objects.filter(pk__in=row.rested_enrolments, cohort__program=program)
    seats = set(places.values_list("pk", flat=True))
    row.rested_matches = [pk for pk in row.rested_matches if pk not in matches]
    row.rested_enrolments = [pk for pk in row.rested_enrolments if pk not in seats]
    row.kept_programs = sorted({*row.kept_programs, program.pk})
    row.save(update_fields=("rested_matches", "rested_enrolments", "kept_programs"))
    matches_left, cohorts_left = _go_on(row, sorted(matches), sorted(seats), actor, now)
    record(actor=actor, action="leaver.kept", about=row, now=now, program_id=program.pk)
    return _undone(row, matches_left, cohorts_left)


@transaction.atomic
def take_up_match(*, match: Match, actor: User, now: datetime) -> Match:
    """Take a paused match up again, unless it rests because somebody in it leaves.

    Raises:
        Conflict: it rests for that, which its people are not told; or it is not paused.
    Effects: locks the match; as ``resume_match``.
    """
    row = Match.objects.select_for_update(of=("self",), no_key=True).get(pk=match.pk)
    if who_leaves(row) is not None:
        raise Conflict(
            _("This match rests for now. Your program managers know how it goes on."),
            code="match_rests",
        )
    return resume_match(match=match, actor=actor, now=now)


def _hand_on(row: Leaver, *, only: Program | None = None) -> None:
    """Leave to another open note about the same person what rests because of both."""
    others = Leaver.objects.select_for_update().filter(
        person=row.person_id, undone_at__isnull=True, closed_at__isnull=True
    )
    for other in others.filter(rested_at__isnull=False).exclude(pk=row.pk).order_by("pk"):
        matches = Match.objects.filter(pk__in=row.rested_matches)
        seats = Enrolment.objects.filter(pk__in=row.rested_enrolments)
        for program in {other.program_id, only.pk if only else None} - {None}:
            matches = matches.filter(cohort__program=program)
            seats = seats.filter(cohort__program=program)
        matches = matches.exclude(cohort__program__in=other.kept_programs)
        seats = seats.exclude(cohort__program__in=other.kept_programs)
        handed = set(matches.values_list("pk", flat=True))
        sat = set(seats.values_list("pk", flat=True))
        other.rested_matches = [*other.rested_matches, *sorted(handed)]
        other.rested_enrolments = [*other.rested_enrolments, *sorted(sat)]
        other.save(update_fields=("rested_matches", "rested_enrolments"))
        row.rested_matches = [pk for pk in row.rested_matches if pk not in handed]
        row.rested_enrolments = [pk for pk in row.rested_enrolments if pk not in sat]


def _go_on(
    row: Leaver, matches: list[int], seats: list[int], actor: User | None, now: datetime
) -> tuple[int, list[Cohort]]:
    """Let what rested go on; return how many matches cannot, and the cohorts of such places."""
    matches_left, cohorts_left = 0, []
    rested = Match.objects.filter(pk__in=matches, status=MatchStatus.PAUSED)
    rested = rested.select_for_update(of=("self",), no_key=True)
    for match in rested.select_related("cohort").order_by("pk"):
        if match.cohort.status in OVER:
            matches_left += 1
        else:
            resume_match(match=match, actor=actor, now=now, tells=False)
            _tell_partners(match, row, now)
    places = Enrolment.objects.filter(pk__in=seats, status=EnrolmentStatus.PAUSED)
    places = places.select_for_update(of=("self",))
    for place in places.select_related("cohort__program", "user").order_by("pk"):
        if place.cohort.status in OVER:
            cohorts_left.append(place.cohort)
        else:
            _come_back(place, actor, now)
    return matches_left, cohorts_left


def _tell_partners(match: Match, row: Leaver, now: datetime) -> None:
    """Tell that the match goes on, but only those who were told that it rests.

    They may know it from another note about the same person, which handed the match on.
    """
    notes = Leaver.objects.filter(person=row.person_id).values_list("pk", flat=True)
    told = Message.objects.filter(
        Q(state__in=TOLD) | Q(notice__read_at__isnull=False),
        kind="support.partner_away",
        object_id=match.pk,
        occasion__in=[str(pk) for pk in notes],
    )
    latest = told.order_by("recipient_id", "-created_at").distinct("recipient_id")
    for message in latest.select_related("recipient"):
        queue_message(
            kind="support.partner_back",
            recipient=message.recipient,
            object_id=match.pk,
            occasion=message.occasion,
            program_id=match.cohort.program_id,
            cohort_id=match.cohort_id,
            match_id=match.pk,
            now=now,
        )


def _come_back(place: Enrolment, actor: User | None, now: datetime) -> None:
    """Let a place go on; a pause that was planned for it stays, one that has begun lasts."""
    first, last = place.pause_from, place.pause_until
    today = local_day(now, place.user.time_zone)
    is_over = first is None or (last is not None and last < today)
    if first is not None and first <= today and not is_over:
        return
    move_enrolment(enrolment=place, to=EnrolmentStatus.ENROLLED, actor=actor, now=now)
    if not is_over:
        Enrolment.objects.filter(pk=place.pk).update(pause_from=first, pause_until=last)


def _undone(row: Leaver, matches_left: int, cohorts_left: list[Cohort]) -> Undone:
    named = [cohort for cohort in cohorts_left if not cohort.program.is_discreet]
    return Undone(row, matches_left, _names(cohorts_left), _names(named))


def _names(cohorts: list[Cohort]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(cohort) for cohort in cohorts))
