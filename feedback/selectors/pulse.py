"""Whom to take the pulse of, and what five and more of them say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Min, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from accounts.models import User
from feedback.models import SCALES, Pulse, PulseStatus, PulseWords
from feedback.querysets import ANSWER_DAYS
from feedback.selectors.rates import FEWEST, Rate, pulse_rates
from matching.models import MatchMember
from participants.models import MemberRole
from programs.models import Cohort

FIRST_DAY, EVERY_DAYS = 30, 60
WORDS_SHOWN = 50


@dataclass(frozen=True)
class PulseCard:
    """One pulse as its person sees it."""

    pulse: Pulse

    @property
    def closes_on(self) -> date:
        return self.pulse.asked_on + timedelta(days=ANSWER_DAYS)

    @property
    def is_answered(self) -> bool:
        return self.pulse.status == PulseStatus.ANSWERED

    @property
    def words(self) -> str:
        try:
            text: str = self.pulse.words.text
        except PulseWords.DoesNotExist:
            return ""
        return text

    @property
    def shows_name(self) -> bool:
        try:
            return bool(self.pulse.words.shows_name)
        except PulseWords.DoesNotExist:
            return False

    @property
    def lines(self) -> list[tuple[str, int | None]]:
        """Return each statement with what the person said."""
        return [(str(label), getattr(self.pulse, name)) for name, label in SCALES.items()]


@dataclass(frozen=True)
class Mean:
    """What a scale says of one group: its mean, or None below five answers."""

    label: str
    value: float | None

    @property
    def of_hundred(self) -> int:
        return round(100 * (self.value or 0) / 5)


@dataclass(frozen=True)
class Group:
    """Averages of one group of people who answered one pulse."""

    name: str
    count: int
    means: Sequence[Mean]


@dataclass(frozen=True)
class Wave:
    """One pulse of a cohort: how many answered, and what they say together."""

    number: int
    day: int
    rate: Rate
    groups: Sequence[Group]


def number_due(first_on: date, *, today: date) -> int:
    """Return which pulse is due, counted from the first match's day; 0 before the first."""
    days = (today - first_on).days
    return 0 if days < FIRST_DAY else 1 + (days - FIRST_DAY) // EVERY_DAYS


def day_of(number: int) -> int:
    return FIRST_DAY + (number - 1) * EVERY_DAYS


def due_pulses_for_system(cohort: Cohort, *, today: date) -> list[tuple[int, int, int]]:
    """Return (enrolment id, user id, number) of people whose pulse is due and not asked yet.

    Due are people in an active match, from day 30 of their first match in the cohort. Of a late
    start only the latest is asked. One query.
    """
    last = Pulse.objects.filter(enrolment=OuterRef("enrolment")).order_by("-number")
    rows: Any = (
        MatchMember.objects.filter(
            enrolment__cohort=cohort, enrolment__status="enrolled", user__is_active=True
        )
        .order_by()
        .values("enrolment", "user")
        .annotate(
            first_on=Min("match__started_on"),
            open_since=Min(
                "match__started_on", filter=Q(left_at__isnull=True, match__status="active")
            ),
            last_number=Subquery(last.values("number")[:1]),
        )
        .filter(
            open_since__isnull=False,
            first_on__lte=today - timedelta(days=FIRST_DAY),
        )
        .order_by("user", "enrolment")
    )
    found = []
    for row in rows:
        number = number_due(row["first_on"], today=today)
        if number > (row["last_number"] or 0):
            found.append((row["enrolment"], row["user"], number))
    return found


def unanswered_pulses(*, today: date) -> QuerySet[Pulse]:
    """Return the pulses that wait for an answer."""
    rows: QuerySet[Pulse] = Pulse.objects.answerable(today=today)
    return rows.filter(status=PulseStatus.OPEN)


def pulse_cards_of(user: User, *, today: date) -> list[PulseCard]:
    """Return what a person is asked now and what they said before, newest first. One query."""
    asked = Q(pk__in=unanswered_pulses(today=today).values("pk"))
    rows = Pulse.objects.of(user).filter(asked | Q(status=PulseStatus.ANSWERED))
    rows = rows.select_related("enrolment__cohort__program", "words").order_by("-asked_on", "-pk")
    return [PulseCard(row) for row in rows[:20]]


def waves_of(cohort: Cohort, *, reader: User) -> list[Wave]:
    """Return the pulses of a cohort, newest first. Two queries.

    The reader's own answer is left out of the means: with it they could work out another's.

    A mean moves with every fifth answer only, so that no single answer shows in the difference.
    Mentors and mentees stand apart where each group has five answers; else all stand together.
    """
    rates = pulse_rates(cohort)
    answers: dict[int, list[Pulse]] = {number: [] for number in rates}
    rows = Pulse.objects.filter(enrolment__cohort=cohort, status=PulseStatus.ANSWERED)
    rows = rows.exclude(enrolment__user=reader)
    for row in rows.select_related("enrolment").order_by("answered_at", "pk"):
        answers[row.number].append(row)
    return [
        Wave(number, day_of(number), rates[number], _groups(answers[number]))
        for number in sorted(rates, reverse=True)
    ]


def _groups(rows: list[Pulse]) -> list[Group]:
    sides = [
        Group(name, len(own), _means(own))
        for role, name in ((MemberRole.MENTEE, _("Mentees")), (MemberRole.MENTOR, _("Mentors")))
        for own in ([row for row in rows if row.enrolment.role == role],)
    ]
    if all(mean.value is not None for side in sides for mean in side.means):
        return sides
    return [Group("", len(rows), _means(rows))]


def _means(rows: list[Pulse]) -> list[Mean]:
    means = []
    for name, label in SCALES.items():
        given = [getattr(row, name) for row in rows if getattr(row, name) is not None]
        counted = given[: len(given) - len(given) % FEWEST]
        value = round(sum(counted) / len(counted), 1) if counted else None
        means.append(Mean(str(label), value))
    return means


def pulse_words_for_manager(cohort: Cohort, *, user: User) -> list[PulseCard]:
    """Return words whose authors let their name stand with them.

    Never the reader's own, nor those of somebody with whom the reader has been in a match.
    """
    partners = MatchMember.objects.filter(match__members__user=user).values("user")
    rows = (
        Pulse.objects.filter(
            enrolment__cohort=cohort, status=PulseStatus.ANSWERED, words__shows_name=True
        )
        .exclude(Q(enrolment__user=user) | Q(enrolment__user__in=partners))
        .select_related("enrolment__user", "words")
        .order_by("-answered_at", "-pk")
    )
    return [PulseCard(row) for row in rows[:WORDS_SHOWN]]
