"""Who may reach which program: the first word of every read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from accounts.access import has_organisation_role, program_ids_of
from accounts.models import Role

if TYPE_CHECKING:
    from accounts.models import User

MANAGING = (Role.OWNER, Role.MANAGER)
REPORTING = (Role.OWNER, Role.MANAGER, Role.HR_ANALYST)


class _ByProgram(models.QuerySet[Any]):
    """Narrows by the programs in which a person holds one of the roles."""

    program_path = "pk"
    discreet_path = "is_discreet"

    def _in_programs(self, user: User, roles: tuple[str, ...]) -> Self:
        if user.is_superuser or has_organisation_role(user, roles):
            return self
        return self.filter(**{f"{self.program_path}__in": program_ids_of(user, roles)})

    def managed_by(self, user: User) -> Self:
        """Rows of programs that this person manages."""
        return self._in_programs(user, MANAGING)

    def reported_to(self, user: User) -> Self:
        """Rows of programs whose figures this person may see; discreet ones stay with managers."""
        rows = self._in_programs(user, REPORTING)
        if user.is_superuser or has_organisation_role(user, MANAGING):
            return rows
        managed = Q(**{f"{self.program_path}__in": program_ids_of(user, MANAGING)})
        return rows.filter(managed | Q(**{f"{self.discreet_path}": False}))


class ProgramQuerySet(_ByProgram):
    """Programs."""


class CohortQuerySet(_ByProgram):
    """Cohorts, by the program they belong to."""

    program_path = "program_id"
    discreet_path = "program__is_discreet"

    def telling_line_managers(self) -> Self:
        """Cohorts that tell or ask the line managers of mentees or mentors."""
        untold = "not_told"
        return self.exclude(mentee_line_manager=untold, mentor_line_manager=untold)
