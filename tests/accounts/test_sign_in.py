"""From an imported address to a signed-in person, and what strangers learn on the way: nothing."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from accounts import selectors, services
from accounts.models import User
from tests.conftest import NOW, PASSWORD

LOGIN = "/accounts/login/"
RESET = "/accounts/password/reset/"
NEW = "quite-another-long-password"


@pytest.fixture
def imported(db):
    return services.create_person(
        email="new@example.org", actor=None, now=NOW, first_name="Nia", last_name="New"
    )


def follow_link(client, path):
    """Open the mailed link and set the password; return the last answer."""
    form = client.get(path)
    assert form.status_code == 302
    return client.post(form.url, {"password1": NEW, "password2": NEW})


def link_in(message):
    return re.search(r"https?://[^/]+(/accounts/\S+)", message.body).group(1)


def sign_in(client, email, password):
    return client.post(LOGIN, {"login": email, "password": password})


def test_imported_person_sets_a_password_by_reset_and_signs_in(client, imported):
    client.post(RESET, {"email": "New@example.org"})
    (message,) = mail.outbox

    follow_link(client, link_in(message))
    answer = sign_in(client, "new@example.org", NEW)

    assert message.to == ["New@example.org"] or message.to == ["new@example.org"]
    assert (answer.status_code, answer.url) == (302, "/")
    address = EmailAddress.objects.get(user=imported)
    assert (address.email, address.verified, address.primary) == ("new@example.org", True, True)


def test_set_password_path_works_once(client, imported):
    path = selectors.set_password_path(imported)

    follow_link(client, path)
    again = client.get(path)

    assert User.objects.get(pk=imported.pk).check_password(NEW)
    assert again.status_code == 200
    assert "This link does not work any more" in again.content.decode()


def test_set_password_path_ends_when_the_address_changes(client, imported):
    path = selectors.set_password_path(imported)

    services.change_person(person=imported, actor=None, now=NOW, email="other@example.org")

    assert "This link does not work any more" in client.get(path).content.decode()


def test_sign_in_without_confirmed_address_sends_a_link_first(client, cast):
    answer = sign_in(client, "daniel@example.org", PASSWORD)

    assert answer.url == "/accounts/confirm-email/"
    assert client.get("/account/").status_code == 302
    (message,) = mail.outbox
    confirm = link_in(message)
    assert client.get(confirm).status_code == 200
    assert not EmailAddress.objects.get(user=cast.mentor).verified
    client.post(confirm)
    assert sign_in(client, "daniel@example.org", PASSWORD).url == "/"


def test_sign_in_with_a_wrong_password_says_the_same_for_everybody(client, cast):
    known = sign_in(client, "daniel@example.org", "wrong").context["form"].errors
    unknown = sign_in(client, "nobody@example.org", "wrong").context["form"].errors

    assert known == unknown


def test_reset_answers_the_same_for_everybody(client, cast):
    known = client.post(RESET, {"email": "daniel@example.org"})
    unknown = client.post(RESET, {"email": "nobody@example.org"})

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert len(mail.outbox) == 2


def test_reset_for_somebody_who_left_sets_nothing(client, imported):
    services.change_person(person=imported, actor=None, now=NOW, is_active=False)

    client.post(RESET, {"email": "new@example.org"})

    assert not any("password/reset/key" in message.body for message in mail.outbox)


def test_sign_up_is_closed(client, db):
    page = client.get("/accounts/signup/")
    client.post("/accounts/signup/", {"email": "a@example.org", "password1": NEW, "password2": NEW})

    assert page.status_code == 200
    assert not User.objects.exists()


def test_passwords_are_kept_as_argon2(db, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]

    person = User.objects.create_user("a@example.org", PASSWORD)

    assert person.password.startswith("argon2$argon2id$")


def test_login_is_slowed_after_five_wrong_passwords_for_one_address(client, cast):
    for _attempt in range(5):
        sign_in(client, "daniel@example.org", "wrong")

    answer = sign_in(client, "daniel@example.org", PASSWORD)

    assert "Too many failed login attempts" in answer.content.decode()


def test_page_of_addresses_offers_no_other_address(cast):
    page = cast.client("mentor").get("/accounts/email/")

    assert page.context["can_add_email"] is False


def test_admin_has_no_sign_in_of_its_own(cast):
    """Its form would know nothing of second factors or of limits."""
    client = cast.client("program_manager")

    answer = client.post("/admin/login/", {"username": "ines@example.org", "password": PASSWORD})

    assert (answer.status_code, answer.url) == (302, "/admin/")
    assert client.get("/admin/password_change/").url == "/accounts/password/change/"
