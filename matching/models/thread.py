"""What the people of a match write to each other. Sealed, and read by nobody else."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField
from matching.models.matches import Match
from matching.triggers import THREAD_TRIGGERS


class ThreadMessage(models.Model):
    """One message. What its author removed leaves its place and no words."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="thread")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = EncryptedTextField(_("message"))
    sent_at = models.DateTimeField(_("sent"))
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    class Meta:
        verbose_name = _("message in a match")
        verbose_name_plural = _("messages in matches")
        ordering = ("sent_at", "id")
        indexes = (models.Index(fields=("match", "sent_at", "id"), name="thread_in_order"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(text=b""), name="thread_removed_is_empty"
            ),
        )
        triggers = THREAD_TRIGGERS

    def __str__(self) -> str:
        return str(self.pk)


class ThreadRead(models.Model):
    """Until when somebody has read a match's messages."""

    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    read_until = models.DateTimeField()

    class Meta:
        verbose_name = _("reading of messages")
        verbose_name_plural = _("readings of messages")
        constraints = (models.UniqueConstraint(fields=("match", "user"), name="thread_read_once"),)

    def __str__(self) -> str:
        return f"{self.match_id}: {self.user_id}"


class ThreadMail(models.Model):
    """Somebody asked for the words of messages in their mail, for all of their matches."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="thread_mail"
    )
    asked_at = models.DateTimeField()

    class Meta:
        verbose_name = _("wish for words in mail")
        verbose_name_plural = _("wishes for words in mail")

    def __str__(self) -> str:
        return str(self.user_id)
