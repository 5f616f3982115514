"""Who stands in for a manager who is away."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from programs.models.programs import Program


class Cover(models.Model):
    """For some days one manager of a program is asked in place of another."""

    program = models.ForeignKey(
        Program, on_delete=models.CASCADE, related_name="covers", verbose_name=_("program")
    )
    away = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="absences",
        verbose_name=_("who is away"),
    )
    covered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="covers",
        verbose_name=_("who stands in"),
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))

    class Meta:
        verbose_name = _("cover")
        verbose_name_plural = _("covers")
        ordering = ("starts_on", "id")
        constraints = (
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="cover_in_order"),
            models.CheckConstraint(condition=~Q(away=F("covered_by")), name="cover_by_another"),
        )

    def __str__(self) -> str:
        return f"{self.away_id}: {self.covered_by_id}"
