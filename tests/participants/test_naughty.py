"""Every text field of joining and of the profile survives what people paste."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from notifications import registry
from notifications.letters import write_letter
from notifications.models import Message
from participants.models import (
    Answer,
    EnrolmentDraft,
    EnrolmentNote,
    Profile,
    SkillSuggestion,
)
from participants.services.answering import words_of
from participants.tokens import Newcomer, address_token
from tests.conftest import NOW
from tests.naughty import ENDLESS, REFUSED, STORED
from tests.participants.joining import begun, enrolling, joined, link_of

PROFILE = ("bio", "function", "goal_text", "offer_text")


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def is_escaped(page: str) -> bool:
    """Tell whether nothing of the markup among the strings has become markup of the page."""
    return "<script>alert" not in page and "<img src=x" not in page and "</title></p>" not in page


@pytest.mark.parametrize("text", STORED.values(), ids=STORED)
def test_profile_keeps_what_was_written_and_shows_it_as_text(cast, text):
    client = cast.client("mentee")
    answer = client.post("/people/me/", {**dict.fromkeys(PROFILE, text), "interests": text})
    profile = Profile.objects.get(user=cast.mentee)

    assert answer.status_code in {302, 422}
    if answer.status_code == 302:
        assert {getattr(profile, name) for name in PROFILE} == {text.strip()}
    url = reverse("participants:person", args=(cast.mentee.pk,))
    for page in (client.get("/people/me/"), cast.client("mentor").get(url)):
        assert page.status_code == 200
        assert is_escaped(page.content.decode())


@pytest.mark.parametrize("text", STORED.values(), ids=STORED)
def test_skill_search_and_suggestion_survive(cast, text):
    client = cast.client("mentee")
    assert client.get("/people/me/skills/find/", {"name": text}).status_code == 200
    data = {"name": text, "direction": "learn", "importance": "1"}
    assert client.post("/people/me/skills/", data).status_code in {302, 422}
    for suggestion in SkillSuggestion.objects.all():
        assert suggestion.name == " ".join(text.split())[:80]
    assert is_escaped(client.get("/people/me/").content.decode())


@pytest.mark.parametrize("text", STORED.values(), ids=STORED)
def test_draft_and_answers_keep_what_was_written(cast, text):
    cohort = enrolling(cast)
    begun(cast, cohort)
    client = cast.client("stranger")
    url = reverse("participants:apply", args=(cohort.pk, "mentee"))
    draft_url = reverse("participants:save_draft", args=(cohort.pk, "mentee"))
    assert client.post(draft_url, {"q-goal": text, "q-since": text}).status_code == 200
    assert words_of(EnrolmentDraft.objects.get())["goal"] == [text]
    assert is_escaped(client.get(url).content.decode())

    assert client.post(url, {"q-goal": text, "agrees": "on"}).status_code == 302
    assert Answer.objects.get().text == text.strip()
    assert is_escaped(client.get(url).content.decode())


@pytest.mark.parametrize("text", STORED.values(), ids=STORED)
def test_reason_of_a_no_is_read_as_it_was_written(cast, text):
    cohort = enrolling(cast, needs_approval=True)
    enrolment = joined(cast, cohort, "Ada")
    url = reverse("participants:decide", args=(enrolment.pk,))
    done = cast.client("program_manager").post(url, {"answer": "no", "reason": text})
    assert done.status_code == 302
    assert EnrolmentNote.objects.get().text == text.strip()
    cast.ada = enrolment.user
    page = cast.client("ada").get(reverse("enrolment_status", args=(enrolment.pk,)))
    assert is_escaped(page.content.decode())


@pytest.mark.parametrize("text", STORED.values(), ids=STORED)
def test_names_of_newcomers_survive_pages_and_mails(cast, text):
    cohort = enrolling(cast)
    link = link_of(cast, cohort)
    name = text[:80]
    form = {
        "email": "new@example.org",
        "first_name": name,
        "last_name": name,
        "time_zone": "UTC",
    }
    asked = Client().post(reverse("participants:join", args=(link.token,)), form)
    assert asked.status_code == 302
    newcomer = Newcomer(
        link_id=link.pk,
        email="new@example.org",
        first_name=name.strip(),
        last_name=name.strip(),
        time_zone="UTC",
        language="de",
    )
    path = reverse("participants:confirm", args=(address_token(newcomer),))
    assert Client().post(path).status_code == 302
    cast.newcomer = User.objects.get(email="new@example.org")
    page = cast.client("newcomer").get(reverse("home"))
    assert is_escaped(page.content.decode())
    assert is_escaped(cast.client("newcomer").get("/people/me/").content.decode())


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_control_characters_are_refused_everywhere(cast, text):
    cohort = enrolling(cast)
    begun(cast, cohort)
    client = cast.client("stranger")
    addresses = {
        "/people/me/": "bio",
        "/people/me/skills/": "name",
        reverse("participants:apply", args=(cohort.pk, "mentee")): "q-goal",
        reverse("participants:save_draft", args=(cohort.pk, "mentee")): "q-goal",
    }
    for url, name in addresses.items():
        assert client.post(url, {name: text}).status_code == 400, url
    assert client.get("/people/me/skills/find/", {"name": text}).status_code == 400


def test_endless_text_is_answered_with_a_message_everywhere(cast):
    cohort = enrolling(cast, needs_approval=True)
    begun(cast, cohort)
    enrolment = joined(cast, cohort, "Ada")
    link = link_of(cast, cohort, "mentor")
    stranger, manager = cast.client("stranger"), cast.client("program_manager")
    joining = {"link-role": "mentor", "link-email_domains": ENDLESS}
    tries = [
        (stranger, "/people/me/", dict.fromkeys((*PROFILE, "interests", "link_0"), ENDLESS)),
        (stranger, "/people/me/skills/", {"name": ENDLESS, "direction": "learn"}),
        (
            stranger,
            reverse("participants:apply", args=(cohort.pk, "mentee")),
            {"q-goal": ENDLESS, "agrees": "on"},
        ),
        (
            manager,
            reverse("participants:decide", args=(enrolment.pk,)),
            {"answer": "no", "reason": ENDLESS},
        ),
        (manager, reverse("participants:make_link", args=(cohort.pk,)), joining),
        (
            manager,
            reverse("participants:invite", args=(cohort.pk,)),
            {"invite-role": "mentee", "invite-emails": ENDLESS},
        ),
        (
            Client(),
            reverse("participants:join", args=(link.token,)),
            {"email": ENDLESS, "first_name": ENDLESS, "last_name": ENDLESS, "time_zone": "UTC"},
        ),
    ]
    for client, url, data in tries:
        assert client.post(url, data).status_code == 422, url
    assert stranger.get("/people/me/skills/find/", {"name": ENDLESS[:5_000]}).status_code == 200


def test_draft_of_endless_text_is_kept_as_long_as_it_fits(cast):
    cohort = enrolling(cast)
    begun(cast, cohort)
    url = reverse("participants:save_draft", args=(cohort.pk, "mentee"))
    client = cast.client("stranger")
    assert client.post(url, {"q-goal": ENDLESS}).status_code == 200
    assert client.post(url, {"q-goal": ENDLESS * 2}).status_code == 422
    assert words_of(EnrolmentDraft.objects.get()) == {"goal": [ENDLESS]}


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_mail_of_joining_is_written_in_both_parts_and_tells_nothing_private(cast, language):
    cohort = enrolling(cast, needs_approval=True, mentee_places=1)
    person = joined(cast, cohort, "Ada")
    person.user.language = language
    person.user.first_name = STORED["names from right to left"]
    person.user.save()
    url = reverse("participants:decide", args=(person.pk,))
    cast.client("program_manager").post(url, {"answer": "no", "reason": "Zq7 secret reason"})
    message = Message.objects.select_related("recipient").latest("pk")
    message.recipient.refresh_from_db()
    kind = registry.get("participants.standing")
    assert kind.is_still_due(message, NOW + timedelta(minutes=1)) == ""
    text = write_letter(message, kind, now=NOW).content

    assert b"multipart/alternative" in text
    assert b"Zq7" not in text
    assert f"Content-Language: {language}".encode() in text
