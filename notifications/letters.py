"""Write a message as mail: both parts, in the recipient's language and time zone."""

from __future__ import annotations

import contextlib
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any

import css_inline
from django.conf import settings
from django.template import Context, loader
from django.utils import timezone, translation

from core.clock import zone
from notifications.links import absolute, stop_url
from notifications.models import Message
from notifications.registry import CalendarPart, MessageKind

INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


@dataclass(frozen=True)
class Letter:
    """What the transport needs: the envelope and the text."""

    sender: str
    recipient: str
    message_id: str
    content: bytes


def write_letter(message: Message, kind: MessageKind, *, now: datetime) -> Letter:
    """Render the message now; nothing of it is stored."""
    person = message.recipient
    with translation.override(person.language), timezone.override(zone(person.time_zone)):
        context = _context(message, kind)
        subject = " ".join(_render_text(f"{kind.template}.subject.txt", context).split())
        text = _render_text(f"{kind.template}.txt", context).strip() + "\n"
        html = INLINER.inline(loader.render_to_string(f"{kind.template}.html", context))
        invitation = kind.calendar(message) if kind.calendar else None
    mail = EmailMessage(policy=SMTP)
    mail["Date"] = format_datetime(now)
    mail["From"] = _address(*parseaddr(settings.DEFAULT_FROM_EMAIL))
    mail["To"] = to = _address(person.get_full_name(), person.email)
    mail["Subject"] = subject
    mail["Message-ID"] = message.message_id
    mail["Auto-Submitted"] = "auto-generated"
    if context["stop_url"]:
        mail["List-Unsubscribe"] = f"<{context['stop_url']}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    if invitation is not None:
        _invite(mail, invitation)
    mail["Content-Language"] = person.language
    return Letter(
        sender=parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        recipient=to.addr_spec,
        message_id=message.message_id,
        content=mail.as_bytes(),
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


def _context(message: Message, kind: MessageKind) -> dict[str, Any]:
    person = message.recipient
    stop = stop_url(user_id=person.pk, kind=kind.name) if kind.may_stop else ""
    return {
        "recipient": person,
        "organisation": settings.ORGANISATION_NAME,
        "base_url": settings.BASE_URL,
        "why": kind.why,
        "settings_url": absolute("notifications:settings"),
        "stop_url": stop,
        "language": person.language,
        **kind.context(message),
    }


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
