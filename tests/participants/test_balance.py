"""Demand against supply of a cohort, and whom a manager may see behind the numbers."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Level
from participants.balance import balance_of
from participants.models import ProfileSkill, Skill
from tests.conftest import NOW, enrol, make_person
from tests.participants.joining import enrolling

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort(cast):
    return enrolling(cast)


@pytest.fixture
def skill(db) -> Skill:
    return Skill.objects.create(name="Data science", name_key="data science")


def join(cohort, name: str, role: str, *, skill=None, languages=(), level=None, **fields):
    user = make_person(
        f"{name.lower()}@example.org",
        f"{name} Person",
        time_zone=fields.pop("zone", "Europe/Berlin"),
        level=level,
    )
    user.profile.languages = list(languages)
    user.profile.save(update_fields=["languages"])
    if skill is not None:
        direction = "learn" if role == "mentee" else "offer"
        ProfileSkill.objects.create(profile=user.profile, skill=skill, direction=direction)
    if cohort is not None:
        enrol(cohort, user, role, **fields)
    return user


def lines_of(lines):
    return [(line.label, line.wanted, line.mentors, line.seats, line.missing) for line in lines]


def test_skill_that_too_few_offer_says_how_many_seats_are_missing(cast, cohort, skill):
    for name in ("Ada", "Ben", "Cleo"):
        join(cohort, name, "mentee", skill=skill)
    join(cohort, "Mia", "mentor", skill=skill, capacity=2)

    found = balance_of(cohort, manager=cast.program_manager, now=NOW)

    assert (found.mentees, found.mentors, found.seats, found.missing) == (3, 1, 2, 1)
    assert lines_of(found.skills) == [("Data science", 3, 1, 2, 1)]


def test_who_is_matched_paused_or_full_counts_no_more(cast, cohort, skill):
    join(cohort, "Ada", "mentee", skill=skill, status="paused")
    join(cohort, "Mia", "mentor", skill=skill, capacity=0)

    found = balance_of(cohort, manager=cast.program_manager, now=NOW)
    matched = balance_of(cast.cohort, manager=cast.program_manager, now=NOW)

    assert (found.mentees, found.mentors) == (0, 0)
    assert found.skills == []
    assert (matched.mentees, matched.mentors, matched.seats) == (0, 1, 1)


def test_people_outside_are_counted_and_named_only_where_the_manager_knows_them(
    cast, cohort, skill
):
    join(cohort, "Ada", "mentee", skill=skill)
    mine = join(cast.cohort, "Olga", "mentor", skill=skill)
    join(cast.other_cohort, "Theirs", "mentor", skill=skill)
    join(None, "Nowhere", "mentor", skill=skill)
    gone = join(cast.cohort, "Gone", "mentor", skill=skill)
    gone.is_active = False
    gone.save(update_fields=["is_active"])

    (line,) = balance_of(cohort, manager=cast.program_manager, now=NOW).skills

    assert (line.outside, line.unnamed) == (3, 2)
    assert line.known == ((mine.pk, "Olga Person"),)
    page = cast.client("program_manager").get(reverse("participants:balance", args=(cohort.pk,)))
    assert "Olga Person" in page.content.decode()
    assert "Theirs Person" not in page.content.decode()
    assert "3 people offer it and are not in this cohort" in page.content.decode()


def test_languages_clocks_and_levels_compare_with_whom_they_could_meet(cast, cohort):
    junior = Level.objects.create(name="Junior", rank=1)
    senior = Level.objects.create(name="Senior", rank=5)
    join(cohort, "Ada", "mentee", languages=["de", "fr"], level=junior)
    join(cohort, "Ben", "mentee", languages=["pt"], level=senior, zone="Pacific/Auckland")
    join(cohort, "Mia", "mentor", languages=["de"], level=senior, zone="Europe/Lisbon", capacity=3)

    found = balance_of(cohort, manager=cast.program_manager, now=NOW)

    assert lines_of(found.languages) == [
        ("French", 1, 0, 0, 1),
        ("Portuguese", 1, 0, 0, 1),
        ("German", 1, 1, 3, 0),
    ]
    assert found.without_language == 1
    assert lines_of(found.zones) == [("UTC+13:00", 1, 0, 0, 1), ("UTC+1:00", 1, 1, 3, 0)]
    assert lines_of(found.levels) == [("Senior", 1, 0, 0, 1), ("Junior", 1, 1, 3, 0)]


def test_page_without_anybody_says_what_it_would_show(cast, cohort):
    page = cast.client("program_manager").get(reverse("participants:balance", args=(cohort.pk,)))

    assert "Nobody waits for a match" in page.content.decode()


@pytest.mark.parametrize("count", [1, 12])
def test_page_takes_the_same_queries_for_any_number(
    cast, cohort, skill, count, django_assert_max_num_queries
):
    for number in range(count):
        join(cohort, f"Mentee{number}", "mentee", skill=skill)
        join(cast.cohort, f"Mentor{number}", "mentor", skill=skill)
    client = cast.client("program_manager")

    with django_assert_max_num_queries(11):
        client.get(reverse("participants:balance", args=(cohort.pk,)))


def test_no_more_than_twelve_are_named_and_the_rest_is_counted(cast, cohort, skill):
    join(cohort, "Ada", "mentee", skill=skill)
    for number in range(14):
        join(cast.cohort, f"Mentor{number:02}", "mentor", skill=skill)

    (line,) = balance_of(cohort, manager=cast.program_manager, now=NOW).skills

    assert (line.outside, len(line.known), line.unnamed) == (14, 12, 2)
    assert [name for _pk, name in line.known] == [f"Mentor{n:02} Person" for n in range(12)]
