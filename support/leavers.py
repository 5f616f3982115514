"""Reads of who leaves: open notes, what is settled, and who takes part all the same."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Exists, Func, OuterRef, Q, QuerySet

from accounts.models import User
from matching.models import Match, MatchMember, MatchStatus
from participants.models import TAKES_PART, Enrolment
from programs.models import Program
from support.models import FeedPerson, Leaver

LATEST = timedelta(days=30)
"""A last day farther back is history: who takes part all the same was let in by people."""


def open_notes(*, everywhere_only: bool = True) -> QuerySet[Leaver]:
    """Return the notes that somebody leaves which are neither undone nor closed."""
    rows = Leaver.objects.filter(undone_at__isnull=True, closed_at__isnull=True)
    return rows.filter(program__isnull=True) if everywhere_only else rows


def last_note(person: User) -> Leaver | None:
    """Return the latest note that somebody leaves everywhere, whatever became of it."""
    return Leaver.objects.filter(person=person, program__isnull=True).order_by("-pk").first()


def settled_notes(person: str, gone_on: str) -> QuerySet[Leaver]:
    """Return, for a subquery, notes about a last day that are undone or closed: from that day
    nothing more follows. ``person`` and ``gone_on`` name columns of the outer query.
    """
    over = Q(undone_at__isnull=False) | Q(closed_at__isnull=False)
    rows = Leaver.objects.filter(over, program__isnull=True)
    return rows.filter(person=OuterRef(person), leaves_on__gte=OuterRef(gone_on))


def rests_with_a_note() -> Q:
    """Return what holds of places that rest because their person leaves."""
    program = OuterRef("cohort__program")
    is_kept = Q(kept_programs__contains=Func(program, template="ARRAY[%(expressions)s]"))
    notes = open_notes(everywhere_only=False).filter(
        Q(program=program) | Q(program__isnull=True) & ~is_kept,
        person=OuterRef("user"),
        rested_at__isnull=False,
    )
    return Q(Exists(notes))


def notes_that_hold(place: Enrolment) -> QuerySet[Leaver]:
    """Return the notes because of which a place rests, even where it would without them."""
    program = place.cohort.program_id
    notes = open_notes(everywhere_only=False).filter(
        Q(program=program) | Q(program__isnull=True), person=place.user_id, rested_at__isnull=False
    )
    return notes.exclude(kept_programs__contains=[program])


def last_day_of(place: Enrolment, *, today: date) -> date | None:
    """Return the last day that HR's lists name for somebody who takes part all the same.

    None as well while something is still to follow from that day.
    """
    if place.status not in TAKES_PART:
        return None
    gone = FeedPerson.objects.filter(user=place.user_id, gone_on__lte=today)
    over = Q(gone_on__lt=today - LATEST) | Q(Exists(settled_notes("user", "gone_on")))
    row = gone.filter(over, ~Exists(open_notes().filter(person=OuterRef("user")))).first()
    return row.gone_on if row is not None else None


def who_leaves(match: Match) -> Enrolment | None:
    """Return a place in a match that rests because its person leaves, or None."""
    notes = open_notes(everywhere_only=False).filter(
        person=OuterRef("user"), rested_matches__contains=[match.pk]
    )
    seats = MatchMember.objects.current().filter(Exists(notes), match=match)
    seat = seats.select_related("enrolment__user").order_by("pk").first()
    return seat.enrolment if seat is not None else None


def resting_in(note: Leaver, program: Program) -> int:
    """Return how many matches of a program rest because of a note."""
    rows = Match.objects.filter(pk__in=note.rested_matches, cohort__program=program)
    return rows.filter(status=MatchStatus.PAUSED).count()
