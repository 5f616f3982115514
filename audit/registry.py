"""Which rows of the log are not for everybody who reads it: each app above says so of its own.

Who runs a program and takes part in it reads the log of the others, never that of their own match.
Acts that would tell by themselves who asked for discretion are on no page.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from audit.models import AuditEvent

Concerns = Callable[[Any], Q]
"""Takes a user; answers a condition on events. A condition on nothing must match no event."""

_concerns: list[Concerns] = []
_discreet: set[str] = set()


def register(concerns: Concerns) -> None:
    """Add a condition; the same function twice counts once."""
    if concerns not in _concerns:
        _concerns.append(concerns)


def register_discreet(*actions: str) -> None:
    """Name acts that stay in the log, chained as all are, and are shown to nobody."""
    _discreet.update(actions)


def without_discreet(rows: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
    """Leave out the events of acts that are shown to nobody."""
    return rows.exclude(action__in=sorted(_discreet))


def without_own(rows: QuerySet[AuditEvent], user: Any) -> QuerySet[AuditEvent]:
    """Leave out the events that concern the person's own matches.

    The condition is tried row by row on what is shown, so that a key missing from ``detail`` hides
    nothing and no page reads the whole log.
    """
    own = reduce(or_, (concerns(user) for concerns in _concerns), Q(pk__in=()))
    return rows.exclude(Exists(AuditEvent.objects.filter(own, pk=OuterRef("pk"))))
