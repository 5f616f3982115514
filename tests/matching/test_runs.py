"""Pairing runs: asked for, carried out once, cancelled, tried again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from audit.models import AuditEvent
from core.errors import Conflict, DomainError
from core.jobs import JobStatus, claim, due
from matching.models import PairingPolicy, PairingRun, Proposal, ProposalState, Unmatched
from matching.services.policy import ensure_policy
from matching.services.review import lock_proposal
from matching.services.runs import cancel_run, perform_run, request_run, retry_run
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


def pairs_of(run):
    return set(
        Proposal.objects.filter(run=run).values_list("mentee__user__email", "mentor__user__email")
    )


def test_run_proposes_the_best_pairs_with_stored_contributions(pairing):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=0)

    run = pairing.run()

    assert run.status == JobStatus.DONE
    assert {
        ("mentee0@example.org", "mentor0@example.org"),
        ("mentee1@example.org", "mentor1@example.org"),
    } <= pairs_of(run)
    assert run.result["pairs"] == 3
    assert run.result["certificate"]["is_proved"] is True
    for proposal in run.proposals.all():
        assert sum(item["points"] for item in proposal.contributions) == proposal.score
        assert sum(item["of"] for item in proposal.contributions) == 1_000_000
    skills = run.proposals.get(mentee=pairing.mentees[0]).contributions[0]
    assert (skills["kind"], skills["facts"]["skills"]) == ("skills", ["SQL"])
    assert run.unmatched.get().enrolment in pairing.mentees[2:]


def test_run_below_minimum_fit_holds_pairs_for_a_person(pairing):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=99)

    run = pairing.run()

    assert set(run.proposals.values_list("state", flat=True)) == {ProposalState.HELD}


def test_run_keeps_locked_pairs_of_the_draft_before(pairing):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=0)
    first = pairing.run()
    kept = first.proposals.get(mentee=pairing.mentees[0])
    lock_proposal(proposal=kept, actor=pairing.manager, now=NOW)

    second = pairing.run()

    proposal = second.proposals.get(mentee=pairing.mentees[0])
    assert (proposal.mentor_id, proposal.state) == (kept.mentor_id, ProposalState.LOCKED)


def test_run_twice_with_the_same_pool_gives_the_same_pairs(pairing):
    assert pairing.run(seed=7).result["fingerprint"] == pairing.run(seed=7).result["fingerprint"]


def test_run_asked_for_while_one_is_open_is_refused(pairing):
    request_run(cohort=pairing.cohort, actor=pairing.manager, now=NOW)

    with pytest.raises(Conflict):
        request_run(cohort=pairing.cohort, actor=pairing.manager, now=NOW)

    assert PairingRun.objects.filter(cohort=pairing.cohort).count() == 1


def test_run_of_a_cohort_that_is_not_paired_is_refused(cast):
    cast.cohort.status = "enrolling"

    with pytest.raises(DomainError, match="Pairing"):
        request_run(cohort=cast.cohort, actor=cast.program_manager, now=NOW)


def test_run_without_mentors_is_refused(pairing):
    for mentor in pairing.mentors:
        type(mentor).objects.filter(pk=mentor.pk).update(status="withdrawn")

    with pytest.raises(DomainError, match="no mentor"):
        request_run(cohort=pairing.cohort, actor=pairing.manager, now=NOW)


def test_perform_run_twice_stores_one_result(pairing):
    run = pairing.run()
    count = Proposal.objects.filter(run=run).count()

    perform_run(run.pk, clock=lambda: NOW)

    assert Proposal.objects.filter(run=run).count() == count


def test_perform_run_after_a_worker_died_starts_again_from_the_frozen_pool(pairing):
    run = request_run(cohort=pairing.cohort, actor=pairing.manager, now=NOW)
    claim(PairingRun, run.pk, now=NOW)  # this worker dies here
    perform_run(run.pk, clock=lambda: NOW)
    assert PairingRun.objects.get(pk=run.pk).status == JobStatus.RUNNING
    later = NOW + timedelta(minutes=5)

    assert list(due(PairingRun, now=later)) == [run]
    perform_run(run.pk, clock=lambda: later)

    run.refresh_from_db()
    assert (run.status, run.attempt) == (JobStatus.DONE, 2)


def test_perform_run_that_lost_its_row_writes_nothing(pairing):
    run = request_run(cohort=pairing.cohort, actor=pairing.manager, now=NOW)
    ticks = iter(range(1_000))

    def clock():
        if next(ticks) == 2:  # another worker takes the row over in the middle
            PairingRun.objects.filter(pk=run.pk).update(attempt=2)
        return NOW

    perform_run(run.pk, clock=clock)

    assert not Proposal.objects.filter(run=run).exists()
    assert not Unmatched.objects.filter(run=run).exists()


def test_run_that_died_three_times_fails_with_a_sentence(pairing):
    run = request_run(cohort=pairing.cohort, actor=pairing.manager, now=NOW)
    PairingRun.objects.filter(pk=run.pk).update(
        attempt=3, status=JobStatus.RUNNING, lease_until=NOW
    )

    perform_run(run.pk, clock=lambda: NOW + timedelta(minutes=2))

    run.refresh_from_db()
    assert run.status == JobStatus.FAILED
    assert "Try again" in run.error


def test_cancel_run_before_a_worker_takes_it_ends_it(pairing):
    run = request_run(cohort=pairing.cohort, actor=pairing.manager, now=NOW)

    cancel_run(run=run, actor=pairing.manager, now=NOW)
    perform_run(run.pk, clock=lambda: NOW)

    run.refresh_from_db()
    assert run.status == JobStatus.CANCELLED
    assert AuditEvent.objects.filter(action="run.cancelled", object_id=str(run.pk)).count() == 1


def test_retry_run_after_a_failure_queues_it_again(pairing):
    run = request_run(cohort=pairing.cohort, actor=pairing.manager, now=NOW)
    PairingRun.objects.filter(pk=run.pk).update(status=JobStatus.FAILED, attempt=3, error="x")

    retry_run(run=run, actor=pairing.manager, now=NOW)
    perform_run(run.pk, clock=lambda: NOW)

    run.refresh_from_db()
    assert run.status == JobStatus.DONE


def test_ensure_policy_twice_makes_one(pairing):
    assert ensure_policy(cohort=pairing.cohort) == ensure_policy(cohort=pairing.cohort)
    assert pairing.cohort.policy.criteria.count() == 5
