"""Who may reach which meeting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models

from matching.models import Match

if TYPE_CHECKING:
    from accounts.models import User


class MeetingQuerySet(models.QuerySet[Any]):
    def of(self, user: User) -> Self:
        """Meetings of matches that this person is a member of."""
        return self.filter(match__in=Match.objects.of(user))

    def managed_by(self, user: User) -> Self:
        """Meetings of matches whose manager this person is: date and minutes, never the words."""
        return self.filter(match__in=Match.objects.managed_by(user))

    def held(self) -> Self:
        return self.filter(status="held")
