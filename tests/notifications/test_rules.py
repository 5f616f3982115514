"""The rules at sending: shares of the week, one mail for several rows, summaries, holds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import User
from core.errors import Conflict, DomainError
from notifications import registry
from notifications.access import get_stop
from notifications.models import Bounce, DigestWish, Message, PauseScope, Wait
from notifications.registry import MessageKind, Share
from notifications.services import (
    choose_digests,
    end_pause,
    lift_bounce,
    pause_messages,
    send_again,
    send_due_messages,
    send_message,
)
from tests.conftest import NOW
from tests.notifications.conftest import queue

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def asking(kinds):
    """Two kinds that ask something, and one that is urgent."""
    for name, values in (
        ("test.asking", {"share": Share.ASKING}),
        ("test.other", {"share": Share.ASKING}),
        ("test.urgent", {"is_urgent": True, "may_stop": False}),
    ):
        usual = {"is_required": True, "may_stop": True}
        registry.register(
            MessageKind(
                name=name,
                template="mail/feedback/help_asked",
                title=name.title(),
                why="You get this because of a test.",
                is_still_due=lambda message, now: kinds.reason,
                context=lambda message: kinds.context,
                **{**usual, **values},
            )
        )
    return kinds


def go(at=NOW) -> int:
    return send_due_messages(seconds=9, clock=lambda: at)


def fates(person: User) -> list[tuple[str, str]]:
    rows = Message.objects.filter(recipient=person).order_by("pk")
    return list(rows.values_list("state", "waits_for"))


def ask(person, kind="test.asking", *, occasion, at=NOW) -> Message:
    message = queue(person, kind=kind, occasion=occasion)
    Message.objects.filter(pk=message.pk).update(due_at=at, created_at=at)
    return message


# --- The week's share -----------------------------------------------------------------------------
def test_second_nudge_in_a_week_waits_and_goes_when_the_week_has_room(cast, asking, sink):
    queue(cast.mentee, kind="test.nudge", occasion="1")
    queue(cast.mentee, kind="test.nudge", occasion="2")

    go()
    assert fates(cast.mentee) == [("sent", ""), ("due", "budget")]
    assert Message.objects.get(occasion="2").due_at == NOW + 7 * DAY

    go(NOW + 7 * DAY)
    assert fates(cast.mentee) == [("sent", ""), ("sent", "")]


def test_fourth_asking_of_a_week_waits_whatever_program_it_is_of(cast, asking, sink):
    for number in range(4):
        at = NOW + number * timedelta(minutes=10)
        ask(cast.mentee, occasion=str(number), at=at)
        go(at)

    assert fates(cast.mentee) == [("sent", "")] * 3 + [("due", "budget")]
    assert len(sink.received) == 3


def test_what_must_arrive_and_what_is_urgent_stand_outside_the_week(cast, asking, sink):
    for number in range(4):
        queue(cast.mentee, occasion=str(number))
        queue(cast.mentee, kind="test.urgent", occasion=str(number))

    go()

    assert fates(cast.mentee) == [("sent", "")] * 8


def test_nudge_that_would_wait_too_long_is_skipped_and_says_why(cast, asking, sink):
    for number in range(3):
        queue(cast.mentee, kind="test.nudge", occasion=str(number))

    for day in (0, 7, 14):
        go(NOW + day * DAY)

    assert fates(cast.mentee) == [("sent", ""), ("sent", ""), ("skipped", "")]
    assert Message.objects.get(occasion="2").reason.startswith("Enough mail this week")


def test_refused_mail_gives_its_share_back(cast, asking, sink):
    sink.data_answers["priya@example.org"] = "554 No"
    queue(cast.mentee, kind="test.nudge", occasion="1")
    go()
    sink.data_answers.clear()
    queue(cast.mentee, kind="test.nudge", occasion="2")
    go()

    assert fates(cast.mentee) == [("failed", ""), ("sent", "")]


def test_message_sent_again_by_hand_waits_for_no_share_even_after_a_delay(cast, asking, sink):
    sink.data_answers["priya@example.org"] = "554 No"
    queue(cast.mentee, kind="test.nudge", occasion="1")
    queue(cast.mentee, occasion="other")
    go()
    sink.data_answers.clear()
    queue(cast.mentee, kind="test.nudge", occasion="2")
    go()
    sink.data_answers["priya@example.org"] = "451 Come back later"
    for row in Message.objects.filter(state="failed"):
        send_again(message=row, actor=cast.program_manager, now=NOW)
    go()
    sink.data_answers.clear()

    go(NOW + timedelta(minutes=2))

    assert fates(cast.mentee) == [("sent", "")] * 3
    counted = Message.objects.filter(counted_at__isnull=False).order_by("pk")
    assert [row.kind for row in counted] == ["test.nudge", "test.nudge"]


# --- One mail for several rows --------------------------------------------------------------------
def test_questions_that_are_due_go_in_one_mail_and_each_row_is_true(cast, asking, sink):
    for number, kind in enumerate(("test.asking", "test.other", "test.asking")):
        queue(cast.mentee, kind=kind, occasion=str(number))

    assert go() == 1

    assert fates(cast.mentee) == [("sent", "")] * 3
    (mail,) = sink.received
    assert mail.mail["Subject"] == "3 messages for you: Test.Asking, Test.Other"
    assert mail.mail.get_body(("plain",)).get_content().count("https://example.org/x") == 3
    first = Message.objects.order_by("pk")[0]
    assert set(Message.objects.values_list("mail_id", flat=True)) == {first.message_id}
    assert mail.message_id == first.message_id
    assert Message.objects.filter(counted_at__isnull=False).count() == 1
    _user, kinds = get_stop(mail.mail["List-Unsubscribe"].strip("<>").rstrip("/").split("/")[-1])
    assert [kind.name for kind in kinds] == ["test.asking", "test.other"]


def test_one_mail_leaves_out_what_is_not_wanted_any_more(cast, asking, sink):
    queue(cast.mentee, kind="test.asking", occasion="1")
    queue(cast.mentee, kind="test.other", occasion="2")
    known = registry.get("test.other")
    gone = MessageKind(**{**known.__dict__, "is_still_due": lambda message, now: "Answered."})
    registry._KINDS["test.other"] = gone

    go()

    assert fates(cast.mentee) == [("sent", ""), ("skipped", "")]
    assert "References" not in sink.received[0].mail
    assert sink.received[0].mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_mail_that_may_have_arrived_goes_again_with_the_same_rows_and_id(cast, asking, sink):
    sink.hang_ups["priya@example.org"] = 1
    for number in range(2):
        queue(cast.mentee, kind="test.asking", occasion=str(number))
    go()
    assert fates(cast.mentee) == [("due", "")] * 2
    ask(cast.mentee, occasion="new", at=NOW + timedelta(minutes=1))

    go(NOW + timedelta(minutes=1))

    assert fates(cast.mentee) == [("sent", "")] * 3
    ids = [mail.message_id for mail in sink.received]
    assert len(ids) == 3
    assert ids[0] in ids[1:]
    assert Message.objects.filter(may_be_doubled=True).count() == 2


# --- The daily summary ----------------------------------------------------------------------------
def test_daily_summary_carries_what_the_person_chose_for_it(cast, asking, sink):
    choose_digests(user=cast.mentee, wanted=["test.asking", "test.required"], now=NOW)
    assert list(DigestWish.objects.values_list("kind", flat=True)) == ["test.asking"]
    queue(cast.mentee, kind="test.asking", occasion="1")
    queue(cast.mentee, kind="test.asking", occasion="2")

    go()
    assert fates(cast.mentee) == [("due", "digest")] * 2
    assert sink.received == []
    morning = Message.objects.filter(recipient=cast.mentee)[0].due_at
    assert morning.isoformat() == "2026-11-19T07:00:00+00:00"

    go(morning)
    assert fates(cast.mentee) == [("sent", "")] * 2
    assert len(sink.received) == 1


def test_summary_with_nothing_left_to_say_is_not_sent(cast, asking, sink):
    choose_digests(user=cast.mentee, wanted=["test.asking"], now=NOW)
    queue(cast.mentee, kind="test.asking", occasion="1")
    go()
    asking.reason = "Answered."

    go(NOW + DAY)

    assert fates(cast.mentee) == [("skipped", "")]
    assert sink.received == []


# --- Pauses ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("scope", "names", "held"),
    [
        (PauseScope.PERSON, ("person",), {"daniel"}),
        (PauseScope.MATCH, ("match_id",), {"daniel", "priya"}),
        (PauseScope.COHORT, ("cohort_id",), {"daniel", "priya"}),
        (PauseScope.EVERYTHING, (), {"daniel", "priya", "sam"}),
    ],
)
def test_pause_holds_its_mail_until_somebody_ends_it(cast, asking, sink, scope, names, held):
    belongs = {"cohort_id": cast.cohort.pk, "match_id": cast.match.pk}
    for person in (cast.mentor, cast.mentee):
        queue(person, **belongs)
        queue(person, kind="test.urgent", **belongs)
    queue(cast.stranger)
    values = {"person": cast.mentor, **belongs}
    pause = pause_messages(
        scope=scope,
        why="A death in the team",
        actor=cast.program_manager,
        now=NOW,
        **{name: values[name] for name in names},
    )

    go()
    waiting = Message.objects.filter(waits_for=Wait.PAUSE)
    assert {row.recipient.email.partition("@")[0] for row in waiting} == held
    assert Message.objects.filter(kind="test.urgent", state="sent").count() == 2

    end_pause(pause=pause, actor=cast.program_manager, now=NOW)
    go()
    assert Message.objects.filter(state="sent").count() == 5


def test_pause_of_a_person_in_one_program_leaves_other_mail_alone(cast, asking, sink):
    values = {"person": cast.mentee, "program_id": cast.program.pk}
    who = {"actor": cast.program_manager, "now": NOW}
    pause_messages(scope=PauseScope.PERSON, why="On her wish", **who, **values)
    queue(cast.mentee, occasion="1", program_id=cast.program.pk)
    queue(cast.mentee, occasion="2", program_id=cast.other_program.pk)

    go()

    assert fates(cast.mentee) == [("due", "pause"), ("sent", "")]


def test_pause_wants_a_reason_and_holds_once(cast):
    who = {"scope": PauseScope.EVERYTHING, "actor": cast.program_manager, "now": NOW}
    with pytest.raises(DomainError):
        pause_messages(why="  ", **who)
    pause = pause_messages(why="Moving the mail server", **who)
    with pytest.raises(Conflict):
        pause_messages(why="Again", **who)
    end_pause(pause=pause, actor=cast.program_manager, now=NOW)
    with pytest.raises(Conflict):
        end_pause(pause=pause, actor=cast.program_manager, now=NOW)


# --- Addresses that refuse ------------------------------------------------------------------------
def test_address_that_refuses_gets_no_more_mail_until_it_is_lifted(cast, asking, sink):
    sink.rcpt_answers["priya@example.org"] = "550 5.1.1 No such user"
    first = queue(cast.mentee, occasion="1")
    go()
    queue(cast.mentee, occasion="2")
    queue(cast.mentee, kind="test.urgent", occasion="3")
    go()
    assert fates(cast.mentee) == [("failed", ""), ("due", "bounce"), ("failed", "")]
    bounce = Bounce.objects.get()
    assert (bounce.address, bounce.answer) == ("priya@example.org", "550 5.1.1 No such user")

    sink.rcpt_answers.clear()
    lift_bounce(bounce=bounce, actor=cast.program_manager, now=NOW)
    first.refresh_from_db()
    send_again(message=first, actor=cast.program_manager, now=NOW)
    go()

    assert fates(cast.mentee) == [("sent", ""), ("sent", ""), ("failed", "")]
    with pytest.raises(Conflict):
        lift_bounce(bounce=bounce, actor=cast.program_manager, now=NOW)


@pytest.mark.parametrize("answer", ["554 5.7.1 Relay access denied", "550 5.7.1 Blocked"])
def test_refusal_by_policy_says_nothing_about_the_address(cast, asking, sink, answer):
    sink.rcpt_answers["priya@example.org"] = answer
    queue(cast.mentee)

    go()

    assert fates(cast.mentee) == [("failed", "")]
    assert not Bounce.objects.exists()


def test_new_address_is_not_held_by_the_old_ones_refusal(cast, asking, sink):
    sink.rcpt_answers["priya@example.org"] = "550 No"
    queue(cast.mentee, occasion="1")
    go()
    User.objects.filter(pk=cast.mentee.pk).update(email="priya.raman@example.org")

    message = queue(cast.mentee, occasion="2")
    send_message(pk=message.pk, clock=lambda: NOW)

    message.refresh_from_db()
    assert message.state == "sent"


def test_text_that_is_refused_says_nothing_about_the_address(cast, asking, sink):
    sink.data_answers["priya@example.org"] = "554 Spam"
    queue(cast.mentee)

    go()

    assert not Bounce.objects.exists()


def test_mails_about_one_match_name_the_same_root(cast, asking, sink):
    for person in (cast.mentee, cast.stranger):
        queue(person, match_id=cast.match.pk)
        queue(person, occasion="2", match_id=cast.match.pk)
    go()

    roots = {mail.mail["References"] for mail in sink.received}
    assert len(sink.received) == 4
    assert len(roots) == 1
    assert roots.pop().startswith(f"<match-{cast.match.pk}@")
