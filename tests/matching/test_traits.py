"""Traits by consent: both agreed or nothing counts, sealed, taken back, told to nobody."""

from __future__ import annotations

import json

import pytest
from django.db import OperationalError, connection, transaction
from django.urls import reverse

from accounts.models import User
from accounts.privacy import exporters
from audit.models import AuditEvent
from core.errors import DomainError
from core.jobs import JobStatus, Lease, claim
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
from matching.services.scenarios import request_scenario
from matching.services.traits import delete_trait, forget_frozen, save_traits
from matching.services.wishes import save_wishes
from participants.services.staying import withdraw
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


@pytest.mark.parametrize("reader", ["program_manager", "it_administrator", "superuser"])
def test_nobody_reads_in_the_log_who_agreed_or_asked_not_to_be_paired(
    cast, pairing, agreed, settings, reader
):
    cast.superuser = User.objects.create_superuser("root@example.org", "x")
    mentee, mentor = pairing.mentees[0], pairing.mentors[0]
    save_wishes(
        enrolment=mentee, actor=mentee.user, now=NOW, gladly=[], not_with=[mentor.user.email]
    )
    discreet = AuditEvent.objects.filter(action__in=("traits.changed", "wishes.changed"))

    page = cast.client(reader).get(f"{settings.ADMIN_PATH}audit/auditevent/")
    one = cast.client(reader).get(f"{settings.ADMIN_PATH}audit/auditevent/{discreet[0].pk}/change/")

    assert page.status_code == 200
    assert discreet.count() == 4
    assert not {row.pk for row in discreet} & {row.pk for row in page.context["cl"].queryset}
    assert one.status_code != 200


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


def keep_figures(run, name: str = "with it") -> Scenario:
    return Scenario.objects.create(
        run=run,
        requested_by=make_person("sc@example.org", "Sina Scenario"),
        name=name,
        status=JobStatus.DONE,
        result={"figures": {}},
        created_at=NOW,
    )


@pytest.mark.parametrize("name", ["with it", ""])
def test_taking_consent_back_empties_frozen_drafts_too(pairing, agreed, name):
    run = pairing.run()
    mentee, mentor = pairing.mentees[0], pairing.mentors[2]
    before = Draft(run).explain(mentee.pk, mentor.pk).score
    figures = keep_figures(run, name)

    agree(mentee, agreed, "")

    figures.refresh_from_db()
    assert (figures.status, figures.result) == (JobStatus.QUEUED, {})
    assert not TraitConsent.objects.filter(enrolment=mentee).exists()
    assert json.loads(run.frozen_traits.words)[str(mentee.pk)] == {}
    assert (before, Draft(run).explain(mentee.pk, mentor.pk).score) == (600_000, 0)


def test_another_choice_takes_the_one_before_out_of_frozen_drafts(pairing, agreed):
    run = pairing.run()
    figures = keep_figures(run)

    agree(pairing.mentees[0], agreed, "Verily")
    figures.refresh_from_db()
    unchanged = figures.status
    agree(pairing.mentees[0], agreed, "Nay")

    figures.refresh_from_db()
    assert (unchanged, figures.status) == (JobStatus.DONE, JobStatus.QUEUED)
    told = json.loads(FrozenTraits.objects.get(run=run).words)
    assert told[str(pairing.mentees[0].pk)] == {}
    assert told[str(pairing.mentors[2].pk)] == {"first": "Verily"}


@pytest.mark.django_db(transaction=True)
def test_what_is_tried_while_somebody_takes_a_trait_back_waits_for_it(pairing, agreed):
    run = pairing.run()
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM matching_frozentraits FOR UPDATE")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '200ms'")
            with pytest.raises(OperationalError, match="lock timeout"):
                request_scenario(
                    run=run,
                    actor=pairing.manager,
                    now=NOW,
                    weights={},
                    rules=(),
                    objective="coverage",
                )
            transaction.set_rollback(True)
    finally:
        other.close()

    assert not Scenario.objects.exists()


