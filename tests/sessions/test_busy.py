"""Busy times out of a private calendar: where it may be fetched from, and what is kept."""

from __future__ import annotations

import datetime as dt
import http.server
import ipaddress
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from django.db import connection
from django.urls import reverse
from icalendar import Calendar

from core.errors import DomainError
from sessions.fetching import CannotFetch, fetch_calendar, is_public
from sessions.ical.reading import CannotRead, busy_times
from sessions.models import BusyCalendar, BusyFault, BusyTime
from sessions.selectors import people_of_match, suggestions_for
from sessions.services import (
    busy_calendars_due,
    read_busy_calendar,
    remove_busy_calendar,
    set_busy_calendar,
)
from tests.conftest import NOW
from tests.tls_site import tls_site

BERLIN = ZoneInfo("Europe/Berlin")
URL = "https://calendar.example.org/private/zebra.ics"
BEGINS, ENDS = NOW - timedelta(days=1), NOW + timedelta(days=60)


def calendar(*events: str) -> bytes:
    body = "".join(f"BEGIN:VEVENT\r\n{event.strip()}\r\nEND:VEVENT\r\n" for event in events)
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n{body}END:VCALENDAR\r\n"
    return text.replace("\n", "\r\n").replace("\r\r", "\r").encode()


def read(content: bytes, **more) -> list[tuple[str, str]]:
    given = {"zone": BERLIN, "begins": BEGINS, "ends": ENDS, "most": 500, **more}
    return [(f"{a:%m-%d %H:%M}", f"{b:%H:%M}") for a, b in busy_times(content, **given)]


ONCE = "UID:1\nDTSTART:20261124T140000Z\nDTEND:20261124T150000Z\nSUMMARY:zebra-title"


# --- What is read ---------------------------------------------------------------------------------
def test_ordinary_event_is_a_busy_time():
    assert read(calendar(ONCE)) == [("11-24 14:00", "15:00")]


@pytest.mark.parametrize(
    "line",
    ["STATUS:CANCELLED", "TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"],
)
def test_event_that_leaves_its_owner_free_does_not_count(line):
    assert read(calendar(f"{ONCE}\n{line}")) == []


def test_time_without_zone_is_the_owners():
    floating = "UID:1\nDTSTART:20261124T140000\nDURATION:PT30M"

    assert read(calendar(floating)) == [("11-24 13:00", "13:30")]


def test_whole_day_counts_only_where_the_calendar_says_busy():
    day = "UID:1\nDTSTART;VALUE=DATE:20261124\nDTEND;VALUE=DATE:20261125"

    assert read(calendar(day)) == []
    assert read(calendar(f"{day}\nTRANSP:OPAQUE")) == [("11-23 23:00", "23:00")]


def test_overlapping_and_touching_times_are_joined():
    second = "UID:2\nDTSTART:20261124T143000Z\nDTEND:20261124T160000Z"
    third = "UID:3\nDTSTART:20261124T160000Z\nDTEND:20261124T163000Z"

    assert read(calendar(ONCE, second, third)) == [("11-24 14:00", "16:30")]


REPEATING = """UID:9
DTSTART;TZID=Europe/Berlin:20261020T090000
DTEND;TZID=Europe/Berlin:20261020T100000
RRULE:FREQ=WEEKLY;UNTIL=20261215T235959Z
EXDATE;TZID=Europe/Berlin:20261201T090000"""
MOVED = """UID:9
RECURRENCE-ID;TZID=Europe/Berlin:20261208T090000
DTSTART;TZID=Europe/Berlin:20261208T150000
DTEND;TZID=Europe/Berlin:20261208T160000"""


def test_repeating_event_is_followed_with_its_exceptions():
    assert read(calendar(REPEATING, MOVED)) == [
        ("11-24 08:00", "09:00"),
        ("12-08 14:00", "15:00"),
        ("12-15 08:00", "09:00"),
    ]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;COUNT=50",
        "FREQ=WEEKLY;BYDAY=MO,WE,FR",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
        "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=YEARLY;UNTIL=20291231",
    ],
)
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Pacific/Auckland"])
def test_rule_gives_what_an_independent_reader_reads(rule, zone):
    event = (
        f"UID:1\nDTSTART;TZID={zone}:20251013T101500\nDTEND;TZID={zone}:20251013T110000\n"
        f"RRULE:{rule}"
    )
    content = calendar(event)

    events = recurring_ical_events.of(Calendar.from_ical(content)).between(BEGINS, ENDS)

    assert busy_times(content, zone=BERLIN, begins=BEGINS, ends=ENDS, most=500) == sorted(
        (one["DTSTART"].dt.astimezone(UTC), one["DTEND"].dt.astimezone(UTC)) for one in events
    )


