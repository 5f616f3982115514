"""People who leave: their matches rest the same day, and close a week later unless undone."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from programs.models import Program


class Leaver(models.Model):
    """Somebody leaves, everywhere or one program; why is asked and kept nowhere."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="leavings",
        verbose_name=_("person"),
    )
    program = models.ForeignKey(
        Program,
        on_delete=models.CASCADE,
        null=True,
        related_name="leavers",
        verbose_name=_("program"),
    )
    leaves_on = models.DateField(_("last day"))
    closes_on = models.DateField(_("matches close"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField(editable=False)
    rested_at = models.DateTimeField(_("matches rest since"), null=True)
    closed_at = models.DateTimeField(_("matches closed"), null=True)
    undone_at = models.DateTimeField(_("undone"), null=True)
    rested_matches = ArrayField(models.BigIntegerField(), default=list)
    rested_enrolments = ArrayField(models.BigIntegerField(), default=list)
    kept_programs = ArrayField(models.BigIntegerField(), default=list)
    """Of somebody who leaves everywhere: programs whose managers let them stay all the same."""

    class Meta:
        verbose_name = _("person who leaves")
        verbose_name_plural = _("people who leave")
        ordering = ("-leaves_on", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("person", "program"),
                condition=Q(undone_at__isnull=True, closed_at__isnull=True),
                nulls_distinct=False,
                name="leaver_open_once",
            ),
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("leaves_on")), name="leaver_days_in_order"
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | Q(closed_at__isnull=True),
                name="leaver_undone_or_closed",
            ),
            models.CheckConstraint(
                condition=Q(program__isnull=True) | Q(kept_programs=[]),
                name="leaver_kept_by_others_only",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id}: {self.leaves_on}"

    @property
    def is_open(self) -> bool:
        return self.undone_at is None and self.closed_at is None
