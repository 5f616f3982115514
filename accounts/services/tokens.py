"""Personal access tokens: made, shown once, used, revoked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import PersonalAccessToken, TokenScope, User
from audit.services import record
from core.errors import DomainError, NotAllowed

START = "alng_"
SHOWN_LETTERS = 11
LONGEST_DAYS = 365
MOST_TOKENS = 20
NOTED_EVERY = timedelta(hours=1)


def digest_of(key: str) -> bytes:
    """Return the SHA-256 of a key; keys hold 256 random bits, so no salt is needed."""
    return hashlib.sha256(key.encode()).digest()


@transaction.atomic
def make_token(
    *, person: User, name: str, scopes: Iterable[str], days: int, now: datetime
) -> tuple[PersonalAccessToken, str]:
    """Make a token for ``days`` (1 to 365) and return it with its key, which is not stored.

    Raises:
        NotAllowed: the person is from outside.
        DomainError: no scope, an unknown one, too many days or too many tokens.

    Effects: one token, one audit row.
    """
    if person.is_external:
        raise NotAllowed(_("People from outside use the pages; the API has no keys for them."))
    wanted = sorted(set(scopes))
    if not wanted or not set(wanted) <= set(TokenScope.values):
        raise DomainError(_("Choose what the token may do."), code="scopes", field="scopes")
    if not 1 <= days <= LONGEST_DAYS:
        raise DomainError(_("A token is valid for 1 to 365 days."), code="token_days", field="days")
    User.objects.select_for_update().get(pk=person.pk)
    usable = PersonalAccessToken.objects.filter(
        user=person, revoked_at__isnull=True, expires_at__gt=now
    )
    if usable.count() >= MOST_TOKENS:
        raise DomainError(
            _("You have 20 tokens already. Revoke one you do not use any more."),
            code="too_many_tokens",
        )
    key = START + secrets.token_urlsafe(32)
    token = PersonalAccessToken.objects.create(
        user=person,
        name=name.strip(),
        prefix=key[:SHOWN_LETTERS],
        digest=digest_of(key),
        scopes=wanted,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    record(actor=person, action="token.made", about=token, now=now, detail={"scopes": wanted})
    return token, key


@transaction.atomic
def revoke_token(*, token: PersonalAccessToken, actor: User, now: datetime) -> bool:
    """Make a token useless; False when it was revoked before.

    Raises:
        NotAllowed: the token belongs to somebody else.
    """
    if token.user_id != actor.pk:
        raise NotAllowed(_("This token belongs to somebody else."))
    changed = PersonalAccessToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(
        revoked_at=now
    )
    if changed:
        record(actor=actor, action="token.revoked", about=token, now=now)
    return bool(changed)


def touch_token(*, token: PersonalAccessToken, now: datetime) -> None:
    """Note that a token was used, at most once an hour."""
    if token.last_used_at is not None and token.last_used_at > now - NOTED_EVERY:
        return
    PersonalAccessToken.objects.filter(
        Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - NOTED_EVERY), pk=token.pk
    ).update(last_used_at=now)
