"""Leave for good: asked for, undone within seven days, or carried out by the sweep."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import ErasureRequest, User
from accounts.privacy import erasers
from accounts.services.roles import check_owners_remain
from audit.services import record
from core.errors import DomainError

logger = logging.getLogger(__name__)

DAYS_OF_GRACE = timedelta(days=7)


@transaction.atomic
def request_erasure(*, actor: User, now: datetime) -> ErasureRequest:
    """Ask for the actor's own account to be deleted after seven days; again is fine.

    Raises:
        DomainError: a program would be left without an owner, or the product without a superuser.
    Effects: one open request and one audit row, the first time.
    """
    check_may_leave(actor)
    asked, is_new = ErasureRequest.objects.get_or_create(
        user=actor,
        cancelled_at=None,
        done_at=None,
        defaults={"asked_at": now, "due_at": now + DAYS_OF_GRACE},
    )
    if is_new:
        record(actor=actor, action="person.erasure_asked", about=actor, now=now)
    return asked


@transaction.atomic
def cancel_erasure(*, actor: User, now: datetime) -> bool:
    """Take the request back; True when there was one. Effects: the request, one audit row."""
    open_ones = ErasureRequest.objects.open().filter(user=actor)
    cancelled = bool(open_ones.update(cancelled_at=now))
    if cancelled:
        record(actor=actor, action="person.erasure_undone", about=actor, now=now)
    return cancelled


def check_may_leave(person: User, *, lock: bool = True) -> None:
    """Raise DomainError when nobody could do what only this person may do."""
    check_owners_remain(losing=Q(user=person), lock=lock)
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=person.pk)
    if person.is_superuser and not others.exists():
        raise DomainError(
            _("You are the last superuser. Make somebody else one first."), code="last_superuser"
        )


def sweep_erasures(*, now: datetime) -> int:
    """Carry out every request whose days of grace are over; return how many.

    One that cannot be carried out is written to the log and tried again with the next sweep.
    """
    due = ErasureRequest.objects.open().filter(due_at__lte=now).order_by("due_at", "pk")
    done = 0
    for pk in list(due.values_list("pk", flat=True)):
        try:
            done += erase_person(pk=pk, now=now)
        except Exception:
            logger.exception("Erasure %s could not be carried out.", pk)
    return done


@transaction.atomic
def erase_person(*, pk: int, now: datetime) -> bool:
    """Carry out one request; True when it was still open and due.

    Effects: what every app's eraser says, the upper apps first; the request done; one audit row.
    The person's row stays, without a name, so that what they did with others stays whole.
    """
    rows = ErasureRequest.objects.open().select_for_update(of=("self",)).filter(due_at__lte=now)
    asked = rows.filter(pk=pk).first()
    if asked is None:
        return False
    person = User.objects.select_for_update(of=("self",)).get(pk=asked.user_id)
    check_may_leave(person)
    for eraser in erasers():
        eraser.erase(person, now)
    asked.done_at = now
    asked.save(update_fields=["done_at"])
    record(actor=None, action="person.erased", about=person, now=now)
    return True
