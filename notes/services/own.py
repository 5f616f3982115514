"""Private notes. That somebody writes them is theirs alone: no row of the audit log says so."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import NotAllowed
from matching.models import Match
from notes.models import OwnNote
from notes.services.rules import require_member, words


@transaction.atomic
def write_note(*, match: Match, actor: User, now: datetime, text: str) -> OwnNote:
    """Keep a note of the actor's own about a match.

    Raises:
        NotAllowed: the actor is not in the match.
        DomainError: no words, or too many.
    Effects: one row; no audit row, as that somebody writes notes is theirs alone.
    """
    require_member(match, actor)
    note = OwnNote(match=match, author=actor, text=words(text), created_at=now, changed_at=now)
    note.save(force_insert=True)
    return note


@transaction.atomic
def change_note(*, note: OwnNote, actor: User, now: datetime, text: str) -> OwnNote:
    """Word a private note anew.

    Raises:
        NotAllowed: it is somebody else's.
        DomainError: no words, or too many.
    """
    _require_author(note, actor)
    note.text, note.changed_at = words(text), now
    note.save(update_fields=["text", "changed_at"])
    return note


@transaction.atomic
def remove_note(*, note: OwnNote, actor: User, now: datetime) -> None:
    """Take a private note away; for a day it can be brought back."""
    _require_author(note, actor)
    OwnNote.objects.filter(pk=note.pk, removed_at__isnull=True).update(removed_at=now)


@transaction.atomic
def restore_note(*, note: OwnNote, actor: User) -> None:
    """Bring a private note back that was taken away."""
    _require_author(note, actor)
    OwnNote.objects.filter(pk=note.pk).update(removed_at=None)


def _require_author(note: OwnNote, actor: User) -> None:
    if note.author_id != actor.pk:
        raise NotAllowed(_("This note is somebody else’s."))
