"""Who runs a program: stand in for each other, and hand over."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Role, RoleGrant, User
from accounts.services import grant_role, revoke_role
from audit.services import record
from core.errors import DomainError
from notifications.services import queue_message
from programs.handing_over import followers
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
    Effects: one row, one audit row, a mail to whoever stands in unless they say so themselves.
    Roles stay: whoever stands in is a manager anyway.
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
    if actor != covered_by:
        queue_message(
            kind="programs.standing_in",
            recipient=covered_by,
            now=now,
            object_id=cover.pk,
            program_id=program.pk,
        )
    return cover


@transaction.atomic
def remove_cover(*, cover: Cover, actor: User, now: datetime) -> None:
    detail = {"away": cover.away_id, "by": cover.covered_by_id}
    _record("program.cover_removed", cover.program, actor, now, detail)
    cover.delete()


@transaction.atomic
def hand_over(*, grant: RoleGrant, successor: User, actor: User, now: datetime) -> None:
    """Give a role in a program to a successor and take it from whoever held it.

    The contact that participants see becomes the successor where it was the one who leaves. Where
    nothing is left to the leaver in the program, what was theirs in it goes with the role, and
    nobody stands in for them, or they for others, any more.

    Raises:
        NotAllowed: the actor may not give or take this role.
        DomainError: the successor is the same person.
    Effects: roles with their audit rows, perhaps the program's contact, covers and what upper apps
    registered; a mail to the successor unless they took it themselves.
    """
    leaver, program = grant.user, grant.program
    if leaver == successor:
        raise DomainError(_("Choose somebody else."), code="same_person")
    pk = grant.pk
    grant_role(
        person=successor, role=grant.role, program=program, actor=actor, now=now, tells=False
    )
    revoke_role(grant=grant, actor=actor, now=now)
    if program is None:
        return
    if program.contact_email.lower() == leaver.email.lower():
        program.contact_name, program.contact_email = str(successor), successor.email
        program.save(update_fields=["contact_name", "contact_email"])
    if not RoleGrant.objects.filter(user=leaver, program=program, role__in=RUNNING).exists():
        _end_covers(program, leaver, actor, now)
        for follow in followers():
            follow(program=program, leaver=leaver, successor=successor, actor=actor, now=now)
    if actor != successor:
        queue_message(
            kind="programs.handed_over",
            recipient=successor,
            now=now,
            object_id=program.pk,
            occasion=f"{leaver.pk}-{pk}",
            program_id=program.pk,
        )


def _end_covers(program: Program, leaver: User, actor: User, now: datetime) -> None:
    """Take back covers of and by somebody who runs the program no more; past ones stay."""
    over = now.date() - timedelta(days=1)  # it is still that day somewhere
    rows = Cover.objects.filter(program=program, ends_on__gte=over)
    for cover in rows.filter(Q(away=leaver) | Q(covered_by=leaver)).order_by("pk"):
        remove_cover(cover=cover, actor=actor, now=now)


def _record(
    action: str, program: Program, actor: User, now: datetime, detail: dict[str, int]
) -> None:
    record(actor=actor, action=action, about=program, now=now, program_id=program.pk, detail=detail)
