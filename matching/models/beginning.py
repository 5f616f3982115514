"""How the people of a match begin: they confirm, compare expectations and sign an agreement.

Words lie sealed in tables of their own; no list and no page of staff reads them.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField
from matching.models.matches import Match
from matching.triggers import SIGNATURE_TRIGGERS, VERSION_TRIGGERS
from programs.models import ExpectationForm


class MatchConfirmation(models.Model):
    """Somebody said yes to the match they were given. Nothing waits for it."""

    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="confirmations")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(_("confirmed"))

    class Meta:
        verbose_name = _("confirmation of a match")
        verbose_name_plural = _("confirmations of matches")
        constraints = (models.UniqueConstraint(fields=("match", "user"), name="confirmed_once"),)

    def __str__(self) -> str:
        return f"{self.match_id}: {self.user_id}"


class ExpectationSheet(models.Model):
    """What one member expects: their own until every member has answered."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="expectation_sheets")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    form = models.ForeignKey(ExpectationForm, on_delete=models.PROTECT, related_name="sheets")
    words = EncryptedTextField(_("answers"), help_text=_("JSON: answers by key of the question."))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("expectations of a person")
        verbose_name_plural = _("expectations of people")
        constraints = (models.UniqueConstraint(fields=("match", "user"), name="expectations_once"),)

    def __str__(self) -> str:
        return str(self.pk)


class AgreementVersion(models.Model):
    """One version of what the people of a match agree on. A signed one never changes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="agreement_versions")
    number = models.PositiveSmallIntegerField(_("version"))
    words = EncryptedTextField(_("agreement"), help_text=_("JSON: text by part."))
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    written_at = models.DateTimeField(_("written"))

    class Meta:
        verbose_name = _("version of an agreement")
        verbose_name_plural = _("versions of agreements")
        ordering = ("match", "-number")
        constraints = (
            models.UniqueConstraint(fields=("match", "number"), name="agreement_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="agreement_number_from_1"),
        )
        triggers = VERSION_TRIGGERS

    def __str__(self) -> str:
        return f"{self.match_id}, {self.number}"


class AgreementSignature(models.Model):
    """A member's name under one version: once, and only under the newest."""

    version = models.ForeignKey(
        AgreementVersion, on_delete=models.CASCADE, related_name="signatures"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(_("signed"))

    class Meta:
        verbose_name = _("signature of an agreement")
        verbose_name_plural = _("signatures of agreements")
        constraints = (
            models.UniqueConstraint(fields=("version", "user"), name="agreement_signed_once"),
        )
        triggers = SIGNATURE_TRIGGERS

    def __str__(self) -> str:
        return f"{self.version_id}: {self.user_id}"
