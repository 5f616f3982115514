"""Turn proposals into matches, each once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.clock import local_day
from core.errors import Conflict, DomainError
from core.jobs import JobStatus
from core.progress import Report, quiet
from matching import refusals
from matching.models import (
    LIVE,
    MatchStatus,
    OverridableRule,
    PairingRun,
    Proposal,
    ProposalState,
)
from matching.publishing import Group, Pair, live_groups
from matching.reasons import EXCEPTION
from matching.services.runs import CAN_PAIR
from notifications.services import NewMessage, queue_messages
from participants.models import Enrolment

PAIRS_A_BATCH = 1_000
MESSAGE_KIND = "matching.matched"

# Where a manager let two past the rule, nobody is told that no reporting line connects them.
MARK = {"kind": EXCEPTION, "code": OverridableRule.REPORTING_LINE.value, "facts": {}}
MAKE_MATCHES = """
    INSERT INTO matching_match
        (cohort_id, proposal_id, status, started_on, end_reason, score, contributions, created_at)
    SELECT %(cohort)s, p.id, %(status)s, %(started_on)s, '', p.score,
           CASE WHEN EXISTS (
               SELECT 1 FROM matching_ruleoverride o
               WHERE o.mentor_id = p.mentor_id AND o.mentee_id = p.mentee_id AND o.rule = %(rule)s
           ) THEN p.contributions || %(mark)s::jsonb ELSE p.contributions END, %(now)s
    FROM matching_proposal p WHERE p.id = ANY (%(proposals)s) ORDER BY p.id
    RETURNING proposal_id, id
"""
MAKE_MEMBERS = """
    INSERT INTO matching_matchmember (match_id, enrolment_id, user_id, role, joined_at)
    SELECT made.id, e.id, e.user_id, e.role, %(now)s
    FROM matching_match made
    JOIN matching_proposal p ON p.id = made.proposal_id
    JOIN participants_enrolment e ON e.id IN (p.mentor_id, p.mentee_id)
    WHERE p.id = ANY (%(proposals)s) AND p.circle_id IS NULL ORDER BY p.id, e.role DESC
"""
# A circle's match hangs on the proposal of its first seat; each reason names whose seat it is.
MAKE_CIRCLES = """
    INSERT INTO matching_matchmember (match_id, enrolment_id, user_id, role, joined_at)
    SELECT made.id, e.id, e.user_id, e.role, %(now)s
    FROM matching_match made
    JOIN matching_proposal p ON p.id = made.proposal_id
    JOIN participants_enrolment e ON e.id IN (
        SELECT l.enrolment_id FROM matching_circlementor l WHERE l.circle_id = p.circle_id
        UNION ALL
        SELECT s.mentee_id FROM matching_proposal s
        WHERE s.circle_id = p.circle_id AND s.state <> 'rejected'
    )
    WHERE p.id = ANY (%(proposals)s) AND p.circle_id IS NOT NULL ORDER BY p.id, e.role DESC, e.id
"""
SCORE_CIRCLES = """
    UPDATE matching_match made SET score = seats.score, contributions = seats.contributions
    FROM matching_proposal p CROSS JOIN LATERAL (
        SELECT avg(s.score)::int AS score, (
            SELECT coalesce(jsonb_agg(part || jsonb_build_object('seat', e.user_id)
                                      ORDER BY t.id, place), '[]')
            FROM matching_proposal t
            JOIN participants_enrolment e ON e.id = t.mentee_id
            CROSS JOIN LATERAL jsonb_array_elements(t.contributions)
                WITH ORDINALITY AS told(part, place)
            WHERE t.circle_id = p.circle_id AND t.state <> 'rejected'
        ) AS contributions
        FROM matching_proposal s
        WHERE s.circle_id = p.circle_id AND s.state <> 'rejected'
    ) seats
    WHERE p.id = made.proposal_id AND p.id = ANY (%(proposals)s) AND p.circle_id IS NOT NULL
