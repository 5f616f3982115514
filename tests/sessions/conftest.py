from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from sessions.models import Meeting
from sessions.services import log_meeting
from tests.conftest import NOW

DAY = date(2026, 11, 12)
WORDS = {
    "summary": "zebra-summary",
    "private_note": "zebra-note",
    "action_items": [{"text": "zebra-action"}],
}


@pytest.fixture
def meeting(cast, at_now) -> Meeting:
    """Return a meeting that the mentee logged with a word of every kind."""
    return log_meeting(
        match=cast.match,
        actor=cast.mentee,
        now=NOW,
        held_on=DAY,
        minutes=45,
        how="video",
        rating=4,
        **WORDS,
    )


@pytest.fixture
def log_url(cast, at_now) -> str:
    return reverse("meetings:log", args=(cast.match.pk,))


def typed(**values: Any) -> dict[str, Any]:
    """Return what a browser sends for the log form with one empty action row."""
    return {
        "held_on": "2026-11-12",
        "actions-TOTAL_FORMS": "1",
        "actions-INITIAL_FORMS": "0",
        "actions-0-text": "",
        **values,
    }
