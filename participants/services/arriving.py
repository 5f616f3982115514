"""Somebody who has proved an address by a link in a mail."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.selectors import account_with
from accounts.services import confirm_address, create_person
from core.errors import DomainError
from participants.joining import address_fits
from participants.models import (
    Enrolment,
    EnrolmentDraft,
    EnrolmentStatus,
    Invitation,
    Profile,
    SignUpLink,
)
from participants.services.answering import begin
from participants.services.enrolling import move_enrolment
from participants.tokens import Newcomer


@transaction.atomic
def admit(
    *, newcomer: Newcomer, link: SignUpLink, now: datetime
) -> tuple[User, EnrolmentDraft | Enrolment]:
    """Take in somebody who followed the link in our mail, and let them begin.

    Who has an account keeps name and settings. The address of an account that was merged leads to
    the one it became, and proves nothing of that one's own address. Effects: up to four rows, the
    address confirmed.

    Raises:
        DomainError: the account is switched off, it goes by another address and has no password
            yet, or the sign-up link is closed or used up.
    """
    check_address(link, newcomer.email)
    user = account_with(newcomer.email)
    if user is None:
        user = create_person(
            email=newcomer.email,
            actor=None,
            now=now,
            first_name=newcomer.first_name,
            last_name=newcomer.last_name,
            time_zone=newcomer.time_zone,
            language=newcomer.language,
        )
        Profile.objects.create(user=user)
    else:
        _check_works(user, now)
    if user.email.lower() == newcomer.email.lower():
        confirm_address(person=user)
    elif not user.has_usable_password():
        raise DomainError(
            _("Your account goes by another e-mail now. Open the link again and use that one."),
            code="other_address",
        )
    return user, begin(link=link, user=user, now=now)


def _check_works(user: User, now: datetime) -> None:
    if user.has_ended(now.date()):
        raise DomainError(
            _("This account has ended. Ask the person who invited you to prolong it."),
            code="account_ended",
        )
    if not user.is_active:
        raise DomainError(
            _("This account is switched off. Ask your IT administrator."), code="account_off"
        )


def check_address(link: SignUpLink, email: str) -> None:
    """Raise ``DomainError`` when the link is not meant for this address."""
    if not address_fits(link, email):
        raise DomainError(
            _("This link is for addresses at %(domains)s. Use your work e-mail.")
            % {"domains": ", ".join(link.email_domains)},
            code="address",
            field="email",
        )


@transaction.atomic
def welcome(*, invitation: Invitation, now: datetime) -> User:
    """Take the link of an invitation as proof of the address it was mailed to."""
    user = invitation.enrolment.user
    _check_works(user, now)
    confirm_address(person=user)
    return user


@transaction.atomic
def turn_down(*, invitation: Invitation, now: datetime) -> Enrolment:
    """Say “not this time” to an invitation; nobody asks why.

    Raises:
        DomainError: it is answered already.
    """
    enrolment = invitation.enrolment
    if enrolment.status != EnrolmentStatus.INVITED:
        raise DomainError(_("This invitation is answered already."), code="answered")
    moved = move_enrolment(
        enrolment=enrolment, to=EnrolmentStatus.WITHDRAWN, actor=enrolment.user, now=now
    )
    Enrolment.objects.filter(pk=moved.pk).update(left_status=EnrolmentStatus.INVITED)
    return moved
