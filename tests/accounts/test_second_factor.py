"""Staff set up a second factor before anything else, where the setting asks for it."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator

from accounts import services
from tests.conftest import NOW

SET_UP = "/accounts/2fa/"


@pytest.fixture
def _required(settings):
    settings.STAFF_SECOND_FACTOR = True


@pytest.mark.usefixtures("_required")
@pytest.mark.parametrize("who", ["program_manager", "hr_analyst", "it_administrator"])
@pytest.mark.parametrize("path", ["/", "/account/", "/admin/"])
def test_staff_without_second_factor_is_sent_to_set_one_up(cast, who, path):
    answer = cast.client(who).get(path)

    assert (answer.status_code, answer.url) == (302, SET_UP)


@pytest.mark.usefixtures("_required")
def test_staff_is_told_why(cast):
    page = cast.client("program_manager").get("/account/", follow=True)

    assert "Your role needs a second step at sign-in" in page.content.decode()


@pytest.mark.usefixtures("_required")
@pytest.mark.parametrize("kind", ["totp", "webauthn"])
def test_staff_with_second_factor_passes(cast, kind):
    Authenticator.objects.create(user=cast.program_manager, type=kind, data={})

    assert cast.client("program_manager").get("/account/").status_code == 200


@pytest.mark.usefixtures("_required")
def test_recovery_codes_alone_are_no_second_factor(cast):
    Authenticator.objects.create(user=cast.program_manager, type="recovery_codes", data={})

    assert cast.client("program_manager").get("/account/").status_code == 302


@pytest.mark.usefixtures("_required")
@pytest.mark.parametrize("path", ["/accounts/2fa/totp/activate/", "/accounts/logout/"])
def test_staff_without_second_factor_may_set_up_and_leave(cast, path):
    answer = cast.client("program_manager").get(path)

    assert answer.status_code == 200 or "reauthenticate" in answer.url


@pytest.mark.usefixtures("_required")
@pytest.mark.parametrize("who", ["mentor", "mentee", "stranger"])
def test_people_without_a_role_are_not_asked(cast, who):
    assert cast.client(who).get("/account/").status_code == 200


@pytest.mark.parametrize("who", ["program_manager", "it_administrator"])
def test_nobody_is_asked_when_the_setting_is_off(cast, who):
    assert cast.client(who).get("/account/").status_code == 200


@pytest.mark.usefixtures("_required")
def test_api_by_session_says_so_in_its_own_shape(cast):
    answer = cast.client("program_manager").get("/api/v1/cohorts/")

    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "second_factor_required"


@pytest.mark.usefixtures("_required")
def test_api_by_token_is_not_asked(cast, client):
    _token, key = services.make_token(
        person=cast.program_manager, name="x", scopes=["read"], days=9, now=NOW.replace(year=2099)
    )

    answer = client.get("/api/v1/cohorts/", headers={"Authorization": f"Bearer {key}"})

    assert answer.status_code == 200


@pytest.mark.usefixtures("_required")
def test_fragment_asks_the_browser_to_go_there(cast):
    answer = cast.client("program_manager").get("/account/", headers={"HX-Request": "true"})

    assert answer.headers["HX-Redirect"] == SET_UP
