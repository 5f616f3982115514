"""What a manager decides before publishing, and publishing itself."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import Role, User
from audit.models import AuditEvent
from core.errors import Conflict, DomainError, NotAllowed
from matching.listing import waiting_mentees
from matching.models import Match, PairingPolicy, Proposal, ProposalState, RuleOverride
from matching.others import alternatives
from matching.refused import refused_pairs
from matching.selectors import mentors_with_seats, pool_counts
from matching.services.closing import end_match
from matching.services.publishing import publish_run
from matching.services.review import (
    BrokenRules,
    accept_held,
    lock_proposal,
    pair_by_hand,
    reject_proposal,
    restore_rejected,
    swap_mentor,
    unlock_proposal,
)
from matching.services.scenarios import perform_scenario, request_scenario
from notifications.models import Message
from participants.models import Enrolment
from tests.conftest import NOW, grant, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(pairing):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=0)
    return pairing.run()


def test_lock_and_unlock_change_the_state_once(pairing, run):
    proposal = run.proposals.first()

    lock_proposal(proposal=proposal, actor=pairing.manager, now=NOW)
    with pytest.raises(Conflict):
        lock_proposal(proposal=proposal, actor=pairing.manager, now=NOW)
    unlock_proposal(proposal=proposal, actor=pairing.manager, now=NOW)

    assert Proposal.objects.get(pk=proposal.pk).state == ProposalState.PROPOSED
    assert AuditEvent.objects.filter(object_id=str(proposal.pk)).count() == 2


def test_reject_frees_both_people(pairing, run):
    proposal = run.proposals.get(mentee=pairing.mentees[0])

    reject_proposal(proposal=proposal, actor=pairing.manager, now=NOW)

    assert proposal.mentor in mentors_with_seats(run)


def test_rejected_pair_comes_back_as_it_was(pairing, run):
    proposal = run.proposals.get(mentee=pairing.mentees[0])
    reject_proposal(proposal=proposal, actor=pairing.manager, now=NOW)

    restore_rejected(proposal=proposal, actor=pairing.manager, now=NOW)

    proposal.refresh_from_db()
    assert proposal.state == ProposalState.PROPOSED
    with pytest.raises(Conflict):
        restore_rejected(proposal=proposal, actor=pairing.manager, now=NOW)


def test_rejected_pair_below_the_minimum_fit_comes_back_held(pairing):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=100)
    held = pairing.run().proposals.filter(state=ProposalState.HELD).first()
    reject_proposal(proposal=held, actor=pairing.manager, now=NOW)

    restore_rejected(proposal=held, actor=pairing.manager, now=NOW)

    held.refresh_from_db()
    assert held.state == ProposalState.HELD


def test_rejected_pair_stays_out_when_its_people_are_in_others(pairing, run):
    first = run.proposals.get(mentee=pairing.mentees[0])
    second = run.proposals.exclude(pk=first.pk).first()
    for proposal in (first, second):
        reject_proposal(proposal=proposal, actor=pairing.manager, now=NOW)
    pair_by_hand(run=run, mentee=second.mentee, mentor=first.mentor, actor=pairing.manager, now=NOW)

    with pytest.raises(Conflict, match="no seat left"):
        restore_rejected(proposal=first, actor=pairing.manager, now=NOW)
    with pytest.raises(Conflict, match="another pair by now"):
        restore_rejected(proposal=second, actor=pairing.manager, now=NOW)


def test_rejection_is_undone_from_the_review_page(cast, pairing, run):
    client = cast.client("program_manager")
    proposal = run.proposals.get(mentee=pairing.mentees[0])
    client.post(reverse("matching:reject", args=(proposal.pk,)))
    url = reverse("matching:restore", args=(proposal.pk,))

    page = client.get(reverse("matching:review", args=(run.pk,))).content.decode()
    client.post(url)
    after = client.get(reverse("matching:review", args=(run.pk,))).content.decode()

    proposal.refresh_from_db()
    assert url in page
    assert "Undo the rejection" in page
    assert url not in after
    assert proposal.state == ProposalState.PROPOSED


def test_swap_to_a_mentor_without_a_seat_is_refused(pairing, run):
    proposal = run.proposals.get(mentee=pairing.mentees[0])
    taken = run.proposals.exclude(pk=proposal.pk).first()

    with pytest.raises(Conflict, match="no seat left"):
        swap_mentor(proposal=proposal, mentor=taken.mentor, actor=pairing.manager, now=NOW)


def test_swap_recomputes_score_and_reasons(pairing, run):
    proposal = run.proposals.get(mentee=pairing.mentees[0])
    other = run.proposals.get(mentee=pairing.mentees[1])
    reject_proposal(proposal=other, actor=pairing.manager, now=NOW)

    swapped = swap_mentor(proposal=proposal, mentor=other.mentor, actor=pairing.manager, now=NOW)

    assert (swapped.mentor, swapped.state, swapped.is_manual) == (
        other.mentor,
        ProposalState.LOCKED,
        True,
    )
    assert sum(item["points"] for item in swapped.contributions) == swapped.score


def test_swap_that_breaks_a_rule_is_refused(pairing, run):
    proposal = run.proposals.get(mentee=pairing.mentees[0])
    other = run.proposals.get(mentee=pairing.mentees[1])
    reject_proposal(proposal=other, actor=pairing.manager, now=NOW)
    snapshot = run.pool_snapshot
    for person in snapshot["people"]:
        if person["id"] in (proposal.mentee_id, other.mentor_id):
            person["department"] = "Same"
    run.save(update_fields=("pool_snapshot",))

    with pytest.raises(BrokenRules, match="same department"):
        swap_mentor(proposal=proposal, mentor=other.mentor, actor=pairing.manager, now=NOW)


def test_pair_by_hand_against_a_rule_needs_a_reason_that_is_kept(pairing, run):
    waiting = run.unmatched.get().enrolment
    mentor = pairing.mentors[0]
    Enrolment.objects.filter(pk=mentor.pk).update(capacity=2)
    mentor.refresh_from_db()
    for person in run.pool_snapshot["people"]:
        if person["id"] in (waiting.pk, mentor.pk):
            person["department"] = "Same"
    run.save(update_fields=("pool_snapshot",))
    pair = {"run": run, "mentee": waiting, "mentor": mentor, "actor": pairing.manager, "now": NOW}

    with pytest.raises(BrokenRules) as refusal:
        pair_by_hand(**pair)
    proposal = pair_by_hand(**pair, override_reason="Both asked for it.")

    assert refusal.value.may_override is True
    assert proposal.state == ProposalState.LOCKED
    assert RuleOverride.objects.get().reason == "Both asked for it."
    assert not run.unmatched.exists()
    assert AuditEvent.objects.filter(action="rule.overridden").count() == 1


def test_accept_held_takes_the_pair_into_the_draft(pairing):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=99)
    run = pairing.run()
    held = run.proposals.first()

    accept_held(proposal=held, actor=pairing.manager, now=NOW)

    assert Proposal.objects.get(pk=held.pk).state == ProposalState.LOCKED


def test_manager_decides_nothing_about_their_own_pair(cast, pairing, run):
    proposal = run.proposals.first()
    grant(proposal.mentor.user, Role.MANAGER, cast.program)

    with pytest.raises(NotAllowed):
        lock_proposal(proposal=proposal, actor=proposal.mentor.user, now=NOW)


def test_publish_makes_each_match_once_and_queues_one_mail_each(pairing, run):
    published = publish_run(run=run, actor=pairing.manager, now=NOW)

    assert (published.count, published.left_out) == (3, [])
    assert Match.objects.filter(cohort=pairing.cohort).count() == 3
    assert Message.objects.filter(kind="matching.matched").count() == 6
    with pytest.raises(Conflict):
        publish_run(run=run, actor=pairing.manager, now=NOW)
    assert Match.objects.filter(cohort=pairing.cohort).count() == 3


def test_publish_leaves_out_a_pair_that_became_illegal_and_says_why(pairing, run):
    proposal = run.proposals.first()
    User.objects.filter(pk=proposal.mentee.user_id).update(manager=proposal.mentor.user)

    published = publish_run(run=run, actor=pairing.manager, now=NOW)

    assert published.count == 2
    assert [(left.proposal, left.sentence) for left in published.left_out] == [
        (proposal, "They are within two steps of one reporting line.")
    ]
    assert not Message.objects.filter(recipient=proposal.mentee.user).exists()


def test_publish_keeps_the_managers_own_pair_for_another_manager(cast, pairing, run):
    own = run.proposals.get(mentee=pairing.mentees[0])
    grant(own.mentee.user, Role.MANAGER, cast.program)

    published = publish_run(run=run, actor=own.mentee.user, now=NOW)
    rest = publish_run(run=run, actor=pairing.manager, now=NOW)

    assert (published.count, rest.count) == (2, 1)


@pytest.mark.django_db(transaction=True)
def test_publish_by_two_managers_at_once_makes_each_match_once(cast, pairing):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=0)
    run = pairing.run()
    second = make_person("second@example.org", "Second Manager")
    barrier, outcomes = threading.Barrier(2), []

    def publish(actor):
        try:
            barrier.wait(5)
            outcomes.append(publish_run(run=run, actor=actor, now=NOW).count)
        except Conflict:
            outcomes.append("conflict")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=publish, args=(actor,)) for actor in (pairing.manager, second)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sorted(map(str, outcomes)) == ["3", "conflict"]
    assert Match.objects.filter(cohort=pairing.cohort).count() == 3


def test_alternatives_tell_exactly_who_would_move_and_what_it_costs(pairing, run):
    proposal = run.proposals.get(mentee=pairing.mentees[0])
    other = run.proposals.get(mentor=pairing.mentors[1])

    found = {row.mentor: row for row in alternatives(run, proposal)}

    assert found.keys() == {pairing.mentors[1], pairing.mentors[2]}
    assert not any(row.can_choose for row in found.values())
    waiting = run.unmatched.get().enrolment.user
    assert found[other.mentor].verdict == (
        "Already has 1 mentee. If Mentee 0 went to Mentor 1, Mentee 1 would have no mentor and "
        f"{waiting}, who waits, would go to Mentor 0: together 45 points less."
    )
    hidden = {row.mentor: row for row in alternatives(run, proposal, viewer=other.mentee.user)}
    assert hidden[other.mentor].verdict == (
        "Already has 1 mentee. If Mentee 0 went to Mentor 1, 2 other pairs would change and "
        "one mentee would have no mentor: together 45 points less."
    )


def test_alternatives_of_a_changed_draft_tell_of_a_plain_swap(pairing, run):
    proposal = run.proposals.get(mentee=pairing.mentees[0])
    reject_proposal(
        proposal=run.proposals.get(mentor=pairing.mentors[2]), actor=pairing.manager, now=NOW
    )

    found = {row.mentor: row for row in alternatives(run, proposal)}

    assert found[pairing.mentors[1]].verdict == (
        "Already has 1 mentee. If Mentee 0 went to Mentor 1, Mentee 1 would move to Mentor 0: "
        "together 80 points less."
    )


def test_alternatives_leave_locked_pairs_where_they_are(pairing, run):
    proposal = run.proposals.get(mentee=pairing.mentees[0])
    other = run.proposals.get(mentor=pairing.mentors[1])
    lock_proposal(proposal=other, actor=pairing.manager, now=NOW)

    found = {row.mentor: row for row in alternatives(run, proposal)}

    assert found[other.mentor].verdict == (
        f"Is with Mentee 1 ({round(other.score / 10_000)}) in this draft; free that seat first."
    )


def test_alternatives_offer_a_mentor_with_a_free_seat(pairing, run):
    proposal = run.proposals.get(mentee=pairing.mentees[0])
    freed = run.proposals.get(mentor=pairing.mentors[1])
    reject_proposal(proposal=freed, actor=pairing.manager, now=NOW)

    found = {row.mentor: row for row in alternatives(run, proposal, limit=1)}

    assert found[freed.mentor].can_choose is True
    assert found[freed.mentor].verdict.endswith("No other pair changes.")


def test_alternatives_say_which_rule_keeps_a_better_mentor_away(pairing, run):
    proposal = run.proposals.get(mentee=pairing.mentees[0])
    Proposal.objects.filter(pk=proposal.pk).update(score=0)
    proposal.refresh_from_db()
    for person in run.pool_snapshot["people"]:
        if person["id"] in (proposal.mentee_id, pairing.mentors[1].pk):
            person.update(department="Same", interests=["Chess"])
    run.save(update_fields=("pool_snapshot",))

    found = {row.mentor: row for row in alternatives(run, proposal)}

    blocked = found.get(pairing.mentors[1])
    assert blocked is not None
    assert (blocked.verdict, blocked.can_choose) == (
        "They work in the same department.",
        False,
    )


def test_pool_counts_leave_out_who_is_matched(pairing, run):
    assert pool_counts(pairing.cohort) == {
        "mentors": 3,
        "mentees": 4,
        "seats": 3,
        "untrained_mentors": 0,
        "untrained_mentees": 0,
        "unscreened_mentors": 0,
        "unscreened_mentees": 0,
    }

    publish_run(run=run, actor=pairing.manager, now=NOW)

    assert pool_counts(pairing.cohort) == {
        "mentors": 3,
        "mentees": 1,
        "seats": 0,
        "untrained_mentors": 0,
        "untrained_mentees": 0,
        "unscreened_mentors": 0,
        "unscreened_mentees": 0,
    }


def test_end_match_frees_the_people_and_keeps_the_reason(cast):
    end_match(match=cast.match, actor=cast.mentee, now=NOW, reason="no_time")

    cast.match.refresh_from_db()
    assert (cast.match.status, cast.match.end_reason) == ("ended", "no_time")
    assert not cast.match.members.filter(left_at__isnull=True).exists()
    with pytest.raises(Conflict):
        end_match(match=cast.match, actor=cast.mentor, now=NOW, reason="no_time")


def test_end_match_for_an_unknown_reason_is_refused(cast):
    with pytest.raises(DomainError, match="Choose why"):
        end_match(match=cast.match, actor=cast.mentee, now=NOW, reason="boredom")


def test_waiting_mentee_is_told_of_with_the_smallest_change_that_would_help(pairing, run):
    [row] = waiting_mentees(run, pairing.manager, limit=10)

    best = run.unmatched.get().detail["help"]
    assert best["change"] == "seat"
    mentor = Enrolment.objects.get(pk=best["mentor_id"])
    score = round(best["score"] / 10_000)
    assert row.mentor == mentor
    assert row.remedy == f"One more seat with {mentor.user} would do: {score} of 100."
    assert waiting_mentees(run, mentor.user, limit=10)[0].remedy == ""


def test_review_page_leads_to_the_capacity_of_the_mentor_who_would_help(cast, pairing, run):
    mentor_id = run.unmatched.get().detail["help"]["mentor_id"]

    page = cast.client("program_manager").get(f"/pairing/runs/{run.pk}/").content.decode()

    assert f'/enrolments/{mentor_id}/#capacity">Raise capacity' in page
    assert "One more seat with" in page


def test_rejected_pair_stays_out_of_later_drafts_until_it_is_chosen_by_hand(pairing):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=0)
    first = pairing.run()
    pair = first.proposals.get(mentee=pairing.mentees[1])
    reject_proposal(proposal=pair, actor=pairing.manager, now=NOW)
    ids = (pair.mentee_id, pair.mentor_id)

    second, third = pairing.run(changes_little=True), pairing.run()

    for run in (second, third):
        assert ids not in set(run.proposals.values_list("mentee_id", "mentor_id"))
        run.refresh_from_db()
        assert run.policy_snapshot["refused"] == [list(ids)]
    occupied = third.proposals.filter(mentor=pair.mentor)
    for other in occupied:
        reject_proposal(proposal=other, actor=pairing.manager, now=NOW)
    for own in third.proposals.filter(mentee=pair.mentee).exclude(state="rejected"):
        reject_proposal(proposal=own, actor=pairing.manager, now=NOW)
    pair_by_hand(run=third, mentee=pair.mentee, mentor=pair.mentor, actor=pairing.manager, now=NOW)
    fourth = pairing.run()
    assert ids not in {tuple(one) for one in fourth.policy_snapshot.get("refused", ())}


def test_pair_that_is_given_up_for_another_or_taken_back_is_not_refused(pairing):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=0)
    run = pairing.run()
    rejected = run.proposals.get(mentee=pairing.mentees[1])
    reject_proposal(proposal=rejected, actor=pairing.manager, now=NOW)
    restore_rejected(proposal=rejected, actor=pairing.manager, now=NOW)
    reject_proposal(proposal=rejected, actor=pairing.manager, now=NOW)
    given_up = run.proposals.get(mentee=pairing.mentees[0])
    swap_mentor(proposal=given_up, mentor=rejected.mentor, actor=pairing.manager, now=NOW)

    assert refused_pairs(pairing.cohort) == [(rejected.mentee_id, rejected.mentor_id)]
    rejected.refresh_from_db()
    assert (given_up.is_refused, rejected.is_refused) == (False, True)


def test_what_is_tried_keeps_rejected_pairs_out_as_well(pairing):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=0)
    pair = pairing.run().proposals.get(mentee=pairing.mentees[1])
    reject_proposal(proposal=pair, actor=pairing.manager, now=NOW)
    run = pairing.run()

    scenario = request_scenario(
        run=run, actor=pairing.manager, now=NOW, weights={}, rules=[], objective="coverage"
    )
    perform_scenario(scenario.pk, clock=lambda: NOW)

    scenario.refresh_from_db()
    assert scenario.status == "done", scenario.error
    moves = scenario.result["moves"]
    assert (pair.mentee_id, [pair.mentor_id]) not in [(row[0], row[2]) for row in moves]
