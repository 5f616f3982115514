"""Sentences of the home page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from core.clock import zone
from core.errors import DomainError
from core.names import listed
from goals.selectors import GoalCard
from home.sheet import OwnEnrolment, OwnMatch, Step
from sessions.selectors import Partnered

BEGINNING_MEETINGS = 3


def greeting(user: User, now: datetime) -> str:
    """Greet by the time of day where the person is."""
    hour = now.astimezone(zone(user.time_zone)).hour
    name = user.get_short_name()
    if 4 <= hour < 12:
        return _("Good morning, %(name)s") % {"name": name}
    if 12 <= hour < 18:
        return _("Good afternoon, %(name)s") % {"name": name}
    return _("Good evening, %(name)s") % {"name": name}


def lede(enrolment: OwnEnrolment, today: date) -> str:
    """Say in one line how the person's matches do."""
    matches = enrolment.open_matches
    if not matches:
        return ""
    if enrolment.status == "paused":
        return _resting(enrolment.pause_until)
    if len(matches) > 1:
        return ngettext(
            "You mentor %(count)d person in this cohort.",
            "You mentor %(count)d people in this cohort.",
            len(matches),
        ) % {"count": len(matches)}
    match = matches[0]
    if rests := rest_words(match, match.status, enrolment.role):
        return rests
    names = {"name": match.short_names, "count": match.meeting_count}
    if not match.meeting_count:
        return _("You and %(name)s have not met yet. Most pairs meet within ten days.") % names
    sentence = (
        ngettext(
            "You and %(name)s have met once so far.",
            "You and %(name)s have met %(count)d times so far.",
            match.meeting_count,
        )
        % names
    )
    due_on = (
        match.last_met_on + timedelta(days=enrolment.rhythm_days) if match.last_met_on else None
    )
    on_pace = due_on and due_on >= today
    pace = _("That is right on pace.") if on_pace else _("It is time for the next one.")
    return f"{sentence} {pace}"


def _resting(until: date | None) -> str:
    if until is None:
        return _("You are resting. Nobody reminds you of anything.")
    return _("You are resting until %(day)s. Nobody reminds you of anything.") % {
        "day": date_format(until, "DATE_FORMAT")
    }


def rest_words(match: Partnered, status: str, role: str) -> str:
    """Say that a match rests and until when; "" while it goes on. Never why.

    ``role`` is the reader's own. In a circle it rests when everybody on one side is away.
    """
    if status == "ended":
        return ""
    if status == "paused":
        return _("Your match rests for now.")
    if not match.rests_for(role):
        return ""
    names = listed([partner.short_name for partner in match.away])
    days = {partner.away_until for partner in match.away}
    until = days.pop() if len(days) == 1 else None
    if until is None:
        return ngettext(
            "%(names)s is away for now. Your match rests meanwhile.",
            "%(names)s are away for now. Your match rests meanwhile.",
            len(match.away),
        ) % {"names": names}
    return ngettext(
        "%(names)s is away until %(day)s. Your match rests meanwhile.",
        "%(names)s are away until %(day)s. Your match rests meanwhile.",
        len(match.away),
    ) % {"names": names, "day": date_format(until, "DATE_FORMAT")}


def away_then(match: Partnered, day: date) -> str:
    """Say who is away on the day of a planned meeting; "" where everybody is there."""
    names = [partner.short_name for partner in match.partners if partner.is_away_on(day)]
    if not names:
        return ""
    return ngettext(
        "%(names)s is away on that day. Move the meeting, or cancel it.",
        "%(names)s are away on that day. Move the meeting, or cancel it.",
        len(names),
    ) % {"names": listed(names)}


def first_step_words(match: OwnMatch) -> str:
    """Say what waits for the person at the beginning of a match; "" when nothing does."""
    if match.status != "active" or match.meeting_count >= BEGINNING_MEETINGS:
        return ""
    return {
        "confirm": _("Say yes to each other, compare what you expect, agree how you work."),
        "expectations": _("Say what you expect, five minutes. Then you see both sides."),
        "agreement": _("Your agreement waits for you: how you meet, and what stays between you."),
    }.get(match.first_step, "")


@dataclass(frozen=True)
class StatusWords:
    """Where somebody is, what happens next, and when."""

    title: str
    text: str


