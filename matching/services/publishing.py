"""Turn proposals into matches, each once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.clock import local_day
from core.errors import Conflict, DomainError
from core.jobs import JobStatus
from matching import refusals
from matching.models import (
    Match,
    MatchMember,
    OverridableRule,
    PairingRun,
    Proposal,
    ProposalState,
    RuleOverride,
)
from matching.reasons import EXCEPTION
from matching.services.runs import CAN_PAIR
from notifications.services import NewMessage, queue_messages
from participants.models import Enrolment

PAIRS_A_BATCH = 500
MESSAGE_KIND = "matching.matched"


@dataclass(frozen=True)
class LeftOut:
    """A pair that could not be published, and why."""

    proposal: Proposal
    sentence: str


@dataclass
class Published:
    """What came of publishing: how many matches, and who was left out."""

    count: int = 0
    left_out: list[LeftOut] = field(default_factory=list)


@transaction.atomic
def publish_run(*, run: PairingRun, actor: User, now: datetime) -> Published:
    """Make a match of each pair of the draft, and queue one message to each of its people.

    A pair of whom one has left, or that the database refuses meanwhile (a manager changed, a seat
    was taken), is left out and reported; the others go ahead. Pairs that concern the actor stay for
    another manager.

    Raises:
        Conflict: somebody published this run already, or it has no result.
        DomainError: there is nothing to publish, or the cohort is not being paired.
    Effects: matches, members, messages, one audit row, all in one transaction; locks the run.
    """
    held = _hold(run.pk)
    proposals = list(
        Proposal.objects.filter(
            run=held, state__in=(ProposalState.PROPOSED, ProposalState.LOCKED), match=None
        )
        .select_related("mentee", "mentor")
        .order_by("pk")
    )
    own = [p for p in proposals if actor.pk in (p.mentee.user_id, p.mentor.user_id)]
    todo = [p for p in proposals if p not in own] if own else proposals
    if not todo:
        raise DomainError(_("There is no pair to publish."), code="nothing")
    outcome = Published()
    todo = _leave_out_who_left(todo, outcome)
    for at in range(0, len(todo), PAIRS_A_BATCH):
        _publish_batch(todo[at : at + PAIRS_A_BATCH], held, now, outcome)
    held.published_at, held.published_by = now, actor
    if not own:
        held.save(update_fields=("published_at", "published_by"))
    record(
        actor=actor,
        action="run.published",
        about=held,
        now=now,
        program_id=held.cohort.program_id,
        detail={"matches": outcome.count, "left_out": len(outcome.left_out), "kept": len(own)},
    )
    return outcome


def _hold(run_id: int) -> PairingRun:
    """Lock the run for publishing, or refuse."""
    run: PairingRun = (
        PairingRun.objects.select_for_update(of=("self",))
        .select_related("cohort")
        .defer("pool_snapshot", "policy_snapshot")
        .get(pk=run_id)
    )
    if run.published_at is not None:
        raise Conflict(_("These pairs are published already."))
    if run.status != JobStatus.DONE:
        raise Conflict(_("This run has no proposals to publish."))
    if run.cohort.status not in CAN_PAIR:
        raise DomainError(_("This cohort is not being paired."), code="not_pairing")
    return run


def _leave_out_who_left(proposals: list[Proposal], outcome: Published) -> list[Proposal]:
    """Report pairs of whom one has paused or left since; return the others, people locked."""
    ids = {pk for proposal in proposals for pk in (proposal.mentee_id, proposal.mentor_id)}
    here = set(
        Enrolment.objects.in_pool()
        .filter(pk__in=ids)
        .select_for_update(of=("self",))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    kept = []
    for proposal in proposals:
        if {proposal.mentee_id, proposal.mentor_id} <= here:
            kept.append(proposal)
        else:
            sentence = _("One of them has paused or left since the run.")
            outcome.left_out.append(LeftOut(proposal, sentence))
    return kept


def _publish_batch(
    proposals: Sequence[Proposal], run: PairingRun, now: datetime, outcome: Published
) -> None:
    """Publish many at once; when the database refuses one of them, go through them singly."""
    try:
        with transaction.atomic():
            _make_matches(proposals, run, now)
        outcome.count += len(proposals)
    except DatabaseError as error:
        if len(proposals) == 1:
            sentence = str(refusals.explain(error))
            outcome.left_out.append(LeftOut(proposals[0], sentence))
            return
        for proposal in proposals:
            _publish_batch([proposal], run, now, outcome)


def _make_matches(proposals: Sequence[Proposal], run: PairingRun, now: datetime) -> None:
    cohort = run.cohort
    started_on = local_day(now, "UTC")
    exceptions = _exceptions(proposals)
    matches = Match.objects.bulk_create(
        Match(
            cohort=cohort,
            proposal=proposal,
            started_on=started_on,
            score=proposal.score,
            contributions=[*proposal.contributions, *exceptions.get(_pair(proposal), ())],
            created_at=now,
        )
        for proposal in proposals
    )
    MatchMember.objects.bulk_create(
        MatchMember(
            match=match,
            enrolment=enrolment,
            user_id=enrolment.user_id,
            role=enrolment.role,
            joined_at=now,
        )
        for match, proposal in zip(matches, proposals, strict=True)
        for enrolment in (proposal.mentor, proposal.mentee)
    )
    Proposal.objects.filter(pk__in=[proposal.pk for proposal in proposals]).update(
        state=ProposalState.PUBLISHED
    )
    queue_messages(
        rows=[
            NewMessage(
                kind=MESSAGE_KIND,
                recipient_id=enrolment.user_id,
                object_id=match.pk,
                program_id=cohort.program_id,
            )
            for match, proposal in zip(matches, proposals, strict=True)
            for enrolment in (proposal.mentor, proposal.mentee)
        ],
        now=now,
    )


def _exceptions(proposals: Sequence[Proposal]) -> dict[tuple[int, int], list[dict[str, Any]]]:
    """Return a mark for pairs that a manager let past the rule on reporting lines.

    With it nobody is told that no reporting line connects them.
    """
    rows = RuleOverride.objects.filter(
        rule=OverridableRule.REPORTING_LINE,
        mentee__in=[proposal.mentee_id for proposal in proposals],
        mentor__in=[proposal.mentor_id for proposal in proposals],
    )
    mark = {"kind": EXCEPTION, "code": OverridableRule.REPORTING_LINE.value, "facts": {}}
    return {pair: [{**mark, "points": 0, "of": 0}] for pair in rows.values_list("mentee", "mentor")}


def _pair(proposal: Proposal) -> tuple[int, int]:
    return (proposal.mentee_id, proposal.mentor_id)
