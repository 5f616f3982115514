"""Which covers hold now: on the days they name, where the person who is away lives."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from core.clock import local_day
from programs.models import Cover

DAY = timedelta(days=1)


def around(now: datetime) -> Q:
    """Return what holds of covers of today in some zone."""
    today = local_day(now, "UTC")
    return Q(starts_on__lte=today + DAY, ends_on__gte=today - DAY)


def of_today(covers: Iterable[Cover], now: datetime) -> list[Cover]:
    """Return those that hold now; who is away must be loaded with them."""
    return [
        cover
        for cover in covers
        if cover.starts_on <= local_day(now, cover.away.time_zone) <= cover.ends_on
    ]
