"""The line manager of somebody who takes part: who that is, what they hear, what they said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)

from accounts.models import User
from core.clock import working_days_before
from participants.models import (
    TAKES_PART,
    Enrolment,
    EnrolmentStatus,
    LineContact,
    LineOverride,
    LineState,
    MemberRole,
    NamedLineManager,
)
from programs.models import Cohort, LineManagerRule

SALT = "participants.line_manager"
MEETING_MINUTES = 60
REMIND_AFTER, LATE_AFTER = 5, 10  # working days
ASKING = (EnrolmentStatus.APPLIED, EnrolmentStatus.WAITLISTED)
R = LineManagerRule


def rule_of(cohort: Cohort, role: str) -> str:
    """Return what the line managers of this role hear in this cohort."""
    is_mentee = role == MemberRole.MENTEE
    return cohort.mentee_line_manager if is_mentee else cohort.mentor_line_manager


def rule_for(cohort: Cohort, role: str, person: User) -> str:
    """Return what this person's line manager hears; those of people from outside hear nothing."""
    return R.NOT_TOLD if person.is_external else rule_of(cohort, role)


def with_rule(*rules: str, path: str = "") -> Q:
    """Narrow enrolments to those whose cohort says one of these for their role."""
    found = Q()
    for role in MemberRole.values:
        found |= Q(**{f"{path}role": role, f"{path}cohort__{role}_line_manager__in": rules})
    return found & Q(**{f"{path}user__is_external": False})


def line_manager_of(enrolment: Enrolment) -> User | None:
    """Return whom HR knows as line manager, else whom the person named; none who has left."""
    if enrolment.user.manager is not None and enrolment.user.manager.is_active:
        return enrolment.user.manager
    named = NamedLineManager.objects.filter(enrolment=enrolment).select_related("manager").first()
    return named.manager if named is not None and named.manager.is_active else None


