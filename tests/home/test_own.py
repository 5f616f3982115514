from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.models import ErasureRequest, PersonalAccessToken, User
from accounts.privacy import exporters
from accounts.services import erase_person, sweep_erasures
from audit.models import AuditEvent
from goals.models import Goal
from goals.services import GoalText, change_goal, set_goal
from notes.models import OwnNote, Reflection
from notes.services import start_shared, write_note
from notifications import mailbox
from notifications.models import Message
from notifications.services import send_message
from participants.models import Enrolment
from sessions.models import PrivateNote
from sessions.services import log_meeting
from tests.conftest import NOW, PASSWORD, grant


@pytest.fixture
def at_now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def words(cast, at_now) -> None:
    """Let both write in every place."""
    for who in ("mentee", "mentor"):
        given = {"match": cast.match, "actor": getattr(cast, who), "now": NOW}
        write_note(**given, text=f"{who}-own-note")
        start_shared(**given, title=f"{who}-shared-title", text=f"{who}-shared-text")
        for visibility in ("me", "us"):
            text = GoalText(title=f"{who}-goal-{visibility}")
            set_goal(**given, visibility=visibility, text=text)
    log_meeting(
        match=cast.match,
        actor=cast.mentee,
        now=NOW,
        held_on=NOW.date(),
        summary="both-summary",
        private_note="mentee-meeting-note",
        action_items=[{"text": "mentee-action"}],
    )


def signed_in(cast, who: str):
    """Sign in by password, as the pages that ask for it again expect."""
    client = cast.client(who)
    answer = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert answer.status_code == 302
    return client


def body_of(answer) -> str:
    return b"".join(answer.streaming_content).decode()


def test_data_as_json_holds_own_words_and_no_private_ones_of_others(cast, words):
    answer = signed_in(cast, "mentee").post(reverse("my_data_file", args=("json",)))

    assert answer["Content-Disposition"] == 'attachment; filename="my-data.json"'
    text = body_of(answer)
    sections = json.loads(text)["sections"]
    assert set(sections) == {section.name for section in exporters()}
    assert {goal["title"] for goal in sections["goals"]} == {"mentee-goal-me", "mentee-goal-us"}
    assert sections["meetings"][0]["private_note"] == "mentee-meeting-note"
    assert sections["meetings"][0]["shared_summary"] == "both-summary"
    assert [note["text"] for note in sections["private_notes"]] == ["mentee-own-note"]
    assert sections["account"][0]["email"] == "priya@example.org"
    hidden = ("mentor-own-note", "mentor-goal-me", "mentor-goal-us", "mentor-shared-text")
    assert [word for word in hidden if word in text] == []
    event = AuditEvent.objects.get(action="person.data_downloaded")
    assert (event.actor, event.detail) == (cast.mentee, {"format": "json"})


def test_data_as_html_is_one_page_in_the_persons_language(cast, words):
    cast.mentee.language = "de"
    cast.mentee.first_name = "<b>Priya</b>"
    cast.mentee.save(update_fields=["language", "first_name"])

    page = body_of(signed_in(cast, "mentee").post(reverse("my_data_file", args=("html",))))

    assert page.startswith('<!doctype html>\n<html lang="de">')
    assert "&lt;b&gt;Priya&lt;/b&gt;" in page
    assert "<b>Priya" not in page
    assert "<h2>Deine Ziele</h2>" in page
    assert "mentee-own-note" in page


def test_data_asks_for_the_password_again_when_sign_in_is_old(cast, words):
    answer = cast.client("mentee").post(reverse("my_data_file", args=("json",)))

    assert answer.status_code == 302
    assert "reauthenticate" in answer.headers["Location"]
    assert not AuditEvent.objects.filter(action="person.data_downloaded").exists()


def test_data_in_an_unknown_format_does_not_exist(cast, at_now):

    assert signed_in(cast, "mentee").post("/account/data/pdf/").status_code == 404


def test_data_page_names_every_section(cast, at_now):
    page = cast.client("mentee").get(reverse("my_data")).content.decode()

    assert all(str(section.title) in page for section in exporters())


def _leave(cast, who: str = "mentee", **values):
    client = signed_in(cast, who)
    return client, client.post(reverse("leave"), {"sure": "1", **values}, follow=True)


def test_leaving_is_asked_for_mailed_and_undone(cast, words):
    client, answer = _leave(cast)

    assert "25 November 2026" in answer.content.decode()
    asked = ErasureRequest.objects.get()
    assert asked.due_at == NOW + timedelta(days=7)
    message = Message.objects.get(kind="home.leaving")
    send_message(pk=message.pk, clock=lambda: NOW)
    assert "will be deleted on 25 November 2026" in mailbox.read_mails()[0].subject

    client.post(reverse("leave_undo"))
    asked.refresh_from_db()
    assert asked.cancelled_at == NOW
    assert sweep_erasures(now=NOW + timedelta(days=8)) == 0


def test_leaving_without_the_tick_asks_for_it(cast, at_now):
    _client, answer = _leave(cast, sure="")

    assert answer.status_code == 422
    assert "Tick the box" in answer.content.decode()
    assert not ErasureRequest.objects.exists()