@pytest.mark.parametrize(
    "rule", ["FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=HOURLY", "FREQ=DAILY;INTERVAL=0"]
)
def test_rule_that_would_run_for_ever_is_not_followed(rule):
    started = time.monotonic()

    assert read(calendar(f"{ONCE}\nRRULE:{rule}")) == [("11-24 14:00", "15:00")]
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "content", [b"", b"<html>Sign in</html>", b"\xff\xfe\x00", b"BEGIN:VCARD\r\nEND:VCARD\r\n"]
)
def test_what_is_no_calendar_is_refused(content):
    with pytest.raises(CannotRead) as refusal:
        read(content)

    assert refusal.value.fault == BusyFault.NOT_CALENDAR


def test_broken_event_beside_a_good_one_keeps_nobody_busy():
    broken = "UID:2\nDTSTART:20261124T140000Z\nDTEND:20251124T140000Z"
    odd = "UID:3\nDTSTART:20261125T140000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=XX"

    assert ("11-24 14:00", "15:00") in read(calendar(broken, odd, ONCE))


def test_more_times_than_anybody_has_are_refused():
    events = [
        f"UID:{number}\nDTSTART:202611{24 + number // 20:02}T{number % 20:02}0000Z\nDURATION:PT1M"
        for number in range(60)
    ]

    with pytest.raises(CannotRead) as refusal:
        read(calendar(*events), most=10)
    assert refusal.value.fault == BusyFault.TOO_BIG


