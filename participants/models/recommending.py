"""Colleagues whom people of a cohort would like to see in it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField
from participants.models.enrolments import MemberRole
from participants.querysets import RecommendationQuerySet
from programs.models import Cohort


class RecommendationState(models.TextChoices):
    OPEN = "open", _("Waits for the program managers")
    INVITED = "invited", _("Invited")
    CLOSED = "closed", _("Looked at")


class Recommendation(models.Model):
    """Somebody of a cohort names a colleague; kept while the cohort takes people, then deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="recommendations")
    role = models.CharField(max_length=6, choices=MemberRole)
    name = models.CharField(max_length=150)
    email = models.EmailField()
    reason = EncryptedTextField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recommendations"
    )
    may_name = models.BooleanField(default=False)
    state = models.CharField(
        max_length=7, choices=RecommendationState, default=RecommendationState.OPEN
    )
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        ordering = ("made_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("cohort", "role", "email", "by"), name="recommended_once"
            ),
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="recommended_email_small"
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True)
                | (Q(state__in=("invited", "closed")) & Q(decided_at__isnull=False)),
                name="recommended_decided_once",
            ),
        )
        indexes = (
            models.Index(fields=("cohort",), condition=Q(state="open"), name="recommended_open"),
        )

    def __str__(self) -> str:
        return f"{self.cohort_id}: {self.get_role_display()}"
