"""Private words as ciphertext: AES-256-GCM, bound to the row they belong to.

A sealed value is ``key id | 0x00 | nonce (12 bytes) | ciphertext and tag``. The additional data is
``app.model.field:primary key``, so a value copied into another row, field or table does not open.
"""

from __future__ import annotations

import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

NONCE_BYTES = 12


class CannotOpen(Exception):
    """A sealed value does not open: its key is missing or it belongs to another row."""


class Sealed(bytes):
    """Ciphertext as it stands in the database."""

    @property
    def key_id(self) -> str:
        return self.split(b"\0", 1)[0].decode("ascii", "replace")


def _keys() -> dict[str, bytes]:
    keys: dict[str, bytes] = settings.FIELD_KEYS
    if not keys:
        raise ImproperlyConfigured("FIELD_KEYS is empty: private words cannot be stored.")
    return keys


def current_key_id() -> str:
    """Return the id of the key that new values are sealed with: the first one."""
    return next(iter(_keys()))


def seal(text: str, *, context: str) -> Sealed:
    """Encrypt ``text`` for the place that ``context`` names, with the current key."""
    key_id = current_key_id()
    nonce = os.urandom(NONCE_BYTES)
    body = AESGCM(_keys()[key_id]).encrypt(nonce, text.encode(), context.encode())
    return Sealed(key_id.encode() + b"\0" + nonce + body)


def unseal(value: Sealed, *, context: str) -> str:
    """Decrypt a sealed value.

    Raises:
        CannotOpen: the key is not configured, or the value was moved from another place.
    """
    key_id, _, rest = bytes(value).partition(b"\0")
    key = _keys().get(key_id.decode("ascii", "replace"))
    if key is None:
        raise CannotOpen(f"No key with id {key_id!r} is configured in FIELD_KEYS.")
    try:
        opened = AESGCM(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], context.encode())
    except InvalidTag as error:
        raise CannotOpen(f"The value does not open as {context.split(':')[0]}.") from error
    return opened.decode()


class _SealedAttribute:
    """Opens the value when it is first read, so that lists never decrypt what nobody shows."""

    def __init__(self, field: EncryptedTextField) -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type | None = None) -> Any:
        if instance is None:
            return self
        name = self.field.attname
        if name not in instance.__dict__:
            instance.refresh_from_db(fields=[name])
        value = instance.__dict__[name]
        if isinstance(value, Sealed):
            value = unseal(value, context=self.field.context_for(instance))
            instance.__dict__[name] = value
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.BinaryField):
    """Text that only the product can read; needs a primary key that is set before saving.

    An empty string is stored as empty bytes, so that "nothing written" needs no key.
    """

    description = "Encrypted text"
    # Read by the type checker only: text, where the parent has bytes.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", b"")
        kwargs["editable"] = kwargs.get("editable", True)
        super().__init__(*args, **kwargs)

    def get_default(self) -> Any:
        return ""

    def context_for(self, instance: models.Model) -> str:
        if instance.pk is None:
            raise ValueError("An encrypted field needs a primary key before it is saved.")
        return f"{instance._meta.label_lower}.{self.name}:{instance.pk}"

    def contribute_to_class(
        self, cls: type[models.Model], name: str, private_only: bool = False
    ) -> None:
        super().contribute_to_class(cls, name, private_only=private_only)
        setattr(cls, self.attname, _SealedAttribute(self))

    def from_db_value(self, value: Any, *_args: Any) -> Sealed | str:
        return Sealed(value) if value else ""

    def pre_save(self, model_instance: models.Model, add: bool) -> bytes:
        value = model_instance.__dict__.get(self.attname, "")
        if isinstance(value, Sealed):
            return value
        return seal(value, context=self.context_for(model_instance)) if value else b""

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, str) and value:
            raise TypeError("Encrypted text is written through a model instance only.")
        return b"" if value == "" else value

    def value_to_string(self, obj: models.Model) -> str:
        raise TypeError("Encrypted text is not serialised.")
