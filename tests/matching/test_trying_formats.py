"""What if, for circles and for peers: tried, kept side by side, read by who may, applied."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from accounts.models import Role
from core.errors import DomainError
from core.jobs import JobStatus
from matching.comparing import compare
from matching.models import DoNotPair, PairingRun, ProposalState, Scenario
from matching.services.circles import lock_circle, move_seat, unlock_circle
from matching.services.keeping import keep_scenario
from matching.services.review import lock_proposal
from matching.services.scenarios import apply_scenario, perform_scenario, request_scenario
from tests.conftest import NOW, Cast, grant
from tests.matching.rounds import (
    Peers,
    Place,
    circle_of,
    circles_of,
    make_peers,
    make_place,
    pks,
    seat_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(cast: Cast) -> Place:
    return make_place(cast)


@pytest.fixture
def peers(cast: Cast) -> Peers:
    return make_peers(cast)


def try_it(run: PairingRun, actor, *, only: str = "", objective: str = "coverage", name: str = ""):
    """Try a draft with one criterion alone, or with its own weights; keep it under a name."""
    weights = {
        row["kind"]: 100 if row["kind"] == only else 0
        for row in run.policy_snapshot["criteria"]
        if only
    }
    rules = [row["kind"] for row in run.policy_snapshot["rules"]]
    scenario = request_scenario(
        run=run, actor=actor, now=NOW, weights=weights, rules=rules, objective=objective
    )
    for _turn in range(2 if name else 1):
        perform_scenario(scenario.pk, clock=lambda: NOW)
        scenario.refresh_from_db()
        assert scenario.status == JobStatus.DONE, scenario.error
        if name and not scenario.name:
            keep_scenario(scenario=scenario, actor=actor, now=NOW, name=name)
    scenario.refresh_from_db()
    return scenario


def misplace(place: Place, run: PairingRun) -> None:
    """Seat the first mentee, who wants what the first mentor offers, with the second."""
    away = circle_of(run, place.mentors[1])
    move_seat(seat=seat_of(run, place.mentees[0]), to=away, **place.given)
    unlock_circle(circle=away, **place.given)


def cells(found, label: str) -> list[str]:
    return [cell.text for cell in next(row for row in found.rows if row.label == label).cells]


def moved(scenario: Scenario) -> dict[int, tuple[list[int], list[int]]]:
    return {row[0]: (row[1], row[2]) for row in scenario.result["moves"]}


def test_circles_tried_with_their_own_weights_stay(place):
    run = place.run()

    found = try_it(run, place.manager).result

    assert (found["changed"], found["moves"], found["broken_now"]) == (0, [], 0)
    assert (found["placed"], found["placed_now"], found["groups_made"]) == (7, 7, 2)
    assert found["average"] == found["average_now"] == run.result["average"]
    assert found["worst"] == found["worst_now"] == run.result["worst"]
    assert found["is_proved"] is True


def test_circles_that_somebody_changed_by_hand_are_told_from_what_is_best(place):
    run = place.run()
    misplace(place, run)

    scenario = try_it(run, place.manager)

    there, home = place.mentors[1].pk, place.mentors[0].pk
    assert moved(scenario) == {place.mentees[0].pk: ([there], [home])}
    assert scenario.result["average"] > scenario.result["average_now"]


def test_locked_circle_stays_whatever_is_tried(place):
    run = place.run()
    misplace(place, run)
    lock_circle(circle=circle_of(run, place.mentors[1]), **place.given)

    assert place.mentees[0].pk not in moved(try_it(run, place.manager, only="skills"))


def test_rule_between_members_of_a_circle_counts_as_broken(place):
    run = place.run()
    low, high = sorted(one.user_id for one in place.mentees[:2])
    DoNotPair.objects.create(low_id=low, high_id=high, created_at=NOW)
    run.pool_snapshot["must_not_pairs"] = [[low, high]]
    run.save(update_fields=["pool_snapshot"])

    found = try_it(run, place.manager).result

    assert found["broken_now"] == 2
    assert found["changed"] >= 1


def test_page_of_circles_tells_what_would_change_in_their_words(place, cast):
    place.shape(minimum_fit=1)
    run = place.run()
    misplace(place, run)
    client = cast.client("program_manager")
    review = client.get(reverse("matching:review", args=(run.pk,))).content.decode()
    assert "What if?" in review
    assert "Nobody sits with a mentor whom they fit less than" in review
    assert 'value="leximin"' not in review

    page = client.get(reverse("matching:scenario", args=(try_it(run, place.manager).pk,)))

    text = page.content.decode()
    assert "2 circles, 7 mentees seated." in text
    assert "1 mentee would sit with other mentors." in text
    assert f"From {place.mentors[1].user} to {place.mentors[0].user}." in text
    assert "The weakest seat would reach" in text


def test_member_who_manages_reads_nothing_of_their_own_circle(place, cast):
    run = place.run()
    misplace(place, run)
    viewer = place.mentees[5].user  # who sits where the first was moved to
    grant(viewer, Role.MANAGER, place.cohort.program)
    cast.member = viewer
    scenario = try_it(run, place.manager)
    assert moved(scenario).keys() == pks(place.mentees, 0)

    text = cast.client("member").get(reverse("matching:scenario", args=(scenario.pk,)))

    assert "1 change concerns you and is not shown." in text.content.decode()
    assert f"From {place.mentors[1].user}" not in text.content.decode()


def test_kept_circles_stand_side_by_side(place):
    run = place.run()
    try_it(run, place.manager, name="As it is")
    try_it(run, place.manager, only="seniority", name="Seniority only")

    found = compare(run)

    assert cells(found, "Mentees with a seat") == ["7", "7", "7"]
    assert cells(found, "Circles") == ["2", "2", "2"]
    assert cells(found, "Who would change")[:2] == ["nobody", "nobody"]
    draft, same, other = (float(text) for text in cells(found, "Average score"))
    assert draft == same >= other
    assert "Held below the minimum fit" not in {row.label for row in found.rows}


def test_circles_apply_what_was_tried(place):
    run = place.run()
    circle = circle_of(run, place.mentors[0])
    lock_circle(circle=circle, **place.given)
    scenario = try_it(run, place.manager, only="skills", objective="total")

    fresh = apply_scenario(scenario=scenario, actor=place.manager, now=NOW)

    assert fresh.policy_snapshot["objective"] == "total"
    assert [row["kind"] for row in fresh.policy_snapshot["criteria"]] == ["skills"]
    assert circles_of(run)[place.mentors[0].pk,] == pks(place.mentees, 0, 1, 2, 3)


@pytest.mark.parametrize("make", [make_place, make_peers])
def test_pages_try_keep_compare_and_apply(cast, make):
    run = make(cast).run()
    client = cast.client("program_manager")
    review = client.get(reverse("matching:review", args=(run.pk,)))
    form = review.context["what_if"]
    sent = {field.html_name: field.value() for field in (*form.weights(), form["objective"])}
    sent |= {rule.html_name: "on" for rule in form.rules()}

    shown = client.post(reverse("matching:what_if", args=(run.pk,)), sent)
    scenario = Scenario.objects.get()
    assert shown.url == reverse("matching:scenario", args=(scenario.pk,))
    perform_scenario(scenario.pk, clock=lambda: NOW)
    client.post(reverse("matching:keep_scenario", args=(scenario.pk,)), {"name": "First"})
    perform_scenario(scenario.pk, clock=lambda: NOW)
    table = client.get(reverse("matching:compare", args=(run.pk,))).content.decode()
    applied = client.post(reverse("matching:apply_scenario", args=(scenario.pk,)))

    assert "First" in table
    assert "Average by its own weights" in table
    assert PairingRun.objects.count() == 2
    assert applied.url == reverse("matching:review", args=(PairingRun.objects.latest("pk").pk,))


@pytest.mark.parametrize("make", [make_place, make_peers])
def test_fairest_aim_is_refused_where_the_format_does_not_know_it(cast, make):
    found = make(cast)
    run = found.run()

    with pytest.raises(DomainError, match="most people or for the best total"):
        try_it(run, found.manager, objective="leximin")


def test_peers_tried_with_their_own_weights_stay(peers):
    run = peers.run()

    found = try_it(run, peers.manager).result

    assert (found["changed"], found["moves"]) == (0, [])
    assert (found["placed"], found["placed_now"], found["groups_made"]) == (4, 4, 2)
    assert found["average"] == found["average_now"] == run.result["average"]


def test_peers_who_would_change_are_told_both(peers, cast):
    run = peers.run()
    before = {
        (row.mentee_id, row.mentor_id) for row in run.proposals.filter(state=ProposalState.PROPOSED)
    }
    one, other = peers.people[0].pk, peers.people[1].pk
    assert (min(one, other), max(one, other)) in before
    run.policy_snapshot["criteria"] = [
        {**row, "weight": 100 if row["kind"] == "skills" else 0}
        for row in run.policy_snapshot["criteria"]
    ]
    run.proposals.exclude(mentee=one).delete()

    scenario = try_it(run, peers.manager)

    third, fourth = peers.people[2].pk, peers.people[3].pk
    assert moved(scenario) == {third: ([], [fourth]), fourth: ([], [third])}
    page = cast.client("program_manager").get(reverse("matching:scenario", args=(scenario.pk,)))
    text = page.content.decode()
    assert "2 people more have a partner." in text
    assert f"Waits now; would be with {peers.people[3].user}." in text
    assert "mentor" not in text.split("</h1>")[1].split("Never break these")[0].lower()


def test_locked_peers_stay_whatever_is_tried(peers):
    run = peers.run()
    locked = run.proposals.first()
    lock_proposal(proposal=locked, actor=peers.manager, now=NOW)

    scenario = try_it(run, peers.manager, only="skills")

    assert moved(scenario).keys().isdisjoint({locked.mentee_id, locked.mentor_id})


def test_kept_peers_stand_side_by_side_and_have_no_load(peers):
    run = peers.run()
    try_it(run, peers.manager, name="As it is")

    found = compare(run)

    assert cells(found, "People with a partner") == ["4", "4"]
    assert cells(found, "Held below the minimum fit") == ["0", "0"]
    assert "Mentees a mentor" not in {row.label for row in found.rows}


def test_figures_of_earlier_releases_are_read_on(place, cast):
    run = place.run()
    mentee, mentor = place.mentees[0], place.mentors[0]
    old = {
        "pairs": 1,
        "pairs_now": 0,
        "moves": [[mentee.pk, None, mentor.pk, None, 500_000]],
        "draft": {"pairs": 0, "groups": {"level": [{"names": [], "mentees": 5, "pairs": 0}]}},
    }
    kept = Scenario.objects.create(
        run=run, requested_by=place.manager, name="Old", result=old, created_at=NOW
    )
    module = importlib.import_module("matching.migrations.0023_scenarios_of_every_format")

    with connection.schema_editor() as editor:
        module.tell_places(apps, editor)

    kept.refresh_from_db()
    assert kept.result == {
        "placed": 1,
        "placed_now": 0,
        "groups_made": 1,
        "moves": [[mentee.pk, [], [mentor.pk], None, 500_000]],
        "draft": {"placed": 0, "groups": {"level": [{"names": [], "mentees": 5, "placed": 0}]}},
    }
