"""Programs of peers: everybody enrols alike, pairs of two, from the draft to the match."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts.models import User
from core.errors import Conflict, DomainError
from core.jobs import JobStatus
from matching.models import (
    DoNotPair,
    Match,
    MatchMember,
    PairingPolicy,
    PairingRun,
    Proposal,
    ProposalState,
    RuleOverride,
    Unmatched,
)
from matching.reasons import for_people
from matching.selectors import resting, undecided_mentees
from matching.services.publications import publish_draft
from matching.services.review import (
    BrokenRules,
    lock_proposal,
    pair_peers,
    reject_proposal,
    swap_mentor,
)
from notifications.mailbox import read_mails
from notifications.models import Message
from notifications.services import send_message
from participants.models import Enrolment, MemberRole
from participants.services.enrolling import enrol_person
from participants.services.importing import start_import
from participants.services.links import make_link
from programs.models import CohortStatus, Program, ProgramFormat
from tests.conftest import NOW, Cast, enrol, make_cohort, make_person
from tests.matching.rounds import Peers, make_peers


@pytest.fixture
def peers(cast: Cast) -> Peers:
    return make_peers(cast)


def pairs_of(run: PairingRun) -> set[tuple[int, int]]:
    live = run.proposals.exclude(state=ProposalState.REJECTED)
    return set(live.values_list("mentee_id", "mentor_id"))


def ids(peers: Peers, *places: int) -> tuple[int, ...]:
    return tuple(peers.people[place].pk for place in places)


def test_run_of_peers_pairs_who_learn_from_each_other(peers):
    run = peers.run()
    assert run.status == JobStatus.DONE, run.error
    assert pairs_of(run) == {ids(peers, 0, 1), ids(peers, 2, 3)}
    assert run.result["certificate"]["is_proved"] is True
    assert run.result["pairs"] == 2
    proposal = run.proposals.first()
    assert proposal.is_of_peers
    skills = next(part for part in proposal.contributions if part["kind"] == "skills")
    assert skills["points"] == skills["of"]
    assert sorted(skills["facts"]["skills"]) in (["Budgeting", "Coaching"], ["Coaching", "SQL"])


def test_run_of_peers_says_why_somebody_is_left(peers):
    run = peers.run()
    row = Unmatched.objects.get(run=run)
    assert (row.enrolment_id, row.reason, row.detail) == (
        peers.people[4].pk,
        "no_peer_left",
        {"peers": 4},
    )
    assert list(undecided_mentees(run)) == [peers.people[4]]


def test_run_of_peers_below_the_minimum_fit_holds_the_pair(peers):
    PairingPolicy.objects.filter(cohort=peers.cohort).update(minimum_fit=90)
    run = peers.run()
    assert set(run.proposals.values_list("state", flat=True)) == {ProposalState.HELD}


def test_run_of_peers_again_keeps_locked_pairs(peers):
    run = peers.run()
    chosen = run.proposals.get(mentee=peers.people[0])
    reject_proposal(proposal=chosen, actor=peers.manager, now=NOW)
    by_hand = pair_peers(
        run=run, one=peers.people[4], other=peers.people[0], actor=peers.manager, now=NOW
    )
    assert (by_hand.mentee_id, by_hand.mentor_id) == ids(peers, 0, 4)
    assert by_hand.state == ProposalState.LOCKED
    assert by_hand.is_manual
    assert ids(peers, 0, 4) in pairs_of(peers.run())


def test_run_of_peers_that_changes_little_keeps_pairs(peers):
    before = pairs_of(peers.run())
    assert pairs_of(peers.run(changes_little=True)) == before


def test_run_with_one_peer_refuses(peers):
    Enrolment.objects.filter(pk__in=ids(peers, 1, 2, 3, 4)).update(status="withdrawn")
    with pytest.raises(DomainError, match="not two people"):
        peers.run()


def test_run_of_peers_for_the_fairest_fails_with_a_sentence(peers):
    PairingPolicy.objects.filter(cohort=peers.cohort).update(objective="leximin")
    run = peers.run()
    assert run.status == JobStatus.FAILED
    assert "most people or for the best total" in run.error


def test_policy_of_peers_with_the_fairest_aim_is_refused(peers):
    policy = PairingPolicy.objects.get(cohort=peers.cohort)
    policy.objective = "leximin"
    with pytest.raises(ValidationError, match="most people"):
        policy.full_clean()


def test_policy_of_peers_has_no_seniority_and_no_floor(peers):
    policy = PairingPolicy.objects.get(cohort=peers.cohort)
    assert not policy.criteria.filter(kind="seniority").exists()
    assert policy.protects_worst is False


def test_pair_peers_with_somebody_in_a_pair_refuses(peers):
    run = peers.run()
    with pytest.raises(Conflict, match="another pair"):
        pair_peers(
            run=run, one=peers.people[4], other=peers.people[1], actor=peers.manager, now=NOW
        )


def test_pair_peers_against_a_rule_asks_for_a_reason(peers):
    User.objects.filter(pk=peers.people[4].user_id).update(manager=peers.people[0].user_id)
    run = peers.run()
    reject_proposal(
        proposal=run.proposals.get(mentee=peers.people[0]), actor=peers.manager, now=NOW
    )
    together = {"run": run, "one": peers.people[4], "other": peers.people[0], "now": NOW}
    with pytest.raises(BrokenRules) as refused:
        pair_peers(**together, actor=peers.manager)
    assert refused.value.rules == ("reporting_line",)
    made = pair_peers(**together, actor=peers.manager, override_reason="They asked for it.")
    assert RuleOverride.objects.get().reason == "They asked for it."
    assert publish_draft(run=run, actor=peers.manager, now=NOW).result["matches"] == 2
    assert Match.objects.filter(proposal=made).exists()
    assert not any("reporting line" in str(one) for one in for_people(made.match.contributions))


def test_publish_run_of_peers_makes_matches_of_two_alike(peers):
    run = peers.run()
    lock_proposal(proposal=run.proposals.first(), actor=peers.manager, now=NOW)
    publish_draft(run=run, actor=peers.manager, now=NOW)
    seats = MatchMember.objects.filter(match__cohort=peers.cohort).values_list(
        "match__proposal__mentee", "enrolment", "role"
    )
    assert set(seats) == {
        (*ids(peers, 0, 0), "mentee"),
        (*ids(peers, 0, 1), "mentee"),
        (*ids(peers, 2, 2), "mentee"),
        (*ids(peers, 2, 3), "mentee"),
    }
    assert Message.objects.filter(kind="matching.matched").count() == 4


def test_matched_mail_of_peers_names_no_mentor(peers):
    publish_draft(run=peers.run(), actor=peers.manager, now=NOW)
    message = Message.objects.filter(kind="matching.matched").first()
    send_message(pk=message.pk, clock=lambda: NOW)
    text = read_mails()[0].text
    assert "Peer" in text
    assert "one of you suggests" in text
    assert "mentor" not in text.lower().replace("mentoring", "")


def test_second_run_of_peers_leaves_out_who_has_a_match(peers):
    publish_draft(run=peers.run(), actor=peers.manager, now=NOW)
    with pytest.raises(DomainError, match="not two people"):
        peers.run()


def test_match_of_peers_rests_while_one_is_on_leave(peers):
    publish_draft(run=peers.run(), actor=peers.manager, now=NOW)
    Enrolment.objects.filter(pk=peers.people[0].pk).update(status="paused")
    rests = Match.objects.filter(resting("pk"))
    assert list(rests.values_list("proposal__mentee", flat=True)) == [peers.people[0].pk]


def test_what_is_of_mentors_alone_is_not_offered_to_peers(peers, client):
    run = peers.run()
    proposal = run.proposals.first()
    with pytest.raises(DomainError):
        swap_mentor(proposal=proposal, mentor=peers.people[4], actor=peers.manager, now=NOW)
    client.force_login(peers.manager)
    assert client.get(reverse("matching:others", args=(proposal.pk,))).status_code == 404


def test_review_page_of_peers_shows_pairs_and_proof(peers, client):
    run = peers.run()
    client.force_login(peers.manager)
    page = client.get(reverse("matching:review", args=(run.pk,))).content.decode()
    assert "Proved best" in page
    assert "Mentor</" not in page
    assert page.count("<small>Peer") == 4
    assert "4 people would suit, and are in pairs that fit better." in page


def test_review_page_of_peers_beyond_proof_says_how_far(peers, client):
    run = peers.run()
    run.result["certificate"] |= {"is_proved": False, "gap": 123, "most_pairs": 3}
    run.save(update_fields=("result",))
    client.force_login(peers.manager)
    page = client.get(reverse("matching:review", args=(run.pk,))).content.decode()
    assert "Not proved best" in page
    assert "at most 1.3 % higher is possible" in page
    assert "At most 1 pair more is possible." in page


def test_by_hand_page_of_peers_without_anybody_else_says_what_to_do(peers, client):
    run = peers.run()
    client.force_login(peers.manager)
    url = reverse("matching:by_hand", args=(run.pk, peers.people[4].pk))
    page = client.get(url).content.decode()
    assert "Nobody else is without a pair. Reject a pair of the draft first." in page
    assert "Pair them" not in page


def test_by_hand_page_of_peers_pairs_two(peers, client):
    run = peers.run()
    reject_proposal(proposal=run.proposals.first(), actor=peers.manager, now=NOW)
    client.force_login(peers.manager)
    url = reverse("matching:by_hand", args=(run.pk, peers.people[4].pk))
    page = client.get(url).content.decode()
    assert "Choose a peer for Peer 4" in page
    gone = run.proposals.get(state=ProposalState.REJECTED)
    answer = client.post(url, {"mentor": gone.mentor_id})
    assert answer.status_code == 302
    assert tuple(sorted((gone.mentor_id, peers.people[4].pk))) in pairs_of(run)


def test_publish_and_cohort_pages_of_peers_speak_of_people(peers, client):
    run = peers.run()
    client.force_login(peers.manager)
    page = client.get(reverse("matching:publish", args=(run.pk,))).content.decode()
    assert "4 people get a mail each" in page
    assert "1 person without a pair" in page
    page = client.get(reverse("matching:cohort", args=(peers.cohort.pk,))).content.decode()
    assert "Peers waiting" in page
    assert "Seats left" not in page


def test_proposal_of_peers_twice_is_refused_by_the_database(peers):
    run = peers.run()
    taken, other = peers.people[1], peers.people[4]
    with pytest.raises(DatabaseError, match="peers_once"), transaction.atomic():
        Proposal.objects.create(run=run, mentee=taken, mentor=other, score=1, is_of_peers=True)
    with pytest.raises(DatabaseError, match="peers_in_order"), transaction.atomic():
        Proposal.objects.create(
            run=run, mentee=other, mentor=taken, score=1, is_of_peers=True, state="rejected"
        )


def test_match_of_peers_who_shall_not_be_paired_is_left_out(peers):
    run = peers.run()
    low, high = sorted(person.user_id for person in peers.people[:2])
    DoNotPair.objects.create(low_id=low, high_id=high, created_at=NOW)
    done = publish_draft(run=run, actor=peers.manager, now=NOW)
    assert done.result["matches"] == 1
    assert [code for _pk, code in done.result["left_out"]] == ["member_do_not_pair"]


def test_match_of_a_peer_from_outside_without_a_yes_is_left_out(peers):
    run = peers.run()
    outside = peers.people[0]
    Program.objects.filter(cohorts=peers.cohort).update(externals="both")
    User.objects.filter(pk=outside.user_id).update(
        is_external=True,
        organisation="Alumni",
        works_until=NOW.date() + timedelta(days=400),
        vouched_by=peers.manager,
    )
    done = publish_draft(run=run, actor=peers.manager, now=NOW)
    assert [code for _pk, code in done.result["left_out"]] == ["member_external"]


@pytest.mark.parametrize(
    "come",
    [
        lambda cohort, actor: enrol_person(
            cohort=cohort, email="new@example.org", role="mentor", actor=actor, now=NOW
        ),
        lambda cohort, actor: make_link(cohort=cohort, role="mentor", actor=actor, now=NOW),
        lambda cohort, actor: start_import(
            cohort=cohort,
            role="mentor",
            file_name="people.csv",
            content=b"email\nnew@example.org\n",
            actor=actor,
            now=NOW,
        ),
    ],
)
def test_mentor_among_peers_is_refused(peers, come):
    with pytest.raises(DomainError, match="nobody is a mentor"):
        come(peers.cohort, peers.manager)


def test_mentor_among_peers_is_refused_by_the_database(peers):
    with pytest.raises(DatabaseError, match="peers_have_no_mentors"), transaction.atomic():
        enrol(peers.cohort, make_person("new@example.org", "New Person"), "mentor")


def test_format_once_paired_stays(peers):
    peers.run()
    program = peers.cohort.program
    program.format = ProgramFormat.FLASH
    with pytest.raises(ValidationError, match="have been paired"):
        program.full_clean()
    with pytest.raises(DatabaseError, match="format_stays"), transaction.atomic():
        program.save(update_fields=("format",))


def test_format_of_peers_with_mentors_enrolled_is_refused(cast):
    program = Program.objects.create(name="With mentors")
    cohort = make_cohort(program, status=CohortStatus.ENROLLING)
    enrol(cohort, make_person("m@example.org", "M Person"), MemberRole.MENTOR)
    program.format = ProgramFormat.PEER
    with pytest.raises(ValidationError, match="Mentors are enrolled"):
        program.full_clean()
    with pytest.raises(DatabaseError, match="format_mentors"), transaction.atomic():
        program.save(update_fields=("format",))


@pytest.mark.parametrize("name", ["joining", "add", "import_new", "people"])
def test_pages_about_people_of_peers_offer_no_mentor(peers, client, name):
    client.force_login(peers.manager)
    page = client.get(reverse(f"participants:{name}", args=(peers.cohort.pk,))).content.decode()
    assert "Peer" in page
    assert 'value="mentor"' not in page or name == "people"
