from celery import shared_task

from audit import services


@shared_task(name="audit.chain_events", soft_time_limit=50, time_limit=60)
def chain_events() -> None:
    services.chain_events()
