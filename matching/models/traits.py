"""Traits that people may agree to have compared, and what they said. The words are sealed."""

from __future__ import annotations

import uuid

from django.core.validators import validate_slug
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField
from matching.models.policy import PairingPolicy
from matching.models.runs import PairingRun
from participants.models import Enrolment


class PairingTrait(models.Model):
    """Something personal that the pairing compares among those who agreed, and nobody reads.

    It is asked only while a criterion of the policy names its key.
    """

    policy = models.ForeignKey(PairingPolicy, on_delete=models.CASCADE, related_name="traits")
    key = models.CharField(
        _("key"),
        max_length=40,
        validators=(validate_slug,),
        help_text=_("A short name for the criterion, for example first-to-study."),
    )
    label = models.CharField(_("question"), max_length=200)
    help_text = models.CharField(_("help"), max_length=200, blank=True)
    choices = models.JSONField(
        _("choices"), default=list, help_text=_("At least two, one choice a line.")
    )

    class Meta:
        verbose_name = _("trait by consent")
        verbose_name_plural = _("traits by consent")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("policy", "key"),
                name="trait_key_once",
                violation_error_message=_("There is a trait with this key already."),
            ),
        )

    def __str__(self) -> str:
        return self.key


class TraitConsent(models.Model):
    """Somebody agreed to have a trait compared, and said which choice is theirs."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    trait = models.ForeignKey(PairingTrait, on_delete=models.CASCADE, related_name="consents")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="traits")
    choice = EncryptedTextField(_("choice"))
    agreed_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("consent to compare a trait")
        verbose_name_plural = _("consents to compare traits")
        constraints = (
            models.UniqueConstraint(fields=("trait", "enrolment"), name="trait_consent_once"),
        )

    def __str__(self) -> str:
        return str(self.pk)


class FrozenTraits(models.Model):
    """The traits of a run's frozen pool: JSON of enrolment id to key to choice."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.OneToOneField(PairingRun, on_delete=models.CASCADE, related_name="frozen_traits")
    words = EncryptedTextField(_("traits"))

    class Meta:
        verbose_name = _("traits of a run")
        verbose_name_plural = _("traits of runs")

    def __str__(self) -> str:
        return str(self.pk)
