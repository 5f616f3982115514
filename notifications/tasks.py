"""Wake the sender. A lost task costs one sweep's time, a doubled one nothing."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from notifications import services

TURN_SECONDS = 20
MOST_SENDERS = 4
ROWS_FOR_ONE_SENDER = 250


@shared_task(name="notifications.send_message", soft_time_limit=240, time_limit=300)
def send_message(message_id: int) -> None:
    services.send_message(pk=message_id)


@shared_task(name="notifications.send_due", soft_time_limit=240, time_limit=300)
def send_due() -> None:
    services.send_due_messages(seconds=TURN_SECONDS)


@shared_task(name="notifications.sweep_messages", soft_time_limit=60, time_limit=90)
def sweep_messages() -> None:
    """Take back what died, and wake as many senders as the heap is worth."""
    swept = services.sweep_messages(now=timezone.now())
    senders = min(MOST_SENDERS, -(-swept.due_count // ROWS_FOR_ONE_SENDER))
    for _turn in range(senders):
        # A sender that waited longer than until the next sweep is not needed any more.
        send_due.apply_async(expires=max(settings.SWEEP_SECONDS, TURN_SECONDS), retry=False)


@shared_task(name="notifications.tell_webhooks", soft_time_limit=90, time_limit=120)
def tell_webhooks() -> None:
    """Beside the mail, and for a short turn: a slow system must hold up neither mail nor sweeps."""
    services.send_webhooks(clock=timezone.now)


@shared_task(name="notifications.sweep_webhooks", soft_time_limit=60, time_limit=90)
def sweep_webhooks() -> None:
    """Write what other systems are to be told, and wake whoever tells them."""
    services.sweep_webhooks(now=timezone.now())
    tell_webhooks.apply_async(expires=60, retry=False)
