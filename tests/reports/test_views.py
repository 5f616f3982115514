"""Dashboards and the report: who sees them, and that figures and filters fit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from programs.models import Cohort
from sessions.models import Meeting
from tests.conftest import NOW, enrol, make_cohort, make_match, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def more_pairs(cast, count):
    for n in range(count):
        mentor = enrol(
            cast.cohort, make_person(f"mo{n}@example.org", f"Mo {n}", department="Data"), "mentor"
        )
        mentee = enrol(
            cast.cohort,
            make_person(f"me{n}@example.org", f"Me {n}", department="Finance"),
            "mentee",
        )
        match = make_match(mentor, mentee)
        Meeting.objects.create(match=match, held_on=date(2026, 11, 2), minutes=45)


@pytest.mark.parametrize(("status", "is_said"), [("active", True), ("enrolling", False)])
def test_overview_says_who_still_waits_for_a_match(cast, status, is_said):
    enrol(cast.cohort, make_person("late@example.org", "Lena Late"), "mentee")
    Cohort.objects.filter(pk=cast.cohort.pk).update(status=status)

    page = cast.client("program_manager").get(reverse("reports:overview", args=(cast.cohort.pk,)))

    assert ("1 person waits for a match." in page.content.decode()) == is_said
    assert "Nobody needs you" not in page.content.decode()


def test_overview_shows_figures_and_who_needs_attention(cast):
    more_pairs(cast, 2)

    page = cast.client("program_manager").get(reverse("reports:overview", args=(cast.cohort.pk,)))

    text = page.content.decode()
    assert page.status_code == 200
    assert "Priya Raman and Daniel Osei" in text
    assert "No first meeting" in text


@pytest.mark.parametrize(
    ("days", "said", "not_said"),
    [
        (-1, "Not begun yet", "Week "),
        (0, "Week 1 of ", "Not begun"),
        (7, "Week 2 of ", "Not begun"),
    ],
)
def test_overview_counts_weeks_from_the_day_on_which_pairs_begin(cast, days, said, not_said):
    day = cast.cohort.starts_on + timedelta(days=days)

    with time_machine.travel(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), tick=False):
        page = cast.client("program_manager").get(
            reverse("reports:overview", args=(cast.cohort.pk,))
        )

    head = page.content.decode().split('class="page-head"')[1].split("</h1>")[1].split("</p>")[0]
    assert said in head
    assert not_said not in head


@pytest.mark.parametrize("name", ["reports:overview", "reports:pairs"])
@pytest.mark.parametrize(
    ("who", "status"),
    [("program_manager", 200), ("other_program_manager", 404), ("mentor", 404), ("stranger", 404)],
)
def test_overview_is_for_the_programs_managers(cast, name, who, status):
    assert cast.client(who).get(reverse(name, args=(cast.cohort.pk,))).status_code == status


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("program_manager", 200),
        ("hr_analyst", 200),
        ("mentor", 403),
        ("it_administrator", 403),
        ("stranger", 403),
    ],
)
def test_outcomes_are_for_managers_and_hr(cast, who, status):
    assert cast.client(who).get(reverse("reports:outcomes")).status_code == status


def test_outcomes_combine_small_groups(cast):
    more_pairs(cast, 6)

    text = cast.client("hr_analyst").get(reverse("reports:outcomes")).content.decode()

    assert "Small groups are combined" not in text
    assert ">Data</th>" in text
    enrol(cast.cohort, make_person("solo@example.org", "Solo One", department="Legal"), "mentee")
    text = cast.client("hr_analyst").get(reverse("reports:outcomes")).content.decode()
    assert "Small groups are combined" in text
    assert ">Legal</th>" not in text


def test_outcomes_of_a_foreign_cohort_show_an_error(cast):
    page = cast.client("hr_analyst").get(
        reverse("reports:outcomes"), {"cohort": cast.other_cohort.pk}
    )

    assert page.status_code == 422


def test_outcomes_with_days_in_the_wrong_order_say_so(cast):
    query = {"period": "dates", "since": "2026-11-10", "until": "2026-11-01"}

    page = cast.client("hr_analyst").get(reverse("reports:outcomes"), query)

    assert page.status_code == 422
    assert "The last day lies before the first" in page.content.decode()


def test_outcomes_with_a_post_are_refused(cast):
    assert cast.client("hr_analyst").post(reverse("reports:outcomes")).status_code == 405


@pytest.mark.parametrize("name", ["reports:overview", "reports:pairs"])
def test_dashboards_ask_the_same_number_of_questions_however_many_pairs(
    cast, name, django_assert_max_num_queries
):
    client = cast.client("program_manager")
    url = reverse(name, args=(cast.cohort.pk,))
    client.get(url)
    with django_assert_max_num_queries(10) as few:
        client.get(url)
    more_pairs(cast, 15)
    with django_assert_max_num_queries(10) as many:
        client.get(url)

    assert len(few.captured_queries) == len(many.captured_queries)
    assert len(many.captured_queries) <= 10


def test_pairs_filtered_by_health_show_only_those(cast):
    more_pairs(cast, 1)
    Meeting.objects.create(match=cast.match, held_on=NOW.date() - timedelta(days=1))
    client = cast.client("program_manager")
    url = reverse("reports:pairs", args=(cast.cohort.pk,))

    assert "Priya Raman" in client.get(url, {"health": "on_track"}).content.decode()
    assert "No pair matches" in client.get(url, {"health": "attention"}).content.decode()


def test_outcomes_ask_the_same_number_of_questions_however_many_pairs(
    cast, django_assert_num_queries
):
    client = cast.client("hr_analyst")
    with django_assert_num_queries(9):
        client.get(reverse("reports:outcomes"))
    more_pairs(cast, 15)
    with django_assert_num_queries(9):
        client.get(reverse("reports:outcomes"))


@pytest.mark.parametrize(("order", "first"), [("attention", "Me 0"), ("longest", "Priya Raman")])
def test_pairs_come_in_the_chosen_order(cast, order, first):
    more_pairs(cast, 1)
    Meeting.objects.update(held_on=NOW.date() - timedelta(days=40))
    late = Meeting.objects.create(match=cast.match, held_on=NOW.date() - timedelta(days=41))
    Meeting.objects.create(match=cast.match, status="scheduled", starts_at=NOW + timedelta(days=1))
    client = cast.client("program_manager")
    url = reverse("reports:pairs", args=(cast.cohort.pk,))

    text = client.get(url, {"sort": order}).content.decode()

    other = "Me 0" if first == "Priya Raman" else "Priya Raman"
    assert late.pk
    assert 0 < text.index(f"{first} and") < text.index(f"{other} and")


def test_report_opens_with_a_cohort_that_runs_rather_than_the_newest(cast):
    make_cohort(cast.program, name="Next year", status="enrolling", starts_on=date(2027, 3, 1))

    page = cast.client("hr_analyst").get(reverse("reports:outcomes")).content.decode()

    assert f'value="{cast.cohort.pk}" selected' in page
