"""Decide about several sign-ups in one go, and take that back before anybody is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import Conflict, DomainError
from participants.models import BulkDecision, Enrolment, EnrolmentNote, EnrolmentStatus
from participants.services.deciding import approve, decline
from participants.services.line_managers import follow_line_manager
from programs.models import Cohort

QUIET = timedelta(minutes=10)
"""How long nobody is told, and all of it can be taken back."""
MARGIN = timedelta(minutes=1)
"""From then to the mails, so that none leaves while it is being taken back."""
MOST_AT_ONCE = 200
KEPT = timedelta(days=1)
S = EnrolmentStatus


@dataclass
class Together:
    """What became of each: how many by their new status, and who was left out and why."""

    decision: BulkDecision | None = None
    counts: Counter[str] = field(default_factory=Counter)
    refused: dict[str, str] = field(default_factory=dict)


@transaction.atomic
def decide_together(
    *,
    cohort: Cohort,
    enrolment_ids: Sequence[int],
    says_yes: bool,
    reason: str = "",
    actor: User,
    now: datetime,
) -> Together:
    """Say yes or no to several sign-ups; whoever cannot be decided about is left out, with why.

    Nobody decides about themselves. Effects: as ``approve`` or ``decline`` for each, but that they
    are told ten minutes later; one row by which ``undo_together`` takes it back until then.

    Raises:
        DomainError: nobody is chosen, or too many; a no without a reason, or with one too long.
    """
    if not enrolment_ids:
        raise DomainError(_("Tick at least one person."), code="nobody", field="who")
    if len(enrolment_ids) > MOST_AT_ONCE:
        raise DomainError(
            _("Decide about at most %(count)d people at once.") % {"count": MOST_AT_ONCE},
            code="too_many",
            field="who",
        )
    rows = Enrolment.objects.filter(cohort=cohort, pk__in=enrolment_ids, status=S.APPLIED)
    result, moved = Together(), []
    rows = rows.exclude(user=actor).select_related("cohort__program", "user")
    tells_at = now + QUIET + MARGIN
    for enrolment in rows.order_by("enrolled_at", "pk"):  # who asked first is first
        try:
            with transaction.atomic():
                if says_yes:
                    after = approve(enrolment=enrolment, actor=actor, now=now, tells_at=tells_at)
                else:
                    after = decline(
                        enrolment=enrolment,
                        reason=reason,
                        actor=actor,
                        now=now,
                        tells_at=tells_at,
                    )
        except DomainError as error:
            if error.field == "reason":
                raise
            result.refused[str(enrolment.user)] = str(error)
        else:
            moved.append([enrolment.pk, S.APPLIED.value, after.status])
            result.counts[after.status] += 1
    if moved:
        BulkDecision.objects.filter(decided_at__lt=now - KEPT).delete()
        result.decision = BulkDecision.objects.create(
            cohort=cohort, decided_by=actor, decided_at=now, rows=moved
        )
    return result


def may_undo(decision: BulkDecision, *, now: datetime) -> bool:
    """Tell whether nobody was told yet."""
    return decision.undone_at is None and now < decision.decided_at + QUIET


@transaction.atomic
def undo_together(*, decision: BulkDecision, actor: User, now: datetime) -> int:
    """Let the sign-ups wait for a decision again; return how many. Twice does nothing more.

    Who was moved on by somebody since stays where they are. Effects: locks the decision and the
    enrolments; reasons of a no are deleted, the mails are skipped; one audit row.

    Raises:
        Conflict: people were told meanwhile, or it is taken back already.
    """
    row = BulkDecision.objects.select_for_update(of=("self",)).get(pk=decision.pk)
    if not may_undo(row, now=now):
        raise Conflict(_("Mails have gone out by now. Change their status one by one."))
    after = {pk: (before, status) for pk, before, status in row.rows}
    people = Enrolment.objects.filter(pk__in=after).select_for_update(of=("self",))
    count = 0
    for enrolment in people.select_related("cohort__program", "user").order_by("pk"):
        before, status = after[enrolment.pk]
        if enrolment.status != status or enrolment.memberships.exists():
            continue
        enrolment.status, enrolment.status_changed_at = before, now
        enrolment.save(update_fields=("status", "status_changed_at"))
        EnrolmentNote.objects.filter(enrolment=enrolment).delete()
        follow_line_manager(enrolment=enrolment, now=now)
        count += 1
    row.undone_at = now
    row.save(update_fields=("undone_at",))
    record(
        actor=actor,
        action="cohort.decisions_undone",
        about=row.cohort,
        now=now,
        program_id=row.cohort.program_id,
        detail={"count": count},
    )
    return count
