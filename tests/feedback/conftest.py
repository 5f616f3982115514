from __future__ import annotations

from datetime import date

import pytest

from feedback.models import CheckIn
from feedback.services import plan_check_ins
from tests.conftest import NOW

# The cohort of the cast starts on 28 September with a rhythm of 14 days: the fourth rhythm began on
# 9 November. On 23 November it is over.
DUE_ON = date(2026, 11, 8)


@pytest.fixture
def check_in(cast, at_now) -> CheckIn:
    """Return the mentee's open check-in about the rhythm that ended on 8 November."""
    plan_check_ins(now=NOW)
    return CheckIn.objects.get(user=cast.mentee)