# --- Where it is fetched --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 (an address that is refused)
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_only_the_open_internet_is_spoken_to(address, expected):
    assert is_public(address) is expected


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers by path."""

    def do_GET(self) -> None:
        name = self.path.strip("/")
        if name == "moved":
            self._say(302, b"", Location="/good.ics")
        elif name == "inward":
            self._say(302, b"", Location="https://inside.example.org/secret")
        elif name == "plain":
            self._say(302, b"", Location="http://calendar.example.org/good.ics")
        elif name == "loop":
            self._say(302, b"", Location="/loop")
        elif name == "big":
            self._say(200, b"x" * (2 * 1024 * 1024 + 1))
        elif name == "slow":
            self._drip()
        elif name.isdigit():
            self._say(int(name), b"")
        else:
            self._say(200, calendar(ONCE))

    def _drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        for _turn in range(40):
            self.wfile.write(b"B")
            self.wfile.flush()
            time.sleep(0.1)

    def _say(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[tuple[int, ssl.SSLContext]]:
    """Run an https server for calendar.example.org; return its port and whom to trust."""
    with tls_site(tmp_path_factory.mktemp("tls"), "calendar.example.org", _Handler) as site:
        yield site


@pytest.fixture
def get(site) -> Callable[..., bytes]:
    """Return a fetch from that server, to which every known name leads."""
    port, trust = site

    def get(path: str, host: str = "calendar.example.org", seconds: float = 5) -> bytes:
        names = {"calendar.example.org": ["127.0.0.1"], "inside.example.org": ["10.0.0.7"]}

        def allows(address: str) -> bool:
            return ipaddress.ip_address(address).is_loopback

        return fetch_calendar(
            f"https://{host}:{port}/{path}",
            resolve=lambda name, _port: names.get(name, ["127.0.0.1"]),
            allows=allows,
            context=trust,
            seconds=seconds,
        )

    return get


def test_calendar_is_fetched_and_redirects_are_followed(get):
    assert get("good.ics") == calendar(ONCE)
    assert get("moved") == calendar(ONCE)


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("inward", BusyFault.ADDRESS),
        ("plain", BusyFault.ADDRESS),
        ("loop", BusyFault.UNREACHABLE),
        ("big", BusyFault.TOO_BIG),
        ("404", BusyFault.NOT_FOUND),
        ("410", BusyFault.NOT_FOUND),
        ("401", BusyFault.REFUSED),
        ("403", BusyFault.REFUSED),
        ("500", BusyFault.UNREACHABLE),
    ],
)
def test_what_cannot_be_fetched_says_why(get, path, fault):
    with pytest.raises(CannotFetch) as refusal:
        get(path)

    assert refusal.value.fault == fault


def test_dripping_server_is_left_at_the_deadline(get):
    started = time.monotonic()
    with pytest.raises(CannotFetch) as refusal:
        get("slow", seconds=0.7)

    assert refusal.value.fault == BusyFault.UNREACHABLE
    assert time.monotonic() - started < 3


def test_certificate_of_another_name_is_not_believed(get):
    with pytest.raises(CannotFetch) as refusal:
        get("good.ics", host="elsewhere.example.org")

    assert refusal.value.fault == BusyFault.UNREACHABLE


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x.ics",
        "https://[::1]/x.ics",
        "https://localhost/x.ics",
        "https://169.254.169.254/latest/meta-data",
        "http://example.org/x.ics",
        "file:///etc/passwd",
        "https://user:word@example.org/x.ics",
        "https://",
    ],
)
def test_address_inside_or_without_tls_is_never_called(url):
    with pytest.raises(CannotFetch) as refusal:
        fetch_calendar(url)

    assert refusal.value.fault == BusyFault.ADDRESS


def test_name_with_one_private_address_among_public_ones_is_refused():
    with pytest.raises(CannotFetch) as refusal:
        fetch_calendar(URL, resolve=lambda name, port: ["93.184.216.34", "10.0.0.7"])

    assert refusal.value.fault == BusyFault.ADDRESS


# --- What is kept ---------------------------------------------------------------------------------
@pytest.fixture
def busy(cast) -> BusyCalendar:
    return set_busy_calendar(person=cast.mentee, url=URL, now=NOW)


def take(busy: BusyCalendar, content: bytes, now: datetime = NOW) -> BusyCalendar:
    read_busy_calendar(pk=str(busy.pk), now=now, fetch=lambda url: content)
    busy.refresh_from_db()
    return busy


def test_nothing_but_times_is_kept(cast, busy):
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return calendar(ONCE)

    assert read_busy_calendar(pk=str(busy.pk), now=NOW, fetch=fetch) is True

    assert asked == [URL]
    (kept,) = BusyTime.objects.all()
    assert kept.during.lower == datetime(2026, 11, 24, 14, tzinfo=UTC)
    busy.refresh_from_db()
    assert (busy.read_at, busy.fault) == (NOW, "")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b::text || c::text FROM meetings_busytime b, meetings_busycalendar c"
        )
        (row,) = cursor.fetchone()
    assert "zebra" not in row
    assert b"zebra".hex() not in row


def test_times_are_replaced_as_a_whole(busy):
    take(busy, calendar(ONCE))
    other = "UID:2\nDTSTART:20261126T140000Z\nDTEND:20261126T150000Z"

    take(busy, calendar(other), now=NOW + timedelta(hours=2))

    (kept,) = BusyTime.objects.all()
    assert kept.during.lower.day == 26


def test_fault_is_kept_for_its_owner_and_known_times_stay(busy):
    take(busy, calendar(ONCE))
    later = NOW + timedelta(hours=2)

    take(busy, b"<html>", now=later)

    assert busy.fault == BusyFault.NOT_CALENDAR
    assert busy.next_read_at > later
    assert BusyTime.objects.count() == 1


def test_calendar_is_read_when_due_and_by_one_worker(busy):
    assert busy_calendars_due(now=NOW) == [str(busy.pk)]
    take(busy, calendar(ONCE))

    assert busy_calendars_due(now=NOW) == []
    assert read_busy_calendar(pk=str(busy.pk), now=NOW, fetch=lambda url: b"") is False
    assert busy_calendars_due(now=NOW + timedelta(hours=1)) == [str(busy.pk)]


def test_calendar_removed_while_it_is_read_stays_removed(cast, busy):
    def fetch(url: str) -> bytes:
        remove_busy_calendar(person=cast.mentee, now=NOW)
        return calendar(ONCE)

    read_busy_calendar(pk=str(busy.pk), now=NOW, fetch=fetch)

    assert not BusyCalendar.objects.exists()
    assert not BusyTime.objects.exists()


def test_removing_forgets_everything(cast, busy):
    take(busy, calendar(ONCE))

    assert remove_busy_calendar(person=cast.mentee, now=NOW) is True
    assert remove_busy_calendar(person=cast.mentee, now=NOW) is False
    assert not BusyTime.objects.exists()


def test_webcal_is_https_and_anything_else_is_refused(cast):
    found = set_busy_calendar(person=cast.mentee, url="webcal://example.org/a.ics", now=NOW)
    assert found.url == "https://example.org/a.ics"

    for url in ("http://example.org/a.ics", "ftp://example.org", "a.ics", ""):
        with pytest.raises(DomainError) as refusal:
            set_busy_calendar(person=cast.mentee, url=url, now=NOW)
        assert refusal.value.field == "url"


def test_busy_time_of_either_is_never_suggested(cast, busy):
    people = people_of_match(cast.match)
    before = suggestions_for(cast.mentor, people, now=NOW, minutes=60)
    taken = before[0].starts_at
    event = f"UID:1\nDTSTART:{taken:%Y%m%dT%H%M%SZ}\nDURATION:PT1H"

    take(busy, calendar(event))

    after = suggestions_for(cast.mentor, people, now=NOW, minutes=60)
    hour = dt.timedelta(hours=1)
    assert all(abs(one.starts_at - taken) >= hour for one in after)


def test_setting_switches_it_all_off(cast, busy, settings):
    settings.BUSY_CALENDARS = False

    assert busy_calendars_due(now=NOW) == []
    with pytest.raises(DomainError) as refusal:
        set_busy_calendar(person=cast.mentor, url=URL, now=NOW)
    assert refusal.value.code == "off"
    page = cast.client("mentee").get(reverse("meetings:calendar")).content.decode()
    assert "When you are busy" not in page
