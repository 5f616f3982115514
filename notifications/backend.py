"""Django's own mails (sign-in, reset of a password) by the same way as the ledger's."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import make_msgid, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from notifications.transport import (
    OutcomeUnknown,
    Refused,
    Transport,
    TryLater,
    open_transport,
)


class DirectBackend(BaseEmailBackend):
    """Sends at once, within the request. What must survive a crash goes through the ledger."""

    def __init__(self, fail_silently: bool = False, **kwargs: Any) -> None:
        super().__init__(fail_silently=fail_silently)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        transport = open_transport()
        try:
            return sum(self._send(transport, message) for message in email_messages)
        finally:
            transport.close()

    def _send(self, transport: Transport, message: EmailMessage) -> bool:
        recipients = [parseaddr(address)[1] for address in message.recipients()]
        if not recipients:
            return False
        headers = message.extra_headers
        message_id = headers.setdefault("Message-ID", make_msgid(domain=settings.HOST_NAME))
        headers.setdefault("Auto-Submitted", "auto-generated")
        mail: Any = message.message()
        try:
            transport.offer(sender=parseaddr(message.from_email)[1], recipients=recipients)
            transport.deliver(mail.as_bytes(linesep="\r\n"), name=message_id)
        except (TryLater, Refused, OutcomeUnknown):
            if not self.fail_silently:
                raise
            return False
        return True