def test_leaving_twice_is_one_request_and_one_mail(cast, at_now):
    client, _answer = _leave(cast)
    client.post(reverse("leave"), {"sure": "1"})

    assert ErasureRequest.objects.count() == 1
    assert Message.objects.filter(kind="home.leaving").count() == 1


def test_last_owner_of_a_program_cannot_leave(cast, at_now):
    grant(cast.program_manager, "owner", cast.program)

    _client, answer = _leave(cast, "program_manager")

    assert answer.status_code == 422
    assert "last owner" in answer.content.decode()


def _erase(cast, who: str = "mentee") -> User:
    asked = ErasureRequest.objects.create(
        user=getattr(cast, who), asked_at=NOW - timedelta(days=8), due_at=NOW - timedelta(days=1)
    )
    assert erase_person(pk=asked.pk, now=NOW)
    return User.objects.get(pk=asked.user_id)


def test_sweep_erases_after_the_days_of_grace_and_once(cast, words):
    _leave(cast)

    assert sweep_erasures(now=NOW + timedelta(days=6)) == 0
    assert sweep_erasures(now=NOW + timedelta(days=8)) == 1
    assert sweep_erasures(now=NOW + timedelta(days=8)) == 0


def test_erased_person_has_no_name_no_words_and_no_way_in(cast, words):
    cast.mentee_enrolment.answers.all().delete()
    PersonalAccessToken.objects.create(
        user=cast.mentee,
        name="x",
        prefix="p",
        digest=b"1" * 32,
        created_at=NOW,
        expires_at=NOW + timedelta(days=9),
    )

    person = _erase(cast)

    assert (str(person), person.email) == (
        "Former participant",
        f"former-{person.pk}@erased.invalid",
    )
    assert (person.is_active, person.has_usable_password()) == (False, False)
    assert person.department == "Finance"
    assert not person.access_tokens.exists()
    assert not OwnNote.objects.filter(author=person).exists()
    assert not PrivateNote.objects.filter(author=person).exists()
    assert not Reflection.objects.filter(author=person).exists()
    assert [goal.current.title for goal in Goal.objects.filter(owner=person)] == ["mentee-goal-us"]
    assert Enrolment.objects.get(user=person).status == "withdrawn"
    event = AuditEvent.objects.get(action="person.erased")
    assert (event.actor, event.detail) == (None, {})


def test_what_was_private_before_sharing_is_erased_too(cast, at_now):
    given = {"actor": cast.mentee, "now": NOW}
    goal = set_goal(match=cast.match, visibility="me", text=GoalText(title="before"), **given)
    change_goal(goal=goal, visibility="us", text=GoalText(title="after"), base=1, **given)

    _erase(cast)

    assert [version.title for version in goal.versions.all()] == ["after"]


def test_partners_pages_keep_working_when_somebody_has_left(cast, words):
    meeting_pk = cast.match.meetings.get().pk
    _erase(cast)
    client = cast.client("mentor")
    goal = Goal.objects.get(owner=cast.mentee)
    note = cast.match.shared_notes.get(created_by=cast.mentee)

    paths = [
        "/",
        reverse("match", args=(cast.match.pk,)),
        reverse("meetings:detail", args=(meeting_pk,)),
        reverse("meetings:list"),
        reverse("goals:detail", args=(goal.pk,)),
        reverse("notes:note", args=(note.pk,)),
        reverse("notes:own"),
    ]
    pages = {path: client.get(path) for path in paths}

    assert {path: page.status_code for path, page in pages.items()} == dict.fromkeys(paths, 200)
    assert "Former participant" in pages[paths[1]].content.decode()
    assert "both-summary" in pages[paths[2]].content.decode()
    assert "Priya" not in "".join(page.content.decode() for page in pages.values())


def test_managers_pages_keep_working_when_somebody_has_left(cast, words):
    _erase(cast)
    client = cast.client("program_manager")

    for name in ("reports:overview", "participants:people", "matching:cohort"):
        assert client.get(reverse(name, args=(cast.cohort.pk,))).status_code == 200
    page = client.get(reverse("match", args=(cast.match.pk,))).content.decode()
    assert "Former participant" in page


def test_erasure_that_fails_changes_nothing_and_is_tried_again(cast, words, caplog):
    grant(cast.mentee, "owner", cast.program)
    ErasureRequest.objects.create(
        user=cast.mentee, asked_at=NOW - timedelta(days=8), due_at=NOW - timedelta(days=1)
    )

    assert sweep_erasures(now=NOW) == 0

    cast.mentee.refresh_from_db()
    assert cast.mentee.first_name == "Priya"
    assert OwnNote.objects.filter(author=cast.mentee).exists()
    assert ErasureRequest.objects.open().exists()


def test_pages_of_leaving_answer_the_right_methods(cast):
    client = cast.client("mentee")

    assert client.get(reverse("leave_undo")).status_code == 405
    assert client.get(reverse("my_data_file", args=("json",))).status_code == 405
    assert client.post(reverse("my_data")).status_code == 405
