"""Rows about people from outside: what they need, and what a program takes."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from accounts.services.externals import LONGEST
from participants.externals import usual_until
from participants.importing.known import Person, RowProblem
from participants.importing.rows import PlannedRow
from programs.models import Cohort


def plan_external(row: PlannedRow, person: Person | None, *, cohort: Cohort, role: str) -> bool:
    """Plan what a row says of somebody from outside; tell whether the person is.

    Whoever has an account stays what they are: the row prolongs nothing.

    Raises:
        RowProblem: the program takes nobody from outside in this role, the organisation is missing
            or told of somebody inside, the day has passed, or the account is of somebody inside.
    """
    values = row.parsed.values
    says = values.get("external")
    if person is None:
        is_external = bool(says)
    else:
        is_external = bool(person.user["is_external"])
        if says and not is_external:
            raise RowProblem("external_inside", "external")
    if not is_external:
        _check_nothing_told(values)
        return False
    if not cohort.program.takes_externals_as(role):
        raise RowProblem("external_not_taken", "external")
    if person is None:
        _plan_account(row, values, cohort)
    return True


def _check_nothing_told(values: dict[str, Any]) -> None:
    for target in ("organisation", "works_until"):
        if target in values:
            raise RowProblem("external_unsaid", target)


def _plan_account(row: PlannedRow, values: dict[str, Any], cohort: Cohort) -> None:
    if "organisation" not in values:
        raise RowProblem("external_without", "organisation")
    told = values.get("works_until")
    until = date.fromisoformat(told) if told else usual_until(cohort)
    today = timezone.now().date()
    if not today <= until <= today + LONGEST:
        raise RowProblem("external_day", "works_until", value=until.isoformat())
    row.change("user", "is_external", False, True)
    row.change("user", "organisation", "", values["organisation"])
    row.change("user", "works_until", None, until.isoformat())
