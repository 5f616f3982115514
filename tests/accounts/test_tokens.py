"""Personal access tokens and their page."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

import pytest

from accounts import services
from accounts.models import PersonalAccessToken
from audit.models import AuditEvent
from core.errors import DomainError, NotAllowed
from tests.conftest import NOW

URL = "/account/tokens/"


def make(person, **options):
    values = {"name": "Script", "scopes": ["read"], "days": 30, "now": NOW, **options}
    return services.make_token(person=person, **values)


def test_make_token_stores_only_the_hash(cast):
    _token, key = make(cast.mentor)

    stored = PersonalAccessToken.objects.get()
    assert re.fullmatch(r"alng_[A-Za-z0-9_-]{43}", key)
    assert bytes(stored.digest) == hashlib.sha256(key.encode()).digest()
    assert (stored.prefix, stored.expires_at) == (key[:11], NOW + timedelta(days=30))
    assert AuditEvent.objects.get().detail == {"scopes": ["read"]}


@pytest.mark.parametrize("days", [0, 366])
def test_make_token_outside_a_year_is_refused(cast, days):
    with pytest.raises(DomainError, match="1 to 365 days"):
        make(cast.mentor, days=days)


@pytest.mark.parametrize("scopes", [[], ["read", "everything"]])
def test_make_token_with_odd_scopes_is_refused(cast, scopes):
    with pytest.raises(DomainError, match="Choose what the token may do"):
        make(cast.mentor, scopes=scopes)


def test_make_token_beyond_twenty_is_refused(cast):
    for _number in range(20):
        make(cast.mentor)

    with pytest.raises(DomainError, match="20 tokens already"):
        make(cast.mentor)


def test_revoke_token_twice_is_audited_once(cast):
    token, _key = make(cast.mentor)

    assert services.revoke_token(token=token, actor=cast.mentor, now=NOW) is True
    assert services.revoke_token(token=token, actor=cast.mentor, now=NOW) is False
    assert AuditEvent.objects.filter(action="token.revoked").count() == 1


def test_revoke_token_of_somebody_else_is_refused(cast):
    token, _key = make(cast.mentor)

    with pytest.raises(NotAllowed):
        services.revoke_token(token=token, actor=cast.it_administrator, now=NOW)


def test_touch_token_writes_once_an_hour(cast, django_assert_num_queries):
    token, _key = make(cast.mentor)
    services.touch_token(token=token, now=NOW)
    token.refresh_from_db()

    with django_assert_num_queries(0):
        services.touch_token(token=token, now=NOW + timedelta(minutes=59))
    services.touch_token(token=token, now=NOW + timedelta(minutes=61))

    token.refresh_from_db()
    assert token.last_used_at == NOW + timedelta(minutes=61)


def test_tokens_page_shows_a_new_key_once(cast):
    client = cast.client("mentor")

    made = client.post(URL, {"name": "Calendar", "scopes": ["read", "log"], "days": "90"})
    again = client.get(URL)

    key = re.search(r"alng_[\w-]{43}", made.content.decode()).group()
    token = PersonalAccessToken.objects.get()
    assert bytes(token.digest) == hashlib.sha256(key.encode()).digest()
    assert "no-store" in made["Cache-Control"]
    assert key not in again.content.decode()
    assert "Calendar" in again.content.decode()


def test_tokens_page_explains_bad_input(cast):
    answer = cast.client("mentor").post(URL, {"name": "", "days": "400"})

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"name", "scopes", "days"}
    assert not PersonalAccessToken.objects.exists()


def test_revoke_view_of_own_token_revokes_and_returns(cast):
    token, _key = make(cast.mentor)

    answer = cast.client("mentor").post(f"{URL}{token.pk}/revoke/")

    assert (answer.status_code, answer.url) == (302, URL)
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_revoke_view_of_a_foreign_token_is_not_found(cast):
    token, _key = make(cast.mentor)

    assert cast.client("mentee").post(f"{URL}{token.pk}/revoke/").status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


def test_revoke_view_by_get_is_refused(cast):
    token, _key = make(cast.mentor)

    assert cast.client("mentor").get(f"{URL}{token.pk}/revoke/").status_code == 405
