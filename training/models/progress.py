"""How far each person is."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from participants.models import Enrolment
from training.models.modules import ModuleVersion, TrainingModule


class TrainingProgress(models.Model):
    """One person in one module: which version, how many pages, when finished, until when."""

    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.CASCADE, related_name="training", verbose_name=_("person")
    )
    module = models.ForeignKey(
        TrainingModule, on_delete=models.CASCADE, related_name="progress", verbose_name=_("module")
    )
    version = models.ForeignKey(
        ModuleVersion, on_delete=models.PROTECT, related_name="progress", verbose_name=_("version")
    )
    pages_read = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(_("begun"))
    completed_at = models.DateTimeField(_("finished"), null=True)
    first_completed_at = models.DateTimeField(null=True)
    expires_on = models.DateField(_("again from"), null=True)
    excused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("excused by"),
    )

    class Meta:
        verbose_name = _("progress in a module")
        verbose_name_plural = _("progress in modules")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("enrolment", "module"), name="training_once"),
            models.CheckConstraint(
                condition=Q(excused_by__isnull=True) | Q(completed_at__isnull=False),
                name="training_excused_is_done",
            ),
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(completed_at__isnull=False),
                name="training_expires_when_done",
            ),
        )

    def __str__(self) -> str:
        return f"{self.enrolment_id}: {self.module_id}"
