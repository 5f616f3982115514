"""Enrol people, move them between states, set how many matches they take."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.selectors import account_with
from audit.services import record
from core.errors import Conflict, DomainError
from participants.externals import check_taken
from participants.line_managers import rule_for
from participants.models import (
    TAKES_PART,
    Enrolment,
    EnrolmentSource,
    EnrolmentStatus,
    MemberRole,
    Profile,
)
from participants.roles import check_role
from participants.selectors import with_open_match_count
from participants.services.line_managers import check_line_manager, follow_line_manager
from participants.services.places import take_back_offers
from participants.services.screening import check_screened
from programs.models import Cohort, CohortStatus, LineManagerRule

S = EnrolmentStatus
ALLOWED: dict[str, frozenset[str]] = {
    S.INVITED: frozenset({S.APPLIED, S.ENROLLED, S.WITHDRAWN}),
    S.APPLIED: frozenset({S.ENROLLED, S.WAITLISTED, S.WITHDRAWN, S.DECLINED}),
    S.WAITLISTED: frozenset({S.ENROLLED, S.WITHDRAWN, S.DECLINED}),
    S.ENROLLED: frozenset({S.WAITLISTED, S.PAUSED, S.WITHDRAWN}),
    S.PAUSED: frozenset({S.ENROLLED, S.WITHDRAWN}),
    S.WITHDRAWN: frozenset({S.ENROLLED}),
    S.DECLINED: frozenset({S.ENROLLED}),
}
# Moves that take somebody out of the pairing for good: not while they are in a match.
LEAVING = frozenset({S.WAITLISTED, S.WITHDRAWN, S.DECLINED})
CLOSED = frozenset({CohortStatus.COMPLETED, CohortStatus.ARCHIVED})


def check_takes_people(cohort: Cohort) -> None:
    """Raise ``DomainError`` when the cohort is over."""
    if cohort.status in CLOSED:
        raise DomainError(
            _("This cohort is over. People join cohorts that are enrolling, pairing or active."),
            code="cohort_closed",
        )


@transaction.atomic
def enrol_person(
    *,
    cohort: Cohort,
    email: str,
    role: str,
    actor: User | None,
    now: datetime,
    first_name: str = "",
    last_name: str = "",
    capacity: int | None = None,
    source: str = EnrolmentSource.MANAGER,
    status: str = EnrolmentStatus.ENROLLED,
) -> Enrolment:
    """Enrol somebody, known by e-mail; a new person gets an account without a password.

    The name of somebody who has an account stays as it is. ``capacity`` is 0 to 20 and for mentors
    only; without one the cohort's default holds. Where line managers are asked first, nobody is in
    before the answer: the person waits as somebody who has applied.

    Effects: up to three rows (person, profile, enrolment), an audit row.

    Raises:
        DomainError: the cohort is over or has no such role, the account is switched off, or the
            person is from outside and the program takes none in this role.
        Conflict: the person is in the cohort in this role already.
    """
    check_takes_people(cohort)
    check_role(cohort, role)
    user = _find_or_make(email=email, first_name=first_name, last_name=last_name, now=now)
    check_taken(cohort, role, user)
    if role == MemberRole.MENTEE:
        capacity = 1
    rule = rule_for(cohort, role, user)
    if rule == LineManagerRule.ASKED and status in TAKES_PART:
        status = S.APPLIED
    enrolment = Enrolment(
        cohort=cohort,
        user=user,
        role=role,
        status=status,
        capacity=cohort.mentor_capacity if capacity is None else capacity,
        source=source,
        enrolled_at=now,
        status_changed_at=now,
    )
    try:
        with transaction.atomic():
            enrolment.save(force_insert=True)
    except IntegrityError as error:
        if "enrolment_once" not in str(error):
            raise
        raise Conflict(
            _("%(person)s is in this cohort as %(role)s already.")
            % {"person": user, "role": enrolment.get_role_display().lower()},
            code="already_enrolled",
            field="email",
        ) from None
    record(
        actor=actor,
        action="participants.enrolled",
        about=enrolment,
        now=now,
        program_id=cohort.program_id,
        detail={"cohort": cohort.pk, "user": user.pk, "role": role},
    )
    if rule != LineManagerRule.NOT_TOLD:
        follow_line_manager(enrolment=enrolment, now=now)
    return enrolment


def _find_or_make(*, email: str, first_name: str, last_name: str, now: datetime) -> User:
    user = account_with(email)
    if user is None:
        user = User.objects.create_user(
            email, first_name=first_name, last_name=last_name, joined_at=now
        )
        Profile.objects.create(user=user)
    elif not user.is_active:
        raise DomainError(
            _("This person’s account is switched off. Ask your IT administrator."),
            code="account_off",
            field="email",
        )
    else:
        Profile.objects.get_or_create(user=user)
    return user


@transaction.atomic
def move_enrolment(
    *, enrolment: Enrolment, to: str, actor: User | None, now: datetime
) -> Enrolment:
    """Move an enrolment to another state, as ``ALLOWED`` says.

    Effects: the enrolment's row is locked and changed; offers of a place to somebody who leaves the
    waitlist are taken back; an audit row.

    Raises:
        DomainError: the table has no such move, the cohort is over, a match is still open, a
            screening step is, or the line manager is asked first and has not agreed.
    """
    row = Enrolment.objects.select_for_update(of=("self",)).select_related(
        "cohort__program", "user"
    )
    current = row.get(pk=enrolment.pk)
    if to not in ALLOWED.get(current.status, frozenset()):
        raise DomainError(
            _("Somebody who is “%(now)s” cannot become “%(to)s”.")
            % {"now": current.get_status_display(), "to": S(to).label},
            code="move_not_allowed",
        )
    if to == S.ENROLLED:
        check_takes_people(current.cohort)
    if to not in (S.WITHDRAWN, S.DECLINED):
        check_taken(current.cohort, current.role, current.user)
    if to in TAKES_PART and current.status not in TAKES_PART:
        check_line_manager(current)
    if to == S.ENROLLED and current.status != S.PAUSED:
        check_screened(current, now=now)
    if to in LEAVING and open_match_count(current):
        raise DomainError(
            _("%(person)s is in a match. End the match first, so that the partner is told.")
            % {"person": current.user},
            code="in_a_match",
        )
    before, current.status, current.status_changed_at = current.status, to, now
    current.left_status = ""
    if before == S.PAUSED or to in LEAVING:
        current.pause_from = current.pause_until = None
    current.save(
        update_fields=("status", "status_changed_at", "left_status", "pause_from", "pause_until")
    )
    if before == S.WAITLISTED:
        take_back_offers(current, now=now)
    record(
        actor=actor,
        action="participants.moved",
        about=current,
        now=now,
        program_id=current.cohort.program_id,
        detail={"from": before, "to": to},
    )
    return current


@transaction.atomic
def set_capacity(
    *, enrolment: Enrolment, capacity: int, actor: User | None, now: datetime
) -> Enrolment:
    """Set how many matches a mentor takes at once, 0 to 20.

    Effects: the enrolment's row is locked and changed; an audit row.

    Raises:
        DomainError: a mentee, a number out of range, or fewer than the matches open now.
    """
    current = Enrolment.objects.select_for_update().get(pk=enrolment.pk)
    if current.role == MemberRole.MENTEE:
        raise DomainError(
            _("A mentee has one match at a time."), code="mentee_has_one", field="capacity"
        )
    if not 0 <= capacity <= 20:
        raise DomainError(
            _("Capacity is a number from 0 to 20."), code="capacity_range", field="capacity"
        )
    in_use = open_match_count(current)
    if capacity < in_use:
        raise DomainError(
            _(
                "This mentor has %(count)d mentees now. End a match first, or choose a higher "
                "number."
            )
            % {"count": in_use},
            code="capacity_in_use",
            field="capacity",
        )
    before, current.capacity = current.capacity, capacity
    current.save(update_fields=("capacity",))
    record(
        actor=actor,
        action="participants.capacity_set",
        about=current,
        now=now,
        program_id=Cohort.objects.values_list("program_id", flat=True).get(pk=current.cohort_id),
        detail={"from": before, "to": capacity},
    )
    return current


def open_match_count(enrolment: Enrolment) -> int:
    """Return how many matches this enrolment is in now."""
    rows = with_open_match_count(Enrolment.objects.filter(pk=enrolment.pk))
    return rows.values_list("open_match_count", flat=True).get()
