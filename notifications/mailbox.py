"""Read the mails that a demo writes into a folder instead of sending."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings

NEWEST = 100


@dataclass(frozen=True)
class Mail:
    """One mail of the folder, taken apart for reading."""

    name: str
    subject: str
    sender: str
    recipient: str
    sent_at: datetime | None
    text: str
    html: str


def read_mails(*, count: int = NEWEST) -> list[Mail]:
    """Return the newest mails of the folder, newest first."""
    files = sorted(_files(), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    return [_read(path) for path in files[:count]]


def find_mail(name: str) -> Mail | None:
    """Return the mail of this file name, or None; never reads outside the folder."""
    for path in _files():
        if path.name == name:
            return _read(path)
    return None


def _files() -> Iterator[Path]:
    folder = settings.MAIL["folder"]
    if folder:
        yield from Path(folder).glob("[!.]*.eml")


def _read(path: Path) -> Mail:
    mail = message_from_bytes(path.read_bytes(), policy=default)
    return Mail(
        name=path.name,
        subject=str(mail["Subject"] or ""),
        sender=str(mail["From"] or ""),
        recipient=str(mail["To"] or ""),
        sent_at=parsedate_to_datetime(mail["Date"]) if mail["Date"] else None,
        text=_part(mail, "plain"),
        html=_part(mail, "html"),
    )


def _part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body(preferencelist=(kind,))
    return str(body.get_content()) if body is not None else ""
