from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from home.reminding import plan_reminders
from matching.services.closing import pause_match
from notifications import mailbox
from notifications.models import Message
from notifications.services import pause_messages, send_message
from sessions.models import ActionItem
from sessions.services.actions import set_action_done
from sessions.services.agreeing import agree_action, keep_for_undo, restore_action
from tests.conftest import NOW

TODAY = date(2026, 11, 18)


@pytest.fixture
def at_now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def make(cast, at_now):
    def write(who: str = "mentee", text: str = "zebra", due_on: date | None = None) -> ActionItem:
        owner = getattr(cast, who)
        return agree_action(
            match=cast.match,
            actor=cast.mentee,
            now=NOW,
            text=text,
            owner=owner.pk,
            due_on=due_on,
        )

    return write


def test_list_shows_mine_theirs_and_done_apart(cast, make):
    make(text="zebra-mine")
    make("mentor", text="zebra-theirs")
    done = make(text="zebra-done")
    set_action_done(action=done, actor=cast.mentee, now=NOW, is_done=True)
    client = cast.client("mentee")

    shown = {}
    for tab in ("mine", "theirs", "done"):
        page = client.get(reverse("actions"), {"show": tab}).content.decode()
        words = ("zebra-mine", "zebra-theirs", "zebra-done")
        shown[tab] = [word for word in words if word in page]

    assert shown == {"mine": ["zebra-mine"], "theirs": ["zebra-theirs"], "done": ["zebra-done"]}


@pytest.mark.parametrize("tab", ["mine", "theirs", "done"])
def test_list_that_is_empty_says_what_belongs_there(cast, at_now, tab):
    page = cast.client("mentee").get(reverse("actions"), {"show": tab}).content.decode()

    assert "Nothing is" in page


@pytest.mark.parametrize("count", [1, 8])
def test_list_takes_the_same_queries_for_any_number(cast, make, count, django_assert_num_queries):
    for number in range(count):
        make(text=f"Item {number}")
    client = cast.client("mentee")
    client.get(reverse("actions"))

    with django_assert_num_queries(6):
        client.get(reverse("actions"))


def test_item_is_added_removed_and_brought_back_as_it_was(cast, at_now):
    client = cast.client("mentee")
    new = reverse("action_new", args=(cast.match.pk,))
    typed = {"text": "Read chapter", "owner": cast.mentor.pk, "due_on": "2026-11-25"}
    assert client.post(new, typed).headers["Location"] == reverse("actions")
    before = ActionItem.objects.get()

    answer = client.post(reverse("action_remove", args=(before.pk,)), follow=True)
    assert not ActionItem.objects.exists()
    assert "Read chapter" not in answer.content.decode()
    kept = answer.content.decode().split('name="kept" value="')[1].split('"')[0]

    client.post(reverse("action_restore"), {"kept": kept})
    back = ActionItem.objects.get()
    assert (back.pk, back.text, back.owner, back.due_on) == (
        before.pk,
        "Read chapter",
        cast.mentor,
        date(2026, 11, 25),
    )


def test_item_is_brought_back_only_by_whoever_removed_it(cast, make):
    action = make()
    kept = keep_for_undo(action, actor=cast.mentee)
    action.delete()

    answer = cast.client("mentor").post(reverse("action_restore"), {"kept": kept}, follow=True)

    assert "cannot be brought back" in answer.content.decode()
    assert not ActionItem.objects.exists()


@pytest.mark.parametrize("kept", ["", "x", "äöü", "AAAA"])
def test_nonsense_brings_nothing_back(cast, at_now, kept):
    answer = cast.client("mentee").post(reverse("action_restore"), {"kept": kept}, follow=True)

    assert "cannot be brought back" in answer.content.decode()


def test_restoring_twice_leaves_one(cast, make):
    action = make()
    kept = keep_for_undo(action, actor=cast.mentee)
    action.delete()
    for _time in range(2):
        restore_action(kept=kept, actor=cast.mentee, now=NOW)

    assert ActionItem.objects.count() == 1


@pytest.mark.parametrize(
    "typed", [{"text": ""}, {"text": "x" * 501}, {"text": "x", "owner": "999999"}]
)
def test_item_that_makes_no_sense_is_refused(cast, at_now, typed):
    values = {"owner": cast.mentee.pk, **typed}

    answer = cast.client("mentee").post(reverse("action_new", args=(cast.match.pk,)), values)

    assert answer.status_code == 422


def _planned(person) -> list[str]:
    rows = Message.objects.filter(recipient=person, kind="home.actions_due")
    return list(rows.order_by("occasion").values_list("occasion", flat=True))


def test_reminder_comes_once_on_the_day_where_the_person_is(cast, make):
    make(due_on=TODAY)
    make(due_on=TODAY, text="other")
    make("mentor", due_on=TODAY)
    make(due_on=TODAY + timedelta(days=1))

    assert plan_reminders(now=NOW) == 2
    assert plan_reminders(now=NOW) == 0
    assert _planned(cast.mentee) == ["2026-11-18"]


def test_reminder_waits_until_the_day_begins_in_the_persons_zone(cast, make):
    make("mentor", due_on=TODAY)

    assert plan_reminders(now=NOW.replace(hour=3)) == 0  # still the 17th in Toronto
    assert plan_reminders(now=NOW.replace(hour=6)) == 1


def test_reminder_of_a_missed_day_is_caught_up_and_an_older_one_is_not(cast, make):
    make(due_on=TODAY - timedelta(days=1))
    make(due_on=TODAY - timedelta(days=2))

    plan_reminders(now=NOW)

    assert _planned(cast.mentee) == ["2026-11-17"]


def test_reminder_of_a_match_whose_mail_is_held_is_not_sent(cast, make):
    make(due_on=TODAY)
    plan_reminders(now=NOW)
    pause_messages(
        scope="match", match_id=cast.match.pk, why="A loss", actor=cast.program_manager, now=NOW
    )
    message = Message.objects.get()

    send_message(pk=message.pk, clock=lambda: NOW)

    message.refresh_from_db()
    assert message.state == "skipped"


def test_reminder_of_a_paused_match_is_not_planned(cast, make):
    make(due_on=TODAY)
    pause_match(match=cast.match, actor=cast.mentee, now=NOW)

    assert plan_reminders(now=NOW) == 0


def test_reminder_says_how_many_and_not_what(cast, make):
    make(due_on=TODAY)
    make(due_on=TODAY, text="zebra-two")
    plan_reminders(now=NOW)

    send_message(pk=Message.objects.get().pk, clock=lambda: NOW)

    (mail,) = mailbox.read_mails()
    assert mail.subject == "2 things you said you would do are due"
    assert "zebra" not in mail.text + mail.html


def test_reminder_stops_by_itself_when_everything_is_done(cast, make):
    action = make(due_on=TODAY)
    plan_reminders(now=NOW)
    set_action_done(action=action, actor=cast.mentee, now=NOW, is_done=True)

    message = Message.objects.get()
    send_message(pk=message.pk, clock=lambda: NOW)

    message.refresh_from_db()
    assert message.state == "skipped"
