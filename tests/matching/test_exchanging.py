"""Two pairs of a draft exchange their mentors: only where rules allow, with what it costs."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from core.errors import Conflict, NotAllowed
from matching.changes import Changes
from matching.exchanges import exchanges_of
from matching.listing import swap_choices
from matching.models import PairingPolicy, Proposal, ProposalState
from matching.others import alternatives
from matching.services.review import (
    BrokenRules,
    exchange_mentors,
    lock_proposal,
    reject_proposal,
)
from tests.conftest import NOW, grant

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(pairing):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=0)
    return pairing.run()


@pytest.fixture
def two(pairing, run) -> tuple[Proposal, Proposal]:
    first, second = (run.proposals.get(mentee=mentee) for mentee in pairing.mentees[:2])
    return first, second


def test_exchange_gives_each_the_others_mentor_and_locks_both(pairing, two):
    first, second = two
    mentors = (first.mentor_id, second.mentor_id)
    costs = {
        (one.other.pk, one.cost, one.then, one.other_then)
        for one in exchanges_of(Changes(first), pairing.manager)
    }

    exchange_mentors(proposal=first, other=second, actor=pairing.manager, now=NOW)

    assert (second.mentor_id, first.mentor_id) == mentors
    assert {first.state, second.state} == {ProposalState.LOCKED}
    shown = [round(row.score / 10_000) for row in (first, second)]
    (told,) = [row for row in costs if row[0] == second.pk]
    assert told[2:] == tuple(shown)
    assert sum(item["points"] for item in first.contributions) == first.score


def test_exchanges_come_cheapest_first_and_leave_out_what_is_locked(pairing, run, two):
    first, second = two
    lock_proposal(proposal=second, actor=pairing.manager, now=NOW)

    found = exchanges_of(Changes(first), pairing.manager)

    assert second.pk not in {one.other.pk for one in found}
    assert [one.cost for one in found] == sorted(one.cost for one in found)
    with pytest.raises(Conflict):
        exchange_mentors(proposal=first, other=second, actor=pairing.manager, now=NOW)
    first.refresh_from_db()
    assert first.state == ProposalState.PROPOSED


def test_other_mentors_offer_the_exchange_that_is_all_that_would_change(pairing, run, two):
    first, second = two
    third = run.proposals.get(mentor=pairing.mentors[2])
    reject_proposal(proposal=third, actor=pairing.manager, now=NOW)
    client = Client()
    client.force_login(pairing.manager)

    page = client.get(reverse("matching:others", args=(first.pk,))).content.decode()
    found = {row.mentor: row.exchange for row in alternatives(run, first)}
    hidden = {
        row.mentor: row.exchange for row in alternatives(run, first, viewer=second.mentor.user)
    }
    lock_proposal(proposal=second, actor=pairing.manager, now=NOW)
    locked = {row.mentor: row.exchange for row in alternatives(run, first)}

    assert found[second.mentor] == second
    assert (hidden[second.mentor], locked[second.mentor]) == (None, None)
    assert reverse("matching:exchange", args=(first.pk,)) in page
    assert f'name="other" value="{second.pk}"' in page


def test_free_mentors_are_offered_without_ones_own_the_forbidden_and_the_viewer(pairing):
    mentee, (best, boss, viewer) = pairing.mentees[0], pairing.mentors
    User.objects.filter(pk=mentee.user_id).update(manager=boss.user)
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=0)
    changes = Changes(pairing.run().proposals.get(mentee=mentee))

    full = swap_choices(changes, pairing.manager)
    pairing.cohort.enrolments.filter(role="mentor").update(capacity=4)

    assert changes.proposal.mentor == best
    assert full == []
    assert [one.mentor for one in swap_choices(changes, pairing.manager)] == [viewer]
    assert swap_choices(changes, viewer.user) == []


def test_exchange_that_breaks_a_rule_is_neither_offered_nor_done(pairing, cast):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=0)
    User.objects.filter(pk=pairing.mentees[0].user_id).update(department="D1")  # of mentor 1
    run = pairing.run()
    first, second = (run.proposals.get(mentee=mentee) for mentee in pairing.mentees[:2])

    assert second.mentor == pairing.mentors[1]
    assert second.pk not in {one.other.pk for one in exchanges_of(Changes(first), pairing.manager)}
    with pytest.raises(BrokenRules):
        exchange_mentors(proposal=first, other=second, actor=pairing.manager, now=NOW)


def test_manager_exchanges_nothing_that_concerns_them(cast, pairing, two):
    first, second = two
    grant(second.mentor.user, Role.MANAGER, cast.program)

    assert second.pk not in {
        one.other.pk for one in exchanges_of(Changes(first), second.mentor.user)
    }
    with pytest.raises(NotAllowed):
        exchange_mentors(proposal=first, other=second, actor=second.mentor.user, now=NOW)


def test_page_offers_exchanges_and_does_them(
    pairing, run, two, cast, django_assert_max_num_queries
):
    first, second = two
    manager = cast.client("program_manager")

    with django_assert_max_num_queries(15):
        page = manager.get(f"/pairing/proposals/{first.pk}/swap/").content.decode()
    done = manager.post(f"/pairing/proposals/{first.pk}/exchange/", {"other": second.pk})
    wrong = manager.post(f"/pairing/proposals/{first.pk}/exchange/", {"other": "x"})

    assert "Exchange mentors with another pair" in page
    assert f'name="other" value="{second.pk}"' in page
    assert done["Location"] == f"/pairing/runs/{run.pk}/?pair={first.pk}#pair-{first.pk}"
    assert wrong.status_code == 404
    first.refresh_from_db()
    assert first.mentor == pairing.mentors[1]
