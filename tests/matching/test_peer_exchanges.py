"""Peers exchange partners: what is offered, what it costs, and what comes of it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from core.errors import Conflict, DomainError, NotAllowed
from matching.models import DoNotPair, Proposal, ProposalState, Unmatched
from matching.peer_exchanges import PeerExchanges
from matching.services.exchanging import exchange_peers
from matching.services.review import BrokenRules, lock_proposal
from tests.conftest import NOW, grant
from tests.matching.test_peers import ids, pairs_of, peers

pytestmark = pytest.mark.django_db
__all__ = ["peers"]  # a fixture


def pair_of(run, peers, place: int) -> Proposal:
    return run.proposals.select_related("run__cohort__program", "mentee__user", "mentor__user").get(
        mentee=peers.people[place]
    )


def exchange(proposal, peers, keeps: int, partner: int, **fields):
    given = {"actor": peers.manager, "now": NOW, **fields}
    return exchange_peers(
        proposal=proposal, keeps=peers.people[keeps], partner=peers.people[partner], **given
    )


def test_exchanges_are_offered_with_what_they_cost_and_who_would_wait(peers):
    run = peers.run()
    found = PeerExchanges(pair_of(run, peers, 0)).offered_to(peers.manager)

    offered = {
        (one.keeps.pk, one.partner.pk, tuple(rest.pk for rest in one.rest)): one for one in found
    }
    assert set(offered) == {
        (*ids(peers, 0, 2), ids(peers, 1, 3)),
        (*ids(peers, 0, 3), ids(peers, 1, 2)),
        (*ids(peers, 0, 4), ids(peers, 1)),
        (*ids(peers, 1, 4), ids(peers, 0)),
    }
    costs = [one.cost for one in found]
    assert costs == sorted(costs)
    assert all(cost > 0 for cost in costs)  # the run found the best pairs
    two = offered[(*ids(peers, 0, 3), ids(peers, 1, 2))]
    assert two.change == two.then + two.other_then - two.now - two.other_now
    assert offered[(*ids(peers, 0, 4), ids(peers, 1))].is_alone


def test_exchange_makes_two_new_pairs_and_locks_them(peers):
    run = peers.run()
    offered = PeerExchanges(pair_of(run, peers, 0)).offered_to(peers.manager)
    one = next(one for one in offered if one.partner == peers.people[3])

    made = exchange(pair_of(run, peers, 0), peers, 0, 3)

    assert pairs_of(run) == {ids(peers, 0, 3), ids(peers, 1, 2)}
    assert {row.state for row in made} == {ProposalState.LOCKED}
    assert [round(row.score / 10_000) for row in made] == [one.then, one.other_then]
    assert run.proposals.filter(state=ProposalState.REJECTED).count() == 2


def test_exchange_with_somebody_who_waits_leaves_the_other_waiting(peers):
    run = peers.run()
    assert Unmatched.objects.filter(run=run, enrolment=peers.people[4]).exists()

    exchange(pair_of(run, peers, 0), peers, 1, 4)

    assert pairs_of(run) == {ids(peers, 1, 4), ids(peers, 2, 3)}
    assert not Unmatched.objects.filter(run=run, enrolment=peers.people[4]).exists()


def test_exchange_leaves_locked_pairs_alone(peers):
    run = peers.run()
    lock_proposal(proposal=pair_of(run, peers, 2), actor=peers.manager, now=NOW)

    offered = PeerExchanges(pair_of(run, peers, 0)).offered_to(peers.manager)
    assert {one.partner.pk for one in offered} == set(ids(peers, 4))
    with pytest.raises(Conflict):
        exchange(pair_of(run, peers, 0), peers, 0, 2)
    assert pairs_of(run) == {ids(peers, 0, 1), ids(peers, 2, 3)}


def test_exchange_that_breaks_a_rule_is_neither_offered_nor_made(peers):
    low, high = sorted((peers.people[1].user_id, peers.people[3].user_id))
    DoNotPair.objects.create(low_id=low, high_id=high, created_at=NOW)
    run = peers.run()

    offered = PeerExchanges(pair_of(run, peers, 0)).offered_to(peers.manager)
    assert ids(peers, 1, 3) not in {tuple(rest.pk for rest in one.rest) for one in offered}
    with pytest.raises(BrokenRules):
        exchange(pair_of(run, peers, 0), peers, 0, 2)


def test_why_not_others_names_the_rule_the_pair_or_who_waits(peers):
    low, high = sorted((peers.people[0].user_id, peers.people[4].user_id))
    DoNotPair.objects.create(low_id=low, high_id=high, created_at=NOW)
    run = peers.run()

    (first, others), (second, more) = PeerExchanges(pair_of(run, peers, 0)).others_for(
        peers.manager
    )

    assert (first, second) == (peers.people[0], peers.people[1])
    said = {row.person.pk: row.verdict for row in others}
    assert said[peers.people[3].pk] == "Is with Peer 2 in this draft."
    assert said[peers.people[4].pk] == "These two shall not be paired."
    assert {row.person.pk: row.verdict for row in more}[peers.people[4].pk] == (
        "Waits, or is out of the draft."
    )
    scores = [row.score for row in others]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(("keeps", "partner"), [(0, 1), (0, 0), (2, 4)])
def test_exchange_within_a_pair_or_of_others_is_refused(peers, keeps, partner):
    run = peers.run()
    with pytest.raises(DomainError):
        exchange(pair_of(run, peers, 0), peers, keeps, partner)
    assert len(pairs_of(run)) == 2


def test_exchange_that_concerns_the_manager_is_anothers(peers):
    run = peers.run()
    actor = peers.people[3].user
    grant(actor, "manager", peers.cohort.program)

    with pytest.raises(NotAllowed):
        exchange(pair_of(run, peers, 0), peers, 0, 2, actor=actor)
    offered = PeerExchanges(pair_of(run, peers, 0)).offered_to(actor)
    assert {one.partner.pk for one in offered} == set(ids(peers, 4))


def test_manager_exchanges_on_the_page(cast, peers):
    run = peers.run()
    client = cast.client("program_manager")
    proposal = pair_of(run, peers, 0)
    url = reverse("matching:swap", args=(proposal.pk,))
    assert url in client.get(reverse("matching:review", args=(run.pk,))).content.decode()
    assert "Peer 0 with Peer 3" in client.get(url).content.decode()

    page = client.post(
        url, {"keeps": peers.people[0].pk, "partner": peers.people[3].pk}, follow=True
    )
    assert "Peer 0 is with Peer 3 now, and locked." in page.content.decode()
    assert pairs_of(run) == {ids(peers, 0, 3), ids(peers, 1, 2)}
    assert client.post(url, {"keeps": "x", "partner": "1"}).status_code == 404
    again = client.post(
        url, {"keeps": peers.people[0].pk, "partner": peers.people[2].pk}, follow=True
    )
    assert "Somebody else decided" in again.content.decode()
    assert "There is nobody to swap with" in again.content.decode()
