from celery import shared_task
from django.utils import timezone

from home import reminding


@shared_task(name="home.plan_reminders", soft_time_limit=280, time_limit=300)
def plan_reminders() -> None:
    reminding.plan_reminders(now=timezone.now())
