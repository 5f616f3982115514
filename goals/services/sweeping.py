"""Forget what was taken away and not brought back."""

from __future__ import annotations

from datetime import datetime, timedelta

from goals.models import Milestone, ProgressUpdate

KEPT_FOR = timedelta(days=1)


def forget_removed(*, now: datetime) -> int:
    """Delete steps and updates that were taken away more than a day ago; return how many."""
    before = now - KEPT_FOR
    steps, _by_model = Milestone.objects.filter(removed_at__lt=before).delete()
    updates, _by_model = ProgressUpdate.objects.filter(removed_at__lt=before).delete()
    return steps + updates
