"""What the policy does to the people who are there now."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import User
from matching import effects
from matching.effects import present_effects
from matching.models import Balance, PairingPolicy, PolicyRule, TextVector
from matching.services.policy import engine_policy, ensure_policy, policy_snapshot
from participants.models import ProfileSkill
from tests.conftest import enrol, make_cohort

pytestmark = pytest.mark.django_db


def removed(found):
    return {row["rule"]: row["removed"] for row in found.rules}


def test_effects_count_what_each_rule_removes_today(pairing):
    policy = ensure_policy(cohort=pairing.cohort)
    User.objects.filter(email="mentee0@example.org").update(department="D1")

    found = present_effects(policy)

    assert (found.mentees, found.mentors) == (4, 3)
    assert removed(found)["different_department"] == 1
    PolicyRule.objects.filter(policy=policy, kind="different_department").delete()
    assert "different_department" not in removed(present_effects(policy))


def test_effects_count_who_has_told_what_counts(pairing):
    policy = ensure_policy(cohort=pairing.cohort)

    told = {row.label: (row.mentees, row.mentors) for row in present_effects(policy).told}

    people = [mentee.user_id for mentee in pairing.mentees]
    wishes = ProfileSkill.objects.filter(profile__user__in=people, direction="learn")
    assert told["Skills"] == (wishes.values("profile").distinct().count(), 3)
    assert told["Hours"] == (0, 0)


def test_effects_of_many_people_are_left_to_the_next_run(pairing, monkeypatch):
    monkeypatch.setattr(effects, "MOST_PAIRS", 11)

    found = present_effects(ensure_policy(cohort=pairing.cohort))

    assert (found.mentees, found.mentors) == (4, 3)
    assert (found.rules, found.told) == (None, [])


def test_pairing_page_loads_the_effects_and_links_to_them(cast, pairing):
    client = cast.client("program_manager")
    ensure_policy(cohort=pairing.cohort)
    url = reverse("matching:effects", args=(pairing.cohort.pk,))

    page = client.get(reverse("matching:cohort", args=(pairing.cohort.pk,))).content.decode()
    card = client.get(url, headers={"HX-Request": "true"}).content.decode()
    alone = client.get(url).content.decode()

    assert f'data-hx-get="{url}"' in page
    assert f'href="{url}"' in page
    assert "Who has told what counts" in card
    assert "<html" not in card
    assert "Back to pairing" in alone


def test_effects_without_a_policy_say_what_to_do(cast):
    cohort = make_cohort(cast.program, name="Empty")
    enrol(cohort, cast.mentor, "mentor")

    page = cast.client("program_manager").get(reverse("matching:effects", args=(cohort.pk,)))

    assert "No policy yet" in page.content.decode()


def test_balance_of_the_policy_reaches_the_engine_and_old_snapshots_have_none(pairing):
    policy = ensure_policy(cohort=pairing.cohort)
    PairingPolicy.objects.filter(pk=policy.pk).update(balance=Balance.STRONG)
    policy.refresh_from_db()
    snapshot = policy_snapshot(policy)

    assert engine_policy(snapshot).balance == 50_000
    del snapshot["balance"]
    assert engine_policy(snapshot).balance == 0


def test_balance_spreads_mentees_over_mentors_of_nearly_the_same_fit(pairing):
    policy = ensure_policy(cohort=pairing.cohort)
    PairingPolicy.objects.filter(pk=policy.pk).update(minimum_fit=0, balance=Balance.STRONG)
    for mentor in pairing.mentors:
        type(mentor).objects.filter(pk=mentor.pk).update(capacity=4)

    run = pairing.run()

    assert (run.status, run.error) == ("done", "")
    assert run.result["pairs"] == 4
    assert max(int(mentees) for mentees in run.result["load"]) == 2


def test_effects_turn_no_text_into_a_vector(pairing):
    policy = ensure_policy(cohort=pairing.cohort)

    present_effects(policy)

    assert not TextVector.objects.exists()
