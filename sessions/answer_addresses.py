"""Addresses to which a calendar answers, one for each person and entry, that nobody can guess."""

from __future__ import annotations

import base64
import re
import uuid

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User

SALT = "sessions.answer_addresses"
SEAL_BYTES = 10  # 80 bits; sixteen letters in base32


def answer_address(uid: uuid.UUID, user: User) -> str:
    """Return where this person's calendar answers about this entry, or "" where none is taken in.

    The part after the plus sign names the person and is sealed: ``calendar+42-<seal>@host``.
    """
    box, at, host = settings.INBOUND_MAIL["address"].partition("@")
    return f"{box}+{user.pk}-{_seal(uid, user.pk)}@{host}" if at else ""


def person_answering(address: str, uid: uuid.UUID) -> User | None:
    """Return whose address this is for the entry, or None when it is not one of ours."""
    box, _at, host = settings.INBOUND_MAIL["address"].lower().partition("@")
    pattern = rf"{re.escape(box)}\+(\d{{1,18}})-([a-z2-7]{{16}})@{re.escape(host)}"
    found = re.fullmatch(pattern, address.strip().lower())
    if found is None or not constant_time_compare(found[2], _seal(uid, int(found[1]))):
        return None
    person: User | None = User.objects.filter(pk=int(found[1]), is_active=True).first()
    if person is None or person.has_ended(timezone.now().date()):
        return None
    return person


def _seal(uid: uuid.UUID, user_pk: int) -> str:
    digest = salted_hmac(SALT, f"{uid}:{user_pk}", algorithm="sha256").digest()[:SEAL_BYTES]
    return base64.b32encode(digest).decode().lower()
