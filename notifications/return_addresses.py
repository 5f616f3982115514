"""Where a mail of ours comes back to: a token for each mail and address, that nobody can guess."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from notifications.models import Message

SALT = "notifications.return_addresses"
SEAL_BYTES = 10  # 80 bits; sixteen letters in base32
TOKEN = r"(\d{1,18})-([a-z2-7]{16})"  # noqa: S105 - a pattern


def token_of(message: Message, address: str) -> str:
    """Return what names this mail to this address: the row's number, and a seal."""
    return f"{message.pk}-{_seal(message.pk, address)}"


def return_address(message: Message, address: str) -> str:
    """Return the envelope's sender of a mail, or "" where what comes back is not taken in so.

    ``calendar+b42-<seal>@in.example.org``: the box of ``INBOUND_MAIL``, a "b", and the token.
    """
    if not settings.RETURNED_MAIL:
        return ""
    box, _at, host = settings.INBOUND_MAIL["address"].partition("@")
    return f"{box}+b{token_of(message, address)}@{host}"


def event_header(message: Message, address: str) -> tuple[str, str] | None:
    """Return the header by which a provider names the mail in what it tells, or None."""
    token = token_of(message, address)
    many = json.dumps({"mail": token})
    return {
        "brevo": ("X-Mailin-custom", many),
        "mailjet": ("X-MJ-EventPayload", many),
        "postmark": ("X-PM-Metadata-mail", token),
        "sendgrid": ("X-SMTPAPI", json.dumps({"unique_args": {"mail": token}})),
        "sparkpost": ("X-MSYS-API", json.dumps({"metadata": {"mail": token}})),
    }.get(settings.MAIL_EVENTS["provider"])


def message_returning(addresses: Iterable[str]) -> Message | None:
    """Return the mail whose return address is among these, or None."""
    box, at, host = settings.INBOUND_MAIL["address"].lower().partition("@")
    pattern = rf"{re.escape(box)}\+b({TOKEN})@{re.escape(host)}"
    for address in addresses if at else ():
        found = re.fullmatch(pattern, address.strip().lower())
        message = message_named(found[1]) if found else None
        if message is not None:
            return message
    return None


def message_named(token: str) -> Message | None:
    """Return the mail of a token, where it was sealed for the person's address of today."""
    found = re.fullmatch(TOKEN, token.strip().lower())
    if found is None:
        return None
    message = Message.objects.select_related("recipient").filter(pk=int(found[1])).first()
    if message is None:
        return None
    seal = _seal(message.pk, message.recipient.email)
    return message if constant_time_compare(found[2], seal) else None


def _seal(pk: int, address: str) -> str:
    digest = salted_hmac(SALT, f"{pk}:{address.strip().lower()}", algorithm="sha256").digest()
    return base64.b32encode(digest[:SEAL_BYTES]).decode().lower()
