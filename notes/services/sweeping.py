"""Forget what was taken away and not brought back."""

from __future__ import annotations

from datetime import datetime, timedelta

from notes.models import OwnNote, SharedNote

KEPT_FOR = timedelta(days=1)


def forget_removed(*, now: datetime) -> int:
    """Delete notes that were taken away more than a day ago; return how many."""
    before = now - KEPT_FOR
    own = OwnNote.objects.filter(removed_at__lt=before).delete()[1]
    shared = SharedNote.objects.filter(removed_at__lt=before).delete()[1]
    return own.get("notes.OwnNote", 0) + shared.get("notes.SharedNote", 0)
