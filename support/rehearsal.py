"""A look ahead as a page shows it: day by day, and what other settings would change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from matching.concerns import own_match_ids, own_partner_ids
from notifications import registry
from programs.models import Cohort
from support.mail import ASKS_ABOUT_MATCH
from support.models import Rehearsal, RehearsedMail

SHOWN = 5
MOST_DIFFERENCES = 60


@dataclass(frozen=True)
class Reader:
    """Who looks, and which matches are their own: of those they see their own mail only.

    What their partners are asked in confidence is not shown to them at all. ``until`` cuts what
    is compared at the moment that both reach.
    """

    user: User
    own_matches: frozenset[int]
    own_partners: frozenset[int]
    until: datetime | None = None

    @classmethod
    def of(cls, user: User, *, until: datetime | None = None) -> Reader:
        own, partners = frozenset(own_match_ids(user)), frozenset(own_partner_ids(user))
        return cls(user, own, partners, until)


@dataclass(frozen=True)
class Day:
    """What goes out on one day: how much of each kind, and to how many people."""

    day: date
    mail_count: int
    person_count: int
    kinds: list[tuple[str, int]]


@dataclass(frozen=True)
class KindLine:
    """How many messages of a kind go in the weeks looked at, by either settings."""

    title: str
    count: int
    other_count: int | None


@dataclass(frozen=True)
class Difference:
    """A message that only one of two settings would send."""

    mail: RehearsedMail
    is_new: bool

    @property
    def title(self) -> str:
        return title_of(self.mail.kind)


def title_of(kind: str) -> str:
    found = registry.find(kind)
    return str((found and found.title) or kind)


def latest(cohort: Cohort) -> QuerySet[Rehearsal]:
    return Rehearsal.objects.filter(cohort=cohort).select_related("asked_by")[:SHOWN]


def mails_of(row: Rehearsal, reader: Reader) -> QuerySet[RehearsedMail]:
    """Return its messages; of the reader's own matches only those to the reader."""
    own = Q(match_id__in=reader.own_matches) & ~Q(recipient=reader.user)
    own |= Q(kind__startswith=ASKS_ABOUT_MATCH, recipient__in=reader.own_partners)
    rows = RehearsedMail.objects.filter(rehearsal=row).exclude(own)
    return rows.filter(at__lt=reader.until) if reader.until else rows


def common_end(row: Rehearsal, other: Rehearsal | None) -> datetime | None:
    """Return until when both reach, so that what one did not get to is no difference."""
    ends = [one.reached_at for one in (row, other) if one is not None and one.reached_at]
    return min(ends) if len(ends) == 2 else None


def days_of(row: Rehearsal, reader: Reader) -> list[Day]:
    """Return the calendar. Two queries, whatever the length."""
    rows = mails_of(row, reader).order_by()
    kinds: dict[date, list[tuple[str, int]]] = {}
    for day, kind, count in (
        rows.values_list("day", "kind").annotate(n=Count("id")).order_by("day", "kind")
    ):
        kinds.setdefault(day, []).append((title_of(kind), count))
    sums = rows.values_list("day").annotate(
        mails=Count("mail_id", distinct=True), people=Count("recipient", distinct=True)
    )
    return [Day(day, mails, people, kinds[day]) for day, mails, people in sums.order_by("day")]


def mails_on(row: Rehearsal, reader: Reader, day: date) -> QuerySet[RehearsedMail]:
    rows = mails_of(row, reader).filter(day=day).select_related("recipient")
    return rows.order_by("recipient__name_key", "at", "id")


def kind_lines(row: Rehearsal, other: Rehearsal | None, reader: Reader) -> list[KindLine]:
    counts = _kind_counts(row, reader)
    before = _kind_counts(other, reader) if other else None
    names = sorted({*counts, *(before or {})}, key=title_of)
    return [
        KindLine(title_of(name), counts[name], before[name] if before is not None else None)
        for name in names
    ]


def busiest_week(row: Rehearsal, reader: Reader) -> int:
    """Return how many mails that ask for something the busiest person gets in any seven days."""
    rows = mails_of(row, reader).filter(takes_share=True)
    days: dict[int, dict[str, date]] = {}
    for person, mail, day in rows.values_list("recipient", "mail_id", "day"):
        days.setdefault(person, {})[mail] = day
    return max((_most_in_a_week(found.values()) for found in days.values()), default=0)


def differences(row: Rehearsal, other: Rehearsal, reader: Reader) -> tuple[list[Difference], int]:
    """Return the first messages that only one of two looks ahead has, and how many there are."""
    here, there = _by_identity(row, reader), _by_identity(other, reader)
    found = [Difference(here[key], is_new=True) for key in here.keys() - there.keys()]
    found += [Difference(there[key], is_new=False) for key in there.keys() - here.keys()]
    found.sort(key=lambda one: (one.mail.day, one.mail.recipient.name_key, one.mail.kind))
    return found[:MOST_DIFFERENCES], len(found)


def _by_identity(row: Rehearsal, reader: Reader) -> dict[tuple[int, str, date, str], RehearsedMail]:
    rows = mails_of(row, reader).select_related("recipient").defer("text")
    return {(one.recipient_id, one.kind, one.day, one.fingerprint): one for one in rows}


def _kind_counts(row: Rehearsal, reader: Reader) -> Counter[str]:
    rows = mails_of(row, reader).order_by().values_list("kind").annotate(n=Count("id"))
    return Counter(dict(rows))


def _most_in_a_week(days: Iterable[date]) -> int:
    found = sorted(days)
    week = timedelta(days=7)
    return max(sum(1 for day in found if start <= day < start + week) for start in found)
