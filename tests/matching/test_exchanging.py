"""Two pairs of a draft exchange their mentors: only where rules allow, with what it costs."""

from __future__ import annotations

import pytest

from accounts.models import Role, User
from core.errors import Conflict, NotAllowed
from matching.exchanges import exchanges_of
from matching.models import PairingPolicy, Proposal, ProposalState
from matching.services.review import BrokenRules, exchange_mentors, lock_proposal
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
        for one in exchanges_of(first, pairing.manager)
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

    found = exchanges_of(first, pairing.manager)

    assert second.pk not in {one.other.pk for one in found}
    assert [one.cost for one in found] == sorted(one.cost for one in found)
    with pytest.raises(Conflict):
        exchange_mentors(proposal=first, other=second, actor=pairing.manager, now=NOW)
    first.refresh_from_db()
    assert first.state == ProposalState.PROPOSED


def test_exchange_that_breaks_a_rule_is_neither_offered_nor_done(pairing, cast):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=0)
    User.objects.filter(pk=pairing.mentees[0].user_id).update(department="D1")  # of mentor 1
    run = pairing.run()
    first, second = (run.proposals.get(mentee=mentee) for mentee in pairing.mentees[:2])

    assert second.mentor == pairing.mentors[1]
    assert second.pk not in {one.other.pk for one in exchanges_of(first, pairing.manager)}
    with pytest.raises(BrokenRules):
        exchange_mentors(proposal=first, other=second, actor=pairing.manager, now=NOW)


def test_manager_exchanges_nothing_that_concerns_them(cast, pairing, two):
    first, second = two
    grant(second.mentor.user, Role.MANAGER, cast.program)

    assert second.pk not in {one.other.pk for one in exchanges_of(first, second.mentor.user)}
    with pytest.raises(NotAllowed):
        exchange_mentors(proposal=first, other=second, actor=second.mentor.user, now=NOW)


def test_page_offers_exchanges_and_does_them(
    pairing, run, two, cast, django_assert_max_num_queries
):
    first, second = two
    manager = cast.client("program_manager")

    with django_assert_max_num_queries(20):
        page = manager.get(f"/pairing/proposals/{first.pk}/swap/").content.decode()
    done = manager.post(f"/pairing/proposals/{first.pk}/exchange/", {"other": second.pk})
    wrong = manager.post(f"/pairing/proposals/{first.pk}/exchange/", {"other": "x"})

    assert "Exchange mentors with another pair" in page
    assert f'name="other" value="{second.pk}"' in page
    assert done["Location"] == f"/pairing/runs/{run.pk}/#pair-{first.pk}"
    assert wrong.status_code == 404
    first.refresh_from_db()
    assert first.mentor == pairing.mentors[1]
