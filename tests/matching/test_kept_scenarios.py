"""Scenarios with a name: kept, measured by one ruler beside the draft, fair to groups, dropped."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import User
from audit.models import AuditEvent
from core.errors import Conflict, DomainError
from core.jobs import JobStatus
from matching.comparing import compare
from matching.measuring import fair_groups
from matching.models import PairingPolicy, ProposalState, Scenario
from matching.services.keeping import compute_again, drop_scenario, keep_scenario
from matching.services.publishing import publish_run
from matching.services.review import reject_proposal
from matching.services.scenarios import (
    apply_scenario,
    forget_old_scenarios,
    perform_scenario,
    request_scenario,
)
from matching.warm import WARM
from tests.conftest import NOW, enrol, grant, make_person

pytestmark = pytest.mark.django_db

RULES = ("earlier_pair", "different_department")


@pytest.fixture
def run(pairing):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=0)
    return pairing.run()


@pytest.fixture
def manager(cast):
    return cast.client("program_manager")


def tried(run, actor, **weights: int) -> Scenario:
    scenario = request_scenario(
        run=run, actor=actor, now=NOW, weights=weights, rules=RULES, objective="coverage"
    )
    return perform(scenario)


def perform(scenario: Scenario) -> Scenario:
    perform_scenario(scenario.pk, clock=lambda: NOW)
    scenario.refresh_from_db()
    return scenario


def kept(run, actor, name: str, **weights: int) -> Scenario:
    scenario = tried(run, actor, **weights)
    keep_scenario(scenario=scenario, actor=actor, now=NOW, name=name)
    return perform(scenario)


def cells(found, label: str) -> list[str]:
    return [cell.text for cell in next(row for row in found.rows if row.label == label).cells]


def test_kept_scenarios_stand_beside_the_draft_by_one_ruler(pairing, run):
    kept(run, pairing.manager, "As it is")
    other = kept(run, pairing.manager, "Seniority only", skills=0, goal_text=0, interests=0)

    found = compare(run)

    assert [column.title for column in found.columns] == [
        "The draft",
        "As it is",
        "Seniority only",
    ]
    assert cells(found, "Mentees with a mentor") == ["3", "3", "3"]
    draft, same, changed = (float(text) for text in cells(found, "Average score"))
    assert draft == same == round(run.result["average"] / 10_000, 1)
    assert changed <= draft
    assert cells(found, "Who would change")[:2] == ["nobody", "nobody"]
    assert cells(found, "Mentees a mentor") == ["3\N{NO-BREAK SPACE}with\N{NO-BREAK SPACE}1"] * 3
    assert other.result["then"]["average"] <= other.result["draft"]["average"]
    assert (found.is_old, found.open_count) == (False, 0)


def test_kept_scenario_leaves_the_next_try_its_place(pairing, run):
    first = kept(run, pairing.manager, "One")

    second = tried(run, pairing.manager, skills=1)

    assert set(Scenario.objects.values_list("pk", "name")) == {(first.pk, "One"), (second.pk, "")}


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("  ", "Write a name"),
        ("one", "There is a scenario of this name"),
        (f"{'n' * 40} more", "shorter name"),
    ],
)
def test_scenario_without_a_name_of_its_own_is_refused(pairing, run, name, refusal):
    kept(run, pairing.manager, "One")
    scenario = tried(run, pairing.manager)

    with pytest.raises(DomainError, match=refusal):
        keep_scenario(scenario=scenario, actor=pairing.manager, now=NOW, name=name)

    assert Scenario.objects.get(pk=scenario.pk).status == JobStatus.DONE


def test_sixth_kept_scenario_is_refused(pairing, run):
    for number in range(5):
        Scenario.objects.create(
            run=run, requested_by=pairing.manager, name=f"No {number}", created_at=NOW
        )

    with pytest.raises(DomainError, match="Remove one"):
        keep_scenario(
            scenario=tried(run, pairing.manager), actor=pairing.manager, now=NOW, name="Six"
        )


def test_kept_scenario_outlives_the_week(pairing, run):
    kept(run, pairing.manager, "One")
    tried(run, pairing.manager)

    assert forget_old_scenarios(now=NOW + timedelta(days=8)) == 1
    assert Scenario.objects.get().name == "One"


def test_decision_about_the_draft_makes_figures_old_until_computed_again(pairing, run):
    scenario = kept(run, pairing.manager, "One")
    reject_proposal(proposal=run.proposals.first(), actor=pairing.manager, now=NOW)

    assert compare(run).is_old
    assert compute_again(run=run) == 1
    perform(scenario)

    found = compare(run)
    assert not found.is_old
    assert cells(found, "Mentees with a mentor") == ["2", "3"]


def test_kept_scenario_of_another_manager_is_applied_by_the_second(cast, pairing, run):
    second = make_person("second@example.org", "Second Manager")
    grant(second, "manager", cast.program)
    scenario = kept(run, pairing.manager, "One", skills=80)

    apply_scenario(scenario=scenario, actor=second, now=NOW)

    assert pairing.cohort.policy.criteria.get(kind="skills").weight == 80


def test_scenario_of_a_published_draft_is_kept_no_more(pairing, run):
    scenario = tried(run, pairing.manager)
    publish_run(run=run, actor=pairing.manager, now=NOW)

    with pytest.raises(Conflict):
        keep_scenario(scenario=scenario, actor=pairing.manager, now=NOW, name="Late")


@pytest.mark.parametrize(
    ("language", "why"),
    [
        ("en", "The draft was published before this was computed."),
        ("de", "Der Entwurf wurde veröffentlicht, bevor dies berechnet war."),
    ],
)
def test_scenario_that_publishing_overtakes_says_so(pairing, run, language, why):
    User.objects.filter(pk=pairing.manager.pk).update(language=language)
    scenario = tried(run, pairing.manager)
    keep_scenario(scenario=scenario, actor=pairing.manager, now=NOW, name="Late")
    publish_run(run=run, actor=pairing.manager, now=NOW)

    perform(scenario)

    assert (scenario.status, scenario.error) == (JobStatus.CANCELLED, why)


def test_removed_scenario_is_gone_and_the_act_recorded(pairing, run):
    scenario = kept(run, pairing.manager, "One")

    drop_scenario(scenario=scenario, actor=pairing.manager, now=NOW)

    assert not Scenario.objects.exists()
    acts = AuditEvent.objects.filter(action__startswith="scenario.").order_by("pk")
    assert list(acts.values_list("action", flat=True)) == ["scenario.kept", "scenario.removed"]


def test_groups_below_five_are_combined_and_the_same_in_every_column(pairing):
    for number in range(12):
        department = "Sales" if number < 9 else f"X{number}"
        person = make_person(f"many{number}@example.org", f"Many {number}", department=department)
        enrol(pairing.cohort, person, "mentee")
    run = pairing.run()
    kept(run, pairing.manager, "One", skills=80)

    found = compare(run)

    departments = found.tables[0]
    assert [(row.label, row.help) for row in departments.rows] == [
        ("Sales", "9 mentees"),
        ("E0, E1 and 5 more", "7 mentees"),
    ]
    assert [len(row.cells) for row in departments.rows] == [2, 2]
    assert {cell.more for row in departments.rows for cell in row.cells} >= {"43 % have a mentor"}


def test_fair_groups_combine_small_ones_and_leave_out_who_agreed_to_nothing(pairing):
    people = [*pairing.mentees]
    for number in range(14):
        person = make_person(f"more{number}@example.org", f"More {number}")
        people.append(enrol(pairing.cohort, person, "mentee"))
    for place, enrolment in enumerate(people):
        where = "Berlin" if place < 6 else "Lisbon" if place < 12 else f"Place {place}"
        User.objects.filter(pk=enrolment.user_id).update(location=where)
    pool = WARM.of(pairing.run()).pool

    groups = fair_groups(pool, ["first"])

    assert [(group.names, len(group.mentees)) for group in groups["location"]] == [
        (("Berlin",), 6),
        (("Lisbon",), 6),
        (tuple(f"Place {place}" for place in range(12, 18)), 6),
    ]
    assert "trait:first" not in groups


def test_pages_keep_compare_and_remove(pairing, run, manager, django_assert_max_num_queries):
    scenario = tried(run, pairing.manager, skills=80)

    posted = manager.post(f"/pairing/scenarios/{scenario.pk}/keep/", {"name": "Skills first"})
    waiting = manager.get(f"/pairing/runs/{run.pk}/compare/").content.decode()
    perform(scenario)
    with django_assert_max_num_queries(15):
        page = manager.get(f"/pairing/runs/{run.pk}/compare/").content.decode()
    review = manager.get(f"/pairing/runs/{run.pk}/").content.decode()
    manager.post(f"/pairing/scenarios/{scenario.pk}/remove/")
    empty = manager.get(f"/pairing/runs/{run.pk}/compare/").content.decode()

    assert posted["Location"] == f"/pairing/runs/{run.pk}/compare/"
    assert "1 scenario is being computed" in waiting
    assert '<th scope="col" class="n">Skills first</th>' in page
    assert "1 scenario beside the draft" in review
    assert "No scenario is kept yet" in empty
    assert run.proposals.filter(state=ProposalState.PROPOSED).count() == 3


def test_rules_that_a_scenario_leaves_out_stand_beside_it(pairing, run):
    kept(run, pairing.manager, "As it is")
    assert "Rules it leaves out" not in {row.label for row in compare(run).rows}
    scenario = request_scenario(
        run=run, actor=pairing.manager, now=NOW, weights={}, rules=(), objective="coverage"
    )
    perform(scenario)
    keep_scenario(scenario=scenario, actor=pairing.manager, now=NOW, name="Without rules")
    perform(scenario)

    told = cells(compare(run), "Rules it leaves out")
    assert told == ["–", "–", "Not a pair before, Different departments"]
