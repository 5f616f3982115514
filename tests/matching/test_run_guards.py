"""What keeps a run honest: refusals in words, its lease, locks and overrides."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from accounts.models import User
from core.errors import DomainError
from core.jobs import JobStatus
from matching.heartbeat import heartbeat
from matching.models import PairingPolicy, PairingRun, PolicyRule, Proposal, RuleOverride
from matching.pool import engine_pool, take_snapshot
from matching.services.publishing import publish_run
from matching.services.review import lock_proposal, pair_by_hand, reject_proposal
from matching.services.runs import request_run
from participants.models import Enrolment
from tests.conftest import NOW, enrol, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(pairing):
    return lambda: request_run(cohort=pairing.cohort, actor=pairing.manager, now=NOW)


def test_run_without_a_seat_is_refused(pairing, ask):
    Enrolment.objects.filter(pk__in=[mentor.pk for mentor in pairing.mentors]).update(capacity=0)

    with pytest.raises(DomainError, match="Every mentor has as many mentees"):
        ask()


def test_run_without_a_waiting_mentee_is_refused(pairing, ask):
    Enrolment.objects.filter(pk__in=[mentee.pk for mentee in pairing.mentees]).update(
        status="paused"
    )

    with pytest.raises(DomainError, match="no mentee to pair"):
        ask()


def test_run_without_a_criterion_is_refused(pairing, ask):
    pairing.cohort.policy.criteria.all().delete()

    with pytest.raises(DomainError, match="has no criterion"):
        ask()

    assert not PairingRun.objects.exists()


def test_run_with_a_locked_pair_that_a_rule_now_forbids_fails_and_names_both(pairing):
    first = pairing.run()
    kept = first.proposals.get(mentee=pairing.mentees[0])
    lock_proposal(proposal=kept, actor=pairing.manager, now=NOW)
    PolicyRule.objects.create(policy=pairing.cohort.policy, kind="same_department")

    second = pairing.run()

    assert second.status == JobStatus.FAILED
    assert second.error == (
        "A rule forbids a pair that is locked in the last draft. Unlock it, then start a new run. "
        "It concerns: Mentee 0, Mentor 0."
    )
    assert not Proposal.objects.filter(run=second).exists()


def test_run_that_fails_says_so_in_the_language_of_who_asked(pairing):
    first = pairing.run()
    kept = first.proposals.get(mentee=pairing.mentees[0])
    lock_proposal(proposal=kept, actor=pairing.manager, now=NOW)
    PolicyRule.objects.create(policy=pairing.cohort.policy, kind="same_department")
    User.objects.filter(pk=pairing.manager.pk).update(language="de")

    assert pairing.run().error.startswith("Eine Regel verbietet ein Tandem")


def test_run_with_a_policy_the_engine_refuses_fails_with_what_to_do(pairing):
    pairing.cohort.policy.criteria.filter(kind="shared_hours").update(params={"enough": 1})

    run = pairing.run()

    assert run.status == JobStatus.FAILED
    assert run.error.startswith("The pairing policy cannot be used:")
    assert run.error.endswith("Change it, then start a new run.")


def test_run_after_publishing_forgets_locks_of_drafts_before(pairing):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=0)
    old = pairing.run()
    left_over = old.unmatched.get().enrolment
    freed = old.proposals.get(mentee=pairing.mentees[0])
    reject_proposal(proposal=freed, actor=pairing.manager, now=NOW)
    pair_by_hand(run=old, mentee=left_over, mentor=freed.mentor, actor=pairing.manager, now=NOW)
    newer = pairing.run()
    for proposal in newer.proposals.filter(mentee=left_over):
        reject_proposal(proposal=proposal, actor=pairing.manager, now=NOW)
    publish_run(run=newer, actor=pairing.manager, now=NOW)

    last = pairing.run()

    assert last.status == JobStatus.DONE
    assert not last.proposals.filter(state="locked").exists()


def test_run_stores_what_each_rule_did_to_the_pool(pairing):
    User.objects.filter(pk=pairing.mentees[0].user_id).update(department="D1")

    effects = {row["rule"]: row for row in pairing.run().result["rules"]}

    assert effects["different_department"] == {
        "rule": "different_department",
        "removed": 1,
        "removed_alone": 1,
        "left_without": 0,
    }
    assert effects["reporting_line"]["removed"] == 0


def test_override_of_a_cohort_rule_does_not_open_a_reporting_line(pairing):
    mentor, mentee = pairing.mentors[0], pairing.mentees[0]
    RuleOverride.objects.create(
        mentor=mentor,
        mentee=mentee,
        rule="policy",
        reason="Both asked for it.",
        created_by=pairing.manager,
        created_at=NOW,
    )

    pool = engine_pool(
        take_snapshot(pairing.cohort), rule_keys=["different_department", "reporting_line"]
    )

    assert pool.overrides == {(mentee.user_id, mentor.user_id, "different_department")}


def test_snapshot_leaves_matched_mentees_out_of_the_pool(pairing, cast):
    late = enrol(cast.cohort, make_person("late@example.org", "Late Joiner"), "mentee")

    pool = engine_pool(take_snapshot(cast.cohort))

    assert list(pool.mentees.id) == [late.pk]
    assert list(pool.mentors.capacity) == [1]


@pytest.mark.django_db(transaction=True)
def test_heartbeat_renews_the_lease_while_the_solver_is_busy(ask):
    run = started(ask())

    with heartbeat(run, every_seconds=0.02):
        wait_for(lambda: lease_of(run) > NOW)

    assert lease_of(run) > NOW + timedelta(seconds=1)


@pytest.mark.django_db(transaction=True)
def test_heartbeat_of_a_lost_attempt_renews_nothing(ask):
    run = started(ask())
    PairingRun.objects.filter(pk=run.pk).update(attempt=2)

    with heartbeat(run, every_seconds=0.02):
        time.sleep(0.2)

    assert lease_of(run) == NOW


def started(run: PairingRun) -> PairingRun:
    PairingRun.objects.filter(pk=run.pk).update(status="running", attempt=1, lease_until=NOW)
    run.refresh_from_db()
    return run


def lease_of(run: PairingRun):
    return PairingRun.objects.values_list("lease_until", flat=True).get(pk=run.pk)


def wait_for(is_so) -> None:
    end = time.monotonic() + 5
    while not is_so() and time.monotonic() < end:
        time.sleep(0.02)
