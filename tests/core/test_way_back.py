"""From a page to the admin and back: only to pages of this site."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from django.urls import reverse

from core.way_back import way_back, with_way_back


def test_way_back_is_added_to_addresses_of_the_admin_alone():
    admin = reverse("admin:programs_cohort_change", args=(7,))

    assert with_way_back(f"{admin}#phases", "/a/b/") == f"{admin}?back=%2Fa%2Fb%2F#phases"
    assert with_way_back("/cohorts/", "/a/b/") == "/cohorts/"


@pytest.mark.parametrize(
    "address", ["", "https://example.com/", "//example.com/", "/\\example.com", "javascript:x"]
)
def test_way_back_to_another_site_is_none(address):
    assert way_back(RequestFactory().get("/admin/", {"back": address})) is None


@pytest.mark.django_db
def test_manager_comes_back_to_the_set_up_after_saving(cast):
    setup = reverse("programs:setup", args=(cast.cohort.pk,))
    url = with_way_back(reverse("admin:programs_program_change", args=(cast.program.pk,)), setup)
    client = cast.client("program_manager")
    form = client.get(url).context["adminform"].form
    given = {name: value or "" for name, value in form.initial.items() if value is not False}
    steps = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0}

    saved = client.post(
        url, {**given, **{f"screening_steps-{name}": value for name, value in steps.items()}}
    )

    assert (saved.status_code, saved.url) == (302, setup)
