"""Figures of a cohort, counted by hand."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.models import Level
from matching.models import Match, MatchMember
from reports import selectors
from reports.selectors import Filters, Funnel, Group
from sessions.models import Meeting
from tests.conftest import NOW, enrol, make_cohort, make_match, make_person

pytestmark = pytest.mark.django_db

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


def test_funnel_counts_people_step_by_step(filters, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = selectors.funnel(filters)

    assert found == Funnel(
        invited=16, enrolled=15, paired=11, met=7, active=3, completed=2, pairs_met=4
    )


def test_funnel_of_a_past_period_leaves_out_what_came_later(filters):
    october = Filters(filters.cohort, SINCE, date(2026, 10, 31))

    found = selectors.funnel(october)

    assert (found.met, found.active, found.pairs_met) == (4, 4, 2)


def test_meetings_are_counted_by_week(filters):
    found = selectors.meeting_figures(filters)

    assert (found.count, found.minutes) == (5, 135)
    assert found.by_week == [
        (date(2026, 9, 28), 0),
        (date(2026, 10, 5), 2),
        (date(2026, 10, 12), 0),
        (date(2026, 10, 19), 0),
        (date(2026, 10, 26), 0),
        (date(2026, 11, 2), 2),
        (date(2026, 11, 9), 0),
        (date(2026, 11, 16), 1),
    ]


def test_groups_count_people_and_meetings_once(filters, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = selectors.groups(filters)

    assert found == [
        Group(["Data"], people=5, paired=5, met=3, meetings=5),
        Group(["Sales"], people=10, paired=6, met=4, meetings=5),
    ]


def test_groups_count_a_meeting_of_two_of_one_group_once(cast):
    cohort = make_cohort(cast.program, "One floor")
    level = Level.objects.create(name="Senior of this test", rank=77)
    mentors = people(cohort, "mentor", 3, department="Data", location="Wien", level=level)
    mentees = people(cohort, "mentee", 3, department="Data", location="Wien", level=level)
    held(make_match(mentors[0], mentees[0]), date(2026, 10, 5), date(2026, 10, 6))

    for group_by, name in (
        ("department", "Data"), ("location", "Wien"), ("level", "Senior of this test")
    ):  # fmt: skip
        assert selectors.groups(Filters(cohort, SINCE, UNTIL, group_by)) == [
            Group([name], people=6, paired=2, met=2, meetings=2)
        ]


def test_groups_of_people_without_a_level_are_not_told(filters):
    [group] = selectors.groups(
        Filters(filters.cohort, filters.since, filters.until, group_by="level")
    )

    assert (group.names, group.people) == ([""], 15)


def test_groups_count_a_person_in_both_roles_once(filters):
    both = make_person("both@example.org", "Both Roles", department="Sales")
    for role in ("mentor", "mentee"):
        enrol(filters.cohort, both, role)

    assert [(group.names, group.people) for group in selectors.groups(filters)] == [
        (["Data"], 5),
        (["Sales"], 11),
    ]
    assert selectors.funnel(filters).enrolled == 17
