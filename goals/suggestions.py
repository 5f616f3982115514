"""The suggested goals that are delivered with the product, until a program has its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from goals.models import GoalSuggestion
from participants.models import MemberRole
from programs.models import Program

MENTEE, MENTOR = MemberRole.MENTEE.value, MemberRole.MENTOR.value


@dataclass(frozen=True)
class Suggestion:
    """A goal to start from."""

    key: str
    audience: str
    title: str | Promise
    why: str | Promise
    measure: str | Promise


_DELIVERED = (
    Suggestion(
        "next-role",
        MENTEE,
        _("Be ready for my next role"),
        _("I want to know what it takes, and not wait to be asked."),
        _("I can name the three skills that are missing, and have practised each of them."),
    ),
    Suggestion(
        "be-heard",
        MENTEE,
        _("Be heard in meetings with senior people"),
        _("My ideas come up too late, or through somebody else."),
        _("I have made one proposal of my own in each of four such meetings."),
    ),
    Suggestion(
        "feedback",
        MENTEE,
        _("Give feedback that people can use"),
        _("I avoid it until it is too late, and then it comes out too hard."),
        _("I have given it to five people, and asked each how it arrived."),
    ),
    Suggestion(
        "network",
        MENTEE,
        _("Know people outside my own team"),
        _("Most of what I need to know is known somewhere else."),
        _("I have talked with six people of other departments, and know what each works on."),
    ),
    Suggestion(
        "first-lead",
        MENTEE,
        _("Lead a project for the first time"),
        _("I want to learn it on something small, with somebody to ask."),
        _("The project has a plan, an owner for each part, and a review at its end."),
    ),
    Suggestion(
        "balance",
        MENTEE,
        _("Keep my week within its hours"),
        _("I want to do this work for a long time, and well."),
        _("In eight of ten weeks I stop when I said I would."),
    ),
    Suggestion(
        "listen",
        MENTOR,
        _("Listen longer before I advise"),
        _("People find better answers when they find them themselves."),
        _("In each talk I ask three questions before I suggest anything."),
    ),
    Suggestion(
        "other-view",
        MENTOR,
        _("See our organisation through somebody else’s eyes"),
        _("What I take for granted may stand in somebody’s way."),
        _("I can name three things that I have changed because of what I heard."),
    ),
    Suggestion(
        "new-skill",
        MENTOR,
        _("Learn something from my mentee"),
        _("They are better at some things than I am."),
        _("I use one of them in my own work without asking again."),
    ),
    Suggestion(
        "delegate",
        MENTOR,
        _("Let others do what I hold on to"),
        _("Nobody grows by watching me do it."),
        _("Three tasks that were mine are now done by others, without me in between."),
    ),
)


def delivered() -> Sequence[Suggestion]:
    """Return what comes with the product, in the language that is active."""
    return _DELIVERED


def suggestions_for(program: Program, *, role: str) -> list[Suggestion]:
    """Return what a program offers to mentors or to mentees. One query."""
    rows = list(GoalSuggestion.objects.filter(program=program))
    own = [Suggestion(str(row.pk), row.audience, row.title, row.why, row.measure) for row in rows]
    return [offer for offer in own or _DELIVERED if offer.audience == role]
