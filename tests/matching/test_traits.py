"""Traits by consent: both agreed or nothing counts, sealed, taken back, told to nobody."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.utils import timezone

from accounts.privacy import exporters
from audit.models import AuditEvent
from core.errors import DomainError
from core.jobs import JobStatus
from matching.drafts import Draft
from matching.models import (
    FrozenTraits,
    Match,
    PairingPolicy,
    PairingTrait,
    PolicyCriterion,
    Scenario,
    TraitConsent,
)
from matching.reasons import for_manager, for_people
from matching.services.lists import export_pairs
from matching.services.publishing import publish_run
from matching.services.traits import forget_frozen, save_traits
from tests.conftest import NOW, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def trait(pairing) -> PairingTrait:
    """A trait that alone decides: everything else is the same for everybody."""
    policy = PairingPolicy.objects.get(cohort=pairing.cohort)
    policy.minimum_fit = 0
    policy.save()
    policy.criteria.all().delete()
    for kind, key, weight in (("trait", "first", 60), ("interests", "", 40)):
        PolicyCriterion.objects.create(policy=policy, kind=kind, question_key=key, weight=weight)
    return PairingTrait.objects.create(
        policy=policy, key="first", label="First to study?", choices=["Verily", "Nay"]
    )


def agree(enrolment, trait: PairingTrait, choice: str) -> None:
    save_traits(
        enrolment=enrolment,
        actor=enrolment.user,
        now=NOW,
        choices={trait.pk: choice},
        agrees=True,
    )


@pytest.fixture
def agreed(pairing, trait) -> PairingTrait:
    """Mentee 0 and mentor 2 agree and say the same; mentee 1 does not agree, mentor 0 differs."""
    agree(pairing.mentees[0], trait, "Verily")
    agree(pairing.mentors[2], trait, "Verily")
    agree(pairing.mentors[0], trait, "Nay")
    return trait


def points_of(proposal) -> int:
    return next(row["points"] for row in proposal.contributions if row["kind"] == "trait")


def test_trait_counts_for_two_who_agreed_and_for_nobody_else(pairing, agreed):
    run = pairing.run()

    pair = run.proposals.get(mentee=pairing.mentees[0])
    assert (pair.mentor_id, points_of(pair)) == (pairing.mentors[2].pk, 600_000)
    assert [points_of(other) for other in run.proposals.exclude(pk=pair.pk)] == [0, 0]
    assert Draft(run).explain(pair.mentee_id, pair.mentor_id).score == pair.score


def test_trait_that_the_policy_does_not_name_is_not_frozen(pairing, agreed):
    PolicyCriterion.objects.filter(kind="trait").delete()

    run = pairing.run()

    assert not FrozenTraits.objects.filter(run=run).exists()


def test_trait_is_sealed_wherever_it_is_stored(pairing, agreed):
    run = pairing.run()

    assert "Verily" not in json.dumps(run.pool_snapshot)
    with connection.cursor() as cursor:
        cursor.execute("SELECT choice FROM matching_traitconsent")
        stored = [bytes(row[0]) for row in cursor.fetchall()]
        cursor.execute("SELECT words FROM matching_frozentraits")
        stored += [bytes(row[0]) for row in cursor.fetchall()]
    assert len(stored) == 4
    assert not any(b"Verily" in value for value in stored)
    assert "Verily" not in json.dumps(list(AuditEvent.objects.values_list("detail", flat=True)))


def test_trait_is_no_reason_for_anybody_and_in_no_list(pairing, agreed):
    run = pairing.run()
    pair = run.proposals.get(mentee=pairing.mentees[0])
    publish_run(run=run, actor=pairing.manager, now=NOW)

    match = Match.objects.get(proposal=pair)
    said = [sentence.text for sentence in for_people(match.contributions)]
    assert said == ["No reporting line connects you."]
    line = next(line for line in for_manager(match.contributions) if "trait" in line.label)
    assert (line.label, line.text) == ("Personal trait", "")
    assert "Verily" not in json.dumps(match.contributions)
    assert "Verily" not in str(export_pairs(run=run, actor=pairing.manager, now=NOW))


def test_taking_consent_back_empties_frozen_drafts_too(pairing, agreed):
    run = pairing.run()
    mentee, mentor = pairing.mentees[0], pairing.mentors[2]
    before = Draft(run).explain(mentee.pk, mentor.pk).score
    kept = Scenario.objects.create(
        run=run,
        requested_by=make_person("sc@example.org", "Sina Scenario"),
        name="with it",
        status=JobStatus.DONE,
        result={"figures": {}},
        created_at=timezone.now(),
    )

    agree(mentee, agreed, "")

    kept.refresh_from_db()
    assert (kept.status, kept.result) == (JobStatus.QUEUED, {})

    assert not TraitConsent.objects.filter(enrolment=mentee).exists()
    assert json.loads(run.frozen_traits.words)[str(mentee.pk)] == {}
    assert (before, Draft(run).explain(mentee.pk, mentor.pk).score) == (600_000, 0)


def test_erasing_a_person_empties_frozen_drafts(pairing, agreed):
    run = pairing.run()

    forget_frozen({pairing.mentees[0].pk})

    assert json.loads(FrozenTraits.objects.get(run=run).words) == {
        str(pairing.mentees[0].pk): {},
        str(pairing.mentors[0].pk): {"first": "Nay"},
        str(pairing.mentors[2].pk): {"first": "Verily"},
    }


def test_choice_without_consent_is_refused(pairing, trait):
    mentee = pairing.mentees[0]

    with pytest.raises(DomainError, match="agree"):
        save_traits(
            enrolment=mentee,
            actor=mentee.user,
            now=NOW,
            choices={trait.pk: "Verily"},
            agrees=False,
        )

    assert not TraitConsent.objects.exists()


def test_own_data_hold_what_one_agreed_to(pairing, agreed):
    (own,) = [exporter for exporter in exporters() if exporter.name == "traits"]

    assert list(own.rows(pairing.mentees[0].user)) == [
        {"cohort": "Pairing now", "question": "First to study?", "choice": "Verily"}
    ]


def test_page_asks_agrees_and_takes_back(pairing, trait, client):
    mentee = pairing.mentees[0]
    client.force_login(mentee.user)
    url = f"/pairing/enrolments/{mentee.pk}/traits/"
    name = f"trait{trait.pk}"

    status = client.get(f"/enrolments/{mentee.pk}/").content.decode()
    refused = client.post(url, {name: "Verily"})
    saved = client.post(url, {name: "Verily", "agrees": "on"})
    shown = client.get(url).content.decode()
    wrong = client.post(url, {name: "Something", "agrees": "on"})
    client.post(url, {name: ""})

    assert f'href="{url}"' in status
    assert (refused.status_code, saved.status_code, wrong.status_code) == (422, 302, 422)
    assert '<option value="Verily" selected>' in shown
    assert not TraitConsent.objects.exists()


def test_page_where_nothing_is_asked_is_not_found(pairing, client):
    mentee = pairing.mentees[0]
    client.force_login(mentee.user)

    assert client.get(f"/pairing/enrolments/{mentee.pk}/traits/").status_code == 404
    assert "/traits/" not in client.get(f"/enrolments/{mentee.pk}/").content.decode()


def test_policy_page_counts_who_agreed_and_says_nothing_of_what(pairing, agreed, cast):
    page = cast.client("program_manager").get(f"/pairing/cohorts/{pairing.cohort.pk}/effects/")

    said = page.content.decode()
    assert '<th scope="row">First</th><td class="n">1 of 4</td><td class="n">2 of 3</td>' in said
    assert "Verily" not in said
