"""Who has opened an answer, as its author sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef

from core.packed import moment, packed
from feedback.models import AnswerReading


@dataclass(frozen=True)
class Reading:
    """Who had an answer on their screen, and when last."""

    name: str
    read_at: datetime


def packed_readings(about: str) -> Any:
    """Return an expression for the readings of an answer since it was given; see ``readings``."""
    rows = AnswerReading.objects.filter(
        **{about: OuterRef("pk")}, read_at__gte=OuterRef("answered_at")
    )
    return packed(
        rows.order_by("read_at"),
        first_name=F("reader__first_name"),
        last_name=F("reader__last_name"),
        email=F("reader__email"),
        read_at=F("read_at"),
    )


def readings(rows: list[dict[str, Any]]) -> tuple[Reading, ...]:
    """Return what ``packed_readings`` packed, first reader first."""
    found = []
    for row in rows:
        name = f"{row['first_name']} {row['last_name']}".strip() or row["email"]
        read_at = moment(row["read_at"])
        if read_at is not None:
            found.append(Reading(name, read_at))
    return tuple(found)
