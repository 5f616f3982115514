"""Suggested agendas: the lines of the cohort's phase for a talk, our own for other kinds."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Q
from django.utils.translation import gettext_lazy

from core.clock import local_day
from programs.models import Audience, ClosingQuestion, MeetingAgenda
from programs.selectors import phase_for
from programs.wording import delivered, delivered_lines
from sessions.models import Meeting, MeetingKind

AGENDAS = {
    MeetingKind.TALK: (
        gettext_lazy("How have you been since last time?"),
        gettext_lazy("The one thing to talk about today"),
        gettext_lazy("What each of us does until next time"),
    ),
    MeetingKind.SHADOWING: (
        gettext_lazy("Before: what to look out for"),
        gettext_lazy("During: what surprised you?"),
        gettext_lazy("After: what would you try yourself?"),
    ),
    MeetingKind.REVIEW: (
        gettext_lazy("What is this work meant to achieve?"),
        gettext_lazy("What works well already"),
        gettext_lazy("Two things that would make it better"),
        gettext_lazy("Next version: what, and by when"),
    ),
    MeetingKind.PRACTICE: (
        gettext_lazy("Which situation do we play?"),
        gettext_lazy("First try, without stopping"),
        gettext_lazy("What helped, what got in the way?"),
        gettext_lazy("Second try"),
    ),
    MeetingKind.EVENT: (
        gettext_lazy("What do we want to take from it?"),
        gettext_lazy("Whom would you like to meet there?"),
        gettext_lazy("What do you take home?"),
    ),
}
MOST_LINES = 8


def suggested_agenda(meeting: Meeting, *, now: datetime) -> list[str]:
    """Return lines for a meeting: those of the phase it falls into, of its kind, or our own.

    Phases are counted from the start of the match where it joined late. In the last phase the
    closing questions for both come after those of the phase. At most four queries.
    """
    match = meeting.match
    day = local_day(meeting.starts_at or now, "UTC")
    phase, is_last = phase_for(match.cohort_id, started_on=match.started_on, day=day)
    lines = _lines_of_kind(meeting, phase_id=phase.pk if phase else None)
    if meeting.kind == MeetingKind.TALK and phase is not None:
        lines = delivered_lines(phase.agenda) or lines
        if is_last:
            asked = ClosingQuestion.objects.filter(cohort=match.cohort_id, audience=Audience.BOTH)
            lines += [delivered(question.text) for question in asked]
    if lines:
        return lines[:MOST_LINES]
    return [str(line) for line in AGENDAS[MeetingKind(meeting.kind)]]


def _lines_of_kind(meeting: Meeting, *, phase_id: int | None) -> list[str]:
    """Return the cohort's agenda for this kind: that of the phase before that of all."""
    rows = MeetingAgenda.objects.filter(
        Q(phase=phase_id) | Q(phase__isnull=True),
        cohort=meeting.match.cohort_id,
        kind=meeting.kind,
    ).order_by(F("phase").asc(nulls_last=True))
    first = rows.first()
    return delivered_lines(first.lines) if first else []
