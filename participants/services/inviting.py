"""Personal invitations: who is asked, asked again, or not asked any more."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from core.errors import DomainError
from notifications.services import queue_message
from participants.joining import takes_invited
from participants.models import Enrolment, EnrolmentStatus, Invitation
from participants.services.enrolling import enrol_person, move_enrolment
from programs.models import Cohort

VALID = timedelta(days=30)
MOST_AT_ONCE = 200
MOST_SENT = 5


@dataclass
class Invited:
    """What became of a list of addresses."""

    sent: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


@transaction.atomic
def invite_people(
    *, cohort: Cohort, role: str, emails: Sequence[str], actor: User, now: datetime
) -> Invited:
    """Invite people by e-mail; who is in the cohort in this role already is only named.

    Effects, for each: up to four rows (person, profile, enrolment, invitation), a mail, audit rows.

    Raises:
        DomainError: the cohort takes nobody, or more than 200 addresses.
    """
    if not takes_invited(cohort):
        raise DomainError(
            _("Open enrolment first; then invitations can lead somewhere."), code="cohort_closed"
        )
    if len(emails) > MOST_AT_ONCE:
        raise DomainError(
            _("Invite at most %(count)d people at once.") % {"count": MOST_AT_ONCE},
            code="too_many",
            field="emails",
        )
    result = Invited()
    for email in dict.fromkeys(address.strip().lower() for address in emails):
        try:
            with transaction.atomic():
                invite_one(cohort=cohort, email=email, role=role, actor=actor, now=now)
        except DomainError as error:
            if error.code == "already_enrolled":
                result.known.append(email)
            else:
                result.refused[email] = str(error)
        else:
            result.sent.append(email)
    return result


def invite_one(*, cohort: Cohort, email: str, role: str, actor: User, now: datetime) -> Enrolment:
    """Invite one person by e-mail; who calls has asked whether the cohort takes people."""
    enrolment = enrol_person(
        cohort=cohort,
        email=email,
        role=role,
        actor=actor,
        now=now,
        status=EnrolmentStatus.INVITED,
    )
    invitation = Invitation.objects.create(
        enrolment=enrolment, invited_by=actor, sent_at=now, expires_at=now + VALID
    )
    _send(invitation, now=now)
    return enrolment


@transaction.atomic
def send_again(*, enrolment: Enrolment, actor: User, now: datetime) -> Invitation:
    """Send the invitation once more; its thirty days begin anew.

    Effects: locks the enrolment; the invitation (made where somebody was only listed as invited),
    a mail, an audit row.

    Raises:
        DomainError: the person is not invited any more, or was asked five times.
    """
    row = Enrolment.objects.select_for_update(of=("self",)).select_related("cohort", "user")
    current = row.get(pk=enrolment.pk)
    if current.status != EnrolmentStatus.INVITED or not takes_invited(current.cohort):
        raise DomainError(_("This person is not invited any more."), code="not_invited")
    invitation, made = Invitation.objects.get_or_create(
        enrolment=current,
        defaults={"invited_by": actor, "sent_at": now, "expires_at": now + VALID},
    )
    if not made:
        if invitation.sent_count >= MOST_SENT:
            raise DomainError(
                _("We have written %(count)d times. A personal word may do more.")
                % {"count": MOST_SENT},
                code="asked_enough",
            )
        invitation.sent_count += 1
        invitation.sent_at, invitation.expires_at = now, now + VALID
        invitation.invited_by = actor
        invitation.save(update_fields=("sent_count", "sent_at", "expires_at", "invited_by"))
    _send(invitation, now=now)
    record(
        actor=actor,
        action="participants.invited_again",
        about=current,
        now=now,
        program_id=current.cohort.program_id,
        detail={"count": invitation.sent_count},
    )
    return invitation


@transaction.atomic
def take_back(*, enrolment: Enrolment, actor: User, now: datetime) -> None:
    """Let an invitation lead nowhere: its link changes and the person is not expected.

    Raises:
        DomainError: the person has answered already.
    """
    if enrolment.status != EnrolmentStatus.INVITED:
        raise DomainError(_("This person is not invited any more."), code="not_invited")
    move_enrolment(enrolment=enrolment, to=EnrolmentStatus.WITHDRAWN, actor=actor, now=now)
    Invitation.objects.filter(enrolment=enrolment).update(nonce=uuid.uuid4())


def _send(invitation: Invitation, *, now: datetime) -> None:
    enrolment = invitation.enrolment
    queue_message(
        kind="participants.invitation",
        recipient=enrolment.user,
        now=now,
        object_id=invitation.pk,
        occasion=str(invitation.sent_count),
        program_id=enrolment.cohort.program_id,
        cohort_id=enrolment.cohort_id,
    )
