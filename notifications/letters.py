"""Write a message as mail: both parts, in the recipient's language and time zone."""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING, Any

import css_inline
from django.conf import settings
from django.template import Context, loader
from django.utils import timezone, translation
from django.utils.translation import gettext

from core.clock import zone
from notifications import links
from notifications.links import absolute
from notifications.models import Message
from notifications.registry import CalendarPart, MessageKind
from notifications.return_addresses import event_header, return_address

if TYPE_CHECKING:
    from accounts.models import User

INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


@dataclass(frozen=True)
class Letter:
    """What the transport needs: the envelope and the text."""

    sender: str
    recipient: str
    message_id: str
    content: bytes
    subject: str
    text: str


def write_letter(
    message: Message, kind: MessageKind, *, now: datetime, message_id: str = ""
) -> Letter:
    """Render the message now; nothing of it is stored."""
    person = message.recipient
    with translation.override(person.language), timezone.override(zone(person.time_zone)):
        page = _page(message, kind)
        html = INLINER.inline(page.html)
        invitation = kind.calendar(message) if kind.calendar else None
    mail = _mail(person, subject=page.subject, message_id=message_id or message.message_id, now=now)
    _head(mail, [message], stop_url=page.stop_url)
    return _sealed(mail, message, text=page.text, html=html, invitation=invitation)


def write_line(message: Message, kind: MessageKind) -> tuple[str, str]:
    """Return the subject as the person reads it, and the page that it is about."""
    person = message.recipient
    with translation.override(person.language), timezone.override(zone(person.time_zone)):
        context = _context(message, kind)
        line = " ".join(_render_text(f"{kind.template}.subject.txt", context).split())
        return line, kind.page(message) if kind.page else str(context.get("url", ""))


def write_bundle(
    parts: Sequence[tuple[Message, MessageKind]], message_id: str, *, now: datetime
) -> Letter:
    """Render several messages to one person as one mail, each under its own heading."""
    person = parts[0][0].recipient
    stop = _stop_url(person, [kind for _row, kind in parts])
    with translation.override(person.language), timezone.override(zone(person.time_zone)):
        pages = [_page(message, kind, frame="mail/part") for message, kind in parts]
        context = {
            **_frame(person),
            "stop_url": stop,
            "parts": pages,
            "titles": list(dict.fromkeys(kind.label for _row, kind in parts)),
            "why": gettext("All of this was due at the same time, so it comes as one mail."),
            "reasons": list(dict.fromkeys(page.why for page in pages)),
        }
        subject = " ".join(_render_text("mail/bundle.subject.txt", context).split())
        text = _render_text("mail/bundle.txt", context).strip() + "\n"
        html = INLINER.inline(loader.render_to_string("mail/bundle.html", context))
    mail = _mail(person, subject=subject, message_id=message_id, now=now)
    _head(mail, [row for row, _kind in parts], stop_url=stop)
    return _sealed(mail, parts[0][0], text=text, html=html, invitation=None)


@dataclass(frozen=True)
class Page:
    """One message rendered: whole, or as a part of a mail that carries several."""

    subject: str
    text: str
    html: str
    why: str
    stop_url: str


def _page(message: Message, kind: MessageKind, *, frame: str = "mail/shell") -> Page:
    context = {**_context(message, kind), "text_shell": f"{frame}.txt", "shell": f"{frame}.html"}
    return Page(
        subject=" ".join(_render_text(f"{kind.template}.subject.txt", context).split()),
        text=_render_text(f"{kind.template}.txt", context).strip() + "\n",
        html=loader.render_to_string(f"{kind.template}.html", context),
        why=str(kind.why),
        stop_url=context["stop_url"],
    )


def _mail(person: User, *, subject: str, message_id: str, now: datetime) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["Date"] = format_datetime(now)
    mail["From"] = _address(*parseaddr(settings.DEFAULT_FROM_EMAIL))
    mail["To"] = _address(person.get_full_name(), person.email)
    mail["Subject"] = subject
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"
    return mail


def _head(mail: EmailMessage, messages: Sequence[Message], *, stop_url: str) -> None:
    """Say how to stop it (RFC 8058), and that all mails about one match belong together."""
    matches = {message.match_id for message in messages}
    if len(matches) == 1 and None not in matches:
        domain = messages[0].message_id.rpartition("@")[2].rstrip(">")
        mail["References"] = f"<match-{matches.pop()}@{domain}>"
    if stop_url:
        mail["List-Unsubscribe"] = f"<{stop_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _sealed(
    mail: EmailMessage, message: Message, *, text: str, html: str, invitation: CalendarPart | None
) -> Letter:
    person = message.recipient
    named = event_header(message, person.email)
    if named is not None:
        mail[named[0]] = named[1]
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    if invitation is not None:
        _invite(mail, invitation)
    mail["Content-Language"] = person.language
    return Letter(
        sender=return_address(message, person.email) or parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        recipient=_address(person.get_full_name(), person.email).addr_spec,
        message_id=str(mail["Message-ID"]),
        content=mail.as_bytes(),
        subject=str(mail["Subject"]),
        text=text,
    )


def _invite(mail: EmailMessage, part: CalendarPart) -> None:
    """Add the invitation twice: calendars look for the first, people open the second."""
    mail.add_alternative(
        part.content.decode(),
        subtype="calendar",
        params={"method": part.method, "component": "VEVENT"},
        cte="base64",
    )
    name = "cancelled.ics" if part.method == "CANCEL" else "invitation.ics"
    mail.add_attachment(part.content, maintype="application", subtype="ics", filename=name)


def _frame(person: User) -> dict[str, Any]:
    return {
        "recipient": person,
        "organisation": settings.ORGANISATION_NAME,
        "base_url": settings.BASE_URL,
        "settings_url": absolute("notifications:settings"),
        "stop_url": "",
        "language": person.language,
    }


def _context(message: Message, kind: MessageKind) -> dict[str, Any]:
    person = message.recipient
    stop = _stop_url(person, [kind])
    if message.context is None:
        message.context = kind.context(message)
    return {**_frame(person), "why": kind.why, "stop_url": stop, **message.context}


def _stop_url(person: User, kinds: Sequence[MessageKind]) -> str:
    """Return the address that stops what of these kinds may be stopped, or ""."""
    names = list(dict.fromkeys(kind.name for kind in kinds if kind.may_stop))
    return links.stop_url(user_id=person.pk, kinds=names) if names else ""


def _render_text(template_name: str, context: dict[str, Any]) -> str:
    """Render plain text: nothing is escaped for HTML."""
    engine_template: Any = loader.get_template(template_name)
    return str(engine_template.template.render(Context(context, autoescape=False)))


def _address(name: str, email: str) -> Address:
    """Return a header's address; a domain in other scripts goes in its ASCII form."""
    shown = "".join(char for char in name if unicodedata.category(char)[0] != "C")
    local, _at, domain = email.rpartition("@")
    with contextlib.suppress(UnicodeError):
        domain = domain.encode("idna").decode("ascii")
    return Address(display_name=shown, addr_spec=f"{local}@{domain}")
