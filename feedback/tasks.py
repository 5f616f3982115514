from celery import shared_task
from django.utils import timezone

from feedback import services


@shared_task(name="feedback.plan_check_ins", soft_time_limit=280, time_limit=300)
def plan_check_ins() -> None:
    services.plan_check_ins(now=timezone.now())


@shared_task(name="feedback.plan_fit_questions", soft_time_limit=280, time_limit=300)
def plan_fit_questions() -> None:
    services.plan_fit_questions(now=timezone.now())


@shared_task(name="feedback.plan_pulses", soft_time_limit=280, time_limit=300)
def plan_pulses() -> None:
    services.plan_pulses(now=timezone.now())
