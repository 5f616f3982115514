"""Set up and move cohorts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import Conflict, DomainError
from programs.models import DISCREET_TELLS_NOBODY, Cohort, CohortStatus, EnrolmentForm
from programs.readiness import Finding, findings

ALLOWED: dict[str, tuple[str, ...]] = {
    CohortStatus.DRAFT: (CohortStatus.ENROLLING,),
    CohortStatus.ENROLLING: (CohortStatus.PAIRING, CohortStatus.DRAFT),
    CohortStatus.PAIRING: (CohortStatus.ACTIVE, CohortStatus.ENROLLING),
    CohortStatus.ACTIVE: (CohortStatus.COMPLETED, CohortStatus.PAIRING),
    CohortStatus.COMPLETED: (CohortStatus.ARCHIVED, CohortStatus.ACTIVE),
    CohortStatus.ARCHIVED: (CohortStatus.COMPLETED,),
}
ORDER = list(CohortStatus.values)
JOINING_FIELDS = (
    "needs_approval",
    "mentor_places",
    "mentee_places",
    "offer_days",
    "mentee_line_manager",
    "mentor_line_manager",
)


class NotReady(DomainError):
    """Something is missing before the step; ``missing`` lists it."""

    default_code = "not_ready"

    def __init__(self, missing: list[Finding]) -> None:
        self.missing = missing
        sentences = " ".join(str(finding.remedy) for finding in missing)
        super().__init__(_("Not ready yet: %(missing)s") % {"missing": sentences})


def next_step(cohort: Cohort) -> str | None:
    """Return the status that comes after this one, or None at the end."""
    forward = ALLOWED[cohort.status][0]
    return forward if ORDER.index(forward) > ORDER.index(cohort.status) else None


def previous_step(cohort: Cohort) -> str | None:
    """Return the status that one may go back to, or None."""
    for status in ALLOWED[cohort.status]:
        if ORDER.index(status) < ORDER.index(cohort.status):
            return status
    return None


@transaction.atomic
def move_cohort(*, cohort: Cohort, target: str, actor: User | None, now: datetime) -> Cohort:
    """Move a cohort to another status, if the way is open and nothing required is missing.

    Raises:
        DomainError: there is no way from here to there.
        NotReady: the checklist of a forward step has open required lines.
        Conflict: somebody moved it meanwhile.
    Effects: one row changed by a conditional update, one audit row.
    """
    if target not in CohortStatus.values:
        raise DomainError(_("Choose the next step."), code="no_such_step")
    if target not in ALLOWED[cohort.status]:
        raise DomainError(
            _("A cohort that is %(status)s cannot become %(target)s.")
            % {
                "status": cohort.get_status_display().lower(),
                "target": CohortStatus(target).label.lower(),
            },
            code="no_such_step",
        )
    if ORDER.index(target) > ORDER.index(cohort.status):
        missing = [f for f in findings(cohort, target) if f.is_required and not f.is_met]
        if missing:
            raise NotReady(missing)
    moved = Cohort.objects.filter(pk=cohort.pk, status=cohort.status).update(
        status=target, status_changed_at=now
    )
    if not moved:
        raise Conflict(_("Somebody else moved this cohort just now. Look at it again."))
    record(
        actor=actor,
        action="cohort.moved",
        about=cohort,
        now=now,
        program_id=cohort.program_id,
        detail={"from": cohort.status, "to": target},
    )
    cohort.status, cohort.status_changed_at = target, now
    return cohort


@transaction.atomic
def set_joining_rules(
    *, cohort: Cohort, actor: User | None, now: datetime, **values: Any
) -> Cohort:
    """Set who decides about sign-ups and how many people fit: ``JOINING_FIELDS`` only.

    Effects: one row, one audit row with the names of the fields; nobody loses a place.

    Raises:
        DomainError: another field, or line managers of a discreet program.
    """
    unknown = sorted(set(values) - set(JOINING_FIELDS))
    if unknown:
        raise DomainError(_("This is not about joining."), code="unknown_field")
    for name, value in values.items():
        setattr(cohort, name, value)
    if cohort.tells_line_managers and cohort.program.is_discreet:
        raise DomainError(DISCREET_TELLS_NOBODY, code="discreet")
    cohort.save(update_fields=list(values))
    record(
        actor=actor,
        action="cohort.joining_set",
        about=cohort,
        now=now,
        program_id=cohort.program_id,
        detail={"fields": sorted(values)},
    )
    return cohort


def ensure_form(cohort: Cohort) -> EnrolmentForm:
    """Return the form in use, made empty when the cohort has none yet."""
    form = cohort.forms.filter(is_current=True).first()
    return form or EnrolmentForm.objects.create(cohort=cohort)