def with_line_manager(rows: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    """Add ``line_manager_id``, as ``line_manager_of`` says, and what is open with whom."""
    named = NamedLineManager.objects.filter(enrolment=OuterRef("pk"), manager__is_active=True)
    contact = LineContact.objects.filter(enrolment=OuterRef("pk"), closed_at__isnull=True)
    return rows.annotate(
        line_manager_id=Case(
            When(user__manager__is_active=True, then=F("user__manager_id")),
            default=Subquery(named.values("manager_id")[:1]),
            output_field=BigIntegerField(),
        ),
        line_contact_manager_id=Subquery(contact.values("manager_id")[:1]),
        line_state=Subquery(contact.values("state")[:1]),
        line_opened_at=Subquery(contact.values("opened_at")[:1]),
    )


def settled() -> Q:
    """Narrow enrolments to those whose line manager agreed, or need not any more."""
    agreed = LineContact.objects.filter(enrolment=OuterRef("pk"), state=LineState.AGREED)
    decided = LineOverride.objects.filter(enrolment=OuterRef("pk"))
    return Q(Exists(agreed)) | Q(Exists(decided))


def by_line(rows: QuerySet[Enrolment], state: str, *, now: datetime) -> QuerySet[Enrolment]:
    """Narrow people of ``with_line_manager`` to those of a filter of the desk."""
    waits = rows.filter(with_rule(R.ASKED), status__in=ASKING).exclude(settled())
    if state == "late":
        late = before_working_days(now, LATE_AFTER)
        return waits.filter(Q(line_state=LineState.ASKED, line_opened_at__lte=late))
    if state == "open":
        return waits.filter(~Q(line_state=LineState.NOT_NOW) | Q(line_state__isnull=True))
    if state == "unknown":
        heard = rows.filter(with_rule(R.TOLD, R.ASKED), status__in=(*ASKING, *TAKES_PART))
        return heard.filter(Q(line_manager_id__isnull=True)).exclude(settled())
    return rows.filter(Q(line_state=state))


def counts_of_asked(cohort: Cohort) -> dict[str, int]:
    """Return how many wait for their line manager's answer, and how many were told “not now”."""
    if R.ASKED not in (cohort.mentee_line_manager, cohort.mentor_line_manager):
        return {}
    asks = with_line_manager(cohort.enrolments.filter(with_rule(R.ASKED), status__in=ASKING))
    counts = asks.exclude(settled()).aggregate(
        waits=Count("pk", filter=~Q(line_state=LineState.NOT_NOW) | Q(line_state__isnull=True)),
        not_now=Count("pk", filter=Q(line_state=LineState.NOT_NOW)),
    )
    return {name: count for name, count in counts.items() if count}


def is_settled(enrolment: Enrolment) -> bool:
    """Tell whether the line manager agreed, or a program manager decided without."""
    return (
        LineContact.objects.filter(enrolment=enrolment, state=LineState.AGREED).exists()
        or LineOverride.objects.filter(enrolment=enrolment).exists()
    )


def waits_for_line_manager(enrolment: Enrolment) -> bool:
    """Tell whether nobody may let this person in before their line manager has agreed."""
    rule = rule_for(enrolment.cohort, enrolment.role, enrolment.user)
    return rule == R.ASKED and not is_settled(enrolment)


@dataclass(frozen=True)
class Line:
    """What a page says about somebody's line manager; ``rule`` is what the cohort says."""

    rule: str
    manager: User | None = None
    is_named: bool = False
    contact: LineContact | None = None
    override: LineOverride | None = None
    is_settled: bool = False
    is_late: bool = False

    @property
    def is_told(self) -> bool:
        return self.rule == R.TOLD

    @property
    def is_asked(self) -> bool:
        return self.rule == R.ASKED

    @property
    def state(self) -> str:
        return self.contact.state if self.contact else ""


def line_of(enrolment: Enrolment, *, now: datetime) -> Line | None:
    """Return what is to be said about the person's line manager; None where none hears of it."""
    rule = rule_for(enrolment.cohort, enrolment.role, enrolment.user)
    if rule == R.NOT_TOLD:
        return None
    manager = line_manager_of(enrolment)
    rows = LineContact.objects.filter(enrolment=enrolment, closed_at__isnull=True)
    contact = rows.select_related("manager", "sentence").first()
    override = LineOverride.objects.filter(enrolment=enrolment).select_related("decided_by")
    return Line(
        rule=rule,
        manager=manager,
        is_named=manager is not None and manager.pk != enrolment.user.manager_id,
        contact=contact,
        override=override.first(),
        is_settled=is_settled(enrolment),
        is_late=contact is not None
        and contact.state == LineState.ASKED
        and contact.opened_at <= before_working_days(now, LATE_AFTER),
    )


def line_ahead(cohort: Cohort, role: str, person: User) -> Line | None:
    """Return what somebody reads of their line manager before they join."""
    rule = rule_for(cohort, role, person)
    if rule == R.NOT_TOLD:
        return None
    boss = person.manager
    return Line(rule=rule, manager=boss if boss is not None and boss.is_active else None)


def before_working_days(now: datetime, count: int) -> datetime:
    """Return the moment that lies this many working days back."""
    return now - (now.date() - working_days_before(now.date(), count))


def line_token(contact: LineContact) -> str:
    return signing.dumps([contact.pk, str(contact.nonce)], salt=SALT)


def contact_by_token(token: str, *, now: datetime) -> LineContact | None:
    """Return what a mailed link leads to; None when it leads nowhere, or nowhere any more.

    A link dies with the day it was made for, when somebody else manages the person, when the
    person does not take part any more, and when the cohort tells no line manager any more.
    """
    try:
        pk, nonce = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    rows = LineContact.objects.select_related(
        "manager", "enrolment__user__manager", "enrolment__cohort__program"
    )
    contact = rows.filter(pk=pk, nonce=nonce).first()
    return contact if contact is not None and still_holds(contact, now=now) else None


def still_holds(contact: LineContact, *, now: datetime) -> bool:
    """Tell whether this line manager is still the one to be told or asked."""
    enrolment = contact.enrolment
    return (
        contact.is_open(now)
        and enrolment.status in (*ASKING, *TAKES_PART)
        and enrolment.user.is_active
        and rule_for(enrolment.cohort, enrolment.role, enrolment.user) != R.NOT_TOLD
        and line_manager_of(enrolment) == contact.manager
    )
