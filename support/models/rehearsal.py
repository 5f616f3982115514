"""What would be sent to whom on which day, by the settings of the day it was computed."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField
from core.jobs import Job
from programs.models import Cohort


class Rehearsal(Job):
    """One look ahead. ``changes`` are settings tried in place of the cohort's own."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="rehearsals")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    weeks = models.PositiveSmallIntegerField(_("weeks ahead"))
    changes = models.JSONField(default=dict)
    starts_at = models.DateTimeField(null=True)
    reached_at = models.DateTimeField(null=True)
    compared_with = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, related_name="compared"
    )

    task_name = "support.run_rehearsal"

    class Meta:
        verbose_name = _("look ahead")
        verbose_name_plural = _("looks ahead")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(weeks__gte=1, weeks__lte=12), name="rehearsal_weeks_sensible"
            ),
        )

    def __str__(self) -> str:
        return f"{self.cohort_id}: {self.weeks}"


class RehearsedMail(models.Model):
    """One message of a look ahead. The text is sealed; signed links are cut out of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rehearsal = models.ForeignKey(Rehearsal, on_delete=models.CASCADE, related_name="mails")
    at = models.DateTimeField()
    day = models.DateField()
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    match_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=60)
    mail_id = models.CharField(max_length=200)
    takes_share = models.BooleanField(default=False)
    subject = models.CharField(max_length=300)
    text = EncryptedTextField()
    fingerprint = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("message of a look ahead")
        verbose_name_plural = _("messages of looks ahead")
        ordering = ("at", "id")
        indexes = (models.Index(fields=("rehearsal", "day"), name="rehearsed_by_day"),)

    def __str__(self) -> str:
        return f"{self.day}: {self.kind}"
