"""The pulse: four scales, asked on day 30 of a person's first match and every 60 days after it.

The questions are the same everywhere and for good, so that answers can be compared over time and
between cohorts. Nobody but their author ever sees single answers.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField
from feedback.querysets import PulseQuerySet
from participants.models import Enrolment

LOWEST, HIGHEST = 1, 5


class PulseStatus(models.TextChoices):
    OPEN = "open", _("Open")
    ANSWERED = "answered", _("Answered")
    LAPSED = "lapsed", _("Not answered in time")


SCALES: dict[str, Any] = {
    "confidence": _("I trust myself to take the next step in my work."),
    "belonging": _("I feel that I belong here."),
    "energy": _("I have the energy that my work needs."),
    "worth": _("The mentoring is worth the time I give it."),
}


def _scale(label: Any) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(
        label, null=True, validators=(MinValueValidator(LOWEST), MaxValueValidator(HIGHEST))
    )


class Pulse(models.Model):
    """Asked of one person in one cohort; managers see averages of five and more people."""

    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.CASCADE, related_name="pulses", verbose_name=_("person")
    )
    number = models.PositiveSmallIntegerField(_("which"))
    asked_on = models.DateField(_("asked"))
    status = models.CharField(
        _("status"), max_length=8, choices=PulseStatus, default=PulseStatus.OPEN
    )
    answered_at = models.DateTimeField(_("answered"), null=True)
    confidence = _scale(SCALES["confidence"])
    belonging = _scale(SCALES["belonging"])
    energy = _scale(SCALES["energy"])
    worth = _scale(SCALES["worth"])
    created_at = models.DateTimeField(editable=False)

    objects = PulseQuerySet.as_manager()

    class Meta:
        verbose_name = _("pulse")
        verbose_name_plural = _("pulses")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("enrolment", "number"), name="pulse_once"),
            models.CheckConstraint(
                condition=Q(status="answered", answered_at__isnull=False)
                | ~Q(status="answered") & Q(answered_at__isnull=True),
                name="pulse_answer_fits_status",
            ),
            models.CheckConstraint(
                condition=(Q(confidence__isnull=True) | Q(confidence__range=(LOWEST, HIGHEST)))
                & (Q(belonging__isnull=True) | Q(belonging__range=(LOWEST, HIGHEST)))
                & (Q(energy__isnull=True) | Q(energy__range=(LOWEST, HIGHEST)))
                & (Q(worth__isnull=True) | Q(worth__range=(LOWEST, HIGHEST))),
                name="pulse_scales_1_to_5",
            ),
        )
        indexes = (models.Index(fields=("enrolment", "status"), name="pulse_by_person"),)

    def __str__(self) -> str:
        return f"{self.enrolment_id}, {self.number}"


class PulseWords(models.Model):
    """What somebody adds. Managers read it only where the author lets their name stand with it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pulse = models.OneToOneField(Pulse, on_delete=models.CASCADE, related_name="words")
    text = EncryptedTextField(_("what you would like to add"))
    shows_name = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("words of a pulse")
        verbose_name_plural = _("words of pulses")

    def __str__(self) -> str:
        return str(self.pk)
