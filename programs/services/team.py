"""Who runs a program: stand in for each other, and hand over."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role, RoleGrant, User
from accounts.services import revoke_role
from audit.services import record
from core.errors import DomainError
from programs.models import Cover, Program

RUNNING = (Role.OWNER, Role.MANAGER)


@transaction.atomic
def set_cover(
    *,
    program: Program,
    away: User,
    covered_by: User,
    starts_on: date,
    ends_on: date,
    actor: User,
    now: datetime,
) -> Cover:
    """Let one manager be asked in place of another for some days, both days included.

    Raises:
        DomainError: the same person, days in the wrong order, or days that are covered already.
    Effects: one row, one audit row. Roles stay: whoever stands in is a manager anyway.
    """
    if away == covered_by:
        raise DomainError(_("Choose somebody else to stand in."), code="cover_by_another")
    if ends_on < starts_on:
        raise DomainError(_("The last day is before the first."), code="cover_in_order")
    Program.objects.select_for_update(no_key=True).get(pk=program.pk)
    if Cover.objects.filter(
        program=program, away=away, starts_on__lte=ends_on, ends_on__gte=starts_on
    ).exists():
        raise DomainError(_("Some of these days are covered already."), code="cover_twice")
    cover = Cover.objects.create(
        program=program, away=away, covered_by=covered_by, starts_on=starts_on, ends_on=ends_on
    )
    _record("program.cover_set", program, actor, now, {"away": away.pk, "by": covered_by.pk})
    return cover


@transaction.atomic
def remove_cover(*, cover: Cover, actor: User, now: datetime) -> None:
    detail = {"away": cover.away_id, "by": cover.covered_by_id}
    _record("program.cover_removed", cover.program, actor, now, detail)
    cover.delete()


@transaction.atomic
def hand_over(*, grant: RoleGrant, successor: User, actor: User, now: datetime) -> None:
    """Give a role in a program to a successor and take it from whoever held it.

    The contact that participants see becomes the successor where it was the one who leaves.

    Raises:
        NotAllowed: the actor may not give or take this role.
        DomainError: the successor is the same person.
    Effects: roles with their audit rows; perhaps the program's contact.
    """
    leaver, program = grant.user, grant.program
    if leaver == successor:
        raise DomainError(_("Choose somebody else."), code="same_person")
    revoke_role(grant=grant, actor=actor, now=now, successor=successor)
    if program is not None and program.contact_email.lower() == leaver.email.lower():
        program.contact_name, program.contact_email = str(successor), successor.email
        program.save(update_fields=["contact_name", "contact_email"])


def _record(
    action: str, program: Program, actor: User, now: datetime, detail: dict[str, int]
) -> None:
    record(actor=actor, action=action, about=program, now=now, program_id=program.pk, detail=detail)
