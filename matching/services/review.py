"""What a manager decides about proposals before they are published."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import Conflict, DomainError, NotAllowed
from core.jobs import JobStatus
from matching.drafts import Draft
from matching.models import (
    LIVE,
    OverridableRule,
    PairingRun,
    Proposal,
    ProposalState,
    RuleOverride,
    Unmatched,
)
from matching.peers import explain_peers
from matching.reasons import POINTS_A_PERCENT, rule_sentence
from matching.selectors import is_publishing
from participants.models import Enrolment, MemberRole

NEVER_OVERRIDDEN = {"not_self", "must_not_pair", "from_outside"}


class BrokenRules(DomainError):
    """The pair breaks rules; ``rules`` names them, ``may_override`` says whether a reason helps."""

    default_code = "broken_rules"

    def __init__(self, rules: tuple[str, ...]) -> None:
        self.rules = rules
        self.may_override = not NEVER_OVERRIDDEN.intersection(rules)
        super().__init__(" ".join(str(rule_sentence(rule)) for rule in rules))


def lock_proposal(*, proposal: Proposal, actor: User, now: datetime) -> Proposal:
    """Keep this pair through reruns. Raises Conflict when it is not proposed any more."""
    return _move(proposal, (ProposalState.PROPOSED,), ProposalState.LOCKED, actor, now)


def unlock_proposal(*, proposal: Proposal, actor: User, now: datetime) -> Proposal:
    """Let the next run change this pair again."""
    return _move(proposal, (ProposalState.LOCKED,), ProposalState.PROPOSED, actor, now)


def reject_proposal(*, proposal: Proposal, actor: User, now: datetime) -> Proposal:
    """Take a pair out of this draft and keep it out of later ones; both people are free again."""
    return _move(
        proposal, (*LIVE, ProposalState.HELD), ProposalState.REJECTED, actor, now, is_refused=True
    )


def restore_rejected(*, proposal: Proposal, actor: User, now: datetime) -> Proposal:
    """Put a rejected pair back into the draft; below the minimum fit it is held again.

    Raises:
        Conflict: one of the two is in another pair by now, or the mentor has no seat left.
    """
    with transaction.atomic():
        run = hold_for_decision(proposal.run_id)
        _require_pair(proposal)
        ids = {proposal.mentee_id, proposal.mentor_id} if proposal.is_of_peers else set()
        theirs = Q(mentee=proposal.mentee_id) | Q(mentee__in=ids) | Q(mentor__in=ids)
        if run.proposals.filter(theirs).exclude(state=ProposalState.REJECTED).exists():
            raise Conflict(_("There is another pair by now. Reject that one first."))
        minimum = run.policy_snapshot["minimum_fit"] * POINTS_A_PERCENT
        is_held = proposal.score < minimum and not proposal.is_manual
        if not is_held and not proposal.is_of_peers:
            _require_seat(run, proposal.mentor)
        target = ProposalState.HELD if is_held else ProposalState.PROPOSED
        return _move(proposal, (ProposalState.REJECTED,), target, actor, now)


def accept_held(*, proposal: Proposal, actor: User, now: datetime) -> Proposal:
    """Take a pair below the minimum fit into the draft after all.

    Raises:
        Conflict: the mentor has no seat left in this draft.
    """
    with transaction.atomic():
        run = hold_for_decision(proposal.run_id)
        if not proposal.is_of_peers:  # of whom the database lets nobody into two pairs
            _require_seat(run, proposal.mentor)
        return _move(proposal, (ProposalState.HELD,), ProposalState.LOCKED, actor, now)


@transaction.atomic
def _move(
    proposal: Proposal,
    sources: tuple[str, ...],
    target: str,
    actor: User,
    now: datetime,
    *,
    is_refused: bool = False,
) -> Proposal:
    run = hold_for_decision(proposal.run_id)
    _require_pair(proposal)
    refuse_own(actor, proposal.mentee, proposal.mentor)
    moved = Proposal.objects.filter(pk=proposal.pk, state__in=sources).update(
        state=target, decided_by=actor, is_refused=is_refused
    )
    if not moved:
        raise Conflict(_("Somebody else decided about this pair just now."))
    record(
        actor=actor,
        action=f"proposal.{target}",
        about=proposal,
        now=now,
        program_id=run.cohort.program_id,
        detail={"run": run.pk, "from": proposal.state},
    )
    proposal.state, proposal.decided_by = target, actor
    return proposal


@transaction.atomic
def swap_mentor(*, proposal: Proposal, mentor: Enrolment, actor: User, now: datetime) -> Proposal:
    """Give the mentee of a proposal another mentor, and lock the pair.

    Raises:
        DomainError: whom it would give is no mentor of the cohort; peers are paired by hand.
        BrokenRules: a rule stands in the way.
        Conflict: the mentor has no seat left, or somebody else decided meanwhile.
    """
    run = hold_for_decision(proposal.run_id)
    _require_pair(proposal)
    refuse_own(actor, proposal.mentee, proposal.mentor, mentor)
    _require_seat(run, mentor)
    explained = Draft(run).explain(proposal.mentee_id, mentor.pk)
    if explained.broken:
        raise BrokenRules(explained.broken)
    earlier = proposal.mentor_id
    changed = Proposal.objects.filter(
        pk=proposal.pk, mentor=earlier, state__in=(*LIVE, ProposalState.HELD)
    ).update(
        mentor=mentor,
        score=explained.score,
        contributions=explained.contributions,
        state=ProposalState.LOCKED,
        is_manual=True,
        decided_by=actor,
    )
    if not changed:
        raise Conflict(_("Somebody else decided about this pair just now."))
    record(
        actor=actor,
        action="proposal.swapped",
        about=proposal,
        now=now,
        program_id=run.cohort.program_id,
        detail={"run": run.pk, "from": earlier, "to": mentor.pk},
    )
    proposal.refresh_from_db()
    return proposal


@transaction.atomic
def exchange_mentors(
    *, proposal: Proposal, other: Proposal, actor: User, now: datetime
) -> tuple[Proposal, Proposal]:
    """Let two pairs of a draft exchange their mentors, and lock both. Seats stay as they are.

    Raises:
        BrokenRules: a rule stands in the way of one of the new pairs.
        Conflict: one of them is locked, or somebody else decided meanwhile.
        DomainError: they are of different drafts, or one and the same.
    """
    run = hold_for_decision(proposal.run_id)
    _require_pair(proposal)
    refuse_own(actor, proposal.mentee, proposal.mentor, other.mentee, other.mentor)
    if other.run_id != proposal.run_id or other.mentor_id == proposal.mentor_id:
        raise DomainError(_("Choose another pair of this draft."), code="pair")
    pairs = [(proposal.mentee_id, other.mentor_id), (other.mentee_id, proposal.mentor_id)]
    explained = Draft(run).explain_all(pairs)
    if broken := tuple(dict.fromkeys(rule for pair in explained for rule in pair.broken)):
        raise BrokenRules(broken)
    for row, pair, sources in (
        (proposal, explained[0], LIVE),
        (other, explained[1], (ProposalState.PROPOSED,)),
    ):
        rows = Proposal.objects.filter(pk=row.pk, mentor=row.mentor_id, state__in=sources)
        changed = rows.update(
            mentor=pair.mentor_id,
            score=pair.score,
            contributions=pair.contributions,
            state=ProposalState.LOCKED,
            is_manual=True,
            decided_by=actor,
        )
        if not changed:
            raise Conflict(_("Somebody else decided about one of these pairs just now."))
        record(
            actor=actor,
            action="proposal.swapped",
            about=row,
            now=now,
            program_id=run.cohort.program_id,
            detail={"run": run.pk, "from": row.mentor_id, "to": pair.mentor_id},
        )
    proposal.refresh_from_db()
    other.refresh_from_db()
    return proposal, other


@transaction.atomic
def pair_by_hand(
    *,
    run: PairingRun,
    mentee: Enrolment,
    mentor: Enrolment,
    actor: User,
    now: datetime,
    override_reason: str = "",
) -> Proposal:
    """Propose a pair that the run did not propose, and lock it.

    A broken rule needs ``override_reason``; it is stored with the pair and in the audit log.

    Raises:
        BrokenRules: rules stand in the way and no reason was given, or none may be given.
        Conflict: no seat left, or the mentee has a proposal already.
        DomainError: one of them is not in the run's pool in this role.
    """
    run = hold_for_decision(run.pk)
    if run.is_of_circles:
        raise DomainError(_("Give this person a seat in a circle instead."), code="circles")
    refuse_own(actor, mentee, mentor)
    if mentee.role != MemberRole.MENTEE or mentor.role != MemberRole.MENTOR:
        raise DomainError(_("Choose one mentee and one mentor."), code="roles")
    _require_seat(run, mentor)
    explained = Draft(run).explain(mentee.pk, mentor.pk)
    if explained.broken:
        _override(explained.broken, mentee, mentor, override_reason.strip(), actor, now)
    try:
        with transaction.atomic():
            proposal = Proposal.objects.create(
                run=run,
                mentee=mentee,
                mentor=mentor,
                state=ProposalState.LOCKED,
                score=explained.score,
                contributions=explained.contributions,
                is_manual=True,
                decided_by=actor,
            )
    except IntegrityError as error:
        raise Conflict(_("This mentee has a proposal already. Swap it instead.")) from error
    Unmatched.objects.filter(run=run, enrolment=mentee).delete()
    record(
        actor=actor,
        action="proposal.by_hand",
        about=proposal,
        now=now,
        program_id=run.cohort.program_id,
        detail={"run": run.pk, "overridden": list(explained.broken)},
    )
    return proposal


@transaction.atomic
def pair_peers(
    *,
    run: PairingRun,
    one: Enrolment,
    other: Enrolment,
    actor: User,
    now: datetime,
    override_reason: str = "",
) -> Proposal:
    """Propose two peers whom the run did not pair, and lock the pair.

    Raises:
        BrokenRules: rules stand in the way and no reason was given, or none may be given.
        Conflict: one of them is in a pair of this draft already.
        DomainError: one of them joined after the run began, or does not wait in this cohort.
    """
    run = hold_for_decision(run.pk)
    refuse_own(actor, one, other)
    first, second = sorted((one, other), key=lambda enrolment: enrolment.pk)
    if first.pk == second.pk or {first.cohort_id, second.cohort_id} != {run.cohort_id}:
        raise DomainError(_("Choose two people of this cohort."), code="roles")
    explained = explain_peers(Draft(run), [(first.pk, second.pk)])[0]
    if explained.broken:
        _override(explained.broken, first, second, override_reason.strip(), actor, now)
    try:
        with transaction.atomic():
            proposal = Proposal.objects.create(
                run=run,
                mentee=first,
                mentor=second,
                state=ProposalState.LOCKED,
                score=explained.score,
                contributions=explained.contributions,
                is_manual=True,
                is_of_peers=True,
                decided_by=actor,
            )
    except IntegrityError as error:
        raise Conflict(
            _("One of them is in another pair of this draft. Reject it first.")
        ) from error
    Unmatched.objects.filter(run=run, enrolment__in=(first, second)).delete()
    record(
        actor=actor,
        action="proposal.by_hand",
        about=proposal,
        now=now,
        program_id=run.cohort.program_id,
        detail={"run": run.pk, "overridden": list(explained.broken)},
    )
    return proposal


def _require_pair(proposal: Proposal) -> None:
    if proposal.circle_id is not None:
        raise DomainError(_("This is a seat of a circle. Decide about the circle."), code="circles")


def _override(
    broken: tuple[str, ...],
    mentee: Enrolment,
    mentor: Enrolment,
    reason: str,
    actor: User,
    now: datetime,
) -> None:
    refusal = BrokenRules(broken)
    if not refusal.may_override or not reason:
        raise refusal
    for rule in broken:
        kind = (
            OverridableRule.REPORTING_LINE if rule == "reporting_line" else OverridableRule.POLICY
        )
        override, is_new = RuleOverride.objects.get_or_create(
            mentor=mentor,
            mentee=mentee,
            rule=kind,
            defaults={"reason": reason, "created_by": actor, "created_at": now},
        )
        if is_new:
            record(
                actor=actor,
                action="rule.overridden",
                about=override,
                now=now,
                program_id=mentee.cohort.program_id,
                detail={"rule": rule, "mentor": mentor.pk, "mentee": mentee.pk},
            )


def hold_for_decision(run_id: int) -> PairingRun:
    """Lock the run, so that decisions and publishing come one after the other."""
    _refuse_while_publishing(run_id)
    run: PairingRun = (
        PairingRun.objects.select_for_update(of=("self",))
        .select_related("cohort__program")
        .defer("pool_snapshot")
        .get(pk=run_id)
    )
    if run.published_at is not None:
        raise Conflict(_("These proposals are published already."))
    if run.status != JobStatus.DONE:
        raise Conflict(_("This run has no proposals to decide about."))
    _refuse_while_publishing(run_id)
    return run


def _refuse_while_publishing(run_id: int) -> None:
    """Refuse before waiting for the run's lock, and again once it is held."""
    if is_publishing(run=run_id):
        raise Conflict(_("These pairs are being published just now."))


def refuse_own(actor: User, *enrolments: Enrolment) -> None:
    if any(enrolment.user_id == actor.pk for enrolment in enrolments):
        raise NotAllowed(_("This pair concerns you. Another manager decides about it."))


def _require_seat(run: PairingRun, mentor: Enrolment) -> None:
    if mentor.cohort_id != run.cohort_id or mentor.role != MemberRole.MENTOR:
        raise DomainError(_("Choose a mentor of this cohort."), code="mentor")
    Enrolment.objects.select_for_update().get(pk=mentor.pk)
    taken = Proposal.objects.filter(Q(run=run, mentor=mentor), state__in=LIVE).count()
    open_matches = mentor.memberships.filter(left_at__isnull=True).count()
    if taken + open_matches >= mentor.capacity:
        raise Conflict(
            _("%(name)s has no seat left in this draft. Reject or swap another pair first.")
            % {"name": mentor.user}
        )
