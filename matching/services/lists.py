"""The list of a run's pairs as a file, and the policy a cohort starts with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.spreadsheets import neutral
from matching.circle_listing import circle_cards, circles_for
from matching.effects import kinds_told
from matching.models import CriterionKind, PairingPolicy, PairingRun, PolicyCriterion, Proposal
from matching.reasons import SHORT
from matching.selectors import held_proposals, review_proposals
from matching.services.policy import ensure_policy
from programs.models import Cohort

HUNDREDTHS = 10_000
FEW = 3
STAND_INS = (
    (CriterionKind.FUNCTION, 20),
    (CriterionKind.LOCATION, 10),
    (CriterionKind.LANGUAGE, 10),
)


@transaction.atomic
def export_pairs(*, run: PairingRun, actor: User, now: datetime) -> list[list[str]]:
    """Return the pairs of a run as rows of a table, header first, without the actor's own.

    Effects: one audit row with the count.
    """
    rows = [_header(run), *(_circle_rows(run, actor) if run.is_of_circles else _rows(run, actor))]
    record(
        actor=actor,
        action="run.exported",
        about=run,
        now=now,
        program_id=run.cohort.program_id,
        detail={"rows": len(rows) - 1},
    )
    return rows


def _header(run: PairingRun) -> list[str]:
    people = (_("Mentee"), _("Mentee e-mail"), _("Mentor"), _("Mentor e-mail"))
    if run.is_of_peers:
        people = (_("Peer"), _("Peer e-mail"), _("Other peer"), _("Other peer e-mail"))
    circle = []
    if run.is_of_circles:
        circle = [_("Circle")]
        people = (_("Mentee"), _("Mentee e-mail"), _("Mentors"), _("E-mails of the mentors"))
    score = (_("Score of 100"), _("State"), _("Chosen by hand"))
    return [_("Proposal"), *circle, *people, *score]


def _rows(run: PairingRun, actor: User) -> Iterator[list[str]]:
    for found in (review_proposals(run, actor, sort="highest"), held_proposals(run, actor)):
        for pair in found:
            yield [
                str(pair.pk),
                *_person(pair.mentee.user),
                *_person(pair.mentor.user),
                *_standing(pair),
            ]


def _circle_rows(run: PairingRun, actor: User) -> Iterator[list[str]]:
    """Yield a row for each seat, circle by circle."""
    for card in circle_cards(circles_for(run, actor), run):
        mentors = [_person(mentor.user) for mentor in card.mentors]
        for seat in card.seats:
            yield [
                str(seat.proposal.pk),
                str(card.circle.number),
                *_person(seat.proposal.mentee.user),
                *("; ".join(column) for column in zip(*mentors, strict=True)),
                *_standing(seat.proposal),
            ]


def _person(user: User) -> tuple[str, str]:
    return neutral(str(user)), neutral(user.email)


def _standing(pair: Proposal) -> tuple[str, str, str]:
    return f"{pair.score / HUNDREDTHS:.1f}", pair.state, "1" if pair.is_manual else "0"


@transaction.atomic
def suggest_policy(*, cohort: Cohort, actor: User, now: datetime) -> list[str]:
    """Give a cohort without a policy the usual one, fitted to what its people have told.

    Criteria about which hardly anybody said anything would only lower every score, so they are left
    out; where few of the usual ones remain, field, place and language join, if told. Returns the
    labels of what was left out. Effects: its rows, one audit row when made.
    """
    if PairingPolicy.objects.filter(cohort=cohort).exists():
        return []
    policy = ensure_policy(cohort=cohort)
    left_out = _fit_to_people(policy)
    record(
        actor=actor,
        action="pairingpolicy.created",
        about=policy,
        now=now,
        program_id=cohort.program_id,
        detail={"suggested": True, "left_out": left_out},
    )
    return [str(SHORT[kind]) for kind in left_out]


def _fit_to_people(policy: PairingPolicy) -> list[str]:
    usual = [str(kind) for kind in policy.criteria.values_list("kind", flat=True)]
    told = kinds_told(policy.cohort, [*usual, *(str(kind) for kind, _weight in STAND_INS)])
    if not told:
        return []
    left_out = [kind for kind in usual if kind not in told]
    policy.criteria.filter(kind__in=left_out).delete()
    if len(usual) - len(left_out) < FEW:
        PolicyCriterion.objects.bulk_create(
            PolicyCriterion(policy=policy, kind=kind, weight=weight)
            for kind, weight in STAND_INS
            if kind in told
        )
    return left_out
