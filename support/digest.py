"""The weekly digest of a manager: what waits, what is new, what helped. Counts, no names."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q

from accounts.access import MANAGER, OWNER
from accounts.models import RoleGrant, User
from core.clock import local_day, zone
from notifications.services import NewMessage, queue_messages
from participants.models import Enrolment, EnrolmentStatus
from programs.models import Cohort
from support.covering import own_items, stands_in_for
from support.models import Helped, WorkItem, WorkKind

KIND = "support.digest"
MONDAY, HOUR = 0, 8
WEEK = timedelta(days=7)
LIVE = ("enrolling", "pairing", "active")


@dataclass(frozen=True)
class Digest:
    """What one manager's programs hold this week."""

    waiting: list[tuple[str, int]] = field(default_factory=list)
    new_count: int = 0
    own_count: int = 0
    closed_count: int = 0
    better_count: int = 0
    applied_count: int = 0

    @property
    def waiting_count(self) -> int:
        return sum(count for _label, count in self.waiting)

    @property
    def is_empty(self) -> bool:
        return not (self.waiting or self.applied_count or self.closed_count or self.better_count)


def digest_of(user: User, *, now: datetime) -> Digest:
    """Return the counts of this manager's programs, without what concerns themselves.

    What belongs to somebody for whom they stand in today counts as theirs.
    """
    own = own_items(user, stands_in_for(user, now=now))
    rows = WorkItem.objects.managed_by(user)
    waiting = rows.waiting(today=local_day(now, user.time_zone))
    by_kind = dict(waiting.order_by().values_list("kind").annotate(count=Count("pk")))
    found = rows.aggregate(
        new=Count("pk", filter=Q(opened_at__gte=now - WEEK, closed_at__isnull=True)),
        own=Count("pk", filter=own & Q(closed_at__isnull=True)),
        closed=Count("pk", filter=Q(closed_at__gte=now - WEEK) & ~Q(outcome="settled")),
        better=Count(
            "pk",
            filter=Q(
                helped=Helped.BETTER,
                closed_at__gte=now - 3 * WEEK,
                closed_at__lt=now - 2 * WEEK,
            ),
        ),
    )
    cohorts = Cohort.objects.managed_by(user).filter(status__in=LIVE)
    applied = Enrolment.objects.filter(cohort__in=cohorts, status=EnrolmentStatus.APPLIED)
    return Digest(
        waiting=[(str(kind.label), by_kind[kind]) for kind in WorkKind if kind in by_kind],
        new_count=found["new"],
        own_count=found["own"],
        closed_count=found["closed"],
        better_count=found["better"],
        applied_count=applied.exclude(user=user).count(),
    )


def week_at(now: datetime, zone_name: str) -> str:
    """Return the calendar week in a zone, year included: 2026-W48."""
    year, week, _day = now.astimezone(zone(zone_name)).isocalendar()
    return f"{year}-W{week:02d}"


def has_come(now: datetime, zone_name: str) -> bool:
    """Tell whether this week's digest is due: from Monday at eight to Tuesday night."""
    local = now.astimezone(zone(zone_name))
    return local.weekday() <= MONDAY + 1 and (local.weekday() != MONDAY or local.hour >= HOUR)


@transaction.atomic
def plan_digests(*, now: datetime) -> int:
    """Queue this week's digest for each manager whose Monday morning has come; return how many.

    From eight o'clock where they are, once a calendar week; an outage over Monday is caught up
    until Tuesday night. Whether there is anything to say is looked at when it is sent.
    """
    grants = RoleGrant.objects.filter(role__in=(OWNER, MANAGER))
    managers = User.objects.filter(is_active=True, pk__in=grants.values("user"))
    rows = []
    for manager in managers.order_by("pk"):
        if has_come(now, manager.time_zone):
            week = week_at(now, manager.time_zone)
            rows.append(NewMessage(kind=KIND, recipient_id=manager.pk, occasion=week))
    return queue_messages(rows=rows, now=now)
