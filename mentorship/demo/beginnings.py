"""How the matches of the demo began: one all the way, others half-way."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import User
from matching.beginning import beginning_of, comparison
from matching.drafting import clauses_of, draft_of
from matching.models import Match
from matching.sealed import Answers
from matching.services.agreement import sign_agreement, write_agreement
from matching.services.beginning import confirm_match, save_expectations
from matching.services.thread import mark_read, write_message
from mentorship.demo.cohorts import moment

MENTEE: Answers = {
    "rhythm": "Every two weeks",
    "length": "45 minutes",
    "place": "By video",
    "reach": ["Messages here", "E-mail"],
    "reply": "Within two days",
    "lead": "The mentee",
    "feedback": "Straight away and plainly",
    "limits": "I keep Fridays free of meetings.",
    "confidentiality": "Nothing, unless we both say so",
    "goal": "I would like to lead a project of my own and sleep well while I do.",
    "ending": "With a last meeting",
}
MENTOR: Answers = {
    **MENTEE,
    "length": "60 minutes",
    "reach": ["Messages here"],
    "reply": "Within a week",
    "limits": "I am on the road a lot. I do not correct documents.",
    "goal": "You lead a project that people remember, and need me less each month.",
}
AGREED = {
    "rhythm": "We meet every two weeks for 45 minutes, by video; once a quarter for a whole hour.\n"
    "In between we write here. Daniel answers within a week.",
    "boundaries": "Priya brings the topics. Feedback is plain and kind. No meetings on Fridays.\n"
    "Daniel does not correct documents.",
    "goals": "Priya leads a project of her own that people remember.",
}


def begin_well(match: Match, *, mentor: User, mentee: User) -> None:
    """Say yes, compare, agree and sign in the first days."""
    at = moment(match.started_on, 9)
    for number, (person, answers) in enumerate(((mentee, MENTEE), (mentor, MENTOR))):
        confirm_match(match=match, actor=person, now=at + timedelta(hours=number * 5))
        save_expectations(
            match=match,
            actor=person,
            answers=answers,
            is_done=True,
            now=at + timedelta(days=1 + number),
        )
    drafted = draft_of(comparison(match, beginning_of(match)), clauses_of(match.cohort))
    version = write_agreement(
        match=match,
        actor=mentee,
        based_on=0,
        before=drafted,
        parts={**drafted, **AGREED},
        now=at + timedelta(days=4),
    )
    for person in (mentee, mentor):
        sign_agreement(match=match, actor=person, number=version.number, now=at + timedelta(days=5))


TALK = (
    (5, 0, "Hello Daniel, thank you for saying yes. Shall we start with a short call on Thursday?"),
    (5, 1, "Hello Priya, gladly. Thursday at four suits me. Bring one thing you are proud of."),
    (19, 0, "The rubric you mentioned: is it the one from last spring?"),
    (19, 1, "Yes, that one. Read page three first; the rest is for the panel."),
    (40, 1, "How did the presentation go?"),
    (40, 0, "Better than I feared. Two people asked for the numbers afterwards!"),
    (61, 1, "I met Ana from Finance today. She would like to hear about your migration plan."),
)


def talk(match: Match, *, mentor: User, mentee: User, now: datetime) -> None:
    """Let the two write to each other; the last message is new to its reader."""
    for day, who, text in TALK:
        at = moment(match.started_on + timedelta(days=day), 10 + who * 3)
        if at > now:
            break
        author, reader = ((mentee, mentor), (mentor, mentee))[who]
        message = write_message(match=match, actor=author, text=text, now=at)
        if (day, who, text) != TALK[-1]:
            mark_read(match=match, reader=reader, until=message.sent_at)


def begin(matches: list[Match], *, now: datetime) -> None:
    """Let the youngest matches stand at different steps."""
    for number, match in enumerate(matches):
        people = [member.user for member in match.members.order_by("pk")]
        for person in people[: 1 + number % 2]:
            confirm_match(match=match, actor=person, now=now - timedelta(days=2))
        if number % 3 == 0:
            save_expectations(
                match=match,
                actor=people[0],
                answers=MENTOR,
                is_done=True,
                now=now - timedelta(days=1),
            )
