"""What people from outside agree to keep to themselves, word by word."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from programs.models import Program


class ConfidentialityText(models.Model):
    """The exact words of a program that somebody agreed to; changed words are a new version."""

    program = models.ForeignKey(
        Program, on_delete=models.CASCADE, related_name="confidentiality_texts"
    )
    version = models.PositiveSmallIntegerField()
    text = models.TextField()
    digest = models.CharField(max_length=64)
    first_used_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("program", "version"), name="confidentiality_version_once"
            ),
            models.UniqueConstraint(fields=("program", "digest"), name="confidentiality_text_once"),
        )

    def __str__(self) -> str:
        return f"{self.program_id}, {self.version}"


class Confidentiality(models.Model):
    """Who from outside agreed to which words, and when."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="confidentialities"
    )
    text = models.ForeignKey(ConfidentialityText, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("agreement to confidentiality")
        verbose_name_plural = _("agreements to confidentiality")
        constraints = (
            models.UniqueConstraint(fields=("user", "text"), name="confidentiality_once"),
        )

    def __str__(self) -> str:
        return f"{self.user_id}: {self.text_id}"
