"""What tests of lists from HR start from."""

from __future__ import annotations

import pytest

from accounts.models import User
from support.models import FeedSettings


@pytest.fixture
def numbers(cast):
    """Give the pair employee numbers, and let nothing be held for two people."""
    for person, number in ((cast.mentor, "E1"), (cast.mentee, "E2")):
        User.objects.filter(pk=person.pk).update(employee_id=number)
        person.refresh_from_db()
    FeedSettings.objects.create(hold_percent=100)
