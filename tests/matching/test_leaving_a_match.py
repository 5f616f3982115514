"""Somebody leaves a match of two, of peers, and a circle: who stays goes on, or it ends."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from threading import Barrier, Thread

import pytest
from django.db import connection

from core.errors import Conflict, NotAllowed
from home.selectors import match_sheet
from home.services import leave_cohort
from matching.beginning import beginning_of
from matching.models import Match, MatchMember, ThreadMessage
from matching.seats import goes_on_without
from matching.selectors import partners_of
from matching.services.beginning import confirm_match, save_expectations
from matching.services.closing import end_match, leave_match, pause_match
from matching.services.thread import write_message
from notifications import registry
from notifications.letters import write_letter
from notifications.models import Message
from programs.services.expectations import ensure_expectations
from sessions.services.rules import require_member
from support.services import record_leaver
from tests.conftest import NOW, enrol, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def circle(cast) -> Match:
    """Return the cast's match with two more mentees in it."""
    for name in ("Ada", "Bo"):
        person = make_person(f"{name.lower()}@example.org", f"{name} Circle")
        seat = enrol(cast.cohort, person, "mentee")
        MatchMember.objects.create(
            match=cast.match, user=person, enrolment=seat, role="mentee", joined_at=NOW
        )
    return cast.match


@pytest.fixture
def peers(cast) -> Match:
    """Return a match of two who share a role."""
    seat = enrol(cast.cohort, make_person("ada@example.org", "Ada Peer"), "mentee")
    MatchMember.objects.filter(match=cast.match, user=cast.mentor).update(
        role="mentee", user=seat.user, enrolment=seat
    )
    return cast.match


def present(match: Match) -> list[str]:
    rows = MatchMember.objects.current().filter(match=match).order_by("user__email")
    return list(rows.values_list("user__first_name", flat=True))


def test_circle_goes_on_when_one_of_its_mentees_leaves(cast, circle):
    ended = leave_match(match=circle, person=cast.mentee, actor=cast.mentee, now=NOW)

    circle.refresh_from_db()
    assert (ended, circle.status) == (False, "active")
    assert present(circle) == ["Ada", "Bo", "Daniel"]


def test_circle_ends_when_its_only_mentor_leaves(cast, circle):
    assert leave_match(match=circle, person=cast.mentor, actor=cast.mentor, now=NOW)

    circle.refresh_from_db()
    assert (circle.status, present(circle)) == ("ended", [])


def test_match_of_peers_ends_when_one_of_them_leaves(cast, peers):
    assert leave_match(match=peers, person=cast.mentee, actor=cast.mentee, now=NOW)

    peers.refresh_from_db()
    assert (peers.status, present(peers)) == ("ended", [])


def test_leaving_a_cohort_leaves_its_circle_to_the_others(cast, circle):
    leave_cohort(enrolment=cast.mentee_enrolment, actor=cast.mentee, now=NOW)

    circle.refresh_from_db()
    cast.mentee_enrolment.refresh_from_db()
    assert (circle.status, cast.mentee_enrolment.status) == ("active", "withdrawn")
    assert present(circle) == ["Ada", "Bo", "Daniel"]


def test_peer_who_leaves_lets_the_match_rest_and_then_end(cast, peers):
    record_leaver(
        person=cast.mentee,
        program=cast.program,
        on=NOW.date(),
        actor=cast.program_manager,
        now=NOW,
    )

    peers.refresh_from_db()
    assert peers.status == "paused"


def test_who_leaves_a_circle_leaves_words_and_the_others_hear_that_somebody_left(cast, circle):
    client = cast.client("mentee")
    page = client.get(f"/matches/{circle.pk}/").content.decode()
    assert "Leave this circle" in page
    assert f"/matches/{circle.pk}/pause/" not in page
    address = f"/matches/{circle.pk}/end/"
    asked = client.get(address).content.decode()
    assert "It goes on for the others." in asked
    assert 'name="reason"' not in asked

    answer = client.post(address, {"farewell": "own", "words": "All the best."}, follow=True)

    assert "You have left the circle." in answer.content.decode()
    circle.refresh_from_db()
    assert (circle.status, present(circle)) == ("active", ["Ada", "Bo", "Daniel"])
    told = Message.objects.filter(kind="matching.left").order_by("recipient__first_name")
    assert [row.recipient.first_name for row in told] == ["Ada", "Bo", "Daniel"]
    letter = write_letter(told[0], registry.get("matching.left"), now=NOW, message_id="<a@b>")
    text = message_from_bytes(letter.content, policy=default).get_body(("plain",)).get_content()
    assert "Bo and Daniel" in text
    assert cast.mentee.first_name not in text
    assert ThreadMessage.objects.filter(match=circle, author=cast.mentee).count() == 1


