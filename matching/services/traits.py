"""Traits by consent: agreed to and taken back, and carried to the pairing without being shown."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import DomainError
from core.jobs import JobStatus
from matching.models import (
    CriterionKind,
    FrozenTraits,
    PairingRun,
    PairingTrait,
    PolicyCriterion,
    Scenario,
    TraitConsent,
)
from participants.models import Enrolment
from programs.models import Cohort

Traits = dict[int, dict[str, str]]
"""Choices by key, for each enrolment that agreed to something."""


def counted_traits(cohort: Cohort | OuterRef) -> QuerySet[PairingTrait]:
    """Return the traits that the cohort's policy weighs now; nothing else is asked or compared."""
    named = PolicyCriterion.objects.filter(
        policy=OuterRef("policy"), kind=CriterionKind.TRAIT, question_key=OuterRef("key")
    )
    return PairingTrait.objects.filter(Exists(named), policy__cohort=cohort)


def traits_for(enrolment: Enrolment) -> QuerySet[PairingTrait]:
    """Return what somebody is asked, and what they agreed to before: it can always be taken back.

    None where nothing is to be asked.
    """
    agreed = PairingTrait.objects.filter(consents__enrolment=enrolment)
    return (counted_traits(enrolment.cohort) | agreed).distinct().order_by("pk")


def asks_traits() -> Q:
    """Return an expression on enrolments: is there anything of :func:`traits_for`?"""
    agreed = PairingTrait.objects.filter(consents__enrolment=OuterRef("pk"))
    return Exists(counted_traits(OuterRef("cohort_id"))) | Exists(agreed)


@transaction.atomic
def save_traits(
    *, enrolment: Enrolment, actor: User, now: datetime, choices: Mapping[int, str], agrees: bool
) -> None:
    """Replace what somebody agreed to have compared; ``choices`` by trait, empty takes it back.

    What is taken back leaves the frozen pools of the cohort too, at once.

    Raises:
        DomainError: something is chosen without consent, or is no choice of its trait.
    Effects: the consents, frozen traits, an audit row with counts.
    """
    Enrolment.objects.select_for_update().only("pk").get(pk=enrolment.pk)
    asked = {trait.pk: trait for trait in traits_for(enrolment)}
    told = {pk: choice for pk, choice in choices.items() if choice and pk in asked}
    if told and not agrees:
        raise DomainError(_("Tick that you agree, or leave out what you chose."), code="consent")
    if any(choice not in asked[pk].choices for pk, choice in told.items()):
        raise DomainError(_("Choose one of the answers."), code="choice")
    before = TraitConsent.objects.filter(enrolment=enrolment)
    taken_back = before.exclude(trait__in=told).count()
    before.delete()
    TraitConsent.objects.bulk_create(
        TraitConsent(trait=asked[pk], enrolment=enrolment, choice=choice, agreed_at=now)
        for pk, choice in told.items()
    )
    if taken_back:
        forget_frozen({enrolment.pk}, keep={asked[pk].key for pk in told})
    record(
        actor=actor,
        action="traits.changed",
        about=enrolment,
        now=now,
        program_id=enrolment.cohort.program_id,
        detail={"agreed": len(told), "taken_back": taken_back},
    )


def freeze_traits(run: PairingRun) -> None:
    """Keep, sealed, what the people of the pool agreed to have compared under this policy."""
    rows = TraitConsent.objects.filter(
        trait__in=counted_traits(run.cohort), enrolment__in=run.cohort.enrolments.in_pool()
    ).select_related("trait")
    found: dict[str, dict[str, str]] = {}
    for row in rows.order_by("enrolment_id", "trait_id"):
        if row.choice in row.trait.choices:
            found.setdefault(str(row.enrolment_id), {})[row.trait.key] = row.choice
    FrozenTraits.objects.filter(run=run).delete()
    if found:
        FrozenTraits.objects.create(run=run, words=json.dumps(found))


def forget_frozen(enrolment_ids: Collection[int], *, keep: Collection[str] = ()) -> None:
    """Take what these people agreed to once out of every frozen pool, but for the keys kept.

    A row that changes is written anew, so that pools kept in memory are not used any longer.
    """
    cohorts = Enrolment.objects.filter(pk__in=enrolment_ids).values("cohort")
    for row in FrozenTraits.objects.filter(run__cohort__in=cohorts):
        told = json.loads(row.words)
        for pk in map(str, enrolment_ids):
            if pk in told:
                told[pk] = {key: choice for key, choice in told[pk].items() if key in keep}
        row.delete()
        FrozenTraits.objects.create(run_id=row.run_id, words=json.dumps(told))
        # Figures that still count what was taken back would tell by their difference whose it was.
        Scenario.objects.filter(run=row.run_id).exclude(name="").update(
            status=JobStatus.QUEUED, lease_until=None, attempt=0, finished_at=None, result={}
        )
