from celery import shared_task
from django.utils import timezone

from notes import services


@shared_task(name="notes.forget_removed", soft_time_limit=100, time_limit=120)
def forget_removed() -> None:
    services.forget_removed(now=timezone.now())
