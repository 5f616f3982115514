"""Who a person is, and who may change it."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress

from accounts import services
from accounts.models import Role, User
from audit.models import AuditEvent
from core.errors import DomainError, NotAllowed
from tests.conftest import NOW, grant


def change(person, actor, **changes):
    return services.change_person(person=person, actor=actor, now=NOW, **changes)


def test_create_person_has_no_password_and_a_clean_address(cast):
    person = services.create_person(
        email=" New.Person@Example.org ",
        actor=cast.it_administrator,
        now=NOW,
        first_name="Zoë",
        last_name="Ångström",
    )

    stored = User.objects.get(pk=person.pk)
    assert (stored.email, stored.name_key) == ("new.person@example.org", "angstrom zoe")
    assert not stored.has_usable_password()
    assert AuditEvent.objects.get().action == "person.created"


def test_create_person_with_a_taken_address_is_refused_in_words(cast):
    with pytest.raises(DomainError, match="Somebody with this e-mail exists already") as refusal:
        services.create_person(email="PRIYA@example.org", actor=None, now=NOW)

    assert refusal.value.field == "email"


def test_change_person_with_a_taken_employee_number_is_refused_in_words(cast):
    change(cast.mentor, None, employee_id="E-1")

    with pytest.raises(DomainError, match="employee number exists already"):
        change(cast.mentee, None, employee_id="E-1")


def test_change_person_to_a_circular_reporting_line_is_refused_in_words(cast):
    change(cast.mentee, None, manager=cast.mentor)
    change(cast.stranger, None, manager=cast.mentee)

    with pytest.raises(DomainError) as refusal:
        change(cast.mentor, cast.it_administrator, manager=cast.stranger)

    assert str(refusal.value) == (
        "Sam Stranger reports to Daniel Osei, directly or through others. "
        "A reporting line cannot lead back to itself."
    )
    assert refusal.value.field == "manager"
    assert User.objects.get(pk=cast.mentor.pk).manager is None


def test_change_person_to_their_own_manager_is_refused(cast):
    with pytest.raises(DomainError, match="Nobody is their own manager"):
        change(cast.mentor, None, manager=cast.mentor)


def test_change_person_writes_the_names_of_fields_to_the_audit_and_no_values(cast):
    change(cast.mentor, cast.it_administrator, department="Secret Lab", job_title="Spy")

    event = AuditEvent.objects.get()
    assert (event.action, event.detail) == (
        "person.changed",
        {"fields": ["department", "job_title"]},
    )


def test_change_person_to_the_same_values_writes_nothing(cast):
    change(cast.mentor, cast.it_administrator, department="Data")

    assert not AuditEvent.objects.exists()


def test_change_person_address_must_be_confirmed_again(cast):
    services.confirm_address(person=cast.mentor)

    change(cast.mentor, cast.it_administrator, email="Daniel.New@example.org")

    assert User.objects.get(pk=cast.mentor.pk).email == "daniel.new@example.org"
    assert not EmailAddress.objects.filter(user=cast.mentor).exists()


@pytest.mark.parametrize("who", ["mentor", "program_manager", "hr_analyst"])
@pytest.mark.parametrize("field", ["department", "email", "job_title"])
def test_change_person_hr_fields_by_anybody_but_it_is_refused(cast, who, field):
    with pytest.raises(NotAllowed, match="HR keeps this"):
        change(cast.mentor, getattr(cast, who), **{field: "x@example.org"})


def test_change_person_superuser_by_it_is_refused(cast):
    boss = User.objects.create_superuser("root@example.org", "a-long-test-password")

    with pytest.raises(NotAllowed):
        change(boss, cast.it_administrator, email="mine@example.org")
    with pytest.raises(NotAllowed):
        change(cast.mentor, cast.it_administrator, is_superuser=True)


def test_change_person_last_owner_cannot_be_deactivated(cast):
    grant(cast.stranger, Role.OWNER, cast.program)

    with pytest.raises(DomainError, match="last owner of Rising Leaders"):
        change(cast.stranger, cast.it_administrator, is_active=False)

    assert User.objects.get(pk=cast.stranger.pk).is_active


def test_change_profile_keeps_own_fields_and_sorts_by_them(cast):
    services.change_profile(
        person=cast.mentor, now=NOW, first_name="Dan", last_name="Öz", time_zone="Europe/Rome"
    )

    stored = User.objects.get(pk=cast.mentor.pk)
    assert (stored.first_name, stored.name_key, stored.time_zone) == (
        "Dan",
        "oz dan",
        "Europe/Rome",
    )


def test_change_profile_of_a_field_of_hr_is_refused(cast):
    with pytest.raises(NotAllowed):
        services.change_profile(person=cast.mentor, now=NOW, department="CEO")


def test_create_superuser_can_sign_in_at_once(db):
    User.objects.create_superuser("Root@example.org", "a-long-test-password")

    address = EmailAddress.objects.get()
    assert (address.email, address.verified, address.primary) == ("root@example.org", True, True)
