"""The fairest aim in the product: chosen, carried out, tried as a scenario, said in words."""

from __future__ import annotations

import pytest
from django.urls import reverse

from core.jobs import JobStatus
from matching.engine import TooManyForLeximin
from matching.failures import sentence_for
from matching.models import Objective, PairingPolicy, PairingRun
from matching.services.scenarios import apply_scenario, perform_scenario, request_scenario
from matching.views.policy import PolicyView
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(pairing):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(
        minimum_fit=0, objective=Objective.LEXIMIN
    )
    return pairing.run()


def test_run_with_the_fairest_aim_is_proved_and_stored(pairing, run):
    assert run.status == JobStatus.DONE
    assert run.policy_snapshot["objective"] == "leximin"
    assert (run.result["pairs"], run.result["floor"]) == (3, None)
    certificate = run.result["certificate"]
    assert certificate["is_proved"] is True
    assert certificate["primal"] == certificate["dual"]


def test_review_of_the_fairest_aim_says_what_is_proved(pairing, run, client):
    client.force_login(pairing.manager)
    page = client.get(reverse("matching:review", args=(run.pk,))).content.decode()
    assert "lifts the weakest pair, or the next weakest, any further" in page
    assert "reaches a higher total" not in page


def test_alternatives_of_the_fairest_aim_tell_a_plain_swap(pairing, run, client):
    client.force_login(pairing.manager)
    proposal = run.proposals.order_by("pk").first()
    page = client.get(reverse("matching:others", args=(proposal.pk,)))
    assert page.status_code == 200
    assert "Mentor" in page.content.decode()


def test_scenario_with_the_fairest_aim_can_be_applied(pairing, run):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(objective=Objective.COVERAGE)
    draft = pairing.run()
    scenario = request_scenario(
        run=draft,
        actor=pairing.manager,
        now=NOW,
        weights={},
        rules=[row["kind"] for row in draft.policy_snapshot["rules"]],
        objective="leximin",
    )
    perform_scenario(scenario.pk, clock=lambda: NOW)
    scenario.refresh_from_db()
    assert scenario.result["is_proved"] is True
    assert scenario.result["worst"] >= scenario.result["worst_now"]
    apply_scenario(scenario=scenario, actor=pairing.manager, now=NOW)
    assert PairingRun.objects.first().policy_snapshot["objective"] == "leximin"


def test_policy_in_words_says_that_the_weakest_goes_first_only_where_it_does(run):
    snapshot = {**run.policy_snapshot, "protects_worst": True}
    fairest = PolicyView.of(snapshot, run.cohort.program)
    assert (fairest.protects_worst, fairest.lifts_one_by_one) == (False, True)
    coverage = PolicyView.of({**snapshot, "objective": "coverage"}, run.cohort.program)
    assert (coverage.protects_worst, coverage.lifts_one_by_one) == (True, False)


def test_too_many_people_for_the_fairest_aim_get_a_way_out():
    sentence = sentence_for(TooManyForLeximin("Too many; there are", ["4,002,000"]))
    assert "up to 2,000 mentees and 2,000 seats" in sentence
    assert "protect the weakest pair" in sentence
