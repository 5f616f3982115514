"""Who may read which row of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models

from accounts.access import (
    IT,
    MANAGER,
    OWNER,
    has_organisation_role,
    has_role,
    program_ids_of,
)

if TYPE_CHECKING:
    from accounts.models import User

MANAGING = (OWNER, MANAGER)


class MessageQuerySet(models.QuerySet[Any]):
    def managed_by(self, user: User) -> Self:
        """Rows of managed programs; IT also sees rows that belong to no program."""
        if user.is_superuser or has_role(user, IT):
            return self
        if has_organisation_role(user, MANAGING):
            return self.filter(program_id__isnull=False)
        return self.filter(program_id__in=program_ids_of(user, MANAGING))
