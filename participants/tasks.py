"""Imports, places and pauses in a worker."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from participants.services import carrying, waiting


@shared_task(name="participants.run_import", soft_time_limit=1_500, time_limit=1_800)
def run_import(run_id: int) -> None:
    """Carry one import; a run that somebody else carries is left alone."""
    carrying.carry_import(run_id=run_id)


@shared_task(name="participants.sweep_imports", soft_time_limit=60, time_limit=90)
def sweep_imports() -> None:
    """Find imports that nobody carries, and forget what is old."""
    carrying.sweep_imports(now=timezone.now())


@shared_task(name="participants.sweep_places", soft_time_limit=60, time_limit=90)
def sweep_places() -> None:
    """Pass on places, begin and end pauses, remind: whatever is due and not done."""
    waiting.sweep(now=timezone.now())