def test_mentee_does_not_pause_a_circle_and_its_mentor_may(cast, circle):
    with pytest.raises(NotAllowed, match="paused by its mentors"):
        pause_match(match=circle, actor=cast.mentee, now=NOW)
    circle.refresh_from_db()
    assert circle.status == "active"

    pause_match(match=circle, actor=cast.mentor, now=NOW)
    circle.refresh_from_db()
    assert circle.status == "paused"


@pytest.mark.parametrize("kind", ["circle", "peers"])
def test_page_and_service_agree_on_what_goes_on(cast, request, kind):
    match = request.getfixturevalue(kind)
    members = match.members.current()
    assert members
    for member in members:
        sheet = match_sheet(member.user, match.pk)
        assert sheet is not None
        assert sheet.goes_on == goes_on_without(match, member.user)


def test_who_left_early_reads_nothing_of_what_came_after_once_it_ended(cast, circle):
    leave_match(match=circle, person=cast.mentee, actor=cast.mentee, now=NOW)
    later = NOW + timedelta(days=90)
    write_message(match=circle, actor=cast.mentor, text="Without her", now=later)
    end_match(match=circle, actor=cast.mentor, now=later, reason="goals_reached")

    assert match_sheet(cast.mentee, circle.pk) is None
    assert not Match.objects.of(cast.mentee).filter(pk=circle.pk).exists()
    assert cast.mentee not in [seat.user for seat in partners_of(circle, cast.mentor)]
    assert cast.mentee.pk not in beginning_of(circle).members
    with pytest.raises(NotAllowed):
        require_member(Match.objects.get(pk=circle.pk), cast.mentee)
    for page in ("", "messages/"):
        address = f"/matches/{circle.pk}/{page}"
        assert cast.client("mentee").get(address).status_code == 404, page
        assert cast.client("mentor").get(address).status_code == 200, page


def test_second_click_on_leaving_leaves_the_circle_to_the_others(cast, circle):
    client, address = cast.client("mentee"), f"/matches/{circle.pk}/end/"
    for _click in range(2):
        answer = client.post(address, {"farewell": "none"})
        assert (answer.status_code, answer.url) == (302, "/")

    circle.refresh_from_db()
    assert (circle.status, present(circle)) == ("active", ["Ada", "Bo", "Daniel"])
    assert Message.objects.filter(kind="matching.left").count() == 3


@pytest.mark.django_db(transaction=True)
def test_leaving_twice_at_once_leaves_once(cast, circle):
    start, said = Barrier(2), []

    def leave() -> None:
        start.wait()
        try:
            said.append(leave_match(match=circle, person=cast.mentee, actor=cast.mentee, now=NOW))
        except Conflict:
            said.append("conflict")
        finally:
            connection.close()

    threads = [Thread(target=leave) for _turn in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(str, said)) == ["False", "conflict"]
    circle.refresh_from_db()
    assert circle.status == "active"


def test_page_of_leaving_a_cohort_says_that_the_circle_goes_on(cast, circle):
    page = cast.client("mentee").get(f"/enrolments/{cast.mentee_enrolment.pk}/withdraw/")
    text = page.content.decode()
    assert "it goes on. They are told that somebody left, not why." in text
    assert "Your match with" not in text


def test_steps_and_mails_of_a_circle_count_who_has(cast, circle):
    for person in (cast.mentee, cast.mentor):
        confirm_match(match=circle, actor=person, now=NOW)
    question = ensure_expectations(circle.cohort).questions.filter(kind="text").first()
    answers = {question.key: "Plain words"}
    save_expectations(match=circle, actor=cast.mentee, answers=answers, is_done=True, now=NOW)

    page = cast.client("mentor").get(f"/matches/{circle.pk}/").content.decode()
    assert "You said yes; 2 of 4 have so far." in page
    assert "1 of 4 have answered. You see all when everybody has." in page
    message = Message.objects.get(kind="matching.begin", recipient=cast.mentor)
    kind = registry.get("matching.begin")
    assert kind.is_still_due(message, NOW) == ""
    letter = write_letter(message, kind, now=NOW, message_id="<a@b>")
    mail = message_from_bytes(letter.content, policy=default)
    assert mail["Subject"] == "1 of 4 in your circle have answered: now you"
