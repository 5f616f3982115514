"""People from outside: their accounts are made for a time, prolonged, and end on their day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services.people import create_person
from audit.services import record
from core.errors import DomainError

LONGEST = timedelta(days=3 * 366)


@transaction.atomic
def create_external(
    *,
    email: str,
    first_name: str,
    last_name: str,
    organisation: str,
    until: date,
    voucher: User,
    actor: User,
    now: datetime,
) -> User:
    """Add somebody from outside, whose account works until a day and for whom somebody vouches.

    Effects: one person without a password, one audit row.

    Raises:
        DomainError: the e-mail is taken, the organisation is missing, the day has passed or lies
            more than three years ahead, or the voucher has left or is from outside.
    """
    check_until(until, now=now)
    check_voucher(voucher)
    if not organisation.strip():
        raise DomainError(
            _("Say where they come from: their organisation, or “Alumni”."),
            code="organisation",
            field="organisation",
        )
    return create_person(
        email=email,
        actor=actor,
        now=now,
        first_name=first_name,
        last_name=last_name,
        is_external=True,
        organisation=organisation.strip(),
        works_until=until,
        vouched_by=voucher,
        language=actor.language,
        time_zone=actor.time_zone,
    )


def check_until(until: date, *, now: datetime) -> None:
    """Raise ``DomainError`` when an account cannot work until this day."""
    if until < now.date():
        raise DomainError(
            _("This day has passed. Choose today or a later one."), code="until", field="until"
        )
    if until > now.date() + LONGEST:
        raise DomainError(
            _("Choose a day within three years; it can be prolonged then."),
            code="until",
            field="until",
        )


def check_voucher(voucher: User) -> None:
    """Raise ``DomainError`` when this person cannot vouch for somebody from outside."""
    if voucher.is_external or not voucher.is_active:
        raise DomainError(
            _("Only somebody of the organisation, who is still here, can vouch."),
            code="voucher",
            field="voucher",
        )


@transaction.atomic
def prolong_external(*, person: User, until: date, actor: User, now: datetime) -> User:
    """Let the account of somebody from outside work until a later day; an ended one works again.

    An account that IT has switched off stays off. Effects: locks the person; an audit row with both
    days. The caller has checked that the actor may.

    Raises:
        DomainError: the person is not from outside, the account was switched off, or the day is
            not later, has passed, or lies more than three years ahead.
    """
    stored = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if stored.works_until is None:
        raise DomainError(_("Only accounts of people from outside end."), code="not_external")
    if stored.merged_into_id or (not stored.is_active and stored.ended_at is None):
        raise DomainError(
            _("This person’s account is switched off. Ask your IT administrator."),
            code="account_off",
        )
    check_until(until, now=now)
    if until <= stored.works_until:
        raise DomainError(
            _("The account works until then already. Choose a later day."),
            code="until",
            field="until",
        )
    before, stored.works_until = stored.works_until, until
    stored.ended_at, stored.is_active = None, True
    stored.save(update_fields=("works_until", "ended_at", "is_active"))
    record(
        actor=actor,
        action="person.prolonged",
        about=stored,
        now=now,
        detail={"from": before.isoformat(), "until": until.isoformat()},
    )
    return stored


def end_externals(*, now: datetime) -> int:
    """Switch off the accounts whose last day has passed; again changes nothing.

    Sign-in asks for the day itself, so that nobody comes in before this has run. Effects: for each
    a changed row and an audit row; one that somebody else has just changed is left alone.
    """
    due = User.objects.filter(is_external=True, is_active=True, works_until__lt=now.date())
    return sum(_end(pk, now) for pk in list(due.values_list("pk", flat=True).order_by("pk")))


@transaction.atomic
def _end(pk: int, now: datetime) -> int:
    still = User.objects.filter(pk=pk, is_active=True, works_until__lt=now.date())
    if not still.update(is_active=False, ended_at=now):
        return 0
    record(actor=None, action="person.ended", about=User.objects.get(pk=pk), now=now)
    return 1
