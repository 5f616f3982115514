"""Who of those who may has opened which answer, so that its author can see it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from feedback.models.check_ins import CheckIn
from feedback.models.fit import FitQuestion


class AnswerReading(models.Model):
    """Somebody had an answer on their screen, last at this moment."""

    check_in = models.ForeignKey(
        CheckIn, on_delete=models.CASCADE, null=True, related_name="readings"
    )
    fit = models.ForeignKey(
        FitQuestion, on_delete=models.CASCADE, null=True, related_name="readings"
    )
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    read_at = models.DateTimeField()

    class Meta:
        verbose_name = _("reading of an answer")
        verbose_name_plural = _("readings of answers")
        constraints = (
            models.UniqueConstraint(fields=("check_in", "reader"), name="check_in_reading_once"),
            models.UniqueConstraint(fields=("fit", "reader"), name="fit_reading_once"),
            models.CheckConstraint(
                condition=Q(check_in__isnull=False, fit__isnull=True)
                | Q(check_in__isnull=True, fit__isnull=False),
                name="reading_of_one_answer",
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)
