"""Notes that the people of a match write together. Every saved version is kept."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import Conflict
from matching.models import Match
from notes.models import SharedNote, SharedNoteVersion
from notes.services.rules import LONGEST_TITLE, require_member, words


class NoteChanged(Conflict):
    """Somebody saved the note meanwhile; ``version`` is what they wrote."""

    def __init__(self, version: SharedNoteVersion) -> None:
        super().__init__(
            _(
                "%(name)s saved this note while you were writing. Your words are still here: "
                "look at both, then save again."
            )
            % {"name": version.written_by.get_short_name()}
        )
        self.version = version


@transaction.atomic
def start_shared(*, match: Match, actor: User, now: datetime, title: str, text: str) -> SharedNote:
    """Begin a note that everybody in the match reads and writes.

    Raises:
        NotAllowed: the actor is not in the match.
        DomainError: no title or no words, or too many; ``field`` names which.
    Effects: the note, its first version, one audit row.
    """
    require_member(match, actor)
    fresh = _fresh(title, text)
    note = SharedNote.objects.create(match=match, created_by=actor, created_at=now, changed_at=now)
    _keep(note, *fresh, actor=actor, now=now)
    _record(note, "shared_note.written", actor, now)
    return note


@transaction.atomic
def save_shared(
    *, note: SharedNote, actor: User, now: datetime, title: str, text: str, base: int
) -> SharedNote:
    """Save a shared note; ``base`` is the version that the actor began from.

    Nothing happens when nothing differs from the version in force.

    Raises:
        NotAllowed: the actor is not in the match.
        NoteChanged: somebody saved another version meanwhile.
        DomainError: no title or no words, or too many; ``field`` names which.
    Effects: a new version, one audit row.
    """
    require_member(note.match, actor)
    fresh = _fresh(title, text)
    stored = SharedNote.objects.select_for_update(of=("self",)).get(pk=note.pk)
    newest = stored.versions.select_related("written_by").get(number=stored.version)
    if fresh == (newest.title, newest.text):
        return stored
    if base != stored.version:
        raise NoteChanged(newest)
    stored.version, stored.changed_at = stored.version + 1, now
    stored.save(update_fields=["version", "changed_at"])
    _keep(stored, *fresh, actor=actor, now=now)
    _record(note, "shared_note.changed", actor, now)
    return stored


@transaction.atomic
def remove_shared(*, note: SharedNote, actor: User, now: datetime) -> None:
    """Take a shared note away for everybody in the match; for a day it can be brought back.

    Raises:
        NotAllowed: the actor is not in the match.
    Effects: ``removed_at``, and one audit row when something changed.
    """
    require_member(note.match, actor)
    if SharedNote.objects.filter(pk=note.pk, removed_at__isnull=True).update(removed_at=now):
        _record(note, "shared_note.removed", actor, now)


@transaction.atomic
def restore_shared(*, note: SharedNote, actor: User, now: datetime) -> None:
    """Bring a shared note back that was taken away."""
    require_member(note.match, actor)
    if SharedNote.objects.filter(pk=note.pk, removed_at__isnull=False).update(removed_at=None):
        _record(note, "shared_note.restored", actor, now)


def _fresh(title: str, text: str) -> tuple[str, str]:
    return words(title, field="title", longest=LONGEST_TITLE), words(text)


def _keep(note: SharedNote, title: str, text: str, *, actor: User, now: datetime) -> None:
    SharedNoteVersion(
        note=note, number=note.version, title=title, text=text, written_by=actor, written_at=now
    ).save(force_insert=True)


def _record(note: SharedNote, act: str, actor: User, now: datetime) -> None:
    record(
        actor=actor,
        action=act,
        about=note,
        now=now,
        program_id=note.match.cohort.program_id,
        detail={"match": note.match_id},
    )
