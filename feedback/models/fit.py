"""The fit question: how it goes, asked after the first and the third meeting of a match."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField
from feedback.querysets import FitQuerySet
from matching.models import Match

UNASKED = 0
OCCASIONS = (UNASKED, 1, 3)
"""After which held meetings of a match its people are asked; 0 for what they say unasked."""


class FitStatus(models.TextChoices):
    OPEN = "open", _("Open")
    ANSWERED = "answered", _("Answered")
    LAPSED = "lapsed", _("Not answered in time")


class FitAnswer(models.TextChoices):
    GOOD = "good", _("A good fit")
    DECIDING = "deciding", _("Still deciding")
    NOT_GOOD = "not_good", _("Not a good fit")


class FitQuestion(models.Model):
    """Asked of each member in confidence; the answer is for them and their program managers.

    It comes after the first and the third meeting, or follows an answer of "still deciding"; and a
    person may say at any time, unasked, that it is not a good fit.
    """

    match = models.ForeignKey(
        Match, on_delete=models.CASCADE, related_name="fit_questions", verbose_name=_("match")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="fit_questions",
        verbose_name=_("person"),
    )
    after_meeting = models.PositiveSmallIntegerField(_("after meeting"), null=True)
    follows = models.OneToOneField(
        "self", on_delete=models.CASCADE, null=True, related_name="followed_by"
    )
    asked_on = models.DateField(_("asked"))
    status = models.CharField(_("status"), max_length=8, choices=FitStatus, default=FitStatus.OPEN)
    answer = models.CharField(_("answer"), max_length=8, choices=FitAnswer, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    created_at = models.DateTimeField(editable=False)

    objects = FitQuerySet.as_manager()

    class Meta:
        verbose_name = _("fit question")
        verbose_name_plural = _("fit questions")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("match", "user", "after_meeting"), name="fit_asked_once"
            ),
            models.UniqueConstraint(
                fields=("match", "user"), condition=Q(status="open"), name="fit_one_open"
            ),
            models.CheckConstraint(
                condition=Q(after_meeting__in=OCCASIONS, follows__isnull=True)
                | Q(after_meeting__isnull=True, follows__isnull=False),
                name="fit_has_one_occasion",
            ),
            models.CheckConstraint(
                condition=Q(status="answered", answered_at__isnull=False) & ~Q(answer="")
                | ~Q(status="answered") & Q(answer="", answered_at__isnull=True),
                name="fit_answer_fits_status",
            ),
        )
        indexes = (
            models.Index(fields=("match", "user"), name="fit_by_member"),
            models.Index(fields=("user", "status"), name="fit_by_user"),
            models.Index(fields=("match",), condition=Q(answer="not_good"), name="fit_not_good"),
        )

    def __str__(self) -> str:
        return f"{self.match_id}, {self.asked_on}"


class FitWords(models.Model):
    """What somebody adds to "not a good fit". They and the program managers read it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.OneToOneField(FitQuestion, on_delete=models.CASCADE, related_name="words")
    text = EncryptedTextField(_("why it does not fit"))
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("words about a fit")
        verbose_name_plural = _("words about fits")

    def __str__(self) -> str:
        return str(self.pk)
