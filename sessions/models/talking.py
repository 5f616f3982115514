"""What a meeting is about, and what somebody has begun to write about it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField
from matching.models import Match
from sessions.models.meetings import Meeting


class AgendaItem(models.Model):
    """One line of a meeting's agenda, by anybody of the match."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="agenda_items")
    text = EncryptedTextField(_("what to talk about"))
    position = models.PositiveSmallIntegerField(default=0)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(editable=False)
    done_at = models.DateTimeField(_("talked about"), null=True, blank=True)

    class Meta:
        verbose_name = _("agenda item")
        verbose_name_plural = _("agenda items")
        ordering = ("position", "created_at")

    def __str__(self) -> str:
        return str(self.pk)


class LogDraft(models.Model):
    """What one person has typed into the log form so far, sealed, until they save it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="log_drafts")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    content = EncryptedTextField(_("what was typed"))
    saved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("draft of a log")
        verbose_name_plural = _("drafts of logs")
        constraints = (models.UniqueConstraint(fields=("match", "author"), name="log_draft_once"),)

    def __str__(self) -> str:
        return str(self.pk)
