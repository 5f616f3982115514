"""What one has dealt with is not new in the inbox, wherever one dealt with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from feedback.models import CheckIn
from feedback.services import answer_check_in, plan_check_ins
from matching.models import Match
from matching.services.thread import write_message
from notifications import registry
from notifications.models import Message, MessagePause, Notice
from notifications.registry import Share
from notifications.services import pause_messages, send_message, settle
from sessions.services.proposing import propose_times
from tests.conftest import NOW, enrol, make_match, make_person
from tests.notifications.conftest import queue
from tests.sessions.test_planning_pages import FIRST, LATER, PLAN

pytestmark = pytest.mark.django_db
# What asks for a share of the week, and yet is dealt with by reading it.
READ_ONLY = {"participants.checks_run_out", "support.announcement"}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def sent_to(person, at=NOW) -> Notice:
    """Send what is queued for somebody and return the newest line of their inbox."""
    for message in Message.objects.filter(recipient=person, state="due"):
        send_message(pk=message.pk, clock=lambda: at)
    return Notice.objects.filter(recipient=person).latest("shown_at")


def is_read(notice: Notice) -> bool:
    notice.refresh_from_db()
    return notice.read_at is not None


def test_every_kind_that_asks_is_settled_by_doing_it():
    takes = {kind.name for kind in registry.every_kind() if kind.takes != Share.NONE}

    assert takes - set(registry.names_that_ask()) == READ_ONLY


def test_answer_by_the_link_of_a_mail_settles_the_line(cast):
    plan_check_ins(now=NOW)
    notice = sent_to(cast.mentee)
    assert not is_read(notice)

    answer_check_in(check_in=CheckIn.objects.get(user=cast.mentee), answer="not_yet", now=NOW)

    assert is_read(notice)


def test_mail_about_two_matches_is_settled_by_the_second_answer(cast):
    other = enrol(cast.cohort, make_person("second@example.org", "Sam Second"), "mentee")
    make_match(cast.mentor_enrolment, other, started_on=cast.match.started_on)
    plan_check_ins(now=NOW)
    notice = sent_to(cast.mentor)
    first, second = CheckIn.objects.filter(user=cast.mentor).order_by("pk")

    answer_check_in(check_in=first, answer="not_yet", now=NOW)
    assert not is_read(notice)

    answer_check_in(check_in=second, answer="not_yet", now=NOW)
    assert is_read(notice)


def test_taking_an_offered_time_settles_the_offer_and_nothing_of_others(cast):
    offer = propose_times(
        match=cast.match, actor=cast.mentor, now=NOW, starts=[FIRST, LATER], plan=PLAN
    )
    notice = sent_to(cast.mentee)
    elsewhere = Notice.objects.create(
        message=queue(cast.stranger, kind="meetings.proposed", object_id=offer.pk),
        recipient=cast.stranger,
        line="A line",
        shown_at=NOW,
    )

    cast.client("mentee").post(
        reverse("meetings:accept", args=(offer.pk,)), {"slot": offer.slots.first().pk}
    )

    assert is_read(notice)
    assert not is_read(elsewhere)


def test_refused_act_settles_nothing(cast):
    offer = propose_times(
        match=cast.match, actor=cast.mentor, now=NOW, starts=[FIRST, LATER], plan=PLAN
    )
    notice = sent_to(cast.mentee)

    cast.client("mentee").post(reverse("meetings:accept", args=(offer.pk,)), {"slot": 0})

    assert not is_read(notice)


def test_reading_the_thread_settles_its_line(cast):
    write_message(match=cast.match, actor=cast.mentor, text="See you on Friday", now=NOW)
    notice = sent_to(cast.mentee, NOW + timedelta(hours=1))
    assert not is_read(notice)

    cast.client("mentee").get(reverse("together:thread", args=(cast.match.pk,)))

    assert is_read(notice)


def test_settle_asks_one_question_where_nothing_is_new(cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert settle(user=cast.mentee, now=datetime(2026, 12, 1, tzinfo=UTC)) == 0


def test_line_that_tells_of_a_fact_stays_new_until_it_is_read(cast, kinds):
    kinds.reason = "Gone."
    message = queue(cast.mentee, kind="test.nudge")
    notice = Notice.objects.create(
        message=message, recipient=cast.mentee, line="A line", shown_at=NOW - timedelta(days=1)
    )

    settle(user=cast.mentee, now=NOW)

    assert not is_read(notice)


def test_line_that_cannot_be_judged_stays_new_and_spoils_nothing(cast, caplog):
    plan_check_ins(now=NOW)
    notice = sent_to(cast.mentee)
    broken = Notice.objects.create(
        message=queue(cast.mentee, kind="home.actions_due", occasion="not a day"),
        recipient=cast.mentee,
        line="A line",
        shown_at=NOW,
    )
    check_in = CheckIn.objects.get(user=cast.mentee)

    answer = cast.client("mentee").post(
        reverse("feedback:give", args=(check_in.pk,)), {"answer": "not_yet"}
    )

    assert answer.status_code == 302
    assert is_read(notice)
    assert not is_read(broken)
    assert "could not be told" in caplog.text


@pytest.mark.parametrize("how", ["paused", "held"])
def test_question_of_a_match_that_rests_stays_new(cast, how):
    plan_check_ins(now=NOW)
    notice = sent_to(cast.mentee)
    if how == "paused":
        Match.objects.filter(pk=cast.match.pk).update(status="paused")
    else:
        pause_messages(
            scope="match",
            match_id=cast.match.pk,
            why="Holidays",
            actor=cast.program_manager,
            now=NOW,
        )

    settle(user=cast.mentee, now=NOW)
    assert not is_read(notice)

    Match.objects.filter(pk=cast.match.pk).update(status="active")
    MessagePause.objects.update(ended_at=NOW)
    answer_check_in(check_in=CheckIn.objects.get(user=cast.mentee), answer="not_yet", now=NOW)
    assert is_read(notice)


def test_line_marked_as_new_stays_new_whatever_follows(cast):
    plan_check_ins(now=NOW)
    notice = sent_to(cast.mentee)
    answer_check_in(check_in=CheckIn.objects.get(user=cast.mentee), answer="not_yet", now=NOW)
    client, url = cast.client("mentee"), reverse("notifications:mark", args=(notice.pk,))

    client.post(url, {"as": "new"})
    assert not is_read(notice)
    client.post(reverse("core_theme"), {"theme": "dark"})
    assert not is_read(notice)

    client.post(url, {"as": "read"})
    assert is_read(notice)
