"""Which modules are whose."""

from __future__ import annotations

from typing import Any, Self

from django.db import models

from programs.models import Audience


class TrainingModuleQuerySet(models.QuerySet[Any]):
    """Modules."""

    def offered(self) -> Self:
        """Modules that are in a library: put to use, and not withdrawn."""
        return self.filter(is_withdrawn=False, versions__is_current=True)

    def for_role(self, role: str) -> Self:
        return self.filter(audience__in=(role, Audience.BOTH))
