from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from sessions import services


@shared_task(name="meetings.sweep_plans", soft_time_limit=280, time_limit=300)
def sweep_plans() -> None:
    services.sweep_plans(now=timezone.now())
    services.sweep_events(now=timezone.now())


@shared_task(name="meetings.read_busy", soft_time_limit=45, time_limit=60)
def read_busy(calendar_id: str) -> None:
    """Read one calendar; one that keeps the worker too long is left until its next turn."""
    try:
        services.read_busy_calendar(pk=calendar_id, now=timezone.now())
    except SoftTimeLimitExceeded:
        services.give_up_busy(pk=calendar_id, now=timezone.now())


@shared_task(name="meetings.sweep_busy", soft_time_limit=60, time_limit=90)
def sweep_busy() -> None:
    for calendar_id in services.busy_calendars_due(now=timezone.now()):
        read_busy.apply_async((calendar_id,), expires=600, retry=False)
