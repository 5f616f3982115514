"""Who gives and takes roles."""

from __future__ import annotations

import pytest

from accounts import services
from accounts.models import Role, RoleGrant
from audit.models import AuditEvent
from core.errors import DomainError, NotAllowed
from tests.conftest import NOW, grant, make_person


@pytest.fixture
def owner(cast):
    person = make_person("olga@example.org", "Olga Owner")
    grant(person, Role.OWNER, cast.program)
    return person


def give(actor, person, role, program):
    return services.grant_role(person=person, role=role, program=program, actor=actor, now=NOW)


@pytest.mark.parametrize("role", ["owner", "manager", "hr_analyst"])
def test_grant_role_by_owner_in_own_program_is_granted_and_audited(cast, owner, role):
    given = give(owner, cast.stranger, role, cast.program)

    assert (given.role, given.program, given.granted_by) == (role, cast.program, owner)
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.program_id) == (
        "role.granted",
        owner,
        cast.program.pk,
    )
    assert event.detail == {"user": cast.stranger.pk, "role": role}


def test_grant_role_twice_keeps_one_grant_and_one_audit_row(cast, owner):
    first = give(owner, cast.stranger, Role.MANAGER, cast.program)
    second = give(owner, cast.stranger, Role.MANAGER, cast.program)

    assert first.pk == second.pk
    assert AuditEvent.objects.count() == 1


def test_grant_role_by_owner_in_another_program_is_refused(cast, owner):
    with pytest.raises(NotAllowed, match="You may not give this role there"):
        give(owner, cast.stranger, Role.MANAGER, cast.other_program)


def test_grant_role_by_program_owner_for_all_programs_is_refused(cast, owner):
    with pytest.raises(NotAllowed):
        give(owner, cast.stranger, Role.MANAGER, None)


def test_grant_role_it_by_owner_is_refused_even_organisation_wide(cast):
    chief = make_person("chief@example.org", "Chief Owner")
    grant(chief, Role.OWNER, None)

    with pytest.raises(NotAllowed):
        give(chief, cast.stranger, Role.IT_ADMINISTRATOR, None)


@pytest.mark.parametrize("who", ["program_manager", "hr_analyst", "mentor", "stranger"])
def test_grant_role_by_anybody_else_is_refused(cast, who):
    with pytest.raises(NotAllowed):
        give(getattr(cast, who), cast.stranger, Role.MANAGER, cast.program)


def test_grant_role_by_it_makes_it_administrators(cast):
    given = give(cast.it_administrator, cast.stranger, Role.IT_ADMINISTRATOR, None)

    assert given.role == "it_administrator"


def test_grant_role_it_for_one_program_is_refused_in_words(cast):
    with pytest.raises(DomainError, match="serves the whole organisation") as refusal:
        give(cast.it_administrator, cast.stranger, Role.IT_ADMINISTRATOR, cast.program)

    assert refusal.value.field == "program"


def test_grant_role_to_somebody_who_left_is_refused(cast):
    cast.stranger.is_active = False
    cast.stranger.save(update_fields=["is_active"])

    with pytest.raises(DomainError, match="not active any more"):
        give(cast.it_administrator, cast.stranger, Role.MANAGER, cast.program)


def test_grant_role_by_somebody_who_left_is_refused(cast, owner):
    owner.is_active = False

    with pytest.raises(NotAllowed):
        give(owner, cast.stranger, Role.MANAGER, cast.program)


def test_revoke_role_of_the_last_owner_is_refused_in_words(cast, owner):
    last = RoleGrant.objects.get(user=owner)

    with pytest.raises(DomainError) as refusal:
        services.revoke_role(grant=last, actor=owner, now=NOW)

    assert str(refusal.value) == (
        "Olga Owner is the last owner of Rising Leaders. Make somebody else an owner first."
    )
    assert RoleGrant.objects.filter(pk=last.pk).exists()


def test_revoke_role_of_the_last_owner_with_successor_moves_it(cast, owner):
    last = RoleGrant.objects.get(user=owner)

    services.grant_role(
        person=cast.stranger, role=last.role, program=last.program, actor=owner, now=NOW
    )
    services.revoke_role(grant=last, actor=owner, now=NOW)

    owners = RoleGrant.objects.filter(role="owner").values_list("user", "program")
    assert list(owners) == [(cast.stranger.pk, cast.program.pk)]
    assert list(AuditEvent.objects.order_by("id").values_list("action", flat=True)) == [
        "role.granted",
        "role.revoked",
    ]


def test_revoke_role_of_one_of_two_owners_works(cast, owner):
    give(owner, cast.stranger, Role.OWNER, cast.program)

    services.revoke_role(grant=RoleGrant.objects.get(user=owner), actor=owner, now=NOW)

    assert RoleGrant.objects.filter(role="owner").get().user == cast.stranger


def test_revoke_role_when_the_other_owner_has_left_is_refused(cast, owner):
    give(owner, cast.stranger, Role.OWNER, cast.program)
    type(owner).objects.filter(pk=cast.stranger.pk).update(is_active=False)

    with pytest.raises(DomainError, match="last owner"):
        services.revoke_role(grant=RoleGrant.objects.get(user=owner), actor=owner, now=NOW)


def test_revoke_role_of_owner_under_an_organisation_wide_owner_works(cast, owner):
    grant(cast.stranger, Role.OWNER, None)

    services.revoke_role(grant=RoleGrant.objects.get(user=owner), actor=owner, now=NOW)

    assert RoleGrant.objects.filter(role="owner").get().user == cast.stranger


def test_revoke_role_by_a_stranger_is_refused(cast):
    manager = RoleGrant.objects.get(user=cast.program_manager)

    with pytest.raises(NotAllowed):
        services.revoke_role(grant=manager, actor=cast.stranger, now=NOW)


def test_revoke_role_ends_what_it_allowed_at_once(cast):
    from programs.models import Cohort

    manager = RoleGrant.objects.get(user=cast.program_manager)
    assert Cohort.objects.managed_by(manager.user).exists()

    services.revoke_role(grant=manager, actor=cast.it_administrator, now=NOW)

    assert not Cohort.objects.managed_by(manager.user).exists()
