"""Marked words in every private place of a beginning: expectations, agreement, messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from matching.services.beginning import save_expectations

EXPECTATION, AGREEMENT, THREAD = "Zq7expectation", "Zq7agreement", "Zq7thread"
SHARED_BEGINNING = (AGREEMENT, THREAD)
OWN_BEGINNING = (EXPECTATION,)


def plant_beginning(cast: Any, now: datetime) -> None:
    """Let the mentee answer what they expect; agreement and messages of the world have theirs."""
    save_expectations(
        match=cast.match,
        actor=cast.mentee,
        answers={"limits": f"{EXPECTATION} no calls at night"},
        is_done=True,
        now=now,
    )
