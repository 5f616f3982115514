"""Pools too large for a page: only the people asked about are read of them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from matching import frozen
from matching.drafts import Draft
from matching.models import DoNotPair, PairingPolicy, PairingRun
from participants.models import Profile
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(pairing):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=0)
    low, high = sorted((pairing.mentors[0].user, pairing.mentees[3].user), key=lambda one: one.pk)
    DoNotPair.objects.create(low=low, high=high, created_by=pairing.manager, created_at=NOW)
    return pairing.run()


@pytest.fixture
def _huge(monkeypatch):
    monkeypatch.setattr(frozen, "MOST_IN_A_REQUEST", 0)


def pairs_of(pairing):
    return [(mentee.pk, mentor.pk) for mentee in pairing.mentees for mentor in pairing.mentors]


def lean(run):
    return PairingRun.objects.defer("pool_snapshot").get(pk=run.pk)


def whole_pool_was_read(queries) -> bool:
    return any('"pool_snapshot"' in query["sql"] for query in queries.captured_queries)


def test_pairs_of_a_huge_pool_are_explained_as_from_the_whole_pool(pairing, run, monkeypatch):
    whole = [Draft(lean(run)).explain(*pair) for pair in pairs_of(pairing)]
    monkeypatch.setattr(frozen, "MOST_IN_A_REQUEST", 0)

    with CaptureQueriesContext(connection) as queries:
        parts = [Draft(lean(run)).explain(*pair) for pair in pairs_of(pairing)]

    assert parts == whole
    assert not whole_pool_was_read(queries)
    assert ("must_not_pair",) in {one.broken for one in parts}


@pytest.mark.usefixtures("_huge")
def test_texts_without_a_vector_need_the_whole_pool(pairing, settings):
    settings.TEXT_MEANING = False
    Profile.objects.filter(user=pairing.mentees[0].user).update(goal_text="Führung im Team lernen")
    run = pairing.run()

    with CaptureQueriesContext(connection) as queries:
        Draft(lean(run)).explain(pairing.mentees[0].pk, pairing.mentors[0].pk)

    assert whole_pool_was_read(queries)


@pytest.mark.usefixtures("_huge")
def test_other_mentors_in_a_huge_pool_say_how_to_go_on(pairing, run, client):
    client.force_login(pairing.manager)
    proposal = run.proposals.order_by("pk").first()

    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("matching:others", args=(proposal.pk,))).content.decode()

    assert "With this many people the page does not compare everybody." in page
    assert reverse("matching:swap", args=(proposal.pk,)) in page
    assert not whole_pool_was_read(queries)


@pytest.mark.usefixtures("_huge")
def test_pairing_by_hand_in_a_huge_pool_offers_mentors_with_a_seat(pairing, run, client):
    client.force_login(pairing.manager)
    proposal = run.proposals.order_by("pk").first()
    client.post(reverse("matching:reject", args=(proposal.pk,)))

    with CaptureQueriesContext(connection) as queries:
        url = reverse("matching:by_hand", args=(run.pk, proposal.mentee_id))
        page = client.get(url).content.decode()

    assert f'value="{proposal.mentor_id}"' in page
    assert not whole_pool_was_read(queries)
