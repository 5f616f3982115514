"""Pairing again with little change: what stands, what changes, and for how much."""

from __future__ import annotations

import pytest

from matching.models import PairingPolicy, PolicyCriterion
from matching.services.publishing import publish_run
from matching.standing_words import change_sentences
from participants.models import Enrolment, Profile, ProfileSkill
from tests.conftest import NOW, enrol, make_person
from tests.matching.conftest import with_skills

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(pairing):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=0, protects_worst=False)
    return pairing.run()


def pairs(run) -> dict[int, int]:
    return dict(run.proposals.values_list("mentee_id", "mentor_id"))


def test_run_that_changes_little_keeps_pairs_that_others_beat_by_less_than_five_points(
    pairing, draft
):
    """An interest in common is worth three points here, and decides between two mentees."""
    PolicyCriterion.objects.filter(kind="interests").update(weight=3)
    waiting = draft.unmatched.get().enrolment
    mentee = pairing.mentees[2] if waiting.pk != pairing.mentees[2].pk else pairing.mentees[3]
    mentor = next(one for one in pairing.mentors if one.pk == pairs(draft)[mentee.pk])
    rows(mentor, "Rowing")
    rows(waiting, "Rowing")

    kept = pairing.run(changes_little=True)

    assert pairs(kept) == pairs(draft)
    change = kept.result["change"]
    assert (change["stood"], change["broken"]) == (3, 0)
    assert change["now"] == {"changed": 0, "gain": 0, "came": 0, "left": 0}
    assert (change["anew"]["came"], change["anew"]["left"]) == (1, 1)
    assert change_sentences(kept.result) == ["0 of 3 pairs changed."]
    assert pairs(pairing.run())[waiting.pk] == mentor.pk


def rows(enrolment, *interests: str) -> None:
    Profile.objects.filter(user=enrolment.user_id).update(interests=list(interests))


def test_late_joiners_join_the_draft_and_nobody_moves(pairing, draft):
    first = pairs(draft)
    newcomer = with_skills(
        enrol(pairing.cohort, make_person("late@example.org", "Late Comer"), "mentor"),
        "offer",
        "coaching",
    )

    run = pairing.run(changes_little=True)

    assert {mentee: pairs(run)[mentee] for mentee in first} == first
    assert newcomer.pk in pairs(run).values()
    assert change_sentences(run.result) == [
        "0 of 3 pairs changed.",
        "1 mentee more has a mentor.",
    ]


def test_pair_that_is_worth_much_more_changes_and_says_what_it_brings(pairing, draft):
    others = [one.pk for one in pairing.mentees[2:]]
    Enrolment.objects.filter(pk__in=others).update(status="paused")
    assert pairing.run().proposals.count() == 2
    mentee = pairing.mentees[0]
    ProfileSkill.objects.filter(profile__user=mentee.user).delete()
    with_skills(mentee, "learn", "budgeting")
    ProfileSkill.objects.filter(profile__user=pairing.mentees[1].user).delete()
    with_skills(pairing.mentees[1], "learn", "sql")

    run = pairing.run(changes_little=True)

    assert run.result["change"]["now"]["changed"] == 2
    assert run.result["change"]["now"]["gain"] > 0
    sentences = change_sentences(run.result)
    assert sentences[0] == "2 of 2 pairs changed."
    assert sentences[1].startswith("They bring +")


def test_run_that_changes_little_without_an_open_draft_is_like_any_other(pairing, draft):
    publish_run(run=draft, actor=pairing.manager, now=NOW)
    enrol(pairing.cohort, make_person("late@example.org", "Late Comer"), "mentor")

    run = pairing.run(changes_little=True)

    assert "change" not in run.result
    assert run.proposals.count() == 1


def test_page_offers_little_change_while_a_draft_is_open(pairing, draft, cast):
    manager = cast.client("program_manager")
    url = f"/pairing/cohorts/{pairing.cohort.pk}/"

    page = manager.get(url).content.decode()
    manager.post(f"{url}start/", {"changes_little": "1"})

    assert "Pair again, change little" in page
    run = pairing.cohort.runs.first()
    assert run.policy_snapshot["keeps"] == draft.pk
