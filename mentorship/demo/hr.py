"""Two lists from HR: one that was applied last week, and tonight's, which is held."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from accounts.models import User
from core.progress import quiet
from participants.models import Enrolment
from support.models import Feed
from support.services.feed_carrying import carry_feed
from support.services.feeding import confirm_feed, map_feed, start_feed

HEAD = ("Employee number", "E-mail", "First name", "Last name", "Department", "Location", "Grade")
JOINERS = (
    ("E9001", "nora.lindholm@example.org", "Nora", "Lindholm", "Data", "Oslo", ""),
    ("E9002", "tomas.vrba@example.org", "Tomáš", "Vrba", "Finance", "Berlin", ""),
    ("E9003", "amara.okafor@example.org", "Amara", "Okafor", "Quality", "London", ""),
)
MISSING = 5


def hand_over_lists(*, keeper: User, now: datetime) -> None:
    """Apply a list of changes of last week, and leave tonight's list of everybody held.

    Five people of the running cohorts are missing in it, as in a file that broke off.
    """
    then = now - timedelta(days=6)
    known = User.objects.exclude(employee_id="").exclude(department="People")
    mover = known.filter(enrolments__isnull=False).select_related("level").earliest("pk")
    moved = (*_row(mover)[:4], "People", *_row(mover)[5:])
    changes = _previewed("changes", (*JOINERS, moved), keeper=keeper, now=then)
    queued = confirm_feed(
        feed=changes, seen=changes.plan_digest, accepts_hold=False, actor=keeper, now=then
    )
    carry_feed(feed_id=queued.pk, clock=lambda: then, report=quiet)

    part = Enrolment.objects.filter(status="enrolled", memberships__left_at__isnull=True)
    gone = part.order_by("-user__name_key").values_list("user", flat=True).distinct()[:MISSING]
    here = User.objects.exclude(employee_id="").exclude(pk__in=list(gone)).select_related("level")
    rows = [_row(person) for person in here.order_by("pk")]
    rows[-1] = (*rows[-1][:6], "Grade 99")
    _previewed("full", rows, keeper=None, now=now)


def _row(person: User) -> tuple[str, ...]:
    return (
        person.employee_id,
        person.email,
        person.first_name,
        person.last_name,
        person.department,
        person.location,
        person.level.name if person.level else "",
    )


def _previewed(
    kind: str, rows: Iterable[Sequence[str]], *, keeper: User | None, now: datetime
) -> Feed:
    out = io.StringIO()
    csv.writer(out).writerows((HEAD, *rows))
    feed = start_feed(
        kind=kind,
        file_name=f"hr-{kind}-{now.date().isoformat()}.csv",
        content=out.getvalue().encode(),
        actor=keeper,
        now=now,
    )
    queued = map_feed(feed=feed, columns=feed.columns, now=now)
    return carry_feed(feed_id=queued.pk, clock=lambda: now, report=quiet) or feed
