"""Mail that a provider hands in: answers of calendars, and nothing else."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from icalendar import Calendar

from sessions.answer_addresses import person_answering
from sessions.services.answering import CalendarAnswer, take_answer

logger = logging.getLogger(__name__)
LARGEST_PART = 100_000  # bytes; an answer has about one thousand


def take_mail(sender: Any, event: Any, **kwargs: Any) -> None:
    """Take the answers in one mail; whatever is not an answer of a calendar is left unread."""
    message = event.message
    addresses = [found.addr_spec for found in (*message.to, *message.cc)]
    if message.envelope_recipient:
        addresses.append(message.envelope_recipient)
    for answer in answers_in(message):
        people = (person_answering(address, answer.uid) for address in addresses)
        person = next((found for found in people if found is not None), None)
        done = ""
        if person is not None:
            done = take_answer(answer=answer, actor=person, now=timezone.now())
        logger.info("An answer to %s: %s", answer.uid, done or "nothing to do")


def answers_in(message: Any) -> Iterator[CalendarAnswer]:
    """Yield what the calendar parts of a mail answer; parts that cannot be read are left out."""
    for part in message.walk():
        if part.get_content_type() not in ("text/calendar", "application/ics"):
            continue
        content = part.get_payload(decode=True) or b""
        if len(content) > LARGEST_PART:
            continue
        try:
            calendar = Calendar.from_ical(content)
            if str(calendar.get("METHOD", "")).upper() == "REPLY":
                yield from [_answer(event) for event in calendar.walk("VEVENT")]
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            logger.info("A calendar part could not be read: %s", type(error).__name__)


def _answer(event: Any) -> CalendarAnswer:
    guest = event["ATTENDEE"]
    guest = guest[0] if isinstance(guest, list) else guest
    replaces = event["RECURRENCE-ID"].dt if "RECURRENCE-ID" in event else None
    if isinstance(replaces, datetime):
        replaces = replaces.astimezone(UTC)
    elif replaces is not None:
        raise ValueError("A day of a series is named by its moment.")
    return CalendarAnswer(
        uid=uuid.UUID(str(event["UID"])),
        sequence=int(event.get("SEQUENCE", 0)),
        is_declined=str(guest.params.get("PARTSTAT", "")).upper() == "DECLINED",
        comment=str(event.get("COMMENT", "")),
        replaces=replaces,
    )