def status_words(enrolment: OwnEnrolment, today: date) -> StatusWords:
    """Say where the person stands in the cohort."""
    contact = enrolment.contact_name or _("Your program manager")
    start = date_format(enrolment.starts_on, "DATE_FORMAT")
    closes = date_format(enrolment.enrolment_closes_on, "DATE_FORMAT")
    before = _words_before_in(enrolment, contact, closes)
    if before is not None:
        return before
    if any(not match.is_open for match in enrolment.matches):
        return StatusWords(
            _("Your match has ended"),
            _("Thank you for the time you gave it. %(contact)s can tell you about a next one.")
            % {"contact": contact},
        )
    if enrolment.cohort_status == "enrolling":
        return StatusWords(
            _("You are in"),
            _(
                "Others can still join until %(closes)s. "
                "Then people are paired; we start on %(start)s."
            )
            % {"closes": closes, "start": start},
        )
    if enrolment.cohort_status == "pairing":
        return StatusWords(
            _("Your match is on its way"),
            _("%(contact)s reviews every pair by hand. We start on %(start)s.")
            % {"contact": contact, "start": start},
        )
    if enrolment.cohort_status == "active":
        return StatusWords(
            _("You are not matched yet"),
            _("%(contact)s pairs late joiners as soon as somebody fits.") % {"contact": contact},
        )
    return StatusWords(
        _("This cohort has ended"),
        _("It ran until %(end)s.") % {"end": date_format(enrolment.ends_on, "DATE_FORMAT")},
    )


def phase_to_review(enrolment: OwnEnrolment, goals: Sequence[GoalCard], today: date) -> Step | None:
    """Return the phase that asks to look at one's goals: begun since they were set, not done."""
    phase = enrolment.phase(today)
    if phase is None or phase.is_reviewed or phase == enrolment.phases[0]:
        return None
    older = (card.is_mine and card.goal.created_at.date() < phase.starts_on for card in goals)
    return phase if any(older) else None


def _words_before_in(enrolment: OwnEnrolment, contact: str, closes: str) -> StatusWords | None:
    """Say where somebody stands who has no place, or rests."""
    if enrolment.offer_until is not None:
        return StatusWords(
            _("A place is free for you"),
            _("It is kept for you until %(moment)s.") % {"moment": _moment(enrolment.offer_until)},
        )
    if enrolment.status == "waitlisted":
        return StatusWords(
            _("You are on the waitlist"),
            _("We write to you as soon as a place is free, and keep it for you for a while."),
        )
    if enrolment.status == "paused":
        return StatusWords(_("You are paused"), _paused(enrolment.pause_until))
    if enrolment.status == "invited":
        return StatusWords(
            _("You are invited"),
            _("Answer a few questions, and you are in. They take about ten minutes."),
        )
    if enrolment.status == "applied":
        return StatusWords(
            _("Your sign-up is in good hands"),
            _(
                "%(contact)s looks at every sign-up and writes to you either way. "
                "Enrolment closes on %(closes)s."
            )
            % {"contact": contact, "closes": closes},
        )
    return None


def _paused(until: date | None) -> str:
    if until is None:
        return _("Nobody is reminded of anything. Come back whenever you like.")
    return _("Nobody is reminded of anything. You are back by yourself after %(day)s.") % {
        "day": date_format(until, "DATE_FORMAT")
    }


def _moment(moment: datetime) -> str:
    return date_format(localtime(moment), "DATETIME_FORMAT")


NO_WORDS, OWN_WORDS = "none", "own"


def farewells(names: str) -> list[str]:
    """Return words that one may leave those one was matched with, to choose from or to change."""
    return [
        _("%(names)s, thank you for your time. I have to make room for other things now.")
        % {"names": names},
        _("%(names)s, thank you. I think that somebody else can give you more than I can.")
        % {"names": names},
        _("%(names)s, thank you for what we did together. I wish you well.") % {"names": names},
    ]


def farewell_of(sent: Mapping[str, Any]) -> str:
    """Return the words that somebody chose or wrote; "" where they chose none.

    Raises:
        DomainError: they would write their own, and wrote nothing.
    """
    chosen = str(sent.get("farewell", ""))
    if chosen == OWN_WORDS:
        own = str(sent.get("words", ""))
        if not own.strip():
            raise DomainError(
                _("Write your own words, or choose others, or none."), code="no_words"
            )
        return own
    return "" if chosen == NO_WORDS else chosen
