"""A cohort whose figures are counted by hand."""

from __future__ import annotations

from datetime import date

import pytest

from matching.models import Match, MatchMember
from reports.selectors import Filters
from sessions.models import Meeting
from tests.conftest import NOW, enrol, make_cohort, make_match, make_person

SINCE, UNTIL = date(2026, 10, 1), date(2026, 11, 18)


def people(cohort, role, count, **fields):
    return [
        enrol(cohort, make_person(f"{role}{n}.{fields['department']}@example.org", "A B", **fields),
              role, capacity=2 if role == "mentor" else 1)
        for n in range(count)
    ]  # fmt: skip


def held(match, *days, **fields):
    for day in days:
        Meeting.objects.create(match=match, held_on=day, **fields)


@pytest.fixture
def filters(cast):
    """Five mentors of Data, ten mentees of Sales, six matches of which four have met.

    One of them met before the period only, one has ended well, and one mentor met in two matches.
    """
    cohort = make_cohort(cast.program, "Counted")
    mentors = people(cohort, "mentor", 5, department="Data")
    mentees = people(cohort, "mentee", 10, department="Sales")
    enrol(cohort, make_person("asked@example.org", "Asked Only"), "mentee", status="invited")
    seats = [mentors[0], mentors[0], *mentors[1:]]
    matches = [make_match(*pair) for pair in zip(seats, mentees, strict=False)]
    held(matches[0], date(2026, 10, 5), date(2026, 11, 16), minutes=30)
    held(matches[1], date(2026, 11, 2), minutes=60)
    held(matches[2], date(2026, 10, 6), minutes=None)
    held(matches[3], date(2026, 9, 29), minutes=45)
    held(matches[4], date(2026, 11, 3), minutes=15)
    Meeting.objects.create(match=matches[5], status="missed", held_on=date(2026, 11, 4))
    MatchMember.objects.filter(match=matches[4]).update(left_at=NOW)
    Match.objects.filter(pk=matches[4].pk).update(
        status="ended", ended_on=UNTIL, end_reason="goals_reached"
    )
    return Filters(cohort, SINCE, UNTIL)
