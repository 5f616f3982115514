"""Read mails that tell of our own: reports that one could not be delivered, or was not wanted.

The standard form is multipart/report (RFC 3464, RFC 5965); some servers write a plain text. What
is read here is a claim: who wrote it is looked at where it is taken (``services.returning``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_string
from email.message import Message as Part
from email.utils import getaddresses
from typing import Any

LONGEST_PART = 200_000
MOST_IDS, MOST_FAILURES = 20, 50
MESSAGE_ID = re.compile(r"<[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}@[^\s<>]{1,120}>", re.I)
STATUS = re.compile(r"(?<![\w.])([45]\.\d{1,3}\.\d{1,3})(?![\w.]*\d)")
REPLY = re.compile(r"(?<![\w.])([45])\d\d(?=[ -])")
ADDRESS = re.compile(r"[^\s<>\"',;:()\[\]]{1,64}@[^\s<>\"',;:()\[\]]{1,190}")
COPY = re.compile(r"(?im)^-{2,}.*\b(copy|original|returned|below this line)\b.*$")
WRITERS = re.compile(r"(?i)\b(mailer-daemon|postmaster|mail delivery)\b")
WAITS = re.compile(r"(?i)\b(delay(ed)?|warning|still trying|will be retried)\b")
FOR_GOOD = re.compile(r"(?i)\bpermanent (error|failure)\b")
WHERE = ("In-Reply-To", "References", "Original-Message-ID")


@dataclass(frozen=True)
class Failure:
    """One address that a report says was not reached: by which code, and in whose words."""

    addresses: frozenset[str]
    status: str
    answer: str


@dataclass(frozen=True)
class Report:
    """What a mail says about mails of ours: which, and to whom they went."""

    message_ids: tuple[str, ...]
    failures: tuple[Failure, ...]
    sent_to: frozenset[str]
    is_complaint: bool = False


def read_report(mail: Part) -> Report | None:
    """Return what a mail reports, or None when it is none of that: an answer, or a holiday note."""
    texts = [(part.get_content_type(), _text_of(part)) for part in mail.walk()]
    known = [text for kind, text in texts if kind in ("message/rfc822", "text/rfc822-headers")]
    sent_to = _named("\n".join(known), "To")
    ids = _message_ids(mail, [text for _kind, text in texts])
    for kind, text in texts:
        if kind == "message/feedback-report" and re.search(r"(?im)^feedback-type:\s*abuse", text):
            told = sent_to | _named(text, "Original-Rcpt-To")
            return Report(ids, (), told, is_complaint=True)
    statuses = [text for kind, text in texts if kind.endswith("/delivery-status")]
    if statuses:
        found = tuple(failure for text in statuses for failure in _failures(text))
        return Report(ids, found[:MOST_FAILURES], sent_to) if found else None
    plain = next((text for kind, text in texts if kind == "text/plain" and text.strip()), "")
    return _told_plainly(mail, plain, ids)


def status_in(text: str) -> str:
    """Return the enhanced status code in a server's words (RFC 3463), or one for its reply."""
    found = STATUS.search(text)
    if found:
        return found[1]
    reply = REPLY.search(text)
    return f"{reply[1]}.0.0" if reply else ""


def clean(words: str) -> str:
    """Return a server's words as one line, without what no database keeps."""
    line = " ".join("".join(char if char.isprintable() else " " for char in words).split())
    return re.sub(r"(?i)^(x-)?[a-z-]+;\s*", "", line)[:180]


def _failures(text: str) -> Iterator[Failure]:
    """Read the blocks of a delivery status; what is only late, or arrived, is no failure."""
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()):
        fields = message_from_string(block.strip() + "\n\n")
        names = [str(fields.get(name, "")) for name in ("Original-Recipient", "Final-Recipient")]
        if not any(names) or "failed" not in str(fields.get("Action", "")).lower():
            continue
        words = str(fields.get("Diagnostic-Code", ""))
        status = status_in(str(fields.get("Status", ""))) or status_in(words)
        if status.endswith(".0.0"):
            status = status_in(words) or status
        if status:
            addresses = frozenset(_address(name.rpartition(";")[2]) for name in names if name)
            yield Failure(addresses, status, clean(words) or status)


def _told_plainly(mail: Part, text: str, ids: tuple[str, ...]) -> Report | None:
    """Read a report in plain words, as qmail and older servers write them."""
    failed = str(mail.get("X-Failed-Recipients", ""))
    if not failed and not WRITERS.search(str(mail.get("From", ""))):
        return None
    said = COPY.split(text, maxsplit=1)[0]
    if WAITS.search(str(mail.get("Subject", ""))):
        return None
    status = status_in(said) or ("5.0.0" if FOR_GOOD.search(said) else "")
    if not status:
        return None
    named = {_address(found) for found in ADDRESS.findall(f"{failed} {said}")}
    line = next((row for row in said.splitlines() if status_in(row)), status)
    return Report(ids, (Failure(frozenset(named), status, clean(line)),), frozenset())


def _message_ids(mail: Part, texts: list[str]) -> tuple[str, ...]:
    """Return what look like Message-IDs of ours, in the mail that came back or in the headers."""
    headers = [str(value) for name in WHERE for value in mail.get_all(name, [])]
    found = MESSAGE_ID.findall("\n".join([*headers, *texts]))
    return tuple(dict.fromkeys(found))[:MOST_IDS]


def _named(text: str, header: str) -> frozenset[str]:
    lines = re.findall(rf"(?im)^{header}:[ \t]*(.*(?:\n[ \t]+.*)*)", text)
    return frozenset(_address(address) for _name, address in getaddresses(lines) if address)


def _address(text: str) -> str:
    return text.strip().strip("<>.,;:").lower()


def _text_of(part: Part) -> str:
    """Return a part's text; of a mail or a report within the mail, its headers and text."""
    kind = part.get_content_maintype()
    if kind == "multipart":
        return ""
    payload: Any = part.get_payload()
    if isinstance(payload, list):
        return "\n\n".join(_flat(inner) for inner in payload)[:LONGEST_PART]
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    return content[:LONGEST_PART].decode("utf-8", "replace")


def _flat(part: Part) -> str:
    """Return headers as they came, and the text behind them where there is one."""
    lines = [f"{name}: {value}" for name, value in part.items()]
    payload = part.get_payload()
    return "\n".join(lines) + "\n\n" + (payload if isinstance(payload, str) else "")
