"""Traits by consent: agreed to and taken back, from frozen pools too."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import DomainError
from matching.models import FrozenTraits, PairingTrait, TraitConsent
from matching.selectors import traits_for
from matching.services.keeping import forget_figures
from participants.models import Enrolment


@transaction.atomic
def save_traits(
    *, enrolment: Enrolment, actor: User, now: datetime, choices: Mapping[int, str], agrees: bool
) -> None:
    """Replace what somebody agreed to have compared; ``choices`` by trait, empty takes it back.

    What is taken back, or chosen otherwise, leaves the frozen pools of the cohort too, at once.

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
    own = TraitConsent.objects.filter(enrolment=enrolment)
    # In the order of a run that freezes them, so that neither waits for the other.
    rows = own.select_for_update().order_by("trait_id")
    before = {row.trait_id: row.choice for row in rows}
    same = {pk for pk, choice in before.items() if told.get(pk) == choice}
    own.delete()
    TraitConsent.objects.bulk_create(
        TraitConsent(trait=asked[pk], enrolment=enrolment, choice=choice, agreed_at=now)
        for pk, choice in told.items()
    )
    if len(same) < len(before):
        forget_frozen({enrolment.pk}, keep={asked[pk].key for pk in same})
    record(
        actor=actor,
        action="traits.changed",
        about=enrolment,
        now=now,
        program_id=enrolment.cohort.program_id,
        detail={"agreed": len(told), "taken_back": len(before.keys() - told)},
    )


def forget_frozen(enrolment_ids: Collection[int], *, keep: Collection[str] = ()) -> None:
    """Take what these people agreed to once out of every frozen pool, but for the keys kept.

    Pools that hold nothing of it stay as they are.
    Effects: frozen traits; kept scenarios as :func:`forget_figures` does it.
    """
    people = set(map(str, enrolment_ids))
    cohorts = Enrolment.objects.filter(pk__in=enrolment_ids).values("cohort")
    _take_out(
        FrozenTraits.objects.filter(run__cohort__in=cohorts),
        lambda person, key: person in people and key not in keep,
    )


@transaction.atomic
def delete_trait(*, trait: PairingTrait) -> None:
    """Delete a trait, what people agreed to with it, and both in every frozen pool of its cohort.

    The admin records who did it. Effects as of :func:`forget_frozen`.
    """
    rows = FrozenTraits.objects.filter(run__cohort__policy=trait.policy_id)
    key = trait.key
    # In the order of a run that freezes them, so that neither waits for the other.
    list(trait.consents.select_for_update().order_by("enrolment_id").values_list("pk"))
    trait.delete()
    _take_out(rows, lambda _person, frozen: frozen == key)


@transaction.atomic
def _take_out(rows: QuerySet[FrozenTraits], is_gone: Callable[[str, str], bool]) -> None:
    for row in rows.select_for_update(of=("self",)).order_by("pk"):
        told: dict[str, dict[str, str]] = json.loads(row.words)
        left = {
            person: {key: choice for key, choice in own.items() if not is_gone(person, key)}
            for person, own in told.items()
        }
        if left == told:
            continue
        row.words = json.dumps(left)
        row.save(update_fields=["words"])
        forget_figures(run_id=row.run_id)
