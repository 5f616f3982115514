"""Check-ins: a short question to one person about one match."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from feedback.querysets import CheckInQuerySet
from matching.models import Match


class CheckInStatus(models.TextChoices):
    OPEN = "open", _("Open")
    ANSWERED = "answered", _("Answered")
    SKIPPED = "skipped", _("Skipped")


class CheckInAnswer(models.TextChoices):
    MET = "met", _("We met")
    NOT_YET = "not_yet", _("Not yet")
    HELP = "help", _("I need help")


class CheckIn(models.Model):
    """Asked once per rhythm; the answer is for the person and their program managers."""

    match = models.ForeignKey(
        Match, on_delete=models.CASCADE, related_name="check_ins", verbose_name=_("match")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="check_ins",
        verbose_name=_("person"),
    )
    due_on = models.DateField(_("due"), help_text=_("The last day of the rhythm it asks about."))
    status = models.CharField(
        _("status"), max_length=8, choices=CheckInStatus, default=CheckInStatus.OPEN
    )
    answer = models.CharField(_("answer"), max_length=8, choices=CheckInAnswer, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    skipped_because = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(editable=False)

    objects = CheckInQuerySet.as_manager()

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        ordering = ("-due_on", "-id")
        constraints = (
            models.UniqueConstraint(fields=("match", "user", "due_on"), name="check_in_once"),
            models.CheckConstraint(
                condition=Q(status="answered", answered_at__isnull=False) & ~Q(answer="")
                | ~Q(status="answered") & Q(answer="", answered_at__isnull=True),
                name="check_in_answer_fits_status",
            ),
        )
        indexes = (
            models.Index(
                fields=("match", "due_on"),
                include=("answer",),
                condition=Q(answer__in=("help", "not_yet")),
                name="check_in_telling",
            ),
            models.Index(fields=("user", "status"), name="check_in_by_user"),
            models.Index(
                fields=("match", "due_on"), condition=Q(answer="help"), name="check_in_for_help"
            ),
        )

    def __str__(self) -> str:
        return f"{self.match_id}, {self.due_on}"
