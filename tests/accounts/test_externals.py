"""Accounts of people from outside: what they need, what they never hold, and their last day."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import ErasureRequest, PersonalAccessToken, RoleGrant, User
from accounts.services import (
    change_person,
    confirm_address,
    create_external,
    end_externals,
    erase_person,
    grant_role,
    make_token,
    prolong_external,
)
from audit.models import AuditEvent
from core.errors import DomainError, NotAllowed
from tests.conftest import NOW, PASSWORD, grant, make_person

UNTIL = date(2027, 3, 31)


def make_external(voucher, email="ada@alumni.example", name="Ada Alum", **fields) -> User:
    values = {"organisation": "Alumni", "works_until": UNTIL, "vouched_by": voucher}
    return make_person(email, name, is_external=True, **{**values, **fields})


@pytest.fixture
def external(cast) -> User:
    return make_external(cast.program_manager)


def refused(code: str):
    return pytest.raises(DatabaseError, match=code)


@pytest.mark.parametrize(
    "missing", [{"organisation": ""}, {"works_until": None}, {"vouched_by": None}]
)
def test_external_without_all_three_is_refused_by_the_database(cast, missing):
    with refused("user_external_complete"), transaction.atomic():
        make_external(cast.program_manager, **missing)
    with refused("user_external_complete"), transaction.atomic():
        User.objects.filter(pk=cast.mentor.pk).update(organisation="Alumni")


def test_external_as_superuser_staff_or_voucher_is_refused_by_the_database(cast, external):
    with refused("user_external_no_superuser"), transaction.atomic():
        User.objects.filter(pk=external.pk).update(is_superuser=True)
    with refused("external_role"), transaction.atomic():
        grant(external, "hr_analyst", None)
    with refused("external_role"), transaction.atomic():
        RoleGrant.objects.filter(user=cast.program_manager).update(user=external)
    with refused("external_vouches"), transaction.atomic():
        make_external(external, "bo@alumni.example", "Bo Alum")
    with refused("external_vouches|vouched_by_another"), transaction.atomic():
        User.objects.filter(pk=external.pk).update(vouched_by=external)


def test_becoming_external_with_a_role_vouching_or_in_a_closed_program_is_refused(cast, external):
    outside = {"is_external": True, "organisation": "Alumni", "works_until": UNTIL}
    rows = User.objects
    with refused("external_role"), transaction.atomic():
        rows.filter(pk=cast.hr_analyst.pk).update(**outside, vouched_by=cast.mentor)
    with refused("external_place"), transaction.atomic():
        rows.filter(pk=cast.mentor.pk).update(**outside, vouched_by=cast.stranger)
    rows.filter(pk=external.pk).update(vouched_by=cast.stranger)
    with refused("external_vouches"), transaction.atomic():
        rows.filter(pk=cast.stranger.pk).update(**outside, vouched_by=cast.mentor)
    with pytest.raises(DomainError, match="in a cohort whose program takes nobody from outside"):
        change_person(
            person=cast.mentor,
            actor=cast.it_administrator,
            now=NOW,
            **outside,
            vouched_by=cast.stranger,
        )


@pytest.mark.django_db(transaction=True)
def test_role_and_outside_tried_from_two_connections_lets_one_in(cast):
    barrier, outcomes = threading.Barrier(2), []

    def act(work):
        try:
            barrier.wait(5)
            with transaction.atomic():
                work()
            outcomes.append("done")
        except DatabaseError as error:
            outcomes.append("refused" if "external_role" in str(error) else str(error))
        finally:
            connection.close()

    works = (
        lambda: grant(cast.stranger, "manager", cast.program),
        lambda: User.objects.filter(pk=cast.stranger.pk).update(
            is_external=True,
            organisation="Alumni",
            works_until=UNTIL,
            vouched_by=cast.program_manager,
        ),
    )
    threads = [threading.Thread(target=act, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["done", "refused"]


def test_services_give_no_role_and_no_token_to_somebody_from_outside(cast, external):
    with pytest.raises(DomainError, match="holds no role"):
        grant_role(person=external, role="manager", program=cast.program, actor=None, now=NOW)
    with pytest.raises(NotAllowed, match="the API has no keys"):
        make_token(person=external, name="Mine", scopes=["read"], days=30, now=NOW)
    assert PersonalAccessToken.objects.count() == 0


def create(cast, **fields):
    values = {
        "email": "eve@alumni.example",
        "first_name": "Eve",
        "last_name": "Alum",
        "organisation": "Alumni",
        "until": UNTIL,
        "voucher": cast.program_manager,
        "actor": cast.program_manager,
        "now": NOW,
    }
    return create_external(**{**values, **fields})


def test_create_external_keeps_what_is_told_and_refuses_what_cannot_be(cast, external):
    made = create(cast)

    assert (made.is_external, made.organisation, made.works_until, made.vouched_by) == (
        True,
        "Alumni",
        UNTIL,
        cast.program_manager,
    )
    other = {"email": "x@alumni.example"}
    with pytest.raises(DomainError, match="This day has passed"):
        create(cast, **other, until=NOW.date() - timedelta(days=1))
    with pytest.raises(DomainError, match="within three years"):
        create(cast, **other, until=date(2031, 1, 1))
    with pytest.raises(DomainError, match="can vouch"):
        create(cast, **other, voucher=external)
    with pytest.raises(DomainError, match="Say where they come from"):
        create(cast, **other, organisation=" ")


def test_end_externals_switches_off_once_and_prolong_switches_on_again(cast, external):
    after = NOW.replace(year=2027, month=4, day=1)
    assert end_externals(now=after - timedelta(days=1)) == 0
    assert end_externals(now=after) == 1
    assert end_externals(now=after) == 0
    external.refresh_from_db()
    assert (external.is_active, external.ended_at) == (False, after)

    with pytest.raises(DomainError, match="works until then already"):
        prolong_external(person=external, until=UNTIL, actor=cast.program_manager, now=NOW)
    prolong_external(
        person=external, until=date(2027, 6, 30), actor=cast.program_manager, now=after
    )

    external.refresh_from_db()
    assert (external.is_active, external.ended_at, external.works_until) == (
        True,
        None,
        date(2027, 6, 30),
    )
    event = AuditEvent.objects.get(action="person.prolonged")
    assert event.detail == {"from": "2027-03-31", "until": "2027-06-30"}
    assert AuditEvent.objects.filter(action="person.ended").count() == 1


def test_prolong_of_an_account_that_it_switched_off_is_refused(cast, external):
    change_person(person=external, actor=cast.it_administrator, now=NOW, is_active=False)

    with pytest.raises(DomainError, match="switched off"):
        prolong_external(
            person=external, until=date(2027, 6, 30), actor=cast.program_manager, now=NOW
        )
    with pytest.raises(DomainError, match="Only accounts of people from outside end"):
        prolong_external(person=cast.mentor, until=UNTIL, actor=cast.program_manager, now=NOW)


def test_sign_in_after_the_last_day_leads_to_a_page_that_names_whom_to_ask(cast, external):
    confirm_address(person=external)
    typed = {"login": external.email, "password": PASSWORD}
    today = timezone.now().date()
    User.objects.filter(pk=external.pk).update(works_until=today)
    client = Client()
    assert client.post(reverse("account_login"), typed)["Location"] == reverse("home")
    assert client.get(reverse("accounts:profile")).status_code == 200

    User.objects.filter(pk=external.pk).update(works_until=today - timedelta(days=1))

    assert client.get(reverse("accounts:profile")).status_code == 302
    answer = Client().post(reverse("account_login"), typed, follow=True)
    assert answer.redirect_chain == [(reverse("accounts:ended"), 302)]
    page = answer.content.decode()
    assert "Your account has ended" in page
    assert "Ask Marta Kowalczyk, who vouches for you." in page
    assert (
        "Ask the person who invited you."
        in Client().get(reverse("accounts:ended")).content.decode()
    )
    wrong = Client().post(reverse("account_login"), {**typed, "password": "not-this-one-at-all"})
    assert wrong.status_code == 200
    end_externals(now=timezone.now())
    again = Client().post(reverse("account_login"), typed)
    assert again["Location"] == reverse("accounts:ended")


def test_admin_needs_all_three_for_somebody_from_outside(cast):
    page = reverse("admin:accounts_user_change", args=[cast.stranger.pk])
    client = cast.client("it_administrator")
    fields = {
        "email": cast.stranger.email,
        "first_name": "Sam",
        "last_name": "Stranger",
        "language": "en",
        "time_zone": "UTC",
        "is_active": "on",
        "is_external": "on",
    }
    refused = client.post(page, fields)
    assert refused.content.decode().count("Needed for somebody from outside.") == 3
    lone = client.post(page, {**fields, "is_external": "", "organisation": "Alumni"})
    assert "Tick this, or empty the three fields beside it." in lone.content.decode()

    told = {"organisation": "Alumni", "works_until": "2027-03-31", "vouched_by": cast.mentor.pk}
    assert client.post(page, {**fields, **told}).status_code == 302
    cast.stranger.refresh_from_db()
    assert (cast.stranger.is_external, cast.stranger.vouched_by) == (True, cast.mentor)


def test_erasing_somebody_from_outside_leaves_nothing_of_where_they_came_from(cast, external):
    asked = ErasureRequest.objects.create(
        user=external, asked_at=NOW - timedelta(days=2), due_at=NOW - timedelta(days=1)
    )
    assert erase_person(pk=asked.pk, now=NOW)

    external.refresh_from_db()
    assert (external.is_external, external.organisation, external.works_until) == (False, "", None)
