"""Who waits for a new match, since when, and how long it took those who have one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from accounts.models import User
from programs.models import Cohort
from support.models import Outcome, WorkItem, WorkKind

DONE_SHOWN = 20


@dataclass(frozen=True)
class Waiting:
    """One person on the clock from "not a good fit", or the end, to the new match."""

    item: WorkItem
    since: date
    until: date

    @property
    def person(self) -> User:
        if self.item.enrolment is None:
            raise LookupError(self.item.pk)
        person: User = self.item.enrolment.user
        return person

    @property
    def days(self) -> int:
        return max(0, (self.until - self.since).days)


@dataclass(frozen=True)
class RematchQueue:
    """The people who wait, longest first, and those who have a new match, newest first."""

    waiting: Sequence[Waiting]
    done: Sequence[Waiting]

    @property
    def usual_days(self) -> int | None:
        """Return how long it took half of those who have a new match."""
        return round(median(row.days for row in self.done)) if self.done else None


def rematch_queue(cohort: Cohort, *, user: User, today: date) -> RematchQueue:
    """Return the clock of a cohort; nobody finds themselves there. Two queries."""
    rows = (
        WorkItem.objects.managed_by(user)
        .filter(cohort=cohort, kind=WorkKind.REMATCH)
        .select_related("enrolment__user", "cohort")
    )
    waiting = [Waiting(row, since_of(row), today) for row in rows.filter(closed_at__isnull=True)]
    done = rows.filter(outcome=Outcome.REMATCHED).order_by("-closed_at", "-pk")[:DONE_SHOWN]
    return RematchQueue(
        sorted(waiting, key=lambda row: (row.since, row.item.pk)),
        [Waiting(row, since_of(row), row.closed_at.date()) for row in done if row.closed_at],
    )


def since_of(item: WorkItem) -> date:
    """Return the day on which the clock began."""
    for entry in item.reasons:
        name, _equals, value = entry.partition("=")
        if name == "since":
            return date.fromisoformat(value)
    return item.opened_at.date()
