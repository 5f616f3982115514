"""Who may read which row of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Q

from accounts.access import (
    IT,
    MANAGER,
    OWNER,
    discreet_program_ids,
    has_organisation_role,
    has_role,
    program_ids_of,
)

if TYPE_CHECKING:
    from accounts.models import User

MANAGING = (OWNER, MANAGER)


class MessageQuerySet(models.QuerySet[Any]):
    def managed_by(self, user: User) -> Self:
        """Rows of managed programs, but for mail to others about one's own matches.

        IT sees all but what discreet programs send, which would tell who is in them.
        """
        if user.is_superuser:
            return self
        if has_role(user, IT):
            return self.exclude(program_id__in=discreet_program_ids())
        members = apps.get_model("matching", "MatchMember").objects
        own = members.filter(user=user).values("match")
        partners = members.filter(match__in=own).exclude(user=user).values("user")
        rows = self.exclude(Q(match_id__in=own) & ~Q(recipient=user)).exclude(
            kind__startswith="feedback.", recipient__in=partners
        )
        if has_organisation_role(user, MANAGING):
            return rows.filter(program_id__isnull=False)
        return rows.filter(program_id__in=program_ids_of(user, MANAGING))
