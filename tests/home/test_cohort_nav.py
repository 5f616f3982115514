"""The pages of a cohort stand in the navigation of every page that is about it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.matching.rounds import make_place

PAGES = [
    "reports:overview",
    "participants:people",
    "matching:cohort",
    "reports:pairs",
    "feedback:cohort",
    "programs:setup",
]


def links(cast, path, who="program_manager"):
    page = cast.client(who).get(path).content.decode()
    return {
        name: f'href="{reverse(name, args=(cast.cohort.pk,))}" aria-current="page"' in page
        for name in PAGES
        if f'<a href="{reverse(name, args=(cast.cohort.pk,))}"' in page
    }


@pytest.mark.parametrize("name", PAGES)
def test_page_of_a_cohort_links_to_its_other_pages(cast, name):
    found = links(cast, reverse(name, args=(cast.cohort.pk,)))

    assert found == {page: page == name for page in PAGES}


def test_pair_of_a_cohort_belongs_to_its_pairs(cast):
    found = links(cast, f"/matches/{cast.match.pk}/")

    assert found == {page: page == "reports:pairs" for page in PAGES}


@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_people_of_a_match_get_no_links_of_managers(cast, who):
    assert links(cast, f"/matches/{cast.match.pk}/", who) == {}


def test_home_of_a_manager_is_about_no_cohort(cast):
    page = cast.client("program_manager").get("/cohorts/").content.decode()

    assert "<h2>" + cast.cohort.name + "</h2>\n<a href" not in page


def test_matches_of_circles_are_called_so(cast):
    cohort = make_place(cast).cohort

    page = cast.client("program_manager").get(reverse("reports:pairs", args=(cohort.pk,)))

    text = page.content.decode()
    assert "<h1>Circles</h1>" in text
    assert "Pairs" not in text.split("<main", 1)[0]
