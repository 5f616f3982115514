"""Words about a meeting: the shared summary, and one person's own note and rating."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.models import User
from sessions.models import Meeting, MeetingRating, PrivateNote, SharedSummary


def text_of(row: Any) -> str:
    """Return the opened words of a summary, note or action item."""
    text: str = row.text
    return text


def write_summary(meeting: Meeting, text: str, *, actor: User, now: datetime) -> None:
    """Make ``text`` the shared summary; an empty text removes it."""
    summary = SharedSummary.objects.filter(meeting=meeting).first()
    if not text.strip():
        if summary is not None:
            summary.delete()
        return
    if summary is None:
        summary = SharedSummary(meeting=meeting)
    elif text_of(summary) == text.strip():
        return
    summary.text, summary.changed_by, summary.changed_at = text.strip(), actor, now
    summary.save()


def add_to_summary(meeting: Meeting, text: str, *, actor: User, now: datetime) -> None:
    """Put ``text`` below what the other wrote, under the actor's name, unless it stands there."""
    before = SharedSummary.objects.filter(meeting=meeting).first()
    if before is None:
        write_summary(meeting, text, actor=actor, now=now)
    elif text.strip() and text.strip() not in text_of(before):
        added = f"{text_of(before)}\n\n{actor.get_short_name()}: {text.strip()}"
        write_summary(meeting, added, actor=actor, now=now)


def write_note(meeting: Meeting, text: str, *, actor: User, now: datetime) -> None:
    """Make ``text`` the actor's own private note; an empty text removes it."""
    note = PrivateNote.objects.filter(meeting=meeting, author=actor).first()
    if not text.strip():
        if note is not None:
            note.delete()
        return
    if note is None:
        note = PrivateNote(meeting=meeting, author=actor)
    elif text_of(note) == text.strip():
        return
    note.text, note.changed_at = text.strip(), now
    note.save()


def add_to_note(meeting: Meeting, text: str, *, actor: User, now: datetime) -> None:
    """Put ``text`` below the actor's own note, unless it stands there."""
    before = PrivateNote.objects.filter(meeting=meeting, author=actor).first()
    if before is None:
        write_note(meeting, text, actor=actor, now=now)
    elif text.strip() and text.strip() not in text_of(before):
        write_note(meeting, f"{text_of(before)}\n\n{text.strip()}", actor=actor, now=now)


def write_rating(meeting: Meeting, rating: int | None, *, actor: User) -> None:
    """Keep how it went for the actor; None takes an earlier answer back."""
    if rating is None:
        MeetingRating.objects.filter(meeting=meeting, author=actor).delete()
        return
    MeetingRating.objects.update_or_create(
        meeting=meeting, author=actor, defaults={"rating": rating}
    )
