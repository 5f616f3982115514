"""Publishing: who has left meanwhile, what the mails say, and how the queries grow."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from matching.models import DoNotPair, Match, PairingPolicy, Proposal
from matching.reasons import for_manager, for_people
from matching.services.closing import end_match
from matching.services.publishing import publish_run
from matching.services.review import pair_by_hand
from notifications.models import Message
from notifications.services import send_message
from participants.models import Enrolment
from tests.conftest import NOW, enrol, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(pairing):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=0)
    return pairing.run()


@pytest.mark.parametrize("who", ["mentee", "mentor"])
@pytest.mark.parametrize("left", ["paused", "withdrawn", "inactive"])
def test_publish_leaves_out_a_pair_of_whom_one_has_left(pairing, run, who, left):
    proposal = run.proposals.get(mentee=pairing.mentees[0])
    enrolment = getattr(proposal, who)
    if left == "inactive":
        User.objects.filter(pk=enrolment.user_id).update(is_active=False)
    else:
        Enrolment.objects.filter(pk=enrolment.pk).update(status=left)

    published = publish_run(run=run, actor=pairing.manager, now=NOW)

    assert published.count == 2
    assert [(row.proposal, row.sentence) for row in published.left_out] == [
        (proposal, "One of them has paused or left since the run.")
    ]
    assert not Match.objects.filter(proposal=proposal).exists()


def test_publish_leaves_out_two_who_shall_not_be_paired_any_more(pairing, run):
    proposal = run.proposals.first()
    low, high = sorted((proposal.mentee.user_id, proposal.mentor.user_id))
    DoNotPair.objects.create(low_id=low, high_id=high, created_at=NOW)

    published = publish_run(run=run, actor=pairing.manager, now=NOW)

    assert [row.sentence for row in published.left_out] == ["These two shall not be paired."]


def test_publish_with_refused_pairs_among_many_leaves_out_only_those(pairing):
    for number in range(9):
        for role in ("mentor", "mentee"):
            person = make_person(f"many-{role}{number}@example.org", f"Many {role} {number}")
            enrol(pairing.cohort, person, role)
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=0)
    run = pairing.run()
    proposals = list(run.proposals.order_by("pk"))
    refused = [proposals[2], proposals[9]]
    for proposal in refused:
        low, high = sorted((proposal.mentee.user_id, proposal.mentor.user_id))
        DoNotPair.objects.create(low_id=low, high_id=high, created_at=NOW)

    published = publish_run(run=run, actor=pairing.manager, now=NOW)

    assert (len(proposals), published.count) == (12, 10)
    assert [row.proposal for row in published.left_out] == refused
    assert set(Match.objects.filter(cohort=pairing.cohort).values_list("proposal", flat=True)) == {
        proposal.pk for proposal in proposals if proposal not in refused
    }
    assert Message.objects.filter(kind="matching.matched").count() == 20
    assert set(run.proposals.filter(state="published")) == set(proposals) - set(refused)


def test_publish_makes_members_of_both_with_score_and_reasons(pairing, run):
    proposal = run.proposals.get(mentee=pairing.mentees[0])

    publish_run(run=run, actor=pairing.manager, now=NOW)

    match = Match.objects.get(proposal=proposal)
    assert (match.score, match.contributions) == (proposal.score, proposal.contributions)
    assert set(match.members.values_list("enrolment", "role", "joined_at")) == {
        (proposal.mentee_id, "mentee", NOW),
        (proposal.mentor_id, "mentor", NOW),
    }


def test_publish_of_a_pair_in_one_reporting_line_claims_nothing_untrue(pairing, run):
    waiting = run.unmatched.get().enrolment
    mentor = pairing.mentors[0]
    Enrolment.objects.filter(pk=mentor.pk).update(capacity=2)
    User.objects.filter(pk=waiting.user_id).update(manager=mentor.user)
    for person in run.pool_snapshot["people"]:
        if person["id"] == waiting.pk:
            person["manager"] = mentor.user_id
    run.save(update_fields=("pool_snapshot",))
    mentor.refresh_from_db()
    by_hand = pair_by_hand(
        run=run,
        mentee=waiting,
        mentor=mentor,
        actor=pairing.manager,
        now=NOW,
        override_reason="Agreed with HR.",
    )

    published = publish_run(run=run, actor=pairing.manager, now=NOW)

    assert (published.count, published.left_out) == (4, [])
    said = for_people(Match.objects.get(proposal=by_hand).contributions)
    assert not any("reporting line" in sentence.text for sentence in said)
    other = Match.objects.get(proposal__mentee=pairing.mentees[0])
    assert for_people(other.contributions)[-1].text == "No reporting line connects you."
    lines = for_manager(Match.objects.get(proposal=by_hand).contributions)
    assert len(lines) == len(by_hand.contributions)


def test_publish_takes_as_many_queries_for_three_pairs_as_for_twelve(pairing, run):
    def queries(draft) -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            publish_run(run=draft, actor=pairing.manager, now=NOW)
        return len(found)

    few = queries(run)
    for number in range(12):
        for role in ("mentor", "mentee"):
            person = make_person(f"more-{role}{number}@example.org", f"More {role} {number}")
            enrol(pairing.cohort, person, role)
    more = pairing.run()

    assert more.proposals.count() == 12
    assert queries(more) == few


def test_matched_mail_tells_each_who_and_why_without_figures(pairing, run):
    proposal = run.proposals.get(mentee=pairing.mentees[0])
    Proposal.objects.filter(pk=proposal.pk).update(
        contributions=[
            *proposal.contributions,
            {
                "kind": "answer",
                "code": "answer_same",
                "facts": {"question": "health", "values": ["Back after burnout"]},
                "points": 90_000,
                "of": 100_000,
                "visibility": "manager",
                "question": "health",
            },
        ]
    )
    publish_run(run=run, actor=pairing.manager, now=NOW)

    mentee_mail = mail_to(proposal.mentee.user)
    mentor_mail = mail_to(proposal.mentor.user)

    assert mentee_mail["Subject"] == "You and Mentor 0 are matched"
    assert mentor_mail["Subject"] == "You and Mentee 0 are matched"
    match = Match.objects.get(proposal=proposal)
    for mail in (mentee_mail, mentor_mail):
        for kind in ("plain", "html"):
            text = mail.get_body((kind,)).get_content()
            assert "SQL" in text
            assert f"/matches/{match.pk}/" in text
            assert "burnout" not in text
            assert "health" not in text
            assert "of 100" not in text
            assert str(proposal.score) not in text
    assert "write to your mentor" in mentee_mail.get_body(("plain",)).get_content()
    assert "say hello" in mentor_mail.get_body(("plain",)).get_content()


def test_matched_mail_of_a_match_that_ended_meanwhile_is_skipped(pairing, run):
    publish_run(run=run, actor=pairing.manager, now=NOW)
    match = Match.objects.filter(cohort=pairing.cohort).first()
    end_match(match=match, actor=pairing.manager, now=NOW, reason="other")

    told = Message.objects.filter(object_id=match.pk, kind="matching.matched")
    for message in told:
        send_message(pk=message.pk, clock=lambda: NOW)

    states = told.values_list("state", flat=True)
    assert list(states) == ["skipped", "skipped"]


def mail_to(user: User):
    message = Message.objects.get(recipient=user, kind="matching.matched")
    folder = Path(settings.MAIL["folder"])
    before = set(folder.glob("**/*.eml"))
    send_message(pk=message.pk, clock=lambda: NOW)
    (path,) = set(folder.glob("**/*.eml")) - before
    return message_from_bytes(path.read_bytes(), policy=policy.default)
