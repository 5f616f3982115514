"""What a cohort still needs before its next step.

This app owns the registry; upper apps register their checks in ``AppConfig.ready()``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.functional import Promise

from programs.models import Cohort, CohortStatus


@dataclass(frozen=True)
class Finding:
    """One line of the checklist. ``is_met`` is false while something is missing.

    ``is_required`` findings stop the step; the others are advice. ``url`` leads to where it is
    done.
    """

    label: str | Promise
    is_met: bool
    remedy: str | Promise = ""
    url: str = ""
    is_required: bool = True


Check = Callable[[Cohort], Iterable[Finding]]
_checks: dict[str, list[Check]] = {}


def register(target: CohortStatus, check: Check) -> None:
    """Have ``check`` asked before a cohort moves to ``target``."""
    checks = _checks.setdefault(target, [])
    if check not in checks:
        checks.append(check)


def findings(cohort: Cohort, target: str) -> list[Finding]:
    """Return the checklist for moving this cohort to ``target``, what is missing first."""
    found = [finding for check in _checks.get(target, ()) for finding in check(cohort)]
    return sorted(found, key=lambda finding: (finding.is_met, not finding.is_required))
