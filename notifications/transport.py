"""Hand a finished mail over: to an SMTP server, or into a folder.

Two steps, so that the ledger can be written between them: ``offer`` names sender and recipients,
``deliver`` gives the text. Up to the first byte of the text nothing can have been sent.
"""

from __future__ import annotations

import contextlib
import os
import re
import smtplib
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from django.conf import settings

from notifications.reasons import BAD_ADDRESS, FOLDER, SERVER, UNREADABLE


class TryLater(Exception):
    """Not sent, and worth another try. ``is_server_trouble``: it was not this mail's fault."""

    def __init__(self, reason: str, *, is_server_trouble: bool = False) -> None:
        super().__init__(reason)
        self.is_server_trouble = is_server_trouble


ADDRESS_CODES = (550, 551, 553)


class Refused(Exception):
    """Not sent, and another try would not help. ``is_address``: the server refused the address."""

    def __init__(self, reason: str, *, is_address: bool = False) -> None:
        super().__init__(reason)
        self.is_address = is_address


class OutcomeUnknown(Exception):
    """The text was on its way when the connection died: nobody knows whether it arrived."""


class Transport(Protocol):
    def offer(self, *, sender: str, recipients: Sequence[str]) -> None: ...

    def deliver(self, content: bytes, *, name: str) -> str: ...

    def forget(self) -> None: ...

    def close(self) -> None: ...


def open_transport() -> Transport:
    """Return the transport that ``settings.MAIL`` describes; it connects at its first offer."""
    mail = settings.MAIL
    if not mail["host"]:
        return FolderTransport(Path(mail["folder"]))
    return SmtpTransport(mail, timeout=settings.EMAIL_TIMEOUT)


def file_name(message_id: str) -> str:
    """Return the name of a mail's file: one for each Message-ID, safe on every disk."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", message_id.strip("<> "))[:120].lstrip(".") + ".eml"


class FolderTransport:
    """Writes whole files or none; the same Message-ID again replaces its file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def offer(self, *, sender: str, recipients: Sequence[str]) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TryLater(f"{FOLDER}: {error.strerror}", is_server_trouble=True) from error

    def deliver(self, content: bytes, *, name: str) -> str:
        """Write the file and return its name."""
        draft = self.folder / f".{uuid4().hex}"
        try:
            draft.write_bytes(content)
            os.replace(draft, self.folder / file_name(name))
        except OSError as error:
            with contextlib.suppress(OSError):
                draft.unlink()
            raise TryLater(f"{FOLDER}: {error.strerror}", is_server_trouble=True) from error
        return file_name(name)

    def forget(self) -> None:
        pass

    def close(self) -> None:
        pass


class SmtpTransport:
    """One connection to the mail server, kept for many mails."""

    def __init__(self, mail: dict[str, Any], *, timeout: float) -> None:
        self.mail = mail
        self.timeout = timeout
        self._smtp: smtplib.SMTP | None = None

    def offer(self, *, sender: str, recipients: Sequence[str]) -> None:
        """Name sender and recipients; a kept connection that died meanwhile is opened once more.

        Raises:
            TryLater: the server cannot be reached, or answered 4xx.
            Refused: the server answered 5xx.
        """
        is_kept = self._smtp is not None
        try:
            self._offer(sender, recipients)
        except TryLater as error:
            if not (is_kept and error.is_server_trouble):
                raise
            self._offer(sender, recipients)

    def deliver(self, content: bytes, *, name: str) -> str:
        """Give the text of the mail that was just offered; return what the server answered.

        Most servers name the mail in that answer as they do in their own log ("queued as ...").

        Raises:
            TryLater, Refused: the server said so, or the connection died before the first byte.
            OutcomeUnknown: the connection died between the text and the answer.
        """
        smtp = self._connected()
        try:
            code, answer = smtp.docmd("DATA")
        except (smtplib.SMTPException, OSError) as error:
            raise self._away(error) from error
        if code != 354:
            self._judge(code, answer)
        try:
            smtp.send(_dotted(content))
            code, answer = smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise OutcomeUnknown(_words(error)) from error
        if code == -1:
            self._drop()
            raise OutcomeUnknown(UNREADABLE)
        self._judge(code, answer)
        return _said(code, answer)

    def forget(self) -> None:
        """Take back an offer."""
        if self._smtp is not None:
            try:
                self._smtp.rset()
            except (smtplib.SMTPException, OSError):
                self._drop()

    def close(self) -> None:
        if self._smtp is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()
            self._drop()

    def _offer(self, sender: str, recipients: Sequence[str]) -> None:
        smtp = self._connected()
        try:
            self._judge(*smtp.mail(sender))
            for recipient in recipients:
                self._judge(*smtp.rcpt(recipient), is_address=True)
        except UnicodeError as error:
            self.forget()
            raise Refused(BAD_ADDRESS) from error
        except (smtplib.SMTPException, OSError) as error:
            raise self._away(error) from error

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            try:
                self._smtp = self._connect()
            except (smtplib.SMTPException, OSError) as error:
                raise self._away(error) from error
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        mail, context = self.mail, ssl.create_default_context()
        where = {"host": mail["host"], "port": mail["port"], "timeout": self.timeout}
        smtp = (
            smtplib.SMTP_SSL(local_hostname=_name(), context=context, **where)
            if mail["tls"] == "implicit"
            else smtplib.SMTP(local_hostname=_name(), **where)
        )
        try:
            smtp.ehlo_or_helo_if_needed()
            if mail["tls"] == "starttls":
                smtp.starttls(context=context)
            if mail["user"]:
                smtp.login(mail["user"], mail["password"])
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _judge(self, code: int, answer: bytes, *, is_address: bool = False) -> None:
        """Return quietly on a 2xx answer; else take the offer back and say what it means."""
        if 200 <= code < 300:
            return
        reason = _said(code, answer)
        if code == 421 or code == -1:
            self._drop()
            raise TryLater(reason, is_server_trouble=True)
        self.forget()
        if code < 500:
            raise TryLater(reason)
        raise Refused(reason, is_address=is_address and _is_about_the_address(code, reason))

    def _away(self, error: Exception) -> TryLater:
        self._drop()
        return TryLater(f"{SERVER}: {_words(error)}", is_server_trouble=True)

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def _dotted(content: bytes) -> bytes:
    """Return the text as SMTP wants it: CRLF, leading dots doubled, a dot at its end."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    lines = re.sub(rb"(?m)^\.", b"..", lines)
    return lines + (b"" if lines.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _name() -> str:
    """Return how we introduce ourselves, without asking the name service."""
    host = settings.HOST_NAME
    return f"[{host}]" if re.fullmatch(r"[0-9.]+", host) else host


def _said(code: int, answer: bytes) -> str:
    words = " ".join(answer.decode("utf-8", "replace").replace("\x00", "").split())
    return f"{code} {words}"[:190]


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        answer = error.smtp_error
        text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
        return f"{error.smtp_code} {text}"[:150]
    return (str(error) or type(error).__name__)[:150]


def _is_about_the_address(code: int, reason: str) -> bool:
    """Tell whether a refusal means this mailbox, and not the sender or the server's policy.

    Enhanced codes 5.7.x are policy (RFC 3463), such as a relay that is not allowed.
    """
    return code in ADDRESS_CODES and not reason[4:].lstrip().startswith("5.7.")
