"""What a manager does with an item of the queue."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.access import MANAGER, OWNER
from accounts.models import RoleGrant, User
from audit.services import record
from core.clock import local_day
from core.errors import Conflict, DomainError
from support.models import Outcome, WorkItem, WorkNote

LONGEST_NOTE = 4_000
LONGEST_REST = timedelta(days=92)


@transaction.atomic
def assign(*, item: WorkItem, owner: User | None, actor: User, now: datetime) -> WorkItem:
    """Say who takes care; nobody gives it back to all.

    Raises:
        DomainError: the person does not manage the program, or takes part in the match.
        Conflict: the item is closed.
    """
    row = _locked(item)
    if owner is not None and owner.pk not in {person.pk for person in possible_owners(row)}:
        raise DomainError(_("Choose somebody who manages this program and is not concerned."))
    row.owner = owner
    row.save(update_fields=("owner",))
    _record(row, "work.assigned", actor, now, owner=owner.pk if owner else None)
    return row


@transaction.atomic
def snooze(*, item: WorkItem, until: date | None, actor: User, now: datetime) -> WorkItem:
    """Let an item rest until a day; None wakes it.

    Raises:
        DomainError: the day is not after today, or more than three months ahead.
        Conflict: the item is closed.
    """
    row = _locked(item)
    today = local_day(now, actor.time_zone)
    if until is not None and not today < until <= today + LONGEST_REST:
        raise DomainError(_("Choose a day from tomorrow on, within three months."))
    row.snoozed_until = until
    row.save(update_fields=("snoozed_until",))
    _record(row, "work.snoozed" if until else "work.woken", actor, now)
    return row


@transaction.atomic
def write_note(*, item: WorkItem, text: str, actor: User, now: datetime) -> WorkNote:
    """Add a note that the program's managers read.

    Raises:
        DomainError: there is no text, or more than 4,000 characters.
    """
    text = text.strip()
    if not text:
        raise DomainError(_("Write something first."))
    if len(text) > LONGEST_NOTE:
        raise DomainError(_("Please keep a note under 4,000 characters."))
    note = WorkNote.objects.create(item=item, author=actor, text=text, written_at=now)
    _record(item, "work.noted", actor, now)
    return note


@transaction.atomic
def close(*, item: WorkItem, outcome: str, actor: User, now: datetime) -> WorkItem:
    """Close an item with what came of it. Whether it helped is looked at a fortnight later.

    Raises:
        DomainError: the outcome is not one that a person chooses.
        Conflict: the item is closed already.
    """
    row = _locked(item)
    if outcome not in Outcome.values or outcome == Outcome.SETTLED:
        raise DomainError(_("Say what came of it."))
    row.outcome, row.closed_at, row.closed_by = outcome, now, actor
    row.save(update_fields=("outcome", "closed_at", "closed_by"))
    _record(row, "work.closed", actor, now, outcome=outcome)
    return row


@transaction.atomic
def reopen(*, item: WorkItem, actor: User, now: datetime) -> WorkItem:
    """Open a closed item again.

    Raises:
        Conflict: it is open, or another one about the same is.
    """
    row = WorkItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    twin = WorkItem.objects.open().filter(
        kind=row.kind, match=row.match_id, enrolment=row.enrolment_id
    )
    if row.is_open or twin.exists():
        raise Conflict(_("This is open already."))
    row.outcome, row.closed_at, row.closed_by, row.helped = "", None, None, ""
    row.save(update_fields=("outcome", "closed_at", "closed_by", "helped"))
    _record(row, "work.reopened", actor, now)
    return row


def possible_owners(item: WorkItem) -> list[User]:
    """Return who may take care: the program's owners and managers who are not concerned."""
    grants = RoleGrant.objects.filter(
        Q(program=item.cohort.program_id) | Q(program__isnull=True), role__in=(OWNER, MANAGER)
    )
    concerned: Any = (
        item.match.members.values("user")
        if item.match is not None
        else User.objects.filter(enrolments=item.enrolment_id).values("pk")
    )
    return list(
        User.objects.filter(is_active=True, pk__in=grants.values("user"))
        .exclude(pk__in=concerned)
        .order_by("name_key", "pk")
    )


def _locked(item: WorkItem) -> WorkItem:
    row = WorkItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    if not row.is_open:
        raise Conflict(_("Somebody closed this in the meantime."))
    return row


def _record(item: WorkItem, action: str, actor: User, now: datetime, **detail: object) -> None:
    record(
        actor=actor,
        action=action,
        about=item,
        now=now,
        program_id=item.cohort.program_id,
        detail={"kind": item.kind, **detail},
    )
