from celery import shared_task
from django.utils import timezone

from mentorship.models import WorkerPulse


@shared_task(name="mentorship.pulse", soft_time_limit=10, time_limit=20)
def pulse(queue: str) -> None:
    WorkerPulse.beat(queue=queue, now=timezone.now())
