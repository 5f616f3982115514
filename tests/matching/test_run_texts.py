"""Runs that compare texts by meaning: frozen with the pool, the same again, switched off."""

from __future__ import annotations

import pytest

from matching.drafts import Draft
from matching.meaning import VERSION
from matching.models import PairingPolicy, Proposal
from matching.pool import engine_pool, take_snapshot
from matching.reasons import for_manager, for_people
from matching.vectors import TextVector
from participants.models import Profile, ProfileSkill, Skill

pytestmark = pytest.mark.django_db

GOALS = {
    0: "I am coming back after breast cancer treatment and tire quickly.",
    1: "Ich möchte lernen, ein Team zu führen.",
}
OFFERS = {
    0: "I restore old clocks and know my way around every museum.",
    1: "Chemotherapy three years ago; I know the exhaustion.",
    2: "Ich führe seit Jahren ein großes Team.",
}


@pytest.fixture
def told(pairing):
    for number, goal in GOALS.items():
        Profile.objects.filter(user=pairing.mentees[number].user_id).update(goal_text=goal)
    for number, offer in OFFERS.items():
        Profile.objects.filter(user=pairing.mentors[number].user_id).update(offer_text=offer)
    policy = PairingPolicy.objects.get(cohort=pairing.cohort)
    policy.criteria.exclude(kind="goal_text").delete()
    PairingPolicy.objects.update(minimum_fit=0)
    return pairing


def mentor_of(run, mentee):
    return Proposal.objects.get(run=run, mentee=mentee).mentor


def goal_points(run, mentee, mentor):
    contributions = Draft(run).explain(mentee.pk, mentor.pk).contributions
    return next(item["points"] for item in contributions if item["kind"] == "goal_text")


def test_run_pairs_by_meaning_and_says_with_what(told):
    run = told.run()

    assert mentor_of(run, told.mentees[0]) == told.mentors[1]
    assert run.result["versions"]["texts"] == VERSION
    assert run.pool_snapshot["text_version"] == VERSION
    assert TextVector.objects.filter(version=VERSION).count() >= 5


def test_run_compares_words_of_texts_in_another_language(told):
    run = told.run()

    german, english = told.mentees[1], told.mentees[0]
    assert mentor_of(run, german) == told.mentors[2]
    assert goal_points(run, german, told.mentors[2]) > 0
    assert goal_points(run, german, told.mentors[1]) == 0
    assert goal_points(run, english, told.mentors[2]) == 0


def test_run_gives_the_same_pairs_from_memory_and_anew(told):
    first = told.run()
    second = told.run()
    TextVector.objects.all().delete()
    third = told.run()

    prints = {run.result["fingerprint"] for run in (first, second, third)}
    assert len(prints) == 1


def test_run_with_meaning_off_compares_words_and_remembers_nothing(told, settings):
    settings.TEXT_MEANING = False

    run = told.run()

    assert run.result["versions"]["texts"] == "words"
    assert not TextVector.objects.exists()
    assert goal_points(run, told.mentees[0], told.mentors[1]) == 0


def test_draft_after_switching_off_still_answers_from_memory(told, settings):
    run = told.run()
    before = goal_points(run, told.mentees[0], told.mentors[1])
    settings.TEXT_MEANING = False

    assert before > 500_000
    assert goal_points(run, told.mentees[0], told.mentors[1]) == before


def test_draft_whose_vectors_are_gone_is_explained_by_words(told, settings):
    run = told.run()
    TextVector.objects.all().delete()
    settings.TEXT_MEANING = False

    assert goal_points(run, told.mentees[0], told.mentors[1]) == 0


def test_run_gives_part_of_the_credit_for_a_skill_under_another_name(pairing):
    for enrolment, direction, name in (
        (pairing.mentees[0], "learn", "Public speaking"),
        (pairing.mentors[1], "offer", "Presenting"),
    ):
        skill = Skill.objects.create(name=name, name_key=name.lower())
        profile = Profile.objects.get(user=enrolment.user_id)
        ProfileSkill.objects.filter(profile=profile).delete()
        ProfileSkill.objects.create(profile=profile, skill=skill, direction=direction)
    PairingPolicy.objects.update(minimum_fit=0)

    run = pairing.run()

    assert run.pool_snapshot["related_skills"] == {"Public speaking": {"Presenting": 0.75}}
    assert mentor_of(run, pairing.mentees[0]) == pairing.mentors[1]
    found = Proposal.objects.get(run=run, mentee=pairing.mentees[0]).contributions
    skills = next(item for item in found if item["kind"] == "skills")
    assert skills["facts"]["related"] == [["Public speaking", "Presenting"]]
    assert skills["points"] == pytest.approx(0.75 * skills["of"], abs=1)
    sentences = [sentence.text for sentence in for_people(found)]
    assert "The mentor offers Presenting, close to Public speaking." in sentences
    assert for_manager([skills])[0].text == "Presenting for Public speaking"


def test_engine_pool_of_an_older_snapshot_compares_words(told):
    snapshot = take_snapshot(told.cohort)
    del snapshot["text_version"], snapshot["related_skills"]

    pool = engine_pool(snapshot)

    assert set(pool.mentees.goal_vector) | set(pool.mentors.about_vector) == {None}
