"""The page about oneself."""

from __future__ import annotations

from accounts.models import User

URL = "/account/"
FIELDS = {
    "first_name": "Daniel",
    "last_name": "Osei",
    "time_zone": "America/Toronto",
    "language": "en",
}


def test_profile_shows_hr_fields_as_kept_by_hr(cast):
    page = cast.client("mentor").get(URL).content.decode()

    assert "Kept by HR" in page
    assert "daniel@example.org" in page
    assert 'name="department"' not in page


def test_profile_saves_zone_and_language(cast):
    answer = cast.client("mentor").post(
        URL, {**FIELDS, "time_zone": "Europe/Lisbon", "language": "de"}
    )

    stored = User.objects.get(pk=cast.mentor.pk)
    assert (answer.status_code, answer.url) == (302, URL)
    assert (stored.time_zone, stored.language) == ("Europe/Lisbon", "de")


def test_profile_ignores_fields_that_hr_keeps(cast):
    cast.client("mentor").post(
        URL, {**FIELDS, "email": "x@example.org", "department": "CEO", "is_superuser": "1"}
    )

    stored = User.objects.get(pk=cast.mentor.pk)
    assert (stored.email, stored.department, stored.is_superuser) == (
        "daniel@example.org",
        "Data",
        False,
    )


def test_profile_explains_bad_input(cast):
    answer = cast.client("mentor").post(URL, {**FIELDS, "first_name": "", "time_zone": "Mars/Base"})

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"first_name", "time_zone"}


def test_profile_of_a_stranger_asks_to_sign_in(client, db):
    assert client.get(URL).url == "/accounts/login/?next=/account/"


def test_profile_by_another_method_is_refused(cast):
    assert cast.client("mentor").delete(URL).status_code == 405
