"""Traits by consent carried to the pairing, without being shown."""

from __future__ import annotations

import json

from matching.models import FrozenTraits, PairingRun, TraitConsent
from matching.selectors import counted_traits


def freeze_traits(run: PairingRun) -> None:
    """Keep, sealed, what the people of the pool agreed to have compared under this policy.

    Whoever takes something back meanwhile waits, and then finds it here.
    """
    rows = TraitConsent.objects.filter(
        trait__in=counted_traits(run.cohort), enrolment__in=run.cohort.enrolments.in_pool()
    )
    rows = rows.select_related("trait").select_for_update(of=("self",))
    found: dict[str, dict[str, str]] = {}
    for row in rows.order_by("enrolment_id", "trait_id"):
        if row.choice in row.trait.choices:
            found.setdefault(str(row.enrolment_id), {})[row.trait.key] = row.choice
    FrozenTraits.objects.filter(run=run).delete()
    if found:
        FrozenTraits.objects.create(run=run, words=json.dumps(found))
