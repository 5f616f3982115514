"""Reads of notes. Search opens the person's own notes in memory; the database sees ciphertext."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef

from accounts.models import User
from core.names import listed, sort_key
from core.packed import packed
from matching.models import Match, MatchMember
from notes.models import OwnNote, Reflection, SharedNote, SharedNoteVersion
from sessions.models import PrivateNote

MOST_SEARCHED = 5_000
LONGEST_EXCERPT = 220


@dataclass(frozen=True)
class Found:
    """A private note of the person's own: about the match, or about one of its meetings."""

    match_id: int
    names: str
    changed_at: datetime
    text: str
    note_id: UUID | None = None
    meeting_id: int | None = None

    @property
    def excerpt(self) -> str:
        if len(self.text) <= LONGEST_EXCERPT:
            return self.text
        return f"{self.text[:LONGEST_EXCERPT].rsplit(' ', 1)[0]} …"


def own_notes(user: User, *, query: str = "", match_pk: int | None = None) -> list[Found]:
    """Return the person's own notes that have every word of ``query``, newest first. Two queries.

    Words are compared without case and accents, on the opened text, in memory.
    """
    wanted = sort_key(query).split()
    rows = sorted(
        [*_about_matches(user, match_pk), *_about_meetings(user, match_pk)],
        key=lambda found: found.changed_at,
        reverse=True,
    )
    if not wanted:
        return rows
    return [row for row in rows if all(word in sort_key(row.text) for word in wanted)]


def _about_matches(user: User, match_pk: int | None) -> Iterator[Found]:
    rows: Any = OwnNote.objects.filter(author=user, removed_at__isnull=True).order_by("-changed_at")
    rows = rows.filter(match=match_pk) if match_pk else rows
    for note in rows.annotate(packed_others=_others(user, "match_id"))[:MOST_SEARCHED]:
        yield Found(
            match_id=note.match_id,
            names=_names(note.packed_others),
            changed_at=note.changed_at,
            text=note.text,
            note_id=note.pk,
        )


def _about_meetings(user: User, match_pk: int | None) -> Iterator[Found]:
    rows: Any = PrivateNote.objects.filter(author=user).order_by("-changed_at")
    rows = rows.filter(meeting__match=match_pk) if match_pk else rows
    rows = rows.annotate(
        match_id=F("meeting__match_id"), packed_others=_others(user, "meeting__match_id")
    )
    for note in rows[:MOST_SEARCHED]:
        yield Found(
            match_id=note.match_id,
            names=_names(note.packed_others),
            changed_at=note.changed_at,
            text=note.text,
            meeting_id=note.meeting_id,
        )


def _others(user: User, path: str) -> Any:
    members = MatchMember.objects.seated().filter(match=OuterRef(path)).exclude(user=user)
    return packed(members.order_by("pk"), first=F("user__first_name"), email=F("user__email"))


def _names(rows: list[dict[str, Any]]) -> str:
    return listed([row["first"] or row["email"] for row in rows])


def matches_to_note(user: User) -> list[tuple[int, str]]:
    """Return (match id, names of the others), open matches first. One query."""
    rows: Any = Match.objects.of(user).annotate(packed_others=_others(user, "pk"))
    return [
        (match.pk, _names(match.packed_others)) for match in rows.order_by("ended_on", "-pk")[:100]
    ]


def names_in(match: Match, user: User) -> str:
    """Return the names of the others in a match. One query."""
    return _names(Match.objects.filter(pk=match.pk).values_list(_others(user, "pk")).get()[0])


def shared_versions(match: Match) -> list[SharedNoteVersion]:
    """Return the shared notes of a match as they are now, newest first. One query."""
    rows = SharedNoteVersion.objects.filter(
        note__match=match, note__removed_at__isnull=True, number=F("note__version")
    )
    return list(rows.select_related("note", "written_by").order_by("-written_at")[:100])


def history_of(note: SharedNote) -> list[SharedNoteVersion]:
    """Return every version of a shared note, newest first. One query."""
    return list(note.versions.select_related("written_by").order_by("-number")[:200])


def reflections_of(user: User) -> list[Reflection]:
    """Return what the person answered so far, newest first. One query."""
    rows = Reflection.objects.filter(author=user).select_related("phase__cohort__program")
    return list(rows.order_by("-written_at")[:200])
