from __future__ import annotations

import re

import pytest
from django.urls import reverse

from tests.conftest import enrol, grant
from tests.home.conftest import more_matches


def links_of(cast, who: str, part: str) -> set[str]:
    html = cast.client(who).get(reverse("accounts:profile")).content.decode()
    found = re.search(rf'<nav[^>]*aria-label="{part}".*?</nav>', html, re.S)
    return set(re.findall(r'<a [^>]*href="([^"]+)"', found.group())) if found else set()


def test_navigation_of_a_mentee_leads_to_their_own_pages(cast, running):
    assert links_of(cast, "mentee", "Main") == {
        "/",
        reverse("notifications:inbox"),
        reverse("match", args=(cast.match.pk,)),
        reverse("meetings:list"),
        reverse("goals:list"),
        reverse("notes:own"),
        reverse("enrolment_status", args=(cast.mentee_enrolment.pk,)),
        reverse("feedback:mine"),
        reverse("support:help"),
        reverse("training:library"),
    }


def test_navigation_on_a_phone_has_logging_in_its_middle(cast, running):
    assert reverse("meetings:choose") in links_of(cast, "mentee", "Main, small screen")


def test_navigation_of_a_mentor_names_each_mentee(cast, running):
    more_matches(cast, 2)

    assert len([link for link in links_of(cast, "mentor", "Main") if "/matches/" in link]) == 3


@pytest.mark.parametrize(
    ("who", "inside", "outside"),
    [
        ("program_manager", ["programs:cohorts", "reports:outcomes", "admin:index"], []),
        ("hr_analyst", ["reports:outcomes"], ["programs:cohorts", "admin:index"]),
        ("it_administrator", ["admin:index"], ["programs:cohorts", "reports:outcomes"]),
        ("stranger", ["home"], ["programs:cohorts", "reports:outcomes", "admin:index"]),
        ("mentee", ["home"], ["programs:cohorts", "reports:outcomes", "admin:index"]),
    ],
)
def test_navigation_shows_what_the_role_may_open(cast, running, who, inside, outside):
    links = links_of(cast, who, "Main")

    assert {reverse(name) for name in inside} <= links
    assert not {reverse(name) for name in outside} & links


def test_navigation_of_two_hats_has_both(cast, running):
    grant(cast.mentor, "manager", cast.program)
    links = links_of(cast, "mentor", "Main")

    assert {reverse("meetings:list"), reverse("programs:cohorts")} <= links


def test_switcher_offers_every_cohort_of_the_person(cast, running):
    second = enrol(cast.other_cohort, cast.mentee, "mentee")

    assert links_of(cast, "mentee", "Programs") == {
        f"/?cohort={cast.mentee_enrolment.pk}",
        f"/?cohort={second.pk}",
    }


@pytest.mark.parametrize("who", ["mentee", "program_manager", "stranger"])
def test_navigation_leads_nowhere_that_is_closed(cast, running, who):
    client = cast.client(who)
    for part in ("Main", "Main, small screen", "All pages", "Your account"):
        for link in links_of(cast, who, part):
            assert client.get(link).status_code in (200, 302), link
