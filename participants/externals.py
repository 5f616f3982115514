"""People from outside: where a program takes them, and until when their accounts should work."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import DomainError
from programs.models import Cohort

AFTER_THE_END = timedelta(days=30)


def usual_until(cohort: Cohort) -> date:
    """Return until when the account of somebody from outside works unless said otherwise."""
    return cohort.ends_on + AFTER_THE_END


def check_taken(cohort: Cohort, role: str, person: User) -> None:
    """Raise ``DomainError`` when the person is from outside and the program takes none as that."""
    if person.is_external and not cohort.program.takes_externals_as(role):
        raise DomainError(
            _(
                "%(person)s is from outside, and this program takes nobody from outside in this "
                "role. Its settings say who may be."
            )
            % {"person": person},
            code="external",
        )
