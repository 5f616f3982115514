from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from notifications import mailbox, registry
from notifications.links import stop_url
from notifications.models import MessageStop
from notifications.services import send_message
from tests.conftest import NOW
from tests.notifications.conftest import queue

pytestmark = pytest.mark.django_db

SETTINGS = "/messages/settings/"


def path_of(url: str) -> str:
    return url.partition("127.0.0.1:8000")[2]


@pytest.fixture
def link(cast, kinds) -> str:
    return path_of(stop_url(user_id=cast.mentor.pk, kinds=["test.nudge"]))


def test_settings_show_what_may_stop_and_what_stays(cast, kinds):
    queue(cast.mentor)

    page = cast.client("mentor").get(SETTINGS)

    assert page.status_code == 200
    assert "test_nudge" in page.context["form"].fields
    assert "test_required" not in page.context["form"].fields
    assert [choice.kind.name for choice in page.context["fixed"]] == ["test.required"]


@pytest.mark.parametrize(
    ("who", "shown"),
    [
        ("mentee", {"support_digest": False, "participants_checks_run_out": False}),
        ("program_manager", {"support_digest": True, "participants_checks_run_out": True}),
    ],
)
def test_settings_offer_only_what_can_reach_the_person(cast, who, shown):
    fields = cast.client(who).get(SETTINGS).context["form"].fields

    assert {name: name in fields for name in shown} == shown
    assert "participants_line_told" not in fields


def test_settings_store_what_is_switched_off_and_on_again(cast, kinds):
    client = cast.client("mentor")
    others = [
        kind.name.replace(".", "_")
        for kind in registry.every_kind()
        if kind.may_stop and kind.name != "test.nudge"
    ]
    inboxes = [f"{name}_inbox" for name in (*others, "test_nudge")]
    wanted = dict.fromkeys((*others, *inboxes), "on")

    assert client.post(SETTINGS, wanted).status_code == 302
    assert list(MessageStop.objects.values_list("user", "kind")) == [(cast.mentor.pk, "test.nudge")]
    assert not MessageStop.objects.filter(kind="support.digest").exists()  # it was not offered

    client.post(SETTINGS, {**wanted, "test_nudge": "on"})
    assert not MessageStop.objects.exists()


def test_settings_ask_a_visitor_to_sign_in(db):
    assert Client().get(SETTINGS)["Location"].startswith("/accounts/login/")


def test_settings_refuse_other_methods(cast):
    assert cast.client("mentor").put(SETTINGS).status_code == 405


def test_stop_link_opened_changes_nothing(link):
    page = Client().get(link)

    assert page.status_code == 200
    assert "Stop this kind of mail?" in page.content.decode()
    assert not MessageStop.objects.exists()


def test_stop_link_posted_by_a_mail_program_stops_at_once(cast, link):
    strict = Client(enforce_csrf_checks=True)

    page = strict.post(link, {"List-Unsubscribe": "One-Click"})

    assert page.status_code == 200
    assert MessageStop.objects.filter(user=cast.mentor, kind="test.nudge").count() == 1
    strict.post(link, {"List-Unsubscribe": "One-Click"})
    assert MessageStop.objects.count() == 1


def test_stop_can_be_taken_back(link):
    Client().post(link, {"act": "stop"})
    page = Client().post(link, {"act": "resume"})

    assert "You get it again" in page.content.decode()
    assert not MessageStop.objects.exists()


def test_stop_link_that_was_tampered_with_does_nothing(link):
    page = Client().post(link[:-3] + "x/")

    assert page.status_code == 404
    assert not MessageStop.objects.exists()


def test_stop_link_of_a_required_kind_does_nothing(cast, kinds):
    link = path_of(stop_url(user_id=cast.mentor.pk, kinds=["test.required"]))

    assert Client().post(link).status_code == 404
    assert not MessageStop.objects.exists()


@pytest.fixture
def demo(cast, kinds, settings):
    settings.DEMO = True
    message = queue(cast.mentor)
    send_message(pk=message.pk, clock=lambda: NOW)
    return mailbox.read_mails()[0]


def test_demo_mail_lists_and_shows_mails(demo):
    client = Client()

    assert demo.subject in client.get("/messages/demo/").content.decode()
    page = client.get(f"/messages/demo/{demo.name}/")
    assert 'href="https://example.org/x"' in page.content.decode()
    assert "frame-src 'self'" in page["Content-Security-Policy"]


def test_demo_mail_preview_runs_nothing(demo):
    page = Client().get(f"/messages/demo/{demo.name}/html/")

    policy = page["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "sandbox allow-top-navigation-by-user-activation" in policy
    assert "frame-ancestors 'self'" in policy
    assert page.get("X-Frame-Options") is None


def test_demo_mail_of_another_name_is_not_found(demo):
    for name in ("nothing.eml", "..", "%2e%2e%2fsettings.py"):
        assert Client().get(f"/messages/demo/{name}/").status_code == 404


def test_demo_mail_is_empty_at_first(settings, db):
    settings.DEMO = True

    assert "No mail yet" in Client().get(reverse("notifications:demo_mail")).content.decode()


@pytest.mark.parametrize("path", ["", "x.eml/", "x.eml/html/"])
def test_demo_mail_outside_a_demo_is_not_found(cast, settings, path):
    settings.DEMO = False

    assert cast.client("mentor").get(f"/messages/demo/{path}").status_code == 404


def test_demo_mail_with_a_mail_server_is_not_found(settings, db):
    settings.DEMO = True
    settings.MAIL = {**settings.MAIL, "folder": "", "host": "mail.example.org"}

    assert Client().get("/messages/demo/").status_code == 404
