"""What the pairing reads of a cohort, in one pass."""

from datetime import date

import pytest

from accounts.models import Level
from participants.models import Answer, Profile, ProfileSkill, Skill
from participants.selectors import pool_for_system, utc_hours
from programs.models import EnrolmentForm, Question
from tests.conftest import enrol, make_cohort, make_person

JANUARY = date(2026, 1, 15)
JULY = date(2026, 7, 15)


def bits(mask):
    return [hour for hour in range(168) if mask >> hour & 1]


@pytest.mark.parametrize(
    ("zone", "day", "local", "utc"),
    [
        ("UTC", JANUARY, [9, 10], [9, 10]),
        ("Europe/Berlin", JANUARY, [9], [8]),
        ("Europe/Berlin", JULY, [9], [7]),
        ("Europe/Berlin", JANUARY, [0], [167]),
        ("America/Toronto", JANUARY, [167], [4]),
        ("Asia/Kolkata", JANUARY, [9], []),
        ("Asia/Kolkata", JANUARY, [9, 10, 11], [4, 5]),
        ("Nowhere/Land", JANUARY, [9], [9]),
    ],
)
def test_utc_hours_in_a_zone_are_whole_hours_that_suit(zone, day, local, utc):
    assert bits(utc_hours(local, zone, day)) == utc


def test_utc_hours_without_answer_is_unknown():
    assert utc_hours([], "UTC", JANUARY) is None
    assert utc_hours(None, "UTC", JANUARY) is None


@pytest.fixture
def pool_cohort(cast):
    return make_cohort(
        cast.program,
        name="Spring 2026",
        enrolment_opens_on=JANUARY,
        enrolment_closes_on=JANUARY,
        starts_on=JANUARY,
    )


def test_pool_has_everything_the_pairing_needs(cast, pool_cohort, django_assert_num_queries):
    boss = make_person("boss@example.org", "Bea Boss", manager=cast.stranger)
    level = Level.objects.create(name="HEO", rank=4)
    person = make_person(
        "ann@example.org",
        "Ann Arbor",
        manager=boss,
        department="Data",
        location="Leeds",
        level=level,
        time_zone="Europe/Berlin",
    )
    Profile.objects.filter(user=person).update(
        bio="About me",
        function="Finance",
        goal_text="Lead a team",
        offer_text="Budgets",
        interests=["Chess"],
        languages=["en", "de"],
        available_hours=[9],
        mentored_before_count=3,
    )
    skill = Skill.objects.create(name="Python", name_key="python")
    for direction, importance in (("offer", 2), ("learn", 3)):
        ProfileSkill.objects.create(
            profile=person.profile, skill=skill, direction=direction, importance=importance
        )
    form = EnrolmentForm.objects.create(cohort=pool_cohort)
    enrolment = enrol(pool_cohort, person, "mentor", capacity=2)
    for key, kind, column in (
        ("note", "text", {"text": "Hello"}),
        ("site", "choice", {"text": "North"}),
        ("topics", "choices", {"choices": ["A", "B"]}),
        ("energy", "scale", {"number": 4}),
        ("since", "date", {"day": date(2020, 1, 1)}),
        ("empty", "text", {}),
    ):
        question = Question.objects.create(form=form, key=key, label=key, kind=kind)
        Answer.objects.create(enrolment=enrolment, question=question, **column)

    with django_assert_num_queries(3):
        (found,) = pool_for_system(pool_cohort)

    assert found.enrolment_id == enrolment.pk
    assert found.user_id == person.pk
    assert (found.role, found.seats, found.level) == ("mentor", 2, 4)
    assert (found.manager_id, found.second_manager_id) == (boss.pk, cast.stranger.pk)
    assert (found.department, found.location, found.function) == ("Data", "Leeds", "Finance")
    assert found.skills_offered == frozenset({"Python"})
    assert found.skills_wanted == {"Python": 3}
    assert (found.interests, found.languages) == (frozenset({"Chess"}), frozenset({"en", "de"}))
    assert (found.goal_text, found.offer_text, found.bio) == ("Lead a team", "Budgets", "About me")
    assert bits(found.hours) == [8]
    assert found.mentored_before_count == 3
    assert found.answers == {
        "note": "Hello",
        "site": "North",
        "topics": frozenset({"A", "B"}),
        "energy": 4.0,
        "since": float(date(2020, 1, 1).toordinal()),
    }


def test_pool_counts_open_matches_and_leaves_out_who_cannot_be_paired(cast):
    paused = make_person("paused@example.org", "Pia Paused")
    enrol(cast.cohort, paused, "mentee", status="paused")
    gone = make_person("gone@example.org", "Gus Gone", is_active=False)
    enrol(cast.cohort, gone, "mentee")

    pool = pool_for_system(cast.cohort)

    assert {(person.user_id, person.seats) for person in pool} == {
        (cast.mentor.pk, 1),
        (cast.mentee.pk, 0),
    }


def test_pool_takes_the_answer_of_the_latest_form(cast):
    for version, text in ((1, "old"), (2, "new")):
        form = EnrolmentForm.objects.create(
            cohort=cast.cohort, version=version, is_current=version == 2
        )
        question = Question.objects.create(form=form, key="goal", label="Goal", kind="text")
        Answer.objects.create(enrolment=cast.mentee_enrolment, question=question, text=text)

    answers = {person.user_id: person.answers for person in pool_for_system(cast.cohort)}

    assert answers[cast.mentee.pk] == {"goal": "new"}
