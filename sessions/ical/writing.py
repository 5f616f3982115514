"""Write events. The same entries give the same bytes, so that a feed can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from django.conf import settings
from icalendar import Calendar, Event, vCalAddress, vText
from icalendar.prop import vRecur

from sessions.ical.zones import timezone_part

REFRESH = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """A series: its rule, the days that are left out, and the zone whose clock it keeps."""

    rule: str
    zone: ZoneInfo
    left_out: tuple[datetime, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One event as one person's calendar shows it. Nothing private stands in it."""

    uid: str
    sequence: int
    stamp: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str = ""
    url: str = ""
    is_cancelled: bool = False
    attendee: str = ""
    has_accepted: bool = True
    answers_to: str = ""
    organiser_name: str = ""
    repeat: Repeat | None = None
    replaces: datetime | None = None
    replaces_zone: ZoneInfo | None = None


def write_calendar(entries: Sequence[Entry], *, method: str = "", name: str = "") -> bytes:
    """Return a calendar with these events; ``method`` makes it an invitation (RFC 5546)."""
    calendar = Calendar()
    calendar.add("prodid", "-//Alongside//Meetings//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    if method:
        calendar.add("method", method)
    if name:
        calendar.add("name", name)
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")
    for zone, start in _zones(entries).items():
        calendar.add_component(timezone_part(zone, start))
    for entry in entries:
        calendar.add_component(_event(entry))
    written: bytes = calendar.to_ical()
    return written


def _zones(entries: Sequence[Entry]) -> dict[ZoneInfo, datetime]:
    """Return each zone that a series needs, with the first moment it is needed for."""
    zones: dict[ZoneInfo, datetime] = {}
    for entry in entries:
        zone = entry.repeat.zone if entry.repeat else entry.replaces_zone
        if zone is not None:
            zones[zone] = min(entry.starts_at, zones.get(zone, entry.starts_at))
    return zones


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", entry.stamp.astimezone(UTC))
    event.add("last-modified", entry.stamp.astimezone(UTC))
    event.add("sequence", entry.sequence)
    zone = entry.repeat.zone if entry.repeat else entry.replaces_zone or UTC
    event.add("dtstart", entry.starts_at.astimezone(zone))
    event.add("dtend", entry.ends_at.astimezone(zone))
    if entry.repeat is not None:
        event.add("rrule", vRecur.from_ical(entry.repeat.rule))
        for moment in entry.repeat.left_out:
            event.add("exdate", moment.astimezone(zone))
    if entry.replaces is not None:
        event.add("recurrence-id", entry.replaces.astimezone(zone))
    event.add("summary", entry.summary)
    if entry.description:
        event.add("description", entry.description)
    if entry.url:
        event.add("url", entry.url)
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if entry.is_cancelled else "OPAQUE")
    event.add("class", "PRIVATE")
    if entry.attendee:
        _people(event, entry)
    return event


def _people(event: Event, entry: Entry) -> None:
    """Name the product as organiser and the reader alone as guest.

    They answer on the page; where answers by mail are taken in, also by their calendar.
    """
    sender = entry.answers_to or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    organiser = vCalAddress(f"mailto:{sender}")
    organiser.params["CN"] = vText(entry.organiser_name or settings.ORGANISATION_NAME)
    event.add("organizer", organiser)
    guest = vCalAddress(f"mailto:{entry.attendee}")
    guest.params["ROLE"] = vText("REQ-PARTICIPANT")
    guest.params["PARTSTAT"] = vText("ACCEPTED" if entry.has_accepted else "NEEDS-ACTION")
    guest.params["RSVP"] = vText("TRUE" if entry.answers_to else "FALSE")
    event.add("attendee", guest)
