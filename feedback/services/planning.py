"""Ask whose rhythm is over: due and not done, the latest rhythm only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice

from django.db import transaction

from feedback.models import CheckIn, CheckInStatus
from feedback.selectors import due_members_for_system, latest_due_on
from notifications.services import NewMessage, queue_messages
from programs.models import Cohort, CohortStatus

BATCH = 5_000
MET, BOOKED = "met", "booked"
Member = tuple[int, int, bool, bool]


@dataclass(frozen=True)
class Planned:
    """What one planning did."""

    asked_count: int = 0
    skipped_count: int = 0
    mail_count: int = 0

    def __add__(self, other: Planned) -> Planned:
        return Planned(
            self.asked_count + other.asked_count,
            self.skipped_count + other.skipped_count,
            self.mail_count + other.mail_count,
        )


def plan_check_ins(*, now: datetime) -> Planned:
    """Write the check-ins that are due, and one mail for each person and occasion.

    A member of an active match is asked once for each rhythm, on the day after its end; not when a
    meeting of that rhythm is logged, or one is booked: then the row says why. Running it again, or
    twice at a time, changes nothing. Effects: check-ins and messages, one transaction a cohort.
    """
    today = now.astimezone(UTC).date()
    planned = Planned()
    active = Cohort.objects.filter(status=CohortStatus.ACTIVE, has_check_ins=True)
    for cohort in active.order_by("pk"):
        due_on = latest_due_on(cohort, today=today)
        if due_on is not None:
            planned += _plan_cohort(cohort, due_on=due_on, now=now)
    return planned


@transaction.atomic
def _plan_cohort(cohort: Cohort, *, due_on: date, now: datetime) -> Planned:
    members = due_members_for_system(cohort, due_on=due_on, now=now)
    planned, rows = Planned(), iter(members.iterator(chunk_size=BATCH))
    asked: dict[int, set[int]] = {}
    while batch := list(islice(rows, BATCH)):
        planned += _store(batch, due_on=due_on, now=now)
        for match_id, user_id in _asked(batch):
            asked.setdefault(user_id, set()).add(match_id)
    messages = [
        NewMessage(
            kind="feedback.check_in",
            recipient_id=user_id,
            object_id=cohort.pk,
            occasion=due_on.isoformat(),
            program_id=cohort.program_id,
            cohort_id=cohort.pk,
            match_id=only_one(matches),
        )
        for user_id, matches in asked.items()
    ]
    return planned + Planned(mail_count=queue_messages(rows=messages, now=now))


def _store(batch: Sequence[Member], *, due_on: date, now: datetime) -> Planned:
    check_ins = [
        CheckIn(
            match_id=match_id,
            user_id=user_id,
            due_on=due_on,
            status=CheckInStatus.SKIPPED if has_met or has_booked else CheckInStatus.OPEN,
            skipped_because=MET if has_met else BOOKED if has_booked else "",
            created_at=now,
        )
        for match_id, user_id, has_met, has_booked in batch
    ]
    CheckIn.objects.bulk_create(check_ins, ignore_conflicts=True)
    asked = len(_asked(batch))
    return Planned(asked_count=asked, skipped_count=len(batch) - asked)


def _asked(batch: Iterable[Member]) -> list[tuple[int, int]]:
    """Return (match, person) of those who are asked."""
    return [
        (match_id, user_id)
        for match_id, user_id, has_met, has_booked in batch
        if not has_met | has_booked
    ]


def only_one(matches: Collection[int]) -> int | None:
    """Return the match that a mail is about; None when it asks about several."""
    return next(iter(matches)) if len(matches) == 1 else None
