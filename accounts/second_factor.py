"""Secrets of second factors, sealed before they are stored.

An authenticator's key and the seed of recovery codes lie in a JSON column of allauth as text, so a
sealed value is written as ``sealed:`` and base64. It is bound to this use, not to its row: allauth
seals before the row exists.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections import Counter
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db import transaction

from core.crypto import Sealed, current_key_id, seal, unseal

PREFIX = "sealed:"
CONTEXT = "mfa.authenticator.data"
SECRETS = ("secret", "seed")


class SecondFactorAdapter(DefaultMFAAdapter):
    """allauth's rules, with secrets sealed by the keys that seal private words."""

    def encrypt(self, text: str) -> str:
        return PREFIX + b64encode(seal(text, context=CONTEXT)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(_sealed(encrypted_text), context=CONTEXT)


class StoredSecrets:
    """What ``manage.py keys`` needs to know about these secrets."""

    name = "mfa.authenticator.data"

    def rows_by_key(self) -> Counter[str]:
        """Return how many secrets each key has sealed.

        One that still stands in clear needs no key: this is asked before the migration that seals.
        """
        return Counter(
            _sealed(row.data[key]).key_id
            for row in Authenticator.objects.only("data").iterator()
            for key in SECRETS
            if row.data.get(key, "").startswith(PREFIX)
        )

    def reseal(self) -> int:
        """Seal secrets of other keys with the current one, row by row; return how many.

        Raises:
            CannotOpen: a key is missing; what was done until then stays done.
        """
        pks = Authenticator.objects.order_by("pk").values_list("pk", flat=True)
        return sum(_reseal(pk) for pk in pks)


@transaction.atomic
def _reseal(pk: int) -> int:
    row = Authenticator.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        return 0
    fresh = {
        key: reseal_text(row.data[key])
        for key in SECRETS
        if row.data.get(key, "").startswith(PREFIX)
        and _sealed(row.data[key]).key_id != current_key_id()
    }
    if fresh:
        row.data = {**row.data, **fresh}
        row.save(update_fields=["data"])
    return len(fresh)


def reseal_text(text: str) -> str:
    """Return the secret sealed with the current key."""
    adapter = SecondFactorAdapter()
    return adapter.encrypt(adapter.decrypt(text))


def seal_plain(data: dict[str, Any]) -> dict[str, Any]:
    """Return an authenticator's data with every secret sealed that still stands in clear."""
    plain = {
        key: SecondFactorAdapter().encrypt(data[key])
        for key in SECRETS
        if key in data and not data[key].startswith(PREFIX)
    }
    return {**data, **plain}


def open_sealed(data: dict[str, Any]) -> dict[str, Any]:
    """Return an authenticator's data with every sealed secret in clear again."""
    opened = {
        key: SecondFactorAdapter().decrypt(data[key])
        for key in SECRETS
        if data.get(key, "").startswith(PREFIX)
    }
    return {**data, **opened}


def _sealed(text: str) -> Sealed:
    return Sealed(b64decode(text.removeprefix(PREFIX)))