def test_worker_that_computes_figures_meanwhile_has_lost_them(pairing, agreed):
    kept = keep_figures(pairing.run())
    Scenario.objects.filter(pk=kept.pk).update(status=JobStatus.QUEUED)
    lease = Lease(claim(Scenario, kept.pk, now=NOW), clock=lambda: NOW)

    agree(pairing.mentees[0], agreed, "")
    claim(Scenario, kept.pk, now=NOW)

    assert not lease.finish(JobStatus.DONE, result={"figures": {}})
    assert Scenario.objects.get(pk=kept.pk).result == {}


def test_figures_of_a_published_draft_go_with_the_consent(pairing, agreed):
    run = pairing.run()
    kept = keep_figures(run)
    publish_run(run=run, actor=pairing.manager, now=NOW)

    agree(pairing.mentees[0], agreed, "")

    assert not Scenario.objects.filter(pk=kept.pk).exists()


def test_drafts_that_hold_nothing_of_the_person_stay_as_they_are(pairing, agreed):
    run = pairing.run()
    kept = keep_figures(run)
    agree(pairing.mentees[1], agreed, "Verily")
    before = bytes(FrozenTraits.objects.values_list("words", flat=True).get())

    agree(pairing.mentees[1], agreed, "")

    assert bytes(FrozenTraits.objects.values_list("words", flat=True).get()) == before
    kept.refresh_from_db()
    assert (kept.status, kept.result) == (JobStatus.DONE, {"figures": {}})


def test_deleting_a_trait_takes_it_out_of_frozen_drafts(pairing, agreed):
    run = pairing.run()
    kept = keep_figures(run)

    delete_trait(trait=agreed)

    told = json.loads(FrozenTraits.objects.get(run=run).words)
    assert list(told.values()) == [{}, {}, {}]
    assert not TraitConsent.objects.exists()
    kept.refresh_from_db()
    assert (kept.status, kept.result) == (JobStatus.QUEUED, {})


def test_deleting_the_policy_takes_its_traits_out_too(pairing, agreed, client, settings):
    run = pairing.run()
    client.force_login(User.objects.create_superuser("root@example.org", "x"))
    policy = agreed.policy

    client.post(f"{settings.ADMIN_PATH}matching/pairingpolicy/{policy.pk}/delete/", {"post": "yes"})

    assert not PairingPolicy.objects.filter(pk=policy.pk).exists()
    assert "Verily" not in FrozenTraits.objects.get(run=run).words
    event = AuditEvent.objects.get(action="pairingpolicy.deleted")
    assert (event.object_id, event.program_id) == (str(policy.pk), pairing.cohort.program_id)


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


def test_who_has_left_finds_the_page_and_takes_it_back(pairing, agreed, client):
    mentee = pairing.mentees[0]
    later = PairingTrait.objects.create(
        policy=agreed.policy, key="later", label="Asked later?", choices=["Yes", "No"]
    )
    PolicyCriterion.objects.create(
        policy=agreed.policy, kind="trait", question_key=later.key, weight=9
    )
    withdraw(enrolment=mentee, actor=mentee.user, now=NOW)
    client.force_login(mentee.user)
    url = f"/pairing/enrolments/{mentee.pk}/traits/"

    links = [f'href="{url}"' in client.get(page).content.decode() for page in pages_of(mentee)]
    shown = client.get(url).content.decode()
    saved = client.post(url, {f"trait{agreed.pk}": ""})

    assert links == [True, True]
    assert ("First to study?" in shown, "Asked later?" in shown) == (True, False)
    assert saved.status_code == 302
    assert not TraitConsent.objects.filter(enrolment=mentee).exists()
    assert client.get(url).status_code == 404
    links = [f'href="{url}"' in client.get(page).content.decode() for page in pages_of(mentee)]
    assert links == [False, False]


def pages_of(enrolment) -> tuple[str, str]:
    return f"/enrolments/{enrolment.pk}/", reverse("my_data")


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
