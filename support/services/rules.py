"""Change what a signal means in one cohort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import DomainError
from programs.models import Cohort
from support.models import Effect, HealthRule
from support.signals import SIGNALS


@dataclass(frozen=True)
class Wish:
    """What a signal shall mean, and from which number on."""

    effect: Effect
    number: Decimal | None = None


@transaction.atomic
def set_rules(
    *, cohort: Cohort, wishes: Mapping[str, Wish], actor: User, now: datetime
) -> list[str]:
    """Store what differs from the default, and return the names of the signals that changed.

    Raises:
        DomainError: an unknown signal, or a number where one is needed and missing or below 0.5.
    """
    rows = {
        rule.signal: rule for rule in HealthRule.objects.select_for_update().filter(cohort=cohort)
    }
    changed = [name for name, wish in wishes.items() if _set(cohort, rows, name, wish)]
    if changed:
        record(
            actor=actor,
            action="cohort.health_rules_changed",
            about=cohort,
            now=now,
            program_id=cohort.program_id,
            detail={"signals": sorted(changed)},
        )
    return changed


def _set(cohort: Cohort, rows: Mapping[str, HealthRule], name: str, wish: Wish) -> bool:
    signal = SIGNALS.get(name)
    if signal is None:
        raise DomainError(_("There is no such signal."))
    number = wish.number if signal.number is not None else None
    if signal.number is not None and (number is None or number < Decimal("0.5")):
        raise DomainError(_("“%(signal)s” needs a number from 0.5.") % {"signal": signal.label})
    row = rows.get(name)
    if wish.effect == signal.effect and number == signal.number:
        if row is None:
            return False
        row.delete()
        return True
    if row is not None and (row.effect, row.number) == (wish.effect, number):
        return False
    HealthRule.objects.update_or_create(
        cohort=cohort, signal=name, defaults={"effect": wish.effect, "number": number}
    )
    return True


@transaction.atomic
def reset_rules(*, cohort: Cohort, actor: User, now: datetime) -> bool:
    """Go back to the defaults; return whether anything differed from them."""
    count, _by_model = HealthRule.objects.filter(cohort=cohort).delete()
    if count:
        record(
            actor=actor,
            action="cohort.health_rules_reset",
            about=cohort,
            now=now,
            program_id=cohort.program_id,
            detail={"rules": count},
        )
    return bool(count)
