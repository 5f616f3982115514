"""Reads of managers' messages: who is meant, what each reads, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.names import listed
from goals.models import SHARED, Goal
from matching.models import Match, MatchMember
from notifications.models import Channel, Message, MessageState, MessageStop
from notifications.reasons import shown
from participants.models import Enrolment, EnrolmentStatus, MemberRole
from programs.models import Cohort
from sessions.models import Meeting
from support.models import NAMED, Announcement, Segment

KIND = "support.announcement"
TEST_KIND = "support.announcement_test"
MERGE_WORD = re.compile(r"\{([^{}\n]{1,40})\}")
NAMES_SHOWN = 200

MERGE_WORDS: Mapping[str, str | Promise] = {
    "first_name": gettext_lazy("first name of the person"),
    "partner": gettext_lazy("first names of those in their match"),
    "program": gettext_lazy("name of the program"),
    "cohort": gettext_lazy("name of the cohort"),
    "manager": gettext_lazy("your name"),
}


@dataclass(frozen=True)
class Template:
    """Words to start from."""

    subject: str | Promise
    text: str | Promise


TEMPLATES: Mapping[str, Template] = {
    Segment.NOT_MET: Template(
        gettext_lazy("A first hello with {partner}"),
        gettext_lazy(
            "You and {partner} have not met yet, as far as I can see. The "
            "first half hour is the hardest to find and the best spent: offer three times, and one "
            "will do. If something is in the way, write to me.\n\n{manager}"
        ),
    ),
    Segment.UNMATCHED: Template(
        gettext_lazy("Where we stand with your mentor"),
        gettext_lazy(
            "You are in {program}, and we are still looking for the mentor "
            "who fits you. You will hear from me within two weeks. Tell me if your wishes have "
            "changed.\n\n{manager}"
        ),
    ),
    Segment.NO_GOALS: Template(
        gettext_lazy("One goal is enough to begin"),
        gettext_lazy(
            "You and {partner} have no shared goal yet. One clear goal is "
            "enough; you can change it at any time. Take ten minutes of your next meeting for "
            "it.\n\n{manager}"
        ),
    ),
    Segment.MENTORS: Template(
        gettext_lazy("Thank you for mentoring in {program}"),
        gettext_lazy(
            "Thank you for the time you give to {partner}. If anything "
            "would make it easier for you, tell me.\n\n{manager}"
        ),
    ),
}
PLAIN = Template(gettext_lazy("News from {program}"), "")


def template_for(segment: str) -> Template:
    return TEMPLATES.get(segment, PLAIN)


def unknown_words(text: str) -> list[str]:
    """Return what stands in braces and is no merge word."""
    return sorted({word for word in MERGE_WORD.findall(text) if word not in MERGE_WORDS})


def merged(text: str, values: Mapping[str, str]) -> str:
    """Return the text with its merge words filled in."""
    return MERGE_WORD.sub(lambda found: values.get(found[1], found[0]), text)


def audience(announcement: Announcement) -> QuerySet[User]:
    """Return who is meant now, by name: people who are in, and not on leave."""
    return people_of(
        announcement.cohort,
        announcement.segment,
        department=announcement.department,
        match_id=announcement.match_id,
        enrolment_id=announcement.enrolment_id,
        reader_id=announcement.author_id,
    )


def people_of(
    cohort: Cohort,
    segment: str,
    *,
    department: str = "",
    match_id: int | None = None,
    enrolment_id: int | None = None,
    reader_id: int | None = None,
) -> QuerySet[User]:
    """Return the people of a segment of a cohort, by name.

    Partners are those of every open match of the enrolment but one that the reader is in.
    """
    rows = Enrolment.objects.filter(
        cohort=cohort, status=EnrolmentStatus.ENROLLED, user__is_active=True
    )
    seats = MatchMember.objects.current().filter(enrolment=OuterRef("pk"))
    if segment == Segment.PEOPLE:
        rows = (
            rows.filter(Exists(seats.filter(match=match_id)))
            if match_id is not None
            else rows.filter(pk=enrolment_id or 0)
        )
    elif segment == Segment.PARTNERS:
        here = matches_of(enrolment_id or 0, reader_id=reader_id)
        rows = rows.filter(Exists(seats.filter(match__in=here))).exclude(pk=enrolment_id or 0)
    elif segment == Segment.MENTORS:
        rows = rows.filter(role=MemberRole.MENTOR)
    elif segment == Segment.MENTEES:
        rows = rows.filter(role=MemberRole.MENTEE)
    elif segment == Segment.UNMATCHED:
        rows = rows.filter(~Exists(seats), role=MemberRole.MENTEE)
    elif segment in (Segment.NOT_MET, Segment.NO_GOALS):
        rows = rows.filter(Exists(seats.filter(match__in=_lacking(cohort, segment))))
    if department:
        rows = rows.filter(user__department=department)
    return User.objects.filter(pk__in=rows.values("user")).order_by("name_key", "pk")


def matches_of(enrolment_id: int, *, reader_id: int | None) -> QuerySet[Match]:
    """Return the open matches of an enrolment, without those that the reader is in."""
    seats = MatchMember.objects.current()
    return (
        Match.objects.open()
        .filter(pk__in=seats.filter(enrolment=enrolment_id).values("match"))
        .exclude(pk__in=seats.filter(user=reader_id).values("match"))
    )


def _lacking(cohort: Cohort, segment: str) -> QuerySet[Match]:
    """Return active matches that have not met, or have no goal that both see."""
    rows = Match.objects.filter(cohort=cohort, status="active")
    if segment == Segment.NOT_MET:
        return rows.filter(~Exists(Meeting.objects.held().filter(match=OuterRef("pk"))))
    shared = Goal.objects.filter(match=OuterRef("pk"), visibility__in=SHARED)
    return rows.filter(~Exists(shared.exclude(status="archived")))


def segment_counts(cohort: Cohort) -> list[tuple[str, str, int]]:
    """Return each segment with how many people it has today. One query a segment."""
    return [
        (segment.value, str(segment.label), people_of(cohort, segment).count())
        for segment in Segment
        if segment not in NAMED
    ]


def departments_of(cohort: Cohort) -> list[str]:
    """Return the departments of the people who are in. One query."""
    rows = User.objects.filter(
        enrolments__cohort=cohort, enrolments__status=EnrolmentStatus.ENROLLED
    ).exclude(department="")
    return list(rows.order_by("department").values_list("department", flat=True).distinct())


@dataclass(frozen=True)
class Preview:
    """Who would get a message now, and who would not because they stopped this kind of mail."""

    people: list[User]
    count: int
    stopped_count: int

    @property
    def more_count(self) -> int:
        return self.count - len(self.people)


def preview(announcement: Announcement) -> Preview:
    """Return names and counts of the audience as it is now. Three queries."""
    rows = audience(announcement)
    stops = MessageStop.objects.filter(
        kind=KIND, channel=Channel.MAIL, user__in=rows.order_by().values("pk")
    )
    return Preview(list(rows[:NAMES_SHOWN]), rows.count(), stops.count())


def values_for(announcement: Announcement, person: User) -> dict[str, str]:
    """Return what the merge words stand for where this person reads. One query.

    What goes to somebody's partners speaks of that one person, whoever else is in a circle.
    """
    own = MatchMember.objects.current().filter(user=person, match__cohort=announcement.cohort_id)
    if announcement.match_id is not None:
        own = own.filter(match=announcement.match_id)
    others = (
        MatchMember.objects.current()
        .filter(match__in=own.values("match"))
        .exclude(user=person)
        .select_related("user")
        .order_by("match_id", "pk")
    )
    if announcement.segment == Segment.PARTNERS:
        others = others.filter(enrolment=announcement.enrolment_id)
    names = list(dict.fromkeys(member.user.get_short_name() for member in others))
    return {
        "first_name": person.get_short_name(),
        "partner": listed(names) if names else _("your match"),
        "program": announcement.cohort.program.name,
        "cohort": announcement.cohort.name,
        "manager": announcement.author.get_full_name() or announcement.author.email,
    }


def recipients(announcement: Announcement) -> QuerySet[User]:
    """Return who was meant when it went out, by name."""
    sent = Message.objects.filter(kind=KIND, object_id=announcement.pk)
    return User.objects.filter(pk__in=sent.values("recipient")).order_by("name_key", "pk")


def shown_subject(announcement: Announcement) -> str:
    """Return the subject as lists show it, where it goes to several people."""
    values = {
        "first_name": "…",
        "partner": "…",
        "program": announcement.cohort.program.name,
        "cohort": announcement.cohort.name,
        "manager": announcement.author.get_full_name() or announcement.author.email,
    }
    return merged(announcement.words.subject, values)


@dataclass(frozen=True)
class Outcome:
    """What became of a message's mails: the ledger's states, summed up."""

    sent: int = 0
    waiting: int = 0
    skipped: int = 0
    failed: int = 0


WAITING = (MessageState.DUE, MessageState.CLAIMED, MessageState.HANDING_OVER)


def outcomes(announcements: Iterable[Announcement]) -> dict[int, Outcome]:
    """Return the outcome of each message by its id. One query."""
    found: dict[int, dict[str, int]] = {}
    rows: Any = (
        Message.objects.filter(kind=KIND, object_id__in=[row.pk for row in announcements])
        .order_by()
        .values_list("object_id", "state")
        .annotate(count=Count("pk"))
    )
    for pk, state, count in rows:
        found.setdefault(pk, {})[state] = count
    return {pk: _outcome(states) for pk, states in found.items()}


def _outcome(states: Mapping[str, int]) -> Outcome:
    return Outcome(
        sent=states.get(MessageState.SENT, 0),
        waiting=sum(states.get(state, 0) for state in WAITING),
        skipped=states.get(MessageState.SKIPPED, 0),
        failed=states.get(MessageState.FAILED, 0) + states.get(MessageState.UNKNOWN, 0),
    )


def reasons_skipped(announcement: Announcement) -> list[tuple[str, int]]:
    """Return why mails were skipped, in the reader's language, and how often. One query."""
    rows: Any = (
        Message.objects.filter(kind=KIND, object_id=announcement.pk, state=MessageState.SKIPPED)
        .order_by()
        .values_list("reason")
        .annotate(count=Count("pk"))
        .order_by("-count", "reason")
    )
    return [(shown(reason), count) for reason, count in rows]
