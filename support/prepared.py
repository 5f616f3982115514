"""What is prepared for each kind of thing to do: a message to approve, a call, a new match."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.clock import local_day, zone
from support.announcing import Template
from support.models import WorkItem, WorkKind

CALL_AT, CALL_MINUTES = time(10), 20
# Kinds for which a search for a new match is a next step.
SEARCHES = frozenset(
    {
        WorkKind.MISFIT,
        WorkKind.LEAVING,
        WorkKind.EXTERNAL,
        WorkKind.COVER,
        WorkKind.REMATCH,
        WorkKind.UNMATCHED,
    }
)
NO_LETTER = frozenset({WorkKind.MAIL, WorkKind.LINE, WorkKind.ASKED_LINE})

LETTERS: Mapping[str, Template] = {
    WorkKind.HELP: Template(
        gettext_lazy("Shall we talk?"),
        gettext_lazy("I would like to hear how it goes. When could I call you?\n\n{manager}"),
    ),
    WorkKind.MISFIT: Template(
        gettext_lazy("Ten minutes about your match"),
        gettext_lazy(
            "I would like to hear from you how it goes, between us two. Ten minutes are enough, "
            "and everything is possible: going on, going on differently, or a new match. When "
            "could I call you?\n\n{manager}"
        ),
    ),
    WorkKind.LEAVING: Template(
        gettext_lazy("How your match goes on"),
        gettext_lazy(
            "Your match changes soon. I take care that you can go on with what you work on, and "
            "call you this week to hear what you would like.\n\n{manager}"
        ),
    ),
    WorkKind.COVER: Template(
        gettext_lazy("While your match rests"),
        gettext_lazy(
            "Your match with {partner} rests for a while. Would you like somebody to stand in, or "
            "shall it wait? Both are fine.\n\n{manager}"
        ),
    ),
    WorkKind.REMATCH: Template(
        gettext_lazy("Your next match"),
        gettext_lazy(
            "We are looking for somebody new for you. Tell me if your wishes have changed; you "
            "hear from me within two weeks.\n\n{manager}"
        ),
    ),
    WorkKind.STALLED: Template(
        gettext_lazy("Begin again with {partner}?"),
        gettext_lazy(
            "You and {partner} have not met for a while. That happens. Offer two times for the "
            "next two weeks, and it goes on; or tell me if a pause or an end would be better. "
            "Each is fine.\n\n{manager}"
        ),
    ),
    WorkKind.OVERLOAD: Template(
        gettext_lazy("Is it too much?"),
        gettext_lazy(
            "You mentor more people at once than most of us could. Would you like me to take "
            "somebody over, or to give you no one new for a while?\n\n{manager}"
        ),
    ),
    WorkKind.EXTERNAL: Template(
        gettext_lazy("Your account ends soon"),
        gettext_lazy(
            "You and {partner} go on longer than your account works. Shall I prolong it, or do "
            "you two come to a good end before that day? Both are fine.\n\n{manager}"
        ),
    ),
    WorkKind.UNMATCHED: Template(
        gettext_lazy("Where we stand with your mentor"),
        gettext_lazy(
            "We are still looking for the mentor who fits you. You hear from me within two "
            "weeks. Tell me if your wishes have changed.\n\n{manager}"
        ),
    ),
    WorkKind.OVERDUE: Template(
        gettext_lazy("Are you and {partner} well?"),
        gettext_lazy(
            "Our last questions had no answer, and that is fine. One line tells me enough: does "
            "it go well, or shall I help?\n\n{manager}"
        ),
    ),
    WorkKind.NO_GOALS: Template(
        gettext_lazy("One goal is enough to begin"),
        gettext_lazy(
            "You and {partner} have no shared goal yet. One clear goal is enough; you can change "
            "it at any time. Take ten minutes of your next meeting for it.\n\n{manager}"
        ),
    ),
}


def letter_for(item: WorkItem) -> Template | None:
    """Return the words to start from, or None where a mail is not what helps."""
    kind = WorkKind(item.kind)
    return None if kind in NO_LETTER else LETTERS[kind]


def leads_to_search(item: WorkItem) -> bool:
    return WorkKind(item.kind) in SEARCHES


def call_entry(item: WorkItem, *, title: str, user: User, now: datetime) -> bytes:
    """Return a calendar entry for a short call on the next working day at ten, as iCalendar.

    It names who to call and nothing of why; nobody is invited by it.
    """
    day = local_day(now, user.time_zone) + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    start = datetime.combine(day, CALL_AT, tzinfo=zone(user.time_zone))
    end = start + timedelta(minutes=CALL_MINUTES)
    summary = _("Call %(names)s") % {"names": title}
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Alongside//Support//EN",
        "BEGIN:VEVENT",
        f"UID:work-{item.pk}-{day.isoformat()}@{settings.BASE_URL.partition('//')[2]}",
        f"DTSTAMP:{_utc(now)}",
        f"DTSTART:{_utc(start)}",
        f"DTEND:{_utc(end)}",
        f"SUMMARY:{_escaped(summary)}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
    return "\r\n".join(lines).encode()


def _utc(moment: datetime) -> str:
    return moment.astimezone(zone("UTC")).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    for char in ("\\", ";", ","):
        text = text.replace(char, f"\\{char}")
    return " ".join(text.split())
