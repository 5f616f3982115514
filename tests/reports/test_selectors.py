"""Figures of a cohort, counted by hand."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.models import Level
from reports import selectors
from reports.selectors import Filters, Funnel, Group
from tests.conftest import enrol, make_cohort, make_match, make_person
from tests.reports.conftest import SINCE, UNTIL, held, people

pytestmark = pytest.mark.django_db


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
