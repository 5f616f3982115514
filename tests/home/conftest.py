from __future__ import annotations

from datetime import date

import pytest

from programs.models import Phase
from sessions.models import Meeting
from sessions.services import log_meeting
from tests.conftest import NOW, enrol, make_match, make_person

DAY = date(2026, 11, 12)
REASONS = [
    {
        "kind": "skills",
        "code": "skills",
        "facts": {"skills": ["Negotiation"]},
        "points": 400_000,
        "of": 500_000,
    },
    {
        "kind": "seniority",
        "code": "seniority",
        "facts": {"gap": 2},
        "points": 380_000,
        "of": 500_000,
    },
]


@pytest.fixture
def running(cast, at_now) -> None:
    """Give the cast's cohort its phases and its match the reasons it was made for."""
    days = [date(2026, 9, 28), date(2026, 10, 12), date(2027, 1, 4), date(2027, 6, 28)]
    for name, start, end in zip(
        ("Kick-off", "Build momentum", "Wrap up"), days, days[1:], strict=False
    ):
        Phase.objects.create(cohort=cast.cohort, name=name, starts_on=start, ends_on=end)
    cast.match.contributions = REASONS
    cast.match.save(update_fields=["contributions"])


@pytest.fixture
def meeting(cast, running) -> Meeting:
    """Return a meeting that the mentee logged with a word of every kind."""
    return log_meeting(
        match=cast.match,
        actor=cast.mentee,
        now=NOW,
        held_on=DAY,
        minutes=45,
        how="video",
        summary="zebra-summary",
        private_note="zebra-note",
        rating=4,
        action_items=[{"text": "zebra-action", "due_on": date(2026, 11, 25)}],
    )


def more_matches(cast, count: int) -> None:
    """Give the mentor this many more mentees, each with a meeting and an action item."""
    cast.mentor_enrolment.capacity = count + 1
    cast.mentor_enrolment.save(update_fields=["capacity"])
    for number in range(count):
        person = make_person(f"p{number}@example.org", f"Person {number}")
        match = make_match(cast.mentor_enrolment, enrol(cast.cohort, person, "mentee"))
        log_meeting(
            match=match,
            actor=cast.mentor,
            now=NOW,
            held_on=DAY,
            summary="Words.",
            action_items=[{"text": f"Item {number}"}],
        )
