"""Mail that a provider hands in, and what it tells of ours: who is it about, and is it true?

Nobody is silenced by a forged report. It counts only where it names a mail of ours by something
that only its reader's side has seen: the sealed return address, or the mail's random Message-ID
together with the address it went to. Events of a provider come with its password besides.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from notifications import services
from notifications.models import Message
from notifications.return_addresses import message_named, message_returning
from notifications.returned import Failure, Report, clean, read_report, status_in

logger = logging.getLogger(__name__)
GIVEN_UP = ("bounced", "rejected", "failed")
GONE = ("invalid", "bounced")
STATUS_UNSAID = "5.7.0"  # the provider would not send it: that says nothing about the address


def take_mail(sender: Any, event: Any, **kwargs: Any) -> None:
    """Take a report in one mail; whatever is none is left to others."""
    mail = event.message
    try:
        report = read_report(mail)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        logger.info("A mail could not be read as a report: %s", type(error).__name__)
        return
    if report is None:
        return
    addresses = [found.addr_spec for found in (*mail.to, *mail.cc)]
    if mail.envelope_recipient:
        addresses.append(mail.envelope_recipient)
    take_report(report, handed_in_for=addresses, now=timezone.now())


def take_report(report: Report, *, handed_in_for: Iterable[str], now: datetime) -> int:
    """Take what a report says about our mails; return how much of it was news."""
    sealed = message_returning(handed_in_for)
    taken = 0
    for message in [sealed] if sealed else _mails_named(report):
        address = "" if sealed else message.recipient.email.lower()
        if report.is_complaint:
            if not address or address in report.sent_to:
                services.take_complaint(message=message, now=now)
                taken += 1
            continue
        failure = _failure_about(address, report)
        if failure is not None:
            taken += services.take_return(
                message=message, status=failure.status, answer=failure.answer, now=now
            )
    logger.info("A report about mail of ours: %s taken.", taken)
    return taken


def _mails_named(report: Report) -> list[Message]:
    """Return the rows whose mails a report names by Message-ID, one for each mail."""
    rows = Message.objects.select_related("recipient")
    found = [
        *rows.filter(message_id__in=report.message_ids),
        *rows.filter(mail_id__in=report.message_ids).exclude(mail_id=""),
    ]
    return list({row.mail_id or row.message_id: row for row in found}.values())


def _failure_about(address: str, report: Report) -> Failure | None:
    """Return what a report says about an address; "" where it speaks of one sealed mail."""
    for failure in report.failures:
        if not address or address in failure.addresses or address in report.sent_to:
            return failure
    return None


def take_event(sender: Any, event: Any, **kwargs: Any) -> None:
    """Take what the provider that sends for us tells: it came back, or it was not wanted."""
    metadata = event.metadata or {}
    message = message_named(str(metadata.get("mail", "")))
    recipient = str(event.recipient or "").strip().lower()
    if message is None or recipient != message.recipient.email.lower():
        return
    now = timezone.now()
    if event.event_type == "complained" or event.reject_reason == "spam":
        services.take_complaint(message=message, now=now)
    elif event.event_type == "unsubscribed" or event.reject_reason == "unsubscribed":
        services.take_unsubscribe(message=message, now=now)
    elif event.event_type in GIVEN_UP:
        words = clean(str(event.mta_response or event.description or ""))
        status = status_in(words) or _status_unsaid(event)
        services.take_return(message=message, status=status, answer=words or status, now=now)


def _status_unsaid(event: Any) -> str:
    """Return a code for an event whose words hold none."""
    told = event.esp_event if hasattr(event.esp_event, "get") else {}
    names = f"{told.get('Type', '')} {told.get('event', '')}".lower()
    if "soft" in names or told.get("hard_bounce") is False:
        return "4.0.0"
    return "5.0.0" if event.reject_reason in GONE else STATUS_UNSAID
