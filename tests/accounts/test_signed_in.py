"""Who is asking: the person, their roles and their second factor come in one read."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from accounts import access, selectors
from accounts.models import User

pytestmark = pytest.mark.django_db


def test_signed_in_person_comes_with_roles_in_one_query(cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        person = selectors.signed_in_person(cast.program_manager.pk)
        assert access.has_role_in(person, cast.program.pk, access.MANAGER)
        assert not access.has_role_in(person, cast.other_program.pk, access.MANAGER)
        assert not selectors.has_second_factor(person)


@pytest.mark.parametrize(
    ("kind", "counts"), [("totp", True), ("webauthn", True), ("recovery_codes", False)]
)
def test_signed_in_person_has_a_second_factor_or_not(cast, kind, counts):
    Authenticator.objects.create(user=cast.program_manager, type=kind, data={})
    Authenticator.objects.create(user=cast.mentor, type="totp", data={})

    person = selectors.signed_in_person(cast.program_manager.pk)

    assert selectors.has_second_factor(person) is counts
    assert selectors.has_second_factor(cast.program_manager) is counts


def test_signed_in_person_who_is_gone_is_nobody(cast):
    assert selectors.signed_in_person(0) is None
    User.objects.filter(pk=cast.mentor.pk).update(is_active=False)
    assert cast.client("mentor").get("/").status_code == 302


@pytest.mark.parametrize(
    ("who", "name", "queries"),
    [
        ("mentee", "home", 7),
        ("program_manager", "reports:overview", 10),
        ("hr_analyst", "reports:outcomes", 9),
    ],
)
@pytest.mark.parametrize("is_required", [False, True])
def test_pages_ask_no_more_where_staff_need_a_second_factor(
    cast, settings, django_assert_num_queries, who, name, queries, is_required
):
    settings.STAFF_SECOND_FACTOR = is_required
    Authenticator.objects.create(user=getattr(cast, who), type="totp", data={})
    url = reverse(name, args=(cast.cohort.pk,) if name == "reports:overview" else ())
    client = cast.client(who)
    client.get(url)

    with django_assert_num_queries(queries):
        assert client.get(url).status_code == 200