"""


@dataclass(frozen=True)
class LeftOut:
    """A pair that could not be published, and why."""

    proposal: Proposal
    code: str

    @property
    def sentence(self) -> str:
        return refusals.sentence_of(self.code)


@dataclass
class Published:
    """What came of publishing: matches made, pairs left out, pairs kept for another manager."""

    count: int = 0
    left_out: list[LeftOut] = field(default_factory=list)
    kept: int = 0

    @property
    def as_result(self) -> dict[str, Any]:
        """Return the outcome as a publication keeps it."""
        return {
            "matches": self.count,
            "kept": self.kept,
            "left_out": [[row.proposal.pk, row.code] for row in self.left_out],
        }


@transaction.atomic
def publish_run(
    *, run: PairingRun, actor: User, now: datetime, report: Report = quiet
) -> Published:
    """Make a match of each pair of the draft, and queue one message to each of its people.

    A pair of whom one has left, or that the database refuses meanwhile (a manager changed, a seat
    was taken), is left out and reported; the others go ahead. Pairs that concern the actor stay for
    another manager. ``report`` hears of each batch and may raise to undo everything.

    Raises:
        Conflict: somebody published this run already, or it has no result.
        DomainError: there is nothing to publish, or the cohort is not being paired.
    Effects: matches, members, messages, one audit row, all in one transaction; locks the run.
    """
    held = hold_draft(run.pk)
    pairs = live_groups(held)
    todo = [pair for pair in pairs if actor.pk not in pair.user_ids]
    if not todo:
        raise DomainError(_("There is no pair to publish."), code="nothing")
    refused: dict[int, str] = {}
    made = _make_all(_leave_out_who_left(todo, refused), held, now, refused, report)
    outcome = Published(len(made), _left_out(refused), len(pairs) - len(todo))
    held.published_at, held.published_by = now, actor
    if not outcome.kept:
        held.save(update_fields=("published_at", "published_by"))
    record(
        actor=actor,
        action="run.published",
        about=held,
        now=now,
        program_id=held.cohort.program_id,
        detail={
            "matches": outcome.count,
            "left_out": len(outcome.left_out),
            "kept": outcome.kept,
        },
    )
    return outcome


def hold_draft(run_id: int) -> PairingRun:
    """Lock a run whose pairs may be published, or refuse. Rows that name it may still be added."""
    run: PairingRun = (
        PairingRun.objects.select_for_update(of=("self",), no_key=True)
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


def _leave_out_who_left(pairs: list[Pair | Group], refused: dict[int, str]) -> list[Pair | Group]:
    """Note pairs of whom one has paused or left since; return the others, people locked."""
    ids = {pk for pair in pairs for pk in pair.enrolment_ids}
    here = set(
        Enrolment.objects.in_pool()
        .filter(pk__in=ids)
        .select_for_update(of=("self",))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    gone = [pair for pair in pairs if not here.issuperset(pair.enrolment_ids)]
    refused.update((pair.proposal_id, refusals.GONE) for pair in gone)
    return [pair for pair in pairs if pair.proposal_id not in refused]


def _make_all(
    pairs: Sequence[Pair | Group],
    run: PairingRun,
    now: datetime,
    refused: dict[int, str],
    report: Report,
) -> dict[int, int]:
    """Make matches, and queue their messages; return each match by its proposal."""
    made: dict[int, int] = {}
    for at in range(0, len(pairs), PAIRS_A_BATCH):
        report("publishing", at, len(pairs))
        made |= _make_batch(pairs[at : at + PAIRS_A_BATCH], run, now, refused)
    for at in range(0, len(pairs), PAIRS_A_BATCH):
        report("announcing", at, len(pairs))
        _announce(pairs[at : at + PAIRS_A_BATCH], made, run, now)
    return made


def _announce(
    pairs: Sequence[Pair | Group], made: Mapping[int, int], run: PairingRun, now: datetime
) -> None:
    """Queue one message to each person of the pairs that became matches."""
    queue_messages(
        rows=[
            NewMessage(
                kind=MESSAGE_KIND,
                recipient_id=user_id,
                object_id=made[pair.proposal_id],
                program_id=run.cohort.program_id,
                cohort_id=run.cohort_id,
                match_id=made[pair.proposal_id],
            )
            for pair in pairs
            if pair.proposal_id in made
            for user_id in pair.user_ids
        ],
        now=now,
    )


def _make_batch(
    pairs: Sequence[Pair | Group], run: PairingRun, now: datetime, refused: dict[int, str]
) -> dict[int, int]:
    """Make many matches at once; where the database refuses one of them, try the halves."""
    try:
        with transaction.atomic():
            return _make_matches([pair.proposal_id for pair in pairs], run, now)
    except DatabaseError as error:
        if len(pairs) == 1:
            refused[pairs[0].proposal_id] = refusals.explain(error).code
            return {}
    middle = len(pairs) // 2
    return {
        **_make_batch(pairs[:middle], run, now, refused),
        **_make_batch(pairs[middle:], run, now, refused),
    }


def _make_matches(proposal_ids: list[int], run: PairingRun, now: datetime) -> dict[int, int]:
    """Copy proposals into matches with their members, inside the database."""
    params: dict[str, Any] = {
        "proposals": proposal_ids,
        "cohort": run.cohort_id,
        "status": MatchStatus.ACTIVE.value,
        "started_on": local_day(now, "UTC"),
        "rule": OverridableRule.REPORTING_LINE.value,
        "mark": json.dumps([{**MARK, "points": 0, "of": 0}]),
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(MAKE_MATCHES, params)
        made = dict(cursor.fetchall())
        cursor.execute(MAKE_MEMBERS, params)
        cursor.execute(MAKE_CIRCLES, params)
        cursor.execute(SCORE_CIRCLES, params)
    seats = Q(pk__in=proposal_ids) | Q(circle__seats__in=proposal_ids, state__in=LIVE)
    published = Proposal.objects.filter(run=run).filter(seats).values("pk")
    Proposal.objects.filter(pk__in=published).update(state=ProposalState.PUBLISHED)
    return made


def _left_out(refused: dict[int, str]) -> list[LeftOut]:
    proposals = Proposal.objects.filter(pk__in=refused).order_by("pk")
    return [LeftOut(proposal, refused[proposal.pk]) for proposal in proposals]
