"""This app's part of a person's data: their notes, the match's notes, and what they thought."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.privacy import Eraser, Exporter, Row, register_eraser, register_exporter
from notes.models import OwnNote, Reflection, SharedNoteVersion

A_PIECE = 200


def register() -> None:
    register_exporter(
        Exporter(
            name="private_notes",
            title=_("Your private notes"),
            fields={"text": _("Note"), "changed_at": _("Written")},
            rows=_own,
            covers=("notes.OwnNote.author",),
        )
    )
    register_exporter(
        Exporter(
            name="shared_notes",
            title=_("What you wrote in shared notes"),
            fields={"title": _("Title"), "text": _("Text"), "written_at": _("Written")},
            rows=_shared,
            covers=("notes.SharedNote.created_by", "notes.SharedNoteVersion.written_by"),
        )
    )
    register_exporter(
        Exporter(
            name="reflections",
            title=_("Your reflections"),
            fields={"question": _("Question"), "text": _("Answer"), "written_at": _("Written")},
            rows=_reflections,
            covers=("notes.Reflection.author",),
        )
    )
    register_eraser(Eraser(name="notes", erase=_erase))


def _own(person: User) -> Iterator[Row]:
    rows = OwnNote.objects.filter(author=person, removed_at__isnull=True).order_by("created_at")
    for note in rows.iterator(chunk_size=A_PIECE):
        yield {"text": note.text, "changed_at": note.changed_at}


def _shared(person: User) -> Iterator[Row]:
    rows = SharedNoteVersion.objects.filter(written_by=person).order_by("written_at")
    for version in rows.iterator(chunk_size=A_PIECE):
        yield {
            "title": version.title,
            "text": version.text,
            "written_at": version.written_at,
        }


def _reflections(person: User) -> Iterator[Row]:
    for answer in Reflection.objects.filter(author=person).order_by("written_at"):
        yield {
            "question": answer.question,
            "text": answer.text,
            "written_at": answer.written_at,
        }


def _erase(person: User, now: datetime) -> None:
    """Delete what only this person read. Shared notes stay with those they were shared with."""
    OwnNote.objects.filter(author=person).delete()
    Reflection.objects.filter(author=person).delete()
