"""What became of a program's screening steps, person by person. No document is ever kept."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField
from programs.models import ScreeningStep

MOST_REFEREES = 2

models.BinaryField.register_lookup(Length)


class StepOutcome(models.TextChoices):
    PASSED = "passed", _("Passed")
    FAILED = "failed", _("Not passed")
    WAIVED = "waived", _("Not needed")


class ScreeningResult(models.Model):
    """The outcome of one step for one person, in every cohort of the program; none means open."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="screening_results"
    )
    step = models.ForeignKey(ScreeningStep, on_delete=models.PROTECT, related_name="results")
    state = models.CharField(max_length=6, choices=StepOutcome)
    edition = models.PositiveIntegerField(default=1)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField()
    checked_on = models.DateField(null=True)
    holds_until = models.DateField(null=True)
    reason = EncryptedTextField()

    class Meta:
        verbose_name = _("outcome of a screening step")
        verbose_name_plural = _("outcomes of screening steps")
        constraints = (
            models.UniqueConstraint(fields=("user", "step"), name="screening_result_once"),
            models.CheckConstraint(
                condition=Q(state__in=StepOutcome.values), name="screening_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="passed") | Q(reason__length__gt=0),
                name="screening_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(holds_until__isnull=True) | Q(holds_until__gte=F("checked_on")),
                name="screening_days_in_order",
            ),
        )
        indexes = (
            models.Index(
                fields=("holds_until",),
                condition=Q(holds_until__isnull=False),
                name="screening_runs_out",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id}: {self.get_state_display()}"


class Referee(models.Model):
    """Whom a person names for a reference: sealed, and gone once the step is decided."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="referees"
    )
    step = models.ForeignKey(ScreeningStep, on_delete=models.CASCADE, related_name="referees")
    position = models.PositiveSmallIntegerField()
    name = EncryptedTextField()
    email = EncryptedTextField()
    named_at = models.DateTimeField()

    class Meta:
        verbose_name = _("referee")
        verbose_name_plural = _("referees")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=("user", "step", "position"), name="referee_once"),
            models.CheckConstraint(
                condition=Q(position__gte=1, position__lte=MOST_REFEREES), name="referee_one_or_two"
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)
