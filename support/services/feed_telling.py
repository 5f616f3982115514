"""Tell addresses that a list took from an account, a few at a time and each until it is told."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts.adapter import mail_old_address
from core.wake import wake
from notifications.transport import OutcomeUnknown, Refused, TryLater
from support.feed.addresses import TELL
from support.models import FeedRow

AT_ONCE = 50
TRIED_FOR = timedelta(days=2)
logger = logging.getLogger(__name__)


def tell_old_addresses(*, now: datetime) -> int:
    """Mail up to fifty addresses that they are no longer those of an account; return how many.

    What is left is another run's, and so is everything while the mail server is away; after two
    days it is given up. A worker that dies while it mails may mail one address twice, and leaves
    none out. In any order, so that those which have to wait hold nobody up.
    """
    _give_up(now)
    waiting = FeedRow.objects.exclude(to_tell="").order_by("?").values_list("pk", flat=True)
    ids = list(waiting[: AT_ONCE + 1])
    done = 0
    for pk in ids[:AT_ONCE]:
        try:
            done += _tell(pk)
        except TryLater as error:
            logger.warning("An old address is told later: %s", error)
            if error.is_server_trouble:
                return done
    if done and len(ids) > AT_ONCE:
        wake(TELL)
    return done


def _give_up(now: datetime) -> None:
    old = now - TRIED_FOR
    is_late = Q(feed__undone_at=None, feed__applied_at__lt=old) | Q(feed__undone_at__lt=old)
    FeedRow.objects.exclude(to_tell="").filter(is_late | Q(user=None)).update(to_tell="")


@transaction.atomic
def _tell(pk: int) -> bool:
    """Mail one address; whatever stops it but an answer of the mail server goes on up."""
    rows = FeedRow.objects.select_for_update(of=("self",), skip_locked=True)
    row = rows.select_related("user").exclude(to_tell="").filter(pk=pk).first()
    if row is None or row.user is None:
        return False
    try:
        mail_old_address(row.user, old=row.to_tell)
    except (Refused, OutcomeUnknown) as error:
        logger.warning("The old address of person %s may not be told: %s", row.user_id, error)
    row.to_tell = ""
    row.save(update_fields=["to_tell"])
    return True
