"""The ledger: one row per message, under a unique key, from due to sent."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
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


class Wait(models.TextChoices):
    """What a message that could go now waits for."""

    QUIET = "quiet", _("Waits for the end of quiet hours")
    AWAY = "away", _("Waits until the person is back")
    DAY_OFF = "day_off", _("Waits for a working day")
    DIGEST = "digest", _("Waits for the daily summary")
    BUDGET = "budget", _("Waits: enough mail this week")
    PAUSE = "pause", _("Held: mail is paused")
    BOUNCE = "bounce", _("Held: the address does not take mail")


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
    cohort_id = models.BigIntegerField(null=True, editable=False)
    match_id = models.BigIntegerField(null=True, editable=False)
    object_id = models.BigIntegerField(_("about"), null=True)
    occasion = models.CharField(_("occasion"), max_length=60, blank=True)
    state = models.CharField(
        _("state"), max_length=12, choices=MessageState, default=MessageState.DUE
    )
    reason = models.CharField(_("why"), max_length=200, blank=True)
    waits_for = models.CharField(_("waits for"), max_length=8, choices=Wait, blank=True)
    due_at = models.DateTimeField(_("due"))
    lease_until = models.DateTimeField(null=True, editable=False)
    attempt = models.PositiveSmallIntegerField(_("attempts"), default=0)
    message_id = models.CharField(_("Message-ID"), max_length=200, unique=True, editable=False)
    mail_id = models.CharField(
        max_length=200,
        blank=True,
        editable=False,
        help_text=_("The Message-ID of the one mail that carries this row and others."),
    )
    counted_at = models.DateTimeField(
        null=True, editable=False, help_text=_("When it took a share of the person's week.")
    )
    by_hand = models.BooleanField(
        _("sent again by a person"),
        default=False,
        db_default=False,
        editable=False,
        help_text=_("It waits for no share of the week."),
    )
    handed_over_at = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True)
    answer = models.CharField(
        _("answer of the mail server"),
        max_length=200,
        blank=True,
        db_default="",
        editable=False,
        help_text=_("What it said when it took the mail; often the name it gave it in its log."),
    )
    may_be_doubled = models.BooleanField(
        _("may have arrived twice"),
        default=False,
        help_text=_("A worker died between handing over and the answer, so it was sent again."),
    )
    created_at = models.DateTimeField(_("created"), editable=False)

    objects = MessageQuerySet.as_manager()

    # What a kind's is_still_due has read, handed on to its context; never stored.
    found: Any = None
    # What a kind's context has read: the same for the inbox and the mail.
    context: dict[str, Any] | None = None

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
            models.Index(fields=("cohort_id", "id"), name="message_by_cohort"),
            models.Index(
                fields=("recipient", "counted_at"),
                name="message_counted",
                condition=Q(counted_at__isnull=False),
            ),
            models.Index(fields=("mail_id",), name="message_by_mail", condition=~Q(mail_id="")),
        )

    def __str__(self) -> str:
        return self.key
