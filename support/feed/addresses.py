"""What a change of e-mail by a list brings along, on the way in and on the way back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db.models import TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from accounts.models import User
from audit.services import record_each
from core.wake import wake
from participants.importing.removing import among
from support.models import Feed, FeedRow

BEFORE, AFTER = 0, 1
TELL = "support.tell_old_addresses"


def seal_moves(*, feed: Feed, people: Collection[User], gave_up: int, now: datetime) -> None:
    """Forget what was confirmed, note each change, and have the given-up addresses told.

    ``gave_up`` says which of the two addresses of a row is no longer that of the account:
    ``BEFORE`` when a list was applied, ``AFTER`` when it was undone. In the caller's transaction.
    """
    if not people:
        return
    ids = [person.pk for person in people]
    EmailAddress.objects.filter(user__in=among(ids)).delete()
    record_each(
        actor=feed.requested_by,
        action="person.changed",
        about=list(people),
        now=now,
        detail={"fields": ["email"]},
    )
    rows = FeedRow.objects.filter(feed=feed, user__in=among(ids))
    rows.filter(changes__user__has_key="email").update(
        to_tell=Cast(KT(f"changes__user__email__{gave_up}"), TextField())
    )
    wake(TELL)
