"""Tell other systems what happened, signed as Standard Webhooks says, for three days if need be."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils.translation import gettext as _
from standardwebhooks import Webhook as Signer

from accounts.access import discreet_program_ids
from accounts.models import User
from audit.models import AuditEvent
from audit.services import record
from core.errors import Conflict
from core.outside import post, tried
from core.wake import wake
from notifications.models import DeliveryState, Topic, Webhook, WebhookDelivery
from notifications.models.hooks import new_secret

Post = Callable[..., int]
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
ROTATION = timedelta(hours=24)
LEASE = timedelta(minutes=1)
REST = timedelta(minutes=1)
SLOW = timedelta(seconds=3)
BATCH, A_TURN, TURN_SECONDS = 500, 50, 20.0
MOST_TRIES = len(PAUSES) + 1
GONE = 410
KEPT = timedelta(days=30)
# Acts behind a topic. What tells of help, answers and words is never among them.
ACTIONS = {
    Topic.ENROLMENTS: ("participants.enrolled", "participants.moved"),
    Topic.MATCHES: ("run.published", "match."),
    Topic.MEETINGS: ("meeting.",),
    Topic.COHORTS: ("cohort.moved", "cohort.created"),
    Topic.MAIL: (
        "message.bounced",
        "message.bounce_lifted",
        "message.paused",
        "message.pause_ended",
    ),
}


@transaction.atomic
def add_webhook(*, webhook: Webhook, actor: User, now: datetime) -> Webhook:
    """Keep a new system, which is told what happens from now on. Effects: one row, its log."""
    newest = AuditEvent.objects.aggregate(newest=Max("sequence"))["newest"]
    webhook.created_by, webhook.created_at, webhook.read_until = actor, now, newest or 0
    webhook.secret, webhook.old_secret = new_secret(), ""
    webhook.save()
    record(actor=actor, action="webhook.added", about=webhook, now=now)
    return webhook


@transaction.atomic
def change_webhook(*, webhook: Webhook, actor: User, now: datetime) -> Webhook:
    """Keep another address, other topics, or that it is on or off. Effects: row and audit row.

    What happened while it was off is not told.
    """
    was = Webhook.objects.get(pk=webhook.pk)
    if webhook.is_active and not was.is_active:
        newest = AuditEvent.objects.aggregate(newest=Max("sequence"))["newest"]
        webhook.read_until = newest or 0
    webhook.save(update_fields=("name", "url", "topics", "program_id", "is_active", "read_until"))
    record(actor=actor, action="webhook.changed", about=webhook, now=now)
    return webhook


@transaction.atomic
def rotate_secret(*, webhook: Webhook, actor: User, now: datetime) -> Webhook:
    """Make a new secret; for a day each delivery is signed with the old one too."""
    webhook.old_secret, webhook.old_secret_until = webhook.secret, now + ROTATION
    webhook.secret = new_secret()
    webhook.save(update_fields=("secret", "old_secret", "old_secret_until"))
    record(actor=actor, action="webhook.secret_rotated", about=webhook, now=now)
    return webhook


@transaction.atomic
def deliver_again(*, delivery: WebhookDelivery, actor: User, now: datetime) -> None:
    """Tell it once more, by a person's decision, under the same id.

    Raises:
        Conflict: it is due anyway.
    """
    rows = WebhookDelivery.objects.filter(pk=delivery.pk).exclude(state=DeliveryState.DUE)
    if not rows.update(state=DeliveryState.DUE, due_at=now, attempt=0):
        raise Conflict(_("It is on its way already."))
    record(actor=actor, action="webhook.delivered_again", about=delivery, now=now)
    wake("notifications.tell_webhooks")


def sweep_webhooks(*, now: datetime) -> int:
    """Write what happened since the last sweep into deliveries; return how many.

    Acts are read in the order of the log's chain, which has no gaps, so that none is missed.
    Effects: one transaction a webhook; old deliveries are forgotten.
    """
    count = 0
    for pk in list(Webhook.objects.filter(is_active=True).values_list("pk", flat=True)):
        with transaction.atomic():
            webhook = Webhook.objects.select_for_update().get(pk=pk)
            count += _gather(webhook, now=now)
    over = WebhookDelivery.objects.exclude(state=DeliveryState.DUE, webhook__is_active=True)
    over.filter(created_at__lt=now - KEPT).delete()
    return count


def _gather(webhook: Webhook, *, now: datetime) -> int:
    newest = AuditEvent.objects.aggregate(newest=Max("sequence"))["newest"] or 0
    until = min(newest, webhook.read_until + BATCH)
    events = _told(webhook).filter(sequence__gt=webhook.read_until, sequence__lte=until)
    rows = [
        WebhookDelivery(
            webhook=webhook,
            event_id=event.pk,
            kind=event.action,
            body=_body(event),
            due_at=now,
            created_at=now,
        )
        for event in events.order_by("sequence")
    ]
    WebhookDelivery.objects.bulk_create(rows, ignore_conflicts=True)
    Webhook.objects.filter(pk=webhook.pk).update(read_until=until)
    return len(rows)


def _told(webhook: Webhook) -> QuerySet[AuditEvent]:
    """Return the acts that it hears of; never those of discreet programs, whoever asks."""
    wanted = Q()
    for topic in webhook.topics:
        for action in ACTIONS[Topic(topic)]:
            wanted |= Q(action__startswith=action) if action.endswith(".") else Q(action=action)
    rows = AuditEvent.objects.filter(wanted).exclude(program_id__in=discreet_program_ids())
    return rows.filter(program_id=webhook.program_id) if webhook.program_id else rows


def _body(event: AuditEvent) -> str:
    data = {"object": event.object_type, "id": event.object_id, "program_id": event.program_id}
    at = event.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return json.dumps({"type": event.action, "timestamp": at, "data": data})


def send_webhooks(
    *, clock: Callable[[], datetime], post: Post = post, seconds: float = TURN_SECONDS
) -> int:
    """Deliver what is due, at most fifty and for about ``seconds`` a turn; return how many tries.

    Each is claimed by a conditional update. A system that is slow, or cannot be reached, rests for
    a minute with all that waits for it, so that it holds up nobody else. Never call it inside a
    transaction.
    """
    stop, tried = time.monotonic() + seconds, 0
    while tried < A_TURN and time.monotonic() < stop:
        due = WebhookDelivery.objects.filter(
            state=DeliveryState.DUE, due_at__lte=clock(), webhook__is_active=True
        )
        pk = due.order_by("due_at").values_list("pk", flat=True).first()
        if pk is None:
            break
        tried += _deliver(pk, clock=clock, post=post)
    return tried


def _deliver(pk: UUID, *, clock: Callable[[], datetime], post: Post) -> bool:
    now = clock()
    claimed = WebhookDelivery.objects.filter(pk=pk, state=DeliveryState.DUE, due_at__lte=now)
    if not claimed.update(attempt=F("attempt") + 1, due_at=now + LEASE):
        return False
    row = WebhookDelivery.objects.select_related("webhook").get(pk=pk)
    if row.attempt > MOST_TRIES:  # each earlier try died without an answer
        _settle(row, status=0, answer=row.answer or "The worker died while it told it.", now=now)
        return True
    status, answer = tried(
        lambda: post(row.webhook.url, row.body.encode(), headers=headers_of(row, now=now)),
        what=f"Delivery {pk}",
    )
    took = clock() - now
    if not status:
        _let_rest(row.webhook_id, now=clock())
    elif took > SLOW:
        _let_rest(row.webhook_id, now=clock(), rest=min(REST, 2 * took))
    _settle(row, status=status, answer=answer, now=clock())
    return True


def _let_rest(webhook_id: UUID, *, now: datetime, rest: timedelta = REST) -> None:
    """Put off whatever waits for a system that costs time; it takes no try."""
    waiting = WebhookDelivery.objects.filter(webhook=webhook_id, state=DeliveryState.DUE)
    waiting.filter(due_at__lt=now + rest).update(due_at=now + rest)


def headers_of(row: WebhookDelivery, *, now: datetime) -> dict[str, str]:
    """Return the headers of the standard; during a rotation the old secret signs too."""
    webhook = row.webhook
    keys = [webhook.secret]
    if webhook.old_secret_until is not None and webhook.old_secret_until > now:
        keys.append(webhook.old_secret)
    moment = now.astimezone(UTC)
    message_id = f"msg_{row.pk.hex}"
    return {
        "Content-Type": "application/json",
        "User-Agent": "Alongside webhooks",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(
            Signer(key).sign(message_id, moment, row.body) for key in keys
        ),
    }


def _settle(row: WebhookDelivery, *, status: int, answer: str, now: datetime) -> None:
    """Write the outcome: taken, to be tried again, or given up. 410 turns the webhook off."""
    mine = WebhookDelivery.objects.filter(pk=row.pk, attempt=row.attempt)
    if 200 <= status < 300:
        mine.update(state=DeliveryState.SENT, sent_at=now, answer=answer)
        return
    if status == GONE:
        Webhook.objects.filter(pk=row.webhook_id).update(is_active=False)
    if status == GONE or row.attempt >= MOST_TRIES:
        mine.update(state=DeliveryState.FAILED, answer=answer[:200])
        return
    mine.update(due_at=now + PAUSES[row.attempt - 1], answer=answer[:200])
