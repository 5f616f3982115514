"""The chat channel of a program, where its managers read their week in counts, and each post."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField
from programs.models import Program


class ChatChannel(models.Model):
    """An incoming webhook of Slack, Mattermost or Teams. Its address is a secret of the program."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    program = models.OneToOneField(
        Program, on_delete=models.CASCADE, related_name="chat_channel", verbose_name=_("program")
    )
    address = EncryptedTextField(_("address"), editable=False)
    host = models.CharField(_("server"), max_length=253, editable=False)
    language = models.CharField(_("language"), max_length=8, default="en")
    is_active = models.BooleanField(_("active"), default=True)
    fault = models.CharField(_("what the server said"), max_length=200, blank=True, editable=False)
    failed_at = models.DateTimeField(_("fails since"), null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("chat channel")
        verbose_name_plural = _("chat channels")
        ordering = ("program__name",)

    def __str__(self) -> str:
        return self.host

    @property
    def time_zone(self) -> str:
        """Return the zone of whoever set it up: their Monday morning counts."""
        return self.created_by.time_zone if self.created_by else "UTC"


class ChatPostState(models.TextChoices):
    DUE = "due", _("Due")
    SENT = "sent", _("Taken")
    SKIPPED = "skipped", _("Skipped")
    FAILED = "failed", _("Failed")


class ChatPost(models.Model):
    """One text for a channel, once an occasion. The text is written when it is posted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    channel = models.ForeignKey(ChatChannel, on_delete=models.CASCADE, related_name="posts")
    occasion = models.CharField(max_length=40)
    is_test = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=ChatPostState, default=ChatPostState.DUE)
    attempt = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    answer = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("post to a chat channel")
        verbose_name_plural = _("posts to chat channels")
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(fields=("channel", "occasion"), name="chat_post_once"),
        )
        indexes = (
            models.Index(fields=("due_at",), name="chat_post_due", condition=models.Q(state="due")),
        )

    def __str__(self) -> str:
        return self.occasion
