"""Whom somebody would like to be matched with in a cohort, and whom not. Sealed."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField
from participants.models import Enrolment


class WishKind(models.TextChoices):
    WITH = "with", _("Gladly with")
    NOT_WITH = "not_with", _("Please not with")


class PairingWish(models.Model):
    """One person whom somebody named by their address, whether or not they are in the cohort."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="wishes")
    kind = models.CharField(_("wish"), max_length=8, choices=WishKind)
    place = models.PositiveSmallIntegerField(_("place"))
    address = EncryptedTextField(_("e-mail"))
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("wish about a match")
        verbose_name_plural = _("wishes about matches")
        ordering = ("kind", "place")
        constraints = (
            models.UniqueConstraint(fields=("enrolment", "kind", "place"), name="wish_place_once"),
        )

    def __str__(self) -> str:
        return str(self.pk)
