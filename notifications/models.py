"""The ledger: one row per message, under a unique key, from due to sent."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from notifications.querysets import MessageQuerySet


class MessageState(models.TextChoices):
    DUE = "due", _("Due")
    CLAIMED = "claimed", _("Claimed by a worker")
    HANDING_OVER = "handing_over", _("Being handed over")
    SENT = "sent", _("Sent")
    SKIPPED = "skipped", _("Skipped")
    FAILED = "failed", _("Failed")
    UNKNOWN = "unknown", _("Outcome unknown")


class Message(models.Model):
    """What goes to whom about what, on which occasion; and what became of it.

    The text is not stored: it is rendered from ``context`` of its kind when it is sent.
    """

    key = models.CharField(max_length=200, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=60)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="messages",
        verbose_name=_("to"),
    )
    program_id = models.BigIntegerField(null=True, db_index=True, editable=False)
    object_id = models.BigIntegerField(_("about"), null=True)
    occasion = models.CharField(_("occasion"), max_length=60, blank=True)
    state = models.CharField(
        _("state"), max_length=12, choices=MessageState, default=MessageState.DUE
    )
    reason = models.CharField(_("why"), max_length=200, blank=True)
    due_at = models.DateTimeField(_("due"))
    lease_until = models.DateTimeField(null=True, editable=False)
    attempt = models.PositiveSmallIntegerField(_("attempts"), default=0)
    message_id = models.CharField(_("Message-ID"), max_length=200, unique=True, editable=False)
    handed_over_at = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True)
    may_be_doubled = models.BooleanField(
        _("may have arrived twice"),
        default=False,
        help_text=_("A worker died between handing over and the answer, so it was sent again."),
    )
    created_at = models.DateTimeField(_("created"), editable=False)

    objects = MessageQuerySet.as_manager()

    # What a kind's is_still_due has read, handed on to its context; never stored.
    found: Any = None

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=("due_at", "id"),
                name="message_open",
                condition=Q(state__in=("due", "claimed", "handing_over")),
            ),
            models.Index(fields=("recipient", "kind"), name="message_by_recipient"),
        )

    def __str__(self) -> str:
        return self.key


class MessagePreference(models.Model):
    """When a person wants no mail that can wait: at night where they are, and while they are away.

    Without a row the usual quiet hours hold.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="message_preference"
    )
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    leave_from = models.DateField(_("away from"), null=True, blank=True)
    leave_until = models.DateField(_("away until"), null=True, blank=True)
    changed_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("wish about mail")
        verbose_name_plural = _("wishes about mail")
        constraints = (
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | (
                    Q(quiet_from__isnull=False, quiet_until__isnull=False)
                    & ~Q(quiet_from=F("quiet_until"))
                ),
                name="preference_quiet_hours_in_pairs",
                violation_error_message=_("Say both when quiet hours begin and when they end."),
            ),
            models.CheckConstraint(
                condition=Q(leave_from__isnull=True, leave_until__isnull=True)
                | Q(leave_until__gte=F("leave_from")),
                name="preference_leave_in_order",
                violation_error_message=_("The last day comes after the first."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id}"


class MessageStop(models.Model):
    """A kind of message that a person does not want."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="message_stops"
    )
    kind = models.CharField(max_length=60)
    stopped_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("stopped kind of message")
        verbose_name_plural = _("stopped kinds of message")
        constraints = (models.UniqueConstraint(fields=("user", "kind"), name="message_stop_once"),)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.kind}"
