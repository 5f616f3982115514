"""The only way a view gets a note, a match to write in, or a phase to reflect on."""

from __future__ import annotations

import uuid

from django.http import Http404

from accounts.models import User
from matching.models import Match
from notes.models import OwnNote, SharedNote
from participants.models import Enrolment
from programs.models import Phase


def get_own_note(user: User, pk: uuid.UUID) -> OwnNote:
    """Return a private note of the person's own, else 404."""
    note = OwnNote.objects.filter(pk=pk, author=user).select_related("match__cohort").first()
    if note is None:
        raise Http404
    return note


def get_shared_note(user: User, pk: int) -> SharedNote:
    """Return a note of one of the person's matches, else 404."""
    rows = SharedNote.objects.filter(pk=pk, match__in=Match.objects.of(user))
    note = rows.select_related("match__cohort__program").first()
    if note is None:
        raise Http404
    return note


def get_phase_to_reflect(user: User, pk: int) -> Phase:
    """Return a phase with a question, of a cohort that the person takes part in, else 404."""
    own = Enrolment.objects.filter(user=user).exclude(status="withdrawn").values("cohort")
    rows = Phase.objects.filter(pk=pk, cohort__in=own).exclude(reflection_prompt="")
    phase: Phase | None = rows.select_related("cohort__program").first()
    if phase is None:
        raise Http404
    return phase
