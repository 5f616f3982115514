"""Who stands in for whom today: what is theirs in the queue goes to the stand-in meanwhile.

A cover holds on the days it names, where the person who is away lives; the day after, everything is
as before, with nothing to undo. Whoever stands in runs the program and so sees its queue anyway.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from accounts.access import MANAGER, OWNER, grants_of
from accounts.models import RoleGrant, User
from programs.covers import around, of_today
from programs.models import Cover

RUNNING = (OWNER, MANAGER)


def stands_in_for(user: User, *, now: datetime) -> list[Cover]:
    """Return the covers of today in which this person stands in for somebody. One query."""
    rows = Cover.objects.filter(around(now), covered_by=user)
    return of_today(list(rows.select_related("away", "program")), now)


def own_items(user: User, covers: Iterable[Cover]) -> Q:
    """Return which items are this person's: their own, and those of whom they stand in for."""
    own = Q(owner=user)
    for cover in covers:
        own |= Q(owner=cover.away_id, cohort__program=cover.program_id)
    return own


def is_stood_in_for(user: User, *, now: datetime) -> bool:
    """Tell whether somebody who runs them stands in today in every program this person runs."""
    grants = [grant.program_id for grant in grants_of(user) if grant.role in RUNNING]
    if not grants or None in grants:
        return False
    runs = RoleGrant.objects.filter(
        Q(program=OuterRef("program")) | Q(program__isnull=True),
        user=OuterRef("covered_by"),
        user__is_active=True,
        role__in=RUNNING,
    )
    rows = Cover.objects.filter(around(now), Exists(runs), away=user).select_related("away")
    covered = {cover.program_id for cover in of_today(list(rows), now)}
    return covered.issuperset(grants)
