"""The usual policy, fitted to what people have told."""

from __future__ import annotations

import pytest
from django.urls import reverse

from audit.models import AuditEvent
from matching.models import PairingPolicy, ProposalState
from matching.services.lists import suggest_policy
from participants.models import Profile, ProfileSkill
from tests.conftest import NOW, make_cohort

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort(pairing):
    pairing.cohort.policy.delete()
    return type(pairing.cohort).objects.get(pk=pairing.cohort.pk)


def kinds(cohort):
    return set(PairingPolicy.objects.get(cohort=cohort).criteria.values_list("kind", flat=True))


def test_suggested_policy_leaves_out_what_hardly_anybody_told(cohort, pairing):
    ProfileSkill.objects.all().delete()
    Profile.objects.update(function="Policy", goal_text="", interests=["chess"])

    left_out = suggest_policy(cohort=cohort, actor=pairing.manager, now=NOW)

    assert "Skills" in left_out
    assert "skills" not in kinds(cohort)
    assert {"interests", "function"} <= kinds(cohort)
    assert "skills" in AuditEvent.objects.get(action="pairingpolicy.created").detail["left_out"]


def test_suggested_policy_for_nobody_is_the_usual_one(cast):
    cohort = make_cohort(cast.program, name="Empty")

    assert suggest_policy(cohort=cohort, actor=cast.program_manager, now=NOW) == []
    assert kinds(cohort) == {"skills", "goal_text", "shared_hours", "seniority", "interests"}


def test_suggested_policy_keeps_one_that_is_there(pairing):
    before = kinds(pairing.cohort)

    assert suggest_policy(cohort=pairing.cohort, actor=pairing.manager, now=NOW) == []
    assert kinds(pairing.cohort) == before


def test_suggesting_says_what_was_left_out(cast, cohort):
    ProfileSkill.objects.all().delete()
    Profile.objects.update(function="Policy")

    page = cast.client("program_manager").post(
        reverse("matching:suggest", args=(cohort.pk,)), follow=True
    )

    assert "Left out, since hardly anybody has told: Skills" in page.content.decode()


def test_review_of_mostly_held_pairs_says_where_to_look(cast, pairing):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=99)
    run = pairing.run()
    assert run.proposals.filter(state=ProposalState.HELD).exists()

    page = cast.client("program_manager").get(reverse("matching:review", args=(run.pk,)))

    assert "See who has told what counts" in page.content.decode()
