from celery import shared_task
from django.utils import timezone

from accounts import services


@shared_task(name="accounts.sweep_erasures", soft_time_limit=280, time_limit=300)
def sweep_erasures() -> None:
    services.sweep_erasures(now=timezone.now())


@shared_task(name="accounts.end_externals", soft_time_limit=280, time_limit=300)
def end_externals() -> None:
    """Switch off the accounts of people from outside whose last day has passed."""
    services.end_externals(now=timezone.now())
