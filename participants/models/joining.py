"""Ways into a cohort: links, invitations, consent, half-written answers, and offered places."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField
from participants.models.enrolments import Enrolment, MemberRole
from participants.querysets import SignUpLinkQuerySet
from programs.models import Cohort, EnrolmentForm, Program

LONGEST_NOTE = 1_000


class SignUpLink(models.Model):
    """An address by which people put themselves forward. Whoever holds it may ask for a place."""

    cohort = models.ForeignKey(
        Cohort, on_delete=models.CASCADE, related_name="sign_up_links", verbose_name=_("cohort")
    )
    role = models.CharField(_("role"), max_length=6, choices=MemberRole)
    token = models.CharField(max_length=43, unique=True, editable=False)
    email_domains = ArrayField(
        models.CharField(max_length=120),
        default=list,
        blank=True,
        verbose_name=_("addresses at"),
        help_text=_("Only e-mail addresses at these domains. Empty means any address."),
    )
    closes_on = models.DateField(
        _("last day"), null=True, blank=True, help_text=_("Empty means when enrolment closes.")
    )
    most_people = models.PositiveSmallIntegerField(
        _("at most"), null=True, blank=True, help_text=_("How many people may use it.")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )
    created_at = models.DateTimeField(_("made"), editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    objects = SignUpLinkQuerySet.as_manager()

    url = ""  # the full address, set by the page that shows it

    class Meta:
        verbose_name = _("sign-up link")
        verbose_name_plural = _("sign-up links")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("cohort", "role"),
                condition=Q(revoked_at__isnull=True),
                name="sign_up_link_one_per_role",
                violation_error_message=_("There is a link for this role. Revoke it first."),
            ),
            models.CheckConstraint(
                condition=Q(most_people__isnull=True) | Q(most_people__gte=1),
                name="sign_up_link_for_somebody",
                violation_error_message=_("At least one person has to be able to use the link."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.cohort}, {self.get_role_display()}"


class Invitation(models.Model):
    """A personal invitation by mail, one per enrolment; its link proves the address."""

    enrolment = models.OneToOneField(Enrolment, on_delete=models.CASCADE, related_name="invitation")
    nonce = models.UUIDField(default=uuid.uuid4, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    sent_at = models.DateTimeField()
    sent_count = models.PositiveSmallIntegerField(default=1)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = (
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("sent_at")), name="invitation_lasts"
            ),
        )

    def __str__(self) -> str:
        return f"{self.enrolment_id}"

    def is_open(self, now: datetime) -> bool:
        return self.accepted_at is None and now < self.expires_at


class ConsentText(models.Model):
    """The exact words that people of a program agreed to; a changed text is a new version."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="consent_texts")
    version = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=8)
    text = models.TextField()
    digest = models.CharField(max_length=64)
    first_used_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("program", "version"), name="consent_version_once"),
            models.UniqueConstraint(fields=("program", "digest"), name="consent_text_once"),
        )

    def __str__(self) -> str:
        return f"{self.program_id}, {self.version}"


class Consent(models.Model):
    """Who agreed to which words, and when."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="consents"
    )
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="consents")
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "cohort", "text"), name="consent_once"),
        )

    def __str__(self) -> str:
        return f"{self.user_id}: {self.text_id}"


class EnrolmentDraft(models.Model):
    """Answers somebody has begun to write: theirs alone until they send them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="enrolment_drafts"
    )
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="drafts")
    role = models.CharField(max_length=6, choices=MemberRole)
    link = models.ForeignKey(
        SignUpLink, on_delete=models.SET_NULL, null=True, related_name="drafts"
    )
    form = models.ForeignKey(EnrolmentForm, on_delete=models.CASCADE, null=True, related_name="+")
    words = EncryptedTextField()
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "cohort", "role"), name="draft_once"),
        )

    def __str__(self) -> str:
        return f"{self.user_id}: {self.cohort_id}, {self.role}"


class EnrolmentNote(models.Model):
    """What a manager tells somebody who cannot join this time: read by these two."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    enrolment = models.OneToOneField(Enrolment, on_delete=models.CASCADE, related_name="note")
    text = EncryptedTextField()
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    written_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.enrolment_id}"


class MoreAsked(models.Model):
    """What a manager asks somebody before they decide about a sign-up, and the answer: for two.

    Asked again, the earlier question and its answer make room.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    enrolment = models.OneToOneField(Enrolment, on_delete=models.CASCADE, related_name="more_asked")
    text = EncryptedTextField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    answer = EncryptedTextField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("question before a decision")
        verbose_name_plural = _("questions before a decision")
        constraints = (
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(answered_at__gte=F("asked_at")),
                name="more_asked_before_answered",
            ),
        )

    def __str__(self) -> str:
        return f"{self.enrolment_id}"


class BulkDecision(models.Model):
    """Sign-ups that a manager decided about in one go, so that it can be taken back for a while.

    ``rows`` holds for each enrolment its id, and its status before and after.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    decided_at = models.DateTimeField()
    rows = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("decision about several sign-ups")
        verbose_name_plural = _("decisions about several sign-ups")
        constraints = (
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | Q(undone_at__gte=F("decided_at")),
                name="bulk_decision_undone_later",
            ),
        )

    def __str__(self) -> str:
        return f"{self.cohort_id}, {self.decided_at:%Y-%m-%d %H:%M}"


class OfferOutcome(models.TextChoices):
    OPEN = "open", _("Open")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Ran out")
    TAKEN_BACK = "taken_back", _("Taken back")


class PlaceOffer(models.Model):
    """A free place, kept for one person of the waitlist until a moment."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="offers")
    outcome = models.CharField(max_length=10, choices=OfferOutcome, default=OfferOutcome.OPEN)
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("offer of a place")
        verbose_name_plural = _("offers of places")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("enrolment",), condition=Q(outcome="open"), name="offer_one_open"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("offered_at")), name="offer_lasts"),
            models.CheckConstraint(
                condition=Q(outcome="open", closed_at__isnull=True)
                | (~Q(outcome="open") & Q(closed_at__isnull=False)),
                name="offer_closed_once",
            ),
        )
        indexes = (
            models.Index(
                fields=("expires_at",), condition=Q(outcome="open"), name="offer_runs_out"
            ),
        )

    def __str__(self) -> str:
        return f"{self.enrolment_id}: {self.get_outcome_display()}"
