from celery import shared_task
from django.utils import timezone

from support import services


@shared_task(name="support.send_announcements", soft_time_limit=280, time_limit=300)
def send_announcements() -> None:
    services.send_due_announcements(now=timezone.now())


@shared_task(name="support.judge_matches", soft_time_limit=280, time_limit=300)
def judge_matches() -> None:
    """Judge every open match, then bring the managers' queue up to date."""
    now = timezone.now()
    services.judge_all(now=now)
    services.raise_items(now=now)
