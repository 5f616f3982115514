"""What if: other weights on a frozen pool, computed beside the draft, applied or left."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from audit.models import AuditEvent
from core.errors import Conflict, DomainError
from core.jobs import JobStatus, claim, due
from matching.models import PairingPolicy, PairingRun, Proposal, ProposalState, Scenario
from matching.services.review import lock_proposal
from matching.services.scenarios import (
    apply_scenario,
    forget_old_scenarios,
    perform_scenario,
    request_scenario,
)
from tests.conftest import NOW, grant

pytestmark = pytest.mark.django_db

RULES = ("earlier_pair", "different_department")


@pytest.fixture
def run(pairing):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=0)
    return pairing.run()


def try_it(run, actor, *, weights=None, rules=RULES, objective="coverage"):
    scenario = request_scenario(
        run=run,
        actor=actor,
        now=NOW,
        weights=weights or {},
        rules=rules,
        objective=objective,
    )
    perform_scenario(scenario.pk, clock=lambda: NOW)
    scenario.refresh_from_db()
    return scenario


def weights_of(policy):
    return dict(policy.criteria.values_list("kind", "weight"))


def test_scenario_with_the_drafts_own_weights_changes_nothing(pairing, run):
    scenario = try_it(run, pairing.manager)

    assert scenario.status == JobStatus.DONE
    found = scenario.result
    assert (found["changed"], found["moves"]) == (0, [])
    assert (found["placed"], found["placed_now"]) == (3, 3)
    assert found["average"] == found["average_now"] == run.result["average"]
    assert found["is_proved"] is True


def test_scenario_changes_no_row_of_the_draft_or_the_policy(pairing, run):
    before = list(Proposal.objects.order_by("pk").values())
    policy = weights_of(pairing.cohort.policy)

    try_it(run, pairing.manager, weights={"skills": 0, "seniority": 100})

    assert list(Proposal.objects.order_by("pk").values()) == before
    assert weights_of(pairing.cohort.policy) == policy


def test_scenario_measures_both_pairings_with_the_new_weights(pairing, run):
    only_skills = {
        row["kind"]: 100 if row["kind"] == "skills" else 0
        for row in run.policy_snapshot["criteria"]
    }

    found = try_it(run, pairing.manager, weights=only_skills).result

    shown = Proposal.objects.filter(run=run).order_by("pk")
    points = [
        next(
            item["points"] * 1_000_000 / item["of"]
            for item in row.contributions
            if item["kind"] == "skills"
        )
        for row in shown
    ]
    assert found["average_now"] == pytest.approx(sum(points) / len(points), abs=3)
    assert found["average"] >= found["average_now"]


def test_scenario_keeps_locked_pairs(pairing, run):
    locked = run.proposals.get(mentee=pairing.mentees[0])
    lock_proposal(proposal=locked, actor=pairing.manager, now=NOW)

    found = try_it(run, pairing.manager, weights={"skills": 0}).result

    assert pairing.mentees[0].pk not in {row[0] for row in found["moves"]}


def test_scenario_without_a_rule_lets_its_pairs_through(pairing, run):
    with_rule = try_it(run, pairing.manager).policy_snapshot
    without = try_it(run, pairing.manager, rules=()).policy_snapshot

    assert [row["kind"] for row in with_rule["rules"]] == list(RULES)
    assert without["rules"] == []


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"weights": {"skills": 101}}, "0 to 100"),
        ({"objective": "beauty"}, "Choose one of the aims"),
    ],
)
def test_scenario_refuses_a_policy_that_cannot_be(pairing, run, fields, sentence):
    with pytest.raises(DomainError, match=sentence):
        try_it(run, pairing.manager, **fields)


def test_scenario_where_nothing_counts_is_refused(pairing, run):
    nothing = {row["kind"]: 0 for row in run.policy_snapshot["criteria"]}

    with pytest.raises(DomainError, match="at least one criterion"):
        try_it(run, pairing.manager, weights=nothing)


def test_trying_again_replaces_what_was_tried_and_stops_its_worker(pairing, run):
    first = request_scenario(
        run=run, actor=pairing.manager, now=NOW, weights={}, rules=RULES, objective="total"
    )
    carried = claim(Scenario, first.pk, now=NOW)
    second = try_it(run, pairing.manager, weights={"skills": 100})

    perform_scenario(carried.pk, clock=lambda: NOW)

    assert list(Scenario.objects.all()) == [second]


def test_scenario_carried_out_twice_is_computed_once(pairing, run):
    scenario = try_it(run, pairing.manager)
    finished = scenario.finished_at

    perform_scenario(scenario.pk, clock=lambda: NOW + timedelta(hours=1))

    scenario.refresh_from_db()
    assert (scenario.finished_at, scenario.attempt) == (finished, 1)


def test_published_draft_cannot_be_tried_with_other_weights(pairing, run):
    PairingRun.objects.filter(pk=run.pk).update(published_at=NOW)
    run.refresh_from_db()

    with pytest.raises(Conflict, match="not published yet"):
        try_it(run, pairing.manager)


def test_apply_sets_the_policy_and_starts_a_run_that_keeps_locks(pairing, run):
    locked = run.proposals.get(mentee=pairing.mentees[0])
    lock_proposal(proposal=locked, actor=pairing.manager, now=NOW)
    scenario = try_it(
        run,
        pairing.manager,
        weights={"skills": 50, "interests": 0},
        rules=("earlier_pair",),
        objective="total",
    )

    fresh = apply_scenario(scenario=scenario, actor=pairing.manager, now=NOW)

    policy = PairingPolicy.objects.get(cohort=pairing.cohort)
    weights = weights_of(policy)
    assert (weights["skills"], "interests" in weights) == (50, False)
    assert list(policy.rules.values_list("kind", flat=True)) == ["earlier_pair"]
    assert policy.objective == "total"
    assert fresh.policy_snapshot == scenario.policy_snapshot
    event = AuditEvent.objects.get(action="pairingpolicy.changed")
    assert event.detail["rules_dropped"] == ["different_department"]


def test_apply_after_somebody_else_changed_the_policy_is_a_conflict(pairing, run):
    scenario = try_it(run, pairing.manager)
    pairing.cohort.policy.criteria.filter(kind="interests").delete()

    with pytest.raises(Conflict, match="changed since this draft"):
        apply_scenario(scenario=scenario, actor=pairing.manager, now=NOW)
    assert PairingRun.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda policy: policy.criteria.filter(kind="interests").update(weight=11),
        lambda policy: policy.rules.filter(kind="earlier_pair").delete(),
        lambda policy: PairingPolicy.objects.filter(pk=policy.pk).update(objective="total"),
    ],
)
def test_apply_overwrites_nobodys_later_change(pairing, run, change):
    scenario = try_it(run, pairing.manager, weights={"skills": 50})
    change(pairing.cohort.policy)
    before = weights_of(pairing.cohort.policy)

    with pytest.raises(Conflict, match="changed since this draft"):
        apply_scenario(scenario=scenario, actor=pairing.manager, now=NOW)

    assert weights_of(pairing.cohort.policy) == before


def test_apply_of_a_published_draft_or_before_the_figures_is_refused(pairing, run):
    waiting = request_scenario(
        run=run, actor=pairing.manager, now=NOW, weights={}, rules=RULES, objective="coverage"
    )
    with pytest.raises(Conflict, match="not published yet"):
        apply_scenario(scenario=waiting, actor=pairing.manager, now=NOW)
    scenario = try_it(run, pairing.manager)
    PairingRun.objects.filter(pk=run.pk).update(published_at=NOW)

    with pytest.raises(Conflict, match="not published yet"):
        apply_scenario(scenario=scenario, actor=pairing.manager, now=NOW)
    assert PairingRun.objects.count() == 1


def test_scenario_of_a_draft_that_is_published_meanwhile_has_no_result(pairing, run):
    scenario = request_scenario(
        run=run, actor=pairing.manager, now=NOW, weights={}, rules=RULES, objective="coverage"
    )
    PairingRun.objects.filter(pk=run.pk).update(published_at=NOW)

    perform_scenario(scenario.pk, clock=lambda: NOW)

    scenario.refresh_from_db()
    assert (scenario.status, scenario.result) == (JobStatus.CANCELLED, {})


def test_scenario_whose_worker_was_killed_is_found_again_and_computed_once(pairing, run):
    scenario = request_scenario(
        run=run, actor=pairing.manager, now=NOW, weights={}, rules=RULES, objective="coverage"
    )
    claim(Scenario, scenario.pk, now=NOW)
    later = NOW + timedelta(minutes=5)

    assert list(due(Scenario, now=NOW)) == []
    assert list(due(Scenario, now=later)) == [scenario]
    perform_scenario(scenario.pk, clock=lambda: later)

    scenario.refresh_from_db()
    assert (scenario.status, scenario.attempt) == (JobStatus.DONE, 2)


def test_old_scenarios_are_forgotten(pairing, run):
    try_it(run, pairing.manager)

    assert forget_old_scenarios(now=NOW + timedelta(days=6)) == 0
    assert forget_old_scenarios(now=NOW + timedelta(days=8)) == 1


@pytest.fixture
def manager(cast, pairing):
    return cast.client("program_manager")


def sliders(run, **values):
    rows = run.policy_snapshot["criteria"]
    return {
        **{f"weight{place}": row["weight"] for place, row in enumerate(rows)},
        **{f"rule_{kind}": "on" for kind in RULES},
        "objective": "coverage",
        **values,
    }


def test_review_page_shows_sliders_of_the_draft_until_it_is_published(run, manager):
    url = reverse("matching:review", args=(run.pk,))
    page = manager.get(url).content.decode()
    PairingRun.objects.filter(pk=run.pk).update(published_at=NOW)

    assert page.count('type="range"') == len(run.policy_snapshot["criteria"])
    assert "These are the weights of this draft." in page
    assert 'type="range"' not in manager.get(url).content.decode()


def test_sliders_without_scripts_lead_to_a_page_with_everybody_who_changes(run, manager, pairing):
    answer = manager.post(
        reverse("matching:what_if", args=(run.pk,)), sliders(run, weight0="0"), follow=False
    )
    scenario = Scenario.objects.get()
    waiting = manager.get(answer.url).content.decode()
    perform_scenario(scenario.pk, clock=lambda: NOW)
    page = manager.get(answer.url).content.decode()

    assert answer.url == reverse("matching:scenario", args=(scenario.pk,))
    assert "Trying other weights" in waiting
    assert "What would change" in page
    assert "Apply weights" in page


def test_sliders_with_scripts_poll_until_the_figures_are_there(run, manager):
    htmx = {"HX-Request": "true"}
    started = manager.post(
        reverse("matching:what_if", args=(run.pk,)), sliders(run, weight0="1"), headers=htmx
    ).content.decode()
    scenario = Scenario.objects.get()
    url = reverse("matching:scenario_progress", args=(scenario.pk,))
    open_still = manager.get(url, headers=htmx).content.decode()
    perform_scenario(scenario.pk, clock=lambda: NOW)
    done = manager.get(url, headers=htmx).content.decode()

    assert url in started
    assert 'data-hx-trigger="every ' in open_still
    assert "every 500ms" not in done
    assert "Average score" in done


def test_sliders_that_cannot_be_say_why(run, manager):
    nothing = {f"weight{place}": "0" for place in range(len(run.policy_snapshot["criteria"]))}
    answer = manager.post(
        reverse("matching:what_if", args=(run.pk,)),
        sliders(run, **nothing),
        headers={"HX-Request": "true"},
    )

    assert "Give at least one criterion a weight above 0." in answer.content.decode()
    assert not Scenario.objects.exists()


def test_reset_forgets_what_was_tried(run, manager, pairing):
    try_it(run, pairing.manager)

    manager.post(reverse("matching:what_if", args=(run.pk,)), {"reset": "1"})

    assert not Scenario.objects.exists()


def test_apply_by_its_button_leads_to_the_new_run(run, manager, pairing):
    scenario = try_it(run, pairing.manager, weights={"skills": 50})

    answer = manager.post(reverse("matching:apply_scenario", args=(scenario.pk,)))

    fresh = PairingRun.objects.order_by("-pk").first()
    assert answer.url == reverse("matching:review", args=(fresh.pk,))
    assert fresh.policy_snapshot["criteria"][0]["weight"] == 50


def test_changes_that_concern_the_viewer_are_counted_but_not_named(run, cast, pairing):
    viewer = pairing.mentees[0].user
    grant(viewer, "manager", cast.program)
    other = pairing.mentors[1]
    scenario = try_it(run, pairing.manager)
    mine = run.proposals.get(mentee=pairing.mentees[0])
    theirs = run.proposals.exclude(pk=mine.pk).first()
    scenario.result["moves"] = [
        [mine.mentee_id, [mine.mentor_id], [other.pk], 400_000, 500_000],
        [theirs.mentee_id, [theirs.mentor_id], [], 400_000, None],
    ]
    scenario.result["changed"] = 2
    scenario.save()
    cast.both = viewer

    page = cast.client("both").get(reverse("matching:scenario", args=(scenario.pk,)))

    text = page.content.decode()
    assert "1 change concerns you and is not shown." in text
    assert f"Is with {theirs.mentor.user} now; would wait." in text
    assert f"to {other.user}" not in text


def test_proposals_of_the_draft_keep_their_state(run, manager, pairing):
    try_it(run, pairing.manager, weights={"skills": 0})

    assert set(run.proposals.values_list("state", flat=True)) == {ProposalState.PROPOSED}


def test_scenario_that_holds_pairs_says_so_and_promises_nobody_another_mentor(pairing, manager):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=1)
    draft = pairing.run()
    only_seniority = {
        row["kind"]: 100 if row["kind"] == "seniority" else 0
        for row in draft.policy_snapshot["criteria"]
    }

    scenario = try_it(draft, pairing.manager, weights=only_seniority)

    page = manager.get(reverse("matching:scenario", args=(scenario.pk,))).content.decode()
    assert scenario.result["placed"] == 0
    assert "3 mentees more would wait." in page
    assert "3 pairs would lie below the minimum fit and be held for you to decide." in page
    assert "would have another mentor" not in page
    assert "Everybody keeps their mentor." not in page
    assert "Average score" not in page


def test_rule_that_would_go_from_the_policy_is_named_before_it_is_applied(run, manager, pairing):
    scenario = try_it(run, pairing.manager, rules=("earlier_pair",))

    for url in (
        reverse("matching:scenario", args=(scenario.pk,)),
        reverse("matching:review", args=(run.pk,)),
    ):
        text = manager.get(url).content.decode()
        assert "Applying takes this rule out of the cohort’s policy: Different departments." in text
