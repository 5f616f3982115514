"""A real SMTP server for tests: takes mail, refuses it, or hangs up, by recipient."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import Counter
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

logging.getLogger("mail.log").setLevel(logging.ERROR)


@dataclass(frozen=True)
class Received:
    """One mail whose text arrived whole, whether or not the sender read the answer."""

    recipient: str
    message_id: str
    mail: EmailMessage
    sender: str


class SmtpSink:
    """Listens on a free port of this machine while it is used as a context manager.

    ``seconds`` is how long the answer to the text takes. ``rcpt_answers`` and ``data_answers`` map
    a recipient to the answer in place of 250. ``hang_ups`` counts how many more times the line is
    cut after the text of this recipient's mail arrived. ``refusal`` is the answer to everybody.
    """

    def __init__(self, *, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.rcpt_answers: dict[str, str] = {}
        self.data_answers: dict[str, str] = {}
        self.hang_ups: Counter[str] = Counter()
        self.refusal = ""
        self.received: list[Received] = []
        self.port = _free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=10)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def settings(self) -> dict[str, Any]:
        """Return this server as ``settings.MAIL`` describes one."""
        return {
            "folder": "",
            "host": "127.0.0.1",
            "port": self.port,
            "user": "",
            "password": "",
            "tls": "",
        }

    def __enter__(self) -> SmtpSink:
        self._controller.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._controller.stop()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.refusal or self.rcpt_answers.get(address)
        if not answer:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        recipient = envelope.rcpt_tos[0]
        answer = self.data_answers.get(recipient)
        if answer is not None:
            return answer
        mail: Any = message_from_bytes(envelope.original_content or b"", policy=default)
        self.received.append(
            Received(recipient, str(mail["Message-ID"]), mail, str(envelope.mail_from))
        )
        if self.hang_ups[recipient] > 0:
            self.hang_ups[recipient] -= 1
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            return "250 OK"
        await asyncio.sleep(self.seconds)
        return "250 OK"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
