"""Other systems that are told what happens, and each telling with what became of it."""

from __future__ import annotations

import base64
import secrets
import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField


class Topic(models.TextChoices):
    """What a system may be told about; each stands for acts of the log."""

    ENROLMENTS = "enrolment", _("Enrolments: joined, moved")
    MATCHES = "match", _("Matches: made, paused, ended")
    MEETINGS = "meeting", _("Meetings: booked, moved, logged, cancelled")
    COHORTS = "cohort", _("Cohorts: moved from stage to stage")
    MAIL = "message", _("Mail: an address that takes none, pauses")


def new_secret() -> str:
    """Return a secret as the standard writes it: 24 random bytes."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"


class Webhook(models.Model):
    """One system that is told. What it is told names ids and states, never words or people."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=80, unique=True)
    url = models.URLField(
        _("address"), max_length=400, validators=[URLValidator(schemes=["https"])]
    )
    topics = ArrayField(models.CharField(max_length=20, choices=Topic), verbose_name=_("topics"))
    program_id = models.BigIntegerField(
        _("only this program"),
        null=True,
        blank=True,
        help_text=_("Its number; empty means all. Nothing is told of discreet programs."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    secret = EncryptedTextField(editable=False)
    old_secret = EncryptedTextField(editable=False)
    old_secret_until = models.DateTimeField(null=True, editable=False)
    read_until = models.BigIntegerField(default=0, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(condition=Q(url__startswith="https://"), name="webhook_https"),
        )

    def __str__(self) -> str:
        return self.name


class DeliveryState(models.TextChoices):
    DUE = "due", _("Due")
    SENT = "sent", _("Taken")
    FAILED = "failed", _("Failed")


class WebhookDelivery(models.Model):
    """One act told to one system: tried for three days, each try with the same id."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(
        Webhook, on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("webhook")
    )
    event_id = models.BigIntegerField(editable=False)
    kind = models.CharField(_("what"), max_length=60)
    body = models.TextField(_("body"), help_text=_("Ids and states."))
    state = models.CharField(
        _("state"), max_length=8, choices=DeliveryState, default=DeliveryState.DUE
    )
    attempt = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"))
    answer = models.CharField(_("answer"), max_length=200, blank=True)
    sent_at = models.DateTimeField(_("taken"), null=True)
    created_at = models.DateTimeField(_("created"), editable=False)

    class Meta:
        verbose_name = _("delivery to a webhook")
        verbose_name_plural = _("deliveries to webhooks")
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(fields=("webhook", "event_id"), name="delivery_once"),
        )
        indexes = (models.Index(fields=("due_at",), name="delivery_due", condition=Q(state="due")),)

    def __str__(self) -> str:
        return f"{self.kind}: {self.get_state_display()}"
