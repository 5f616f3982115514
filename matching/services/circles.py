"""What a manager decides about circles before they are published."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from audit.services import record
from core.errors import Conflict, DomainError
from matching.circles import Judge
from matching.drafts import Draft
from matching.models import (
    LIVE,
    PairingRun,
    Proposal,
    ProposalState,
    ProposedCircle,
    Unmatched,
)
from matching.services.review import BrokenRules, hold_for_decision, refuse_own
from participants.models import Enrolment, MemberRole


@transaction.atomic
def lock_circle(*, circle: ProposedCircle, actor: User, now: datetime) -> ProposedCircle:
    """Keep this circle through reruns. Raises Conflict when it is not proposed any more."""
    return _turn(circle, (ProposalState.PROPOSED,), ProposalState.LOCKED, actor, now)


@transaction.atomic
def unlock_circle(*, circle: ProposedCircle, actor: User, now: datetime) -> ProposedCircle:
    """Let the next run change this circle again."""
    return _turn(circle, (ProposalState.LOCKED,), ProposalState.PROPOSED, actor, now)


@transaction.atomic
def dissolve_circle(*, circle: ProposedCircle, actor: User, now: datetime) -> ProposedCircle:
    """Take this circle out of the draft; everybody in it is free again."""
    found = _turn(circle, LIVE, ProposalState.REJECTED, actor, now)
    found.leading.all().delete()
    return found


def _turn(
    circle: ProposedCircle, sources: Sequence[str], target: str, actor: User, now: datetime
) -> ProposedCircle:
    run = hold_for_decision(circle.run_id)
    refuse_own(actor, *_members(circle))
    seats = circle.seats.filter(state__in=sources)
    if not seats.update(state=target, decided_by=actor):
        raise Conflict(_("Somebody else decided about this circle just now."))
    _note(f"circle.{target}", circle, run, actor, now)
    return circle


@transaction.atomic
def take_out(*, seat: Proposal, actor: User, now: datetime) -> Proposal:
    """Take a mentee out of their circle; they wait again.

    Raises:
        Conflict: the circle would be too small, or somebody else decided meanwhile.
    """
    run, circle = _held(seat)
    refuse_own(actor, *_members(circle))
    _require_enough(run, circle, less=1)
    _give_up(seat, actor)
    _note("circle.left", circle, run, actor, now, mentee=seat.mentee_id)
    return seat


@transaction.atomic
def move_seat(*, seat: Proposal, to: ProposedCircle, actor: User, now: datetime) -> Proposal:
    """Give a mentee a seat in another circle of the draft; it is locked.

    Raises:
        BrokenRules: a rule keeps two of the new circle apart.
        Conflict: one circle would be too small or too large, or somebody else decided meanwhile.
    """
    run, circle = _held(seat)
    refuse_own(actor, *_members(circle), *_members(to))
    if to.run_id != run.pk or to.pk == circle.pk:
        raise DomainError(_("Choose another circle of this draft."), code="circle")
    _require_enough(run, circle, less=1)
    _give_up(seat, actor)
    made = _seat(run, to, seat.mentee, actor)
    _note("circle.moved", to, run, actor, now, mentee=seat.mentee_id, came_from=circle.pk)
    return made


@transaction.atomic
def seat_by_hand(
    *, circle: ProposedCircle, mentee: Enrolment, actor: User, now: datetime
) -> Proposal:
    """Give somebody who waits a seat in a circle with room; it is locked.

    Raises:
        BrokenRules: a rule keeps two of the circle apart.
        Conflict: the circle is full, or the mentee has a seat already.
        DomainError: they are no mentee of the cohort, or joined after the run began.
    """
    run = hold_for_decision(circle.run_id)
    refuse_own(actor, mentee, *_members(circle))
    if mentee.cohort_id != run.cohort_id or mentee.role != MemberRole.MENTEE:
        raise DomainError(_("Choose a mentee of this cohort."), code="mentee")
    if Proposal.objects.filter(run=run, mentee=mentee, state__in=LIVE).exists():
        raise Conflict(_("This mentee has a seat already. Move them instead."))
    made = _seat(run, circle, mentee, actor)
    Unmatched.objects.filter(run=run, enrolment=mentee).delete()
    _note("circle.joined", circle, run, actor, now, mentee=mentee.pk)
    return made


def _held(seat: Proposal) -> tuple[PairingRun, ProposedCircle]:
    run = hold_for_decision(seat.run_id)
    if seat.circle is None:
        raise DomainError(_("Choose a seat of a circle."), code="seat")
    return run, seat.circle


def _members(circle: ProposedCircle) -> list[Enrolment]:
    leaders = [row.enrolment for row in circle.leading.select_related("enrolment")]
    seats = circle.seats.filter(state__in=LIVE).select_related("mentee")
    return [*leaders, *(seat.mentee for seat in seats)]


def _require_enough(run: PairingRun, circle: ProposedCircle, *, less: int) -> None:
    least = run.policy_snapshot["circle"]["least"]
    if circle.seats.filter(state__in=LIVE).count() - less < least:
        raise Conflict(
            ngettext(
                "A circle has at least %(least)d mentee. Dissolve it, or move somebody in first.",
                "A circle has at least %(least)d mentees. Dissolve it, or move somebody in first.",
                least,
            )
            % {"least": least}
        )


def _give_up(seat: Proposal, actor: User) -> None:
    rows = Proposal.objects.filter(pk=seat.pk, state__in=LIVE)
    if not rows.update(state=ProposalState.REJECTED, decided_by=actor):
        raise Conflict(_("Somebody else decided about this circle just now."))


def _seat(run: PairingRun, circle: ProposedCircle, mentee: Enrolment, actor: User) -> Proposal:
    """Write a locked seat, with what the circle makes of it."""
    seats = list(circle.seats.filter(state__in=LIVE).order_by("mentee_id"))
    mentors = list(circle.leading.values_list("enrolment_id", flat=True))
    if not mentors or not seats:
        raise Conflict(_("Somebody else decided about this circle just now."))
    if len(seats) >= run.policy_snapshot["circle"]["most"]:
        raise Conflict(_("This circle is full."))
    judge = Judge(Draft(run))
    found = judge.circle(mentors, [*(seat.mentee_id for seat in seats), mentee.pk])
    if found.broken:
        raise BrokenRules(found.broken)
    circle.seats.filter(state=ProposalState.PROPOSED).update(
        state=ProposalState.LOCKED, decided_by=actor
    )
    made: Proposal = Proposal.objects.create(
        run=run,
        circle=circle,
        mentee=mentee,
        mentor_id=mentors[0],
        state=ProposalState.LOCKED,
        score=found.score_of(mentee.pk),
        contributions=judge.contributions(found, mentee.pk),
        is_manual=True,
        decided_by=actor,
    )
    return made


def _note(
    action: str, circle: ProposedCircle, run: PairingRun, actor: User, now: datetime, **detail: int
) -> None:
    mentors = list(circle.leading.values_list("enrolment_id", flat=True))  # gone once dissolved
    record(
        actor=actor,
        action=action,
        about=circle,
        now=now,
        program_id=run.cohort.program_id,
        detail={"run": run.pk, "mentors": mentors, **detail},
    )
