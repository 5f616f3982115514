"""What somebody's line manager is told or asked, and what they answered."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField
from participants.models.enrolments import Enrolment
from participants.triggers import CONTACT_AS_THE_COHORT_SAYS

LONGEST_SENTENCE = 500


class LineState(models.TextChoices):
    TOLD = "told", _("Told")
    ASKED = "asked", _("Asked, no answer yet")
    AGREED = "agreed", _("Agrees")
    NOT_NOW = "not_now", _("Not now")


ANSWERED = (LineState.AGREED, LineState.NOT_NOW)


class NamedLineManager(models.Model):
    """Whom somebody named because HR knows no line manager of theirs."""

    enrolment = models.OneToOneField(
        Enrolment, on_delete=models.CASCADE, related_name="named_line_manager"
    )
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    named_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.enrolment_id}"


class LineContact(models.Model):
    """One line manager told or asked about one enrolment; closed, its link leads nowhere."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="line_contacts")
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="line_contacts"
    )
    state = models.CharField(max_length=8, choices=LineState)
    nonce = models.UUIDField(default=uuid.uuid4, editable=False)
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("word to a line manager")
        verbose_name_plural = _("words to line managers")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("enrolment",), condition=Q(closed_at__isnull=True), name="line_one_open"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("opened_at")), name="line_contact_lasts"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ANSWERED, answered_at__isnull=False)
                | Q(state__in=(LineState.TOLD, LineState.ASKED), answered_at__isnull=True),
                name="line_answered_at",
            ),
        )
        indexes = (
            models.Index(
                fields=("opened_at",),
                condition=Q(state="asked", closed_at__isnull=True),
                name="line_unanswered",
            ),
        )
        triggers = (CONTACT_AS_THE_COHORT_SAYS,)

    def __str__(self) -> str:
        return f"{self.enrolment_id}: {self.get_state_display()}"

    def is_open(self, now: datetime) -> bool:
        return self.closed_at is None and now < self.expires_at


class LineSentence(models.Model):
    """What a line manager wrote beside the answer: program managers read it, nobody else."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contact = models.OneToOneField(LineContact, on_delete=models.CASCADE, related_name="sentence")
    text = EncryptedTextField()
    written_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.contact_id}"


class LineOverride(models.Model):
    """A program manager's yes without the line manager's, with the reason for it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    enrolment = models.OneToOneField(
        Enrolment, on_delete=models.CASCADE, related_name="line_override"
    )
    reason = EncryptedTextField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    decided_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.enrolment_id}"
