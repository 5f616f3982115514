"""Invite people from outside, prolong their accounts, and take a mentee's yes to one of them."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.selectors import account_with
from accounts.services import check_until, check_voucher, create_external, prolong_external
from audit.services import record
from core.errors import DomainError
from participants.externals import usual_until
from participants.joining import takes_invited
from participants.models import TAKES_PART, Enrolment, EnrolmentStatus, MemberRole, Profile
from participants.services.inviting import invite_one
from programs.models import Cohort

ANSWERS = (*TAKES_PART, EnrolmentStatus.APPLIED, EnrolmentStatus.WAITLISTED)


@transaction.atomic
def invite_external(
    *,
    cohort: Cohort,
    role: str,
    email: str,
    first_name: str,
    last_name: str,
    organisation: str,
    until: date | None,
    voucher: str,
    actor: User,
    now: datetime,
) -> Enrolment:
    """Invite somebody from outside; ``voucher`` is the e-mail of who vouches for them.

    Without a day the account works until thirty days after the cohort. Who has such an account
    already keeps it: name, organisation and voucher stay, and a later day prolongs it.

    Effects: up to four rows (person, profile, enrolment, invitation), a mail, audit rows.

    Raises:
        DomainError: the cohort takes nobody, the program takes none from outside in this role, the
            e-mail is of somebody of the organisation, the day has passed, or nobody of the
            organisation has the voucher's e-mail.
        Conflict: the person is in the cohort in this role already.
    """
    if not takes_invited(cohort):
        raise DomainError(
            _("Open enrolment first; then invitations can lead somewhere."), code="cohort_closed"
        )
    if not cohort.program.takes_externals_as(role):
        raise DomainError(
            _("This program takes nobody from outside in this role. Its settings say who may be."),
            code="external",
            field="role",
        )
    day = until or usual_until(cohort)
    known = account_with(email)
    if known is None:
        person = create_external(
            email=email,
            first_name=first_name,
            last_name=last_name,
            organisation=organisation,
            until=day,
            voucher=_voucher(voucher),
            actor=actor,
            now=now,
        )
        Profile.objects.create(user=person)
    else:
        _let_work(known, day, actor, now)
    return invite_one(cohort=cohort, email=email, role=role, actor=actor, now=now)


def _voucher(email: str) -> User:
    found = account_with(email)
    if found is None:
        raise DomainError(
            _("Nobody here has this e-mail. Name somebody of the organisation."),
            code="voucher",
            field="voucher",
        )
    check_voucher(found)
    return found


def _let_work(person: User, day: date, actor: User, now: datetime) -> None:
    if person.works_until is None:
        raise DomainError(
            _("This e-mail is of somebody of the organisation. Invite them as everybody else."),
            code="internal",
            field="email",
        )
    check_until(day, now=now)
    if day > person.works_until:
        prolong_external(person=person, until=day, actor=actor, now=now)


@transaction.atomic
def prolong(*, enrolment: Enrolment, until: date | None, actor: User, now: datetime) -> User:
    """Let the account of somebody from outside work longer: without a day, past the cohort's end.

    Effects and errors: those of ``prolong_external``; ``DomainError`` too where the person has no
    place in this cohort any more.
    """
    if enrolment.status in (EnrolmentStatus.WITHDRAWN, EnrolmentStatus.DECLINED):
        raise DomainError(
            _("This person is not in the cohort any more. Invite them again."), code="not_in"
        )
    person, day = enrolment.user, until or usual_until(enrolment.cohort)
    return prolong_external(person=person, until=day, actor=actor, now=now)


@transaction.atomic
def welcome_external(*, enrolment: Enrolment, is_fine: bool, now: datetime) -> Enrolment:
    """Take a mentee's own yes or no to a mentor from outside; a no parts no match there is.

    Effects: locks the enrolment; the answer, an audit row where it differs.

    Raises:
        DomainError: the person is no mentee, does not take part, or the program takes no mentors
            from outside.
    """
    rows = Enrolment.objects.select_for_update(of=("self",)).select_related("cohort__program")
    current = rows.select_related("user").get(pk=enrolment.pk)
    if current.role != MemberRole.MENTEE or current.status not in ANSWERS:
        raise DomainError(_("This is asked of mentees who take part."), code="not_asked")
    if not current.cohort.program.takes_external_mentors:
        raise DomainError(_("This program has no mentors from outside."), code="not_asked")
    note_welcome(current, is_fine=is_fine, now=now)
    return current


def note_welcome(enrolment: Enrolment, *, is_fine: bool, now: datetime) -> None:
    """Store a mentee's answer on an enrolment that is locked."""
    if enrolment.accepts_external == is_fine:
        return
    enrolment.accepts_external = is_fine
    enrolment.save(update_fields=("accepts_external",))
    record(
        actor=enrolment.user,
        action="participants.external_welcome" if is_fine else "participants.external_unwelcome",
        about=enrolment,
        now=now,
        program_id=enrolment.cohort.program_id,
        detail={"cohort": enrolment.cohort_id},
    )
