"""Peers exchange partners in a draft."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import Conflict, DomainError
from matching.drafts import Draft
from matching.models import LIVE, PairingRun, Proposal, ProposalState, Unmatched
from matching.peer_exchanges import pair_with
from matching.peers import explain_peers, in_order
from matching.services.review import BrokenRules, hold_for_decision, refuse_own
from participants.models import Enrolment


@transaction.atomic
def exchange_peers(
    *, proposal: Proposal, keeps: Enrolment, partner: Enrolment, actor: User, now: datetime
) -> list[Proposal]:
    """Pair one of two peers with somebody else, and lock what comes of it.

    Where the new partner is in a pair, those whom both leave behind become a pair too; else the
    other of the two waits again. Returns the new pairs.

    Raises:
        BrokenRules: a rule stands in the way of a new pair.
        Conflict: the other pair is locked, or somebody else decided meanwhile.
        DomainError: they are not two pairs, or a pair and somebody who waits, of one draft.
    Effects: the old pairs rejected, the new ones locked, one audit row each.
    """
    run = hold_for_decision(proposal.run_id)
    left = _other_of(proposal, keeps)
    pair = pair_with(run.pk, partner)
    if left is None or partner.pk in (keeps.pk, left.pk) or partner.cohort_id != run.cohort_id:
        raise DomainError(_("Choose somebody else of this draft."), code="pair")
    rest = _other_of(pair, partner) if pair else None
    refuse_own(actor, keeps, left, partner, *((rest,) if rest else ()))
    _give_up(proposal, LIVE, actor)
    if pair is not None:
        _give_up(pair, (ProposalState.PROPOSED,), actor)
    wanted = [(keeps, partner), *(((left, rest),) if rest else ())]
    explained = explain_peers(Draft(run), [(one.pk, other.pk) for one, other in wanted])
    if broken := tuple(dict.fromkeys(rule for one in explained for rule in one.broken)):
        raise BrokenRules(broken)
    try:
        with transaction.atomic():
            made = [
                _make(run, one.mentee_id, one.mentor_id, one.score, one.contributions, actor)
                for one in explained
            ]
    except IntegrityError as error:
        raise Conflict(_("Somebody else decided about one of these pairs just now.")) from error
    Unmatched.objects.filter(run=run, enrolment__in=[one for two in wanted for one in two]).delete()
    for new in made:
        record(
            actor=actor,
            action="proposal.swapped",
            about=new,
            now=now,
            program_id=run.cohort.program_id,
            detail={"run": run.pk, "from": proposal.pk},
        )
    return made


def _other_of(pair: Proposal, person: Enrolment) -> Enrolment | None:
    """Return with whom somebody is in a pair; None when they are not in it."""
    if person.pk == pair.mentee_id:
        return pair.mentor
    return pair.mentee if person.pk == pair.mentor_id else None


def _give_up(pair: Proposal, states: tuple[str, ...], actor: User) -> None:
    rows = Proposal.objects.filter(pk=pair.pk, state__in=states)
    if not rows.update(state=ProposalState.REJECTED, decided_by=actor):
        raise Conflict(_("Somebody else decided about one of these pairs just now."))


def _make(
    run: PairingRun, one: int, other: int, score: int, contributions: list, actor: User
) -> Proposal:
    first, second = in_order(one, other)
    made: Proposal = Proposal.objects.create(
        run=run,
        mentee_id=first,
        mentor_id=second,
        state=ProposalState.LOCKED,
        score=score,
        contributions=contributions,
        is_manual=True,
        is_of_peers=True,
        decided_by=actor,
    )
    return made
