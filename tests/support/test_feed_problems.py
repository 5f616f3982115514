"""Rows and lists that are refused, each with its reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from core.errors import DomainError
from support.models import Feed
from tests.conftest import NOW
from tests.support.listing import (
    DANIEL,
    PRIYA,
    TODAY,
    actions,
    applied,
    confirmed,
    previewed,
    problems,
    sheet,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("numbers")]


def test_older_list_is_refused_before_and_while_it_is_applied(cast):
    older = previewed(sheet(DANIEL), dated=TODAY - timedelta(days=2))
    applied(PRIYA.replace("Finance", "Sales"), dated=TODAY - timedelta(days=1))

    with pytest.raises(DomainError, match=r"one of .* has been applied already"):
        previewed(sheet(DANIEL), dated=TODAY - timedelta(days=2))
    with pytest.raises(DomainError, match="applied already"):
        confirmed(older)
    with pytest.raises(DomainError, match="day to come"):
        previewed(sheet(DANIEL), dated=TODAY + timedelta(days=3))
    with pytest.raises(IntegrityError, match="feed_older"), transaction.atomic():
        Feed.objects.filter(pk=older.pk).update(applied_at=NOW)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("E7,,Who,Ever,Data,", "unknown_employee"),
        ("E1,marta@example.org,Daniel,Osei,Data,", "two_people"),
        ("E8,daniel@example.org,Other,Person,Data,", "number_differs"),
        ("E1,daniel@example.org,Daniel,Osei,Data,daniel@example.org", "own_manager"),
        ("E1,daniel@example.org,Daniel,Osei,Data,nobody@example.org", "unknown_manager"),
        (",,Daniel,Osei,Data,", "no_identity"),
        ("E1,#N/A,Daniel,Osei,Data,", "cell_error"),
        ("E1,daniel@example.org,Daniel,Osei,Data,,more", "extra_cells"),
    ],
)
def test_bad_row_is_named_and_the_others_go_in(cast, row, code):
    feed = previewed(sheet("E2,priya@example.org,Priya,Raman,Sales,", row))

    assert problems(feed) == [(3, code)]
    confirmed(feed)
    cast.mentee.refresh_from_db()
    assert cast.mentee.department == "Sales"


def test_circle_of_managers_and_repeated_rows_are_problems(cast):
    circle = previewed(
        sheet(
            "E1,daniel@example.org,Daniel,Osei,Data,priya@example.org",
            "E2,priya@example.org,Priya,Raman,Finance,daniel@example.org",
        )
    )
    twice = previewed(sheet(DANIEL, DANIEL, DANIEL.replace("Data", "Sales")))

    assert problems(circle) == [(2, "manager_circle"), (3, "manager_circle")]
    assert problems(twice) == [(2, "contradicts"), (4, "contradicts")]


@pytest.mark.parametrize(
    ("head", "row", "code"),
    [
        ("employee id,status", "E1,perhaps", "status_unknown"),
        ("employee id,last day", "E1,soon", "not_a_date"),
        ("employee id,leave from,leave until", "E1,2026-12-02,2026-12-01", "leave_order"),
        ("employee id,grade", "E1,Wizard", "unknown_level"),
    ],
)
def test_cell_that_cannot_be_meant_is_named(cast, head, row, code):
    assert problems(previewed(sheet(row, head=head))) == [(2, code)]


def test_two_rows_of_one_person_by_address_and_by_number_name_each_other(cast):
    head = "employee id,email,department"
    feed = previewed(sheet("E1,,Sales", ",daniel@example.org,Board", head=head))

    assert actions(feed) == ["problem", "problem"]
    for row in feed.rows.all():
        (found,) = row.problems
        assert (found["code"], found["params"]) == ("two_rows", {"row": 3, "other": 2})
