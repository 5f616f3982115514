"""Suggested agendas: the lines of the cohort's phase for a talk, our own for other kinds."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy

from core.clock import local_day
from programs.models import Phase
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
    """Return lines for a meeting: those of the phase it falls into, or of its kind. One query."""
    if meeting.kind == MeetingKind.TALK:
        day = local_day(meeting.starts_at or now, "UTC")
        phase = Phase.objects.filter(
            cohort=meeting.match.cohort_id, starts_on__lte=day, ends_on__gte=day
        ).first()
        lines = [line.strip() for line in phase.agenda.splitlines()] if phase else []
        if any(lines):
            return [line for line in lines if line][:MOST_LINES]
    kind = MeetingKind(meeting.kind)
    return [str(line) for line in AGENDAS[kind]]
