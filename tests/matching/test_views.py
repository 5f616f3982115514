"""The manager's pages: the policy and its runs, the review, decisions, publishing."""

from __future__ import annotations

import re

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from audit.models import AuditEvent
from core.jobs import JobStatus
from core.spreadsheets import neutral
from matching.models import (
    Match,
    PairingPolicy,
    PairingRun,
    PolicyCriterion,
    Proposal,
    ProposalState,
    RuleOverride,
)
from matching.services.publishing import publish_run
from matching.services.runs import request_run
from participants.models import Enrolment
from tests.conftest import NOW, enrol, grant, make_person

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def run(pairing):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=0)
    return pairing.run()


@pytest.fixture
def manager(cast):
    return cast.client("program_manager")


def said(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def act(proposal: Proposal, name: str) -> str:
    return f"/pairing/proposals/{proposal.pk}/{name}/"


@pytest.mark.parametrize("who", ["other_program_manager", "mentor", "mentee", "hr_analyst"])
def test_pages_for_a_stranger_are_not_found(cast, pairing, run, who):
    client = cast.client(who)
    proposal = run.proposals.first()
    gets = (
        f"/pairing/cohorts/{pairing.cohort.pk}/",
        f"/pairing/runs/{run.pk}/",
        f"/pairing/runs/{run.pk}/progress/",
        f"/pairing/runs/{run.pk}/pairs.csv",
        f"/pairing/runs/{run.pk}/publish/",
        f"/pairing/runs/{run.pk}/by-hand/{pairing.mentees[0].pk}/",
        act(proposal, "others"),
        act(proposal, "swap"),
    )
    posts = (
        f"/pairing/cohorts/{pairing.cohort.pk}/start/",
        f"/pairing/cohorts/{pairing.cohort.pk}/suggest/",
        f"/pairing/runs/{run.pk}/cancel/",
        f"/pairing/runs/{run.pk}/retry/",
        f"/pairing/runs/{run.pk}/publish/",
        *(act(proposal, name) for name in ("lock", "unlock", "reject", "accept", "swap")),
    )

    assert [client.get(url).status_code for url in gets] == [404] * len(gets)
    assert [client.post(url).status_code for url in posts] == [404] * len(posts)
    assert not Match.objects.filter(cohort=pairing.cohort).exists()


def test_acts_by_get_are_refused(pairing, run, manager):
    proposal = run.proposals.first()
    urls = [
        f"/pairing/cohorts/{pairing.cohort.pk}/start/",
        f"/pairing/cohorts/{pairing.cohort.pk}/suggest/",
        f"/pairing/runs/{run.pk}/cancel/",
        f"/pairing/runs/{run.pk}/retry/",
        *(act(proposal, name) for name in ("lock", "unlock", "reject", "accept")),
    ]

    assert [manager.get(url).status_code for url in urls] == [405] * len(urls)


def test_cohort_page_shows_pool_policy_and_runs(pairing, run, manager):
    page = manager.get(f"/pairing/cohorts/{pairing.cohort.pk}/").content.decode()

    assert "<dt>Mentees waiting</dt><dd>4</dd>" in page
    assert "<dt>Mentors</dt><dd>3</dd>" in page
    assert "Fewer seats than mentees: somebody will wait." in page
    assert "Not a pair before" in page
    assert f'href="/pairing/runs/{run.pk}/"' in page
    assert "3 pairs proposed." in page


def test_cohort_without_a_policy_offers_the_usual_one(pairing, manager):
    PairingPolicy.objects.filter(cohort=pairing.cohort).delete()
    url = f"/pairing/cohorts/{pairing.cohort.pk}/"

    assert "No policy yet" in manager.get(url).content.decode()
    manager.post(f"{url}suggest/")
    criteria = set(PolicyCriterion.objects.values_list("pk", "kind"))
    manager.post(f"{url}suggest/")

    assert "skills" in {kind for _pk, kind in criteria}
    assert set(PolicyCriterion.objects.values_list("pk", "kind")) == criteria
    assert AuditEvent.objects.filter(action="pairingpolicy.created").count() == 1


def test_start_queues_one_run_and_a_second_says_so(pairing, manager):
    url = f"/pairing/cohorts/{pairing.cohort.pk}/start/"

    first = manager.post(url)
    second = manager.post(url)

    run = PairingRun.objects.get(cohort=pairing.cohort)
    assert first["Location"] == f"/pairing/runs/{run.pk}/"
    assert said(second) == ["A pairing run is under way for this cohort already."]


def test_start_in_the_wrong_step_says_what_to_do(cast, manager):
    cast.cohort.status = "enrolling"
    cast.cohort.save()

    response = manager.post(f"/pairing/cohorts/{cast.cohort.pk}/start/")

    assert said(response) == ["Move the cohort to “Pairing” first; then people can be paired."]


def test_run_under_way_shows_progress_and_can_be_stopped(pairing, manager):
    run = request_run(cohort=pairing.cohort, actor=pairing.manager, now=NOW)
    url = f"/pairing/runs/{run.pk}/"

    page = manager.get(url).content.decode()
    polled = manager.get(f"{url}progress/", **HTMX)
    manager.post(f"{url}cancel/")
    ended = manager.get(f"{url}progress/", **HTMX)

    assert f'hx-get="{url}progress/"' in page
    assert "Waiting for a worker." in polled.content.decode()
    assert "<html" not in polled.content.decode()
    assert ended["HX-Redirect"] == url
    assert "This run was stopped" in manager.get(url).content.decode()


def test_failed_run_says_why_and_is_tried_again(pairing, manager):
    run = request_run(cohort=pairing.cohort, actor=pairing.manager, now=NOW)
    PairingRun.objects.filter(pk=run.pk).update(status=JobStatus.FAILED, error="It is too large.")
    url = f"/pairing/runs/{run.pk}/"

    assert "It is too large." in manager.get(url).content.decode()
    manager.post(f"{url}retry/")

    assert PairingRun.objects.get(pk=run.pk).status == JobStatus.QUEUED


def test_review_shows_pairs_parts_and_who_waits(pairing, run, manager):
    page = manager.get(f"/pairing/runs/{run.pk}/").content.decode()

    assert page.count('<li class="match"') == 3
    assert "<small>of 100</small>" in page
    assert "<dt>Skills</dt><dd>35/35</dd>" in page
    assert "Proved best" in page
    assert "3 pairs ready, 1 person waiting." in page
    assert page.count("Pair by hand") == 1
    assert "3 mentees compete for 2 seats, with Mentor" in page


@pytest.mark.parametrize(("sort", "first"), [("lowest", 0), ("highest", 2), ("locked", 1)])
def test_review_is_sorted_as_asked(run, manager, sort, first):
    rows = list(run.proposals.order_by("pk"))
    for number, row in enumerate(rows):
        Proposal.objects.filter(pk=row.pk).update(score=100_000 * (number + 1))
    Proposal.objects.filter(pk=rows[1].pk).update(state=ProposalState.LOCKED)

    response = manager.get(f"/pairing/runs/{run.pk}/?sort={sort}")

    assert response.context["cards"][0].proposal.pk == rows[first].pk


def test_review_takes_as_many_queries_for_thirty_pairs_as_for_three(pairing, run, manager):
    url = f"/pairing/runs/{run.pk}/"
    manager.get(url)
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert manager.get(url).status_code == 200
    mentor = pairing.mentors[0]
    for n in range(27):
        mentee = enrol(pairing.cohort, make_person(f"more{n}@example.org", f"More {n}"), "mentee")
        held = ProposalState.HELD if n % 3 == 0 else ProposalState.PROPOSED
        Proposal.objects.create(run=run, mentee=mentee, mentor=mentor, score=500_000, state=held)
        enrol(pairing.cohort, make_person(f"wait{n}@example.org", f"Wait {n}"), "mentee")
    with CaptureQueriesContext(connection) as many:
        page = manager.get(url).content.decode()

    assert page.count('<li class="match"') == 29
    assert "Page 1 of 2" in page
    assert len(many) == len(few)


def test_review_opens_the_page_on_which_a_pair_stands(run, manager, monkeypatch):
    monkeypatch.setattr("matching.views.runs.PAIRS_A_PAGE", 2)
    url = f"/pairing/runs/{run.pk}/"
    first, _second, third = run.proposals.order_by("score", "pk")

    def shown(query: str) -> list[int]:
        page = manager.get(f"{url}?{query}").content.decode()
        return [int(pk) for pk in re.findall(r'<li class="match" id="pair-(\d+)"', page)]

    assert shown(f"pair={third.pk}") == [third.pk]
    assert first.pk in shown(f"pair={first.pk}")
    assert shown(f"pair={third.pk}&sort=highest")[0] == third.pk
    assert first.pk in shown("pair=0")
    assert first.pk in shown("pair=none")
    assert shown(f"pair={first.pk}&page=2") == [third.pk]


def test_lock_with_htmx_returns_the_pair_and_the_bar(run, manager):
    proposal = run.proposals.first()

    response = manager.post(act(proposal, "lock"), **HTMX)

    page = response.content.decode()
    assert response.status_code == 200
    assert page.count('<li class="match"') == 1
    assert 'aria-pressed="true"' in page
    assert 'id="publish-bar" data-hx-swap-oob="true"' in page
    assert "<html" not in page


def test_lock_without_scripts_leads_back_to_the_pair(run, manager):
    proposal = run.proposals.first()

    response = manager.post(act(proposal, "lock"), {"sort": "highest", "page": "1"})

    url = f"/pairing/runs/{run.pk}/?sort=highest&page=1#pair-{proposal.pk}"
    assert (response.status_code, response["Location"]) == (302, url)
    assert Proposal.objects.get(pk=proposal.pk).state == ProposalState.LOCKED


def test_decision_after_another_manager_is_told_and_shown_fresh(run, manager):
    proposal = run.proposals.first()
    manager.post(act(proposal, "reject"))

    response = manager.post(act(proposal, "lock"), **HTMX)
    plain = manager.post(act(proposal, "lock"))

    sentence = "Somebody else decided about this pair just now. This is how it stands now."
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert "Rejected" in response.content.decode()
    assert sentence in said(plain)


def test_reject_frees_the_mentee_for_a_pair_by_hand(pairing, run, manager):
    proposal = run.proposals.get(mentee=pairing.mentees[0])

    manager.post(act(proposal, "reject"))
    url = f"/pairing/runs/{run.pk}/by-hand/{pairing.mentees[0].pk}/"
    page = manager.get(f"/pairing/runs/{run.pk}/").content.decode()
    response = manager.post(url, {"mentor": proposal.mentor_id})

    assert "The proposed pair was rejected." in page
    made = run.proposals.get(mentee=pairing.mentees[0], state=ProposalState.LOCKED)
    assert response["Location"] == f"/pairing/runs/{run.pk}/?pair={made.pk}#pair-{made.pk}"
    assert made.is_manual


def test_by_hand_with_a_broken_rule_asks_for_a_reason(pairing, run, manager):
    proposal = run.proposals.get(mentee=pairing.mentees[0])
    department = proposal.mentor.user.department
    pool = PairingRun.objects.get(pk=run.pk).pool_snapshot
    for person in pool["people"]:
        if person["id"] == pairing.mentees[0].pk:
            person["department"] = department
    PairingRun.objects.filter(pk=run.pk).update(pool_snapshot=pool)
    manager.post(act(proposal, "reject"))
    url = f"/pairing/runs/{run.pk}/by-hand/{pairing.mentees[0].pk}/"

    refused = manager.post(url, {"mentor": proposal.mentor_id})
    passed = manager.post(
        url, {"mentor": proposal.mentor_id, "override_reason": "They asked for each other."}
    )

    assert refused.status_code == 422
    assert "They work in the same department." in refused.content.decode()
    assert "Say why, if you want this pair all the same." in refused.content.decode()
    assert passed.status_code == 302
    assert RuleOverride.objects.get().reason == "They asked for each other."


def test_by_hand_for_somebody_with_a_proposal_leads_back(pairing, run, manager):
    proposal = run.proposals.first()

    response = manager.get(f"/pairing/runs/{run.pk}/by-hand/{proposal.mentee_id}/")

    assert said(response) == ["This person is not waiting for a match any more."]


def test_others_are_a_fragment_with_htmx_and_a_page_without(run, manager):
    proposal = run.proposals.first()

    fragment = manager.get(act(proposal, "others"), **HTMX).content.decode()
    page = manager.get(act(proposal, "others")).content.decode()
    hidden = manager.get(act(proposal, "others") + "?hide", **HTMX).content

    assert "<html" not in fragment
    assert "Next best mentors for Mentee" in fragment
    assert "What this pair rests on" in page
    assert hidden == b""


def test_swap_to_a_free_mentor_changes_the_pair(pairing, run, manager):
    Enrolment.objects.filter(pk=pairing.mentors[1].pk).update(capacity=2)
    proposal = run.proposals.exclude(mentor=pairing.mentors[1]).first()

    response = manager.post(act(proposal, "swap"), {"mentor": pairing.mentors[1].pk}, **HTMX)

    assert response.status_code == 200
    assert "Mentor 1" in response.content.decode()
    assert "Chosen by hand" in response.content.decode()


def test_swap_to_a_full_mentor_is_refused_in_words(pairing, run, manager):
    proposal = run.proposals.exclude(mentor=pairing.mentors[1]).first()
    data = {"mentor": pairing.mentors[1].pk}

    fragment = manager.post(act(proposal, "swap"), data, **HTMX)
    page = manager.post(act(proposal, "swap"), data)

    assert fragment.status_code == 422
    assert "Mentor 1 has no seat left in this draft." in fragment.content.decode()
    assert page.status_code == 422
    assert "This mentor has no seat left. Choose another one." in page.content.decode()


@pytest.mark.parametrize("value", ["", "x", "0", "99999999999999999999"])
def test_swap_to_nobody_is_not_found(run, manager, value):
    proposal = run.proposals.first()

    assert manager.post(act(proposal, "swap"), {"mentor": value}, **HTMX).status_code == 404


def test_held_pair_is_accepted_into_the_draft(run, manager):
    proposal = run.proposals.first()
    Proposal.objects.filter(pk=proposal.pk).update(state=ProposalState.HELD)
    page = manager.get(f"/pairing/runs/{run.pk}/").content.decode()

    manager.post(act(proposal, "accept"))

    assert "Held for you to decide" in page
    assert "1 pair is held." in page
    assert Proposal.objects.get(pk=proposal.pk).state == ProposalState.LOCKED


def test_own_pair_is_hidden_and_another_manager_decides_it(cast, pairing, run, manager):
    mine = run.proposals.get(mentee=pairing.mentees[1])
    mentee_client = cast.client("program_manager")
    grant(mine.mentee.user, Role.MANAGER, cast.program)
    mentee_client.force_login(mine.mentee.user)

    page = mentee_client.get(f"/pairing/runs/{run.pk}/").content.decode()
    rows = mentee_client.get(f"/pairing/runs/{run.pk}/pairs.csv").content.decode()

    assert page.count('<li class="match"') == 2
    assert "1 pair concerns you; another manager decides it." in page
    assert mine.mentee.user.email not in rows
    assert [
        mentee_client.post(act(mine, name)).status_code
        for name in ("lock", "unlock", "reject", "accept", "swap")
    ] == [404] * 5
    assert mentee_client.get(act(mine, "others")).status_code == 404
    assert manager.get(act(mine, "others")).status_code == 200


def test_publishing_makes_each_match_once(pairing, run, manager):
    url = f"/pairing/runs/{run.pk}/publish/"

    asked = manager.get(url).content.decode()
    first = manager.post(url)
    second = manager.post(url)

    assert "Publish these pairs?" in asked
    assert said(first) == ["3 pairs are published. Everybody gets a mail."]
    assert "These pairs are published already." in said(second)
    assert Match.objects.filter(cohort=pairing.cohort).count() == 3
    page = manager.get(f"/pairing/runs/{run.pk}/").content.decode()
    assert "publish-bar" not in page
    assert page.count('class="pill pill-good"') == 3


def test_pair_that_the_database_refuses_is_reported_with_why(pairing, run, manager):
    proposal = run.proposals.get(mentee=pairing.mentees[1])
    user = proposal.mentee.user
    user.manager = proposal.mentor.user
    user.save()

    response = manager.post(f"/pairing/runs/{run.pk}/publish/", follow=True)

    page = response.content.decode()
    assert "2 pairs are published. Everybody gets a mail." in page
    assert "1 pair was left out. See why below." in page
    assert '<p class="strong">Mentee 1, Mentor 1</p>' in page
    assert "Not published" in page


def test_export_is_safe_for_spreadsheets_and_recorded(cast, pairing, run, manager):
    user = pairing.mentees[0].user
    user.first_name = "=HYPERLINK(1)"
    user.save()

    response = manager.get(f"/pairing/runs/{run.pk}/pairs.csv")

    lines = response.content.decode().splitlines()
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "Proposal,Mentee,Mentee e-mail,Mentor" in lines[0]
    assert len(lines) == 4
    assert not any(cell.startswith("=") for line in lines for cell in line.split(","))
    event = AuditEvent.objects.get(action="run.exported")
    assert (event.detail, event.program_id) == ({"rows": 3}, cast.program.pk)


@pytest.mark.parametrize("value", ["=1", "+1", "-1", "@a", "\ta", "\ra", "\na"])
def test_text_that_starts_a_formula_is_neutralised(value):
    assert neutral(value) == f"'{value}"


def test_published_pair_links_to_its_match(pairing, run, manager):
    publish_run(run=run, actor=pairing.manager, now=NOW)

    response = manager.get(f"/pairing/runs/{run.pk}/")

    assert all(card.proposal.match.pk for card in response.context["cards"])
