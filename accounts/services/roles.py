"""Grant and revoke roles."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import access, granted
from accounts.models import Role, RoleGrant, User
from audit.services import record
from core.errors import DomainError, NotAllowed


@transaction.atomic
def grant_role(
    *,
    person: User,
    role: str,
    program: Any | None,
    actor: User | None,
    now: datetime,
    tells: bool = True,
) -> RoleGrant:
    """Give a person a role, for one program or (``program`` None) for the whole organisation.

    ``actor`` None is the product itself. Granting what is there already changes nothing. Whoever
    got a new role from somebody else hears of it, unless the caller ``tells`` them otherwise.

    Raises:
        NotAllowed: the actor may not grant this role there.
        DomainError: the person has left or is from outside, or an IT administrator was bound to
            one program.

    Effects: one grant, one audit row, perhaps a mail.
    """
    program_id = program.pk if program is not None else None
    if not access.may_grant(actor, role, program_id):
        raise NotAllowed(_("You may not give this role there."), field="role")
    if not person.is_active:
        raise DomainError(_("This person is not active any more."), code="inactive", field="user")
    if person.is_external:
        raise DomainError(
            _("Somebody from outside holds no role."), code="external_role", field="user"
        )
    if role == Role.IT_ADMINISTRATOR and program is not None:
        raise DomainError(
            _("An IT administrator serves the whole organisation. Leave the program empty."),
            code="it_is_organisation_wide",
            field="program",
        )
    grant, is_new = RoleGrant.objects.get_or_create(
        user=person,
        role=role,
        program=program,
        defaults={"granted_by": actor, "granted_at": now},
    )
    if is_new:
        _record(actor=actor, action="role.granted", grant=grant, now=now)
        if tells and actor is not None and actor != person:
            granted.tell_of(grant=grant, actor=actor, now=now)
    access.forget_grants(person)
    return grant


@transaction.atomic
def revoke_role(*, grant: RoleGrant, actor: User | None, now: datetime) -> None:
    """Take a role away; of a program's owners one stays, so a successor is granted theirs first.

    Raises:
        NotAllowed: the actor may not take this role away.
        DomainError: a program would be left without an owner.

    Effects: the grant is deleted, one audit row; locks the grants of owners.
    """
    if not access.may_grant(actor, grant.role, grant.program_id):
        raise NotAllowed(_("You may not take this role away."))
    if grant.role == Role.OWNER:
        check_owners_remain(losing=Q(pk=grant.pk))
    _record(actor=actor, action="role.revoked", grant=grant, now=now)
    person = grant.user
    grant.delete()
    access.forget_grants(person)
    if actor == person:  # another instance of the same person, whom the page asks again
        access.forget_grants(actor)


def check_owners_remain(*, losing: Q, lock: bool = True) -> None:
    """Raise ``DomainError`` when the grants in ``losing`` are the last owners of a program.

    Locks all grants of owners, so that two who leave at once do not both pass; a page that only
    tells beforehand needs no ``lock``, and no transaction.
    """
    grants = RoleGrant.objects.filter(role=Role.OWNER).order_by("pk").select_related("user")
    owners = list(grants.select_for_update(of=("self",)) if lock else grants)
    lost = set(RoleGrant.objects.filter(losing, role=Role.OWNER).values_list("pk", flat=True))
    staying = [grant for grant in owners if grant.pk not in lost and grant.user.is_active]
    if any(grant.program_id is None for grant in staying):
        return
    kept = {grant.program_id for grant in staying}
    for grant in owners:
        if grant.pk in lost and grant.program_id not in kept:
            _refuse(grant)


def _refuse(grant: RoleGrant) -> None:
    if grant.program is None:
        message = _("Programs would be left without an owner. Make somebody else an owner first.")
    else:
        message = _(
            "%(person)s is the last owner of %(program)s. Make somebody else an owner first."
        ) % {"person": grant.user, "program": grant.program}
    raise DomainError(message, code="last_owner")


def _record(*, actor: User | None, action: str, grant: RoleGrant, now: datetime) -> None:
    record(
        actor=actor,
        action=action,
        about=grant,
        now=now,
        program_id=grant.program_id,
        detail={"user": grant.user_id, "role": grant.role},
    )
