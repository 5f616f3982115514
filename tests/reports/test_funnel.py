"""The names behind the funnel: as many as it counts, in order, and who did not come further."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from reports import selectors
from reports.funnel import NEXT, FunnelStep, Names

pytestmark = pytest.mark.django_db


def test_each_number_of_the_funnel_has_as_many_names(filters):
    counted = selectors.funnel(filters)

    for step in FunnelStep:
        names = Names(filters, step)
        people = names[0:50]
        assert len(people) == len(names) == getattr(counted, step.value), step


def test_names_stand_in_order_and_a_part_at_a_time(filters, django_assert_num_queries):
    everybody = Names(filters, FunnelStep.PAIRED)[0:50]
    keys = [enrolment.user.name_key for enrolment in everybody]
    assert keys == sorted(keys)

    with django_assert_num_queries(2):
        part = Names(filters, FunnelStep.PAIRED)[3:6]

    assert part == everybody[3:6]


@pytest.mark.parametrize(
    ("step", "count"), [("invited", 1), ("enrolled", 4), ("paired", 4), ("met", 4)]
)
def test_who_stopped_at_a_step_is_who_the_next_one_lacks(filters, step, count):
    names = Names(filters, FunnelStep(step), only_stopped=True)

    further = {row.pk for row in Names(filters, NEXT[FunnelStep(step)][0])[0:50]}
    assert len(names) == count
    assert not further & {row.pk for row in names[0:50]}


def test_page_names_who_was_never_paired(cast, filters):
    client = cast.client("program_manager")
    url = reverse("reports:names", args=(filters.cohort.pk, "enrolled"))

    page = client.get(url, {"show": "stopped"})

    assert page.status_code == 200
    assert [row.user.email for row in page.context["page_obj"]] == [
        f"mentee{n}.sales@example.org" for n in range(6, 10)
    ]
    assert "Enrolled: Not paired" in page.content.decode()


def test_page_of_an_unknown_step_is_not_found(cast):
    client = cast.client("program_manager")

    url = reverse("reports:names", args=(cast.cohort.pk, "gone"))

    assert client.get(url).status_code == 404


def test_page_asks_the_same_number_of_queries_for_more_people(
    cast, filters, django_assert_max_num_queries
):
    client = cast.client("program_manager")

    for cohort in (cast.cohort, filters.cohort):
        with django_assert_max_num_queries(10):
            client.get(reverse("reports:names", args=(cohort.pk, "invited")))


def test_numbers_on_the_overview_lead_to_their_names(cast):
    client = cast.client("program_manager")

    page = client.get(reverse("reports:overview", args=(cast.cohort.pk,))).content.decode()

    for step in FunnelStep:
        assert reverse("reports:names", args=(cast.cohort.pk, step.value)) in page


def test_report_for_hr_leads_to_no_names(cast):
    client = cast.client("hr_analyst")

    page = client.get(reverse("reports:outcomes"), {"cohort": cast.cohort.pk}).content.decode()

    assert "From invitation to completion" in page
    assert "/people/enrolled/" not in page


def test_a_period_before_the_cohort_has_no_names(filters):
    early = selectors.Filters(filters.cohort, date(2020, 1, 1), date(2020, 1, 31))

    assert len(Names(early, FunnelStep.MET)) == 0
    assert Names(early, FunnelStep.MET)[0:50] == []
