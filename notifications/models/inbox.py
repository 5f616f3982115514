"""What a person finds in the product itself: one line for each message, in words they read."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField
from notifications.models.ledger import Message

LONGEST_LINE, LONGEST_PATH = 300, 300


class Notice(models.Model):
    """A row of the ledger as its recipient finds it in their inbox, whatever became of the mail.

    The line is the mail's subject, in the person's language of that day; nobody else reads it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="notice")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    line = EncryptedTextField(_("what about"))
    path = models.CharField(
        max_length=LONGEST_PATH, blank=True, help_text=_("The page it leads to, on this site.")
    )
    shown_at = models.DateTimeField(_("shown"))
    read_at = models.DateTimeField(_("read"), null=True)
    is_kept_new = models.BooleanField(
        default=False, help_text=_("The person wants it to stand out, though it is dealt with.")
    )

    class Meta:
        verbose_name = _("line of an inbox")
        verbose_name_plural = _("lines of inboxes")
        ordering = ("-shown_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(path="") | Q(path__startswith="/") & ~Q(path__startswith="//"),
                name="notice_leads_to_this_site",
            ),
        )
        indexes = (
            models.Index(fields=("recipient", "-shown_at", "-id"), name="notice_by_recipient"),
            models.Index(
                fields=("recipient",), name="notice_unread", condition=Q(read_at__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)
