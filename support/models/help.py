"""Asking for help in private: whom one may ask, what was asked, and what came of it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField
from programs.models import Cohort, Program


class HelpContact(models.Model):
    """One of the people whom participants of a program may ask in private, and their deputy."""

    program = models.ForeignKey(
        Program, on_delete=models.CASCADE, related_name="help_contacts", verbose_name=_("program")
    )
    position = models.PositiveSmallIntegerField(choices=((1, "1"), (2, "2")))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("person"),
    )
    about = models.CharField(
        _("who this is"),
        max_length=160,
        help_text=_("For example: works in HR, has nothing to do with the pairing."),
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("deputy"),
    )

    class Meta:
        verbose_name = _("contact for help")
        verbose_name_plural = _("contacts for help")
        ordering = ("program", "position")
        constraints = (
            models.UniqueConstraint(fields=("program", "position"), name="help_contact_position"),
            models.UniqueConstraint(fields=("program", "person"), name="help_contact_once"),
            models.CheckConstraint(
                condition=~Q(person=F("deputy")), name="help_deputy_is_somebody_else"
            ),
        )

    def __str__(self) -> str:
        return f"{self.program_id}: {self.person_id}"


class HelpGuide(models.Model):
    """Where a program sends people whose need is urgent, in its own words."""

    program = models.OneToOneField(
        Program, on_delete=models.CASCADE, primary_key=True, related_name="help_guide"
    )
    signposts = models.TextField(_("signposts for urgent need"), blank=True)

    class Meta:
        verbose_name = _("guide to help")
        verbose_name_plural = _("guides to help")

    def __str__(self) -> str:
        return str(self.program_id)


class HelpAbout(models.TextChoices):
    MATCH = "match", _("My match")
    CONDUCT = "conduct", _("How somebody behaves")
    STRAIN = "strain", _("Stress, health or strain")
    OTHER = "other", _("Something else")


class HelpOutcome(models.TextChoices):
    TALKED = "talked", _("We talked, and that was enough")
    SOLVED = "solved", _("It is solved")
    PASSED = "passed", _("Passed on, with their consent")
    WITHDRAWN = "withdrawn", _("They took it back")
    UNREACHED = "unreached", _("Could not be reached")


class HelpRequest(models.Model):
    """One person asks one contact for help. Only the two of them and the deputy see it."""

    cohort = models.ForeignKey(
        Cohort, on_delete=models.PROTECT, related_name="+", verbose_name=_("cohort")
    )
    asker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="help_requests",
        verbose_name=_("who asks"),
    )
    contact = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("who is asked"),
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("deputy"),
    )
    about = models.CharField(_("about"), max_length=8, choices=HelpAbout)
    asked_at = models.DateTimeField(_("asked"))
    seen_at = models.DateTimeField(_("read"), null=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    outcome = models.CharField(_("outcome"), max_length=10, choices=HelpOutcome, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("request for help")
        verbose_name_plural = _("requests for help")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(asker=F("contact")) & ~Q(asker=F("deputy")),
                name="help_asked_of_somebody_else",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", closed_at__isnull=True)
                | ~Q(outcome="") & Q(closed_at__isnull=False),
                name="help_closed_with_an_outcome",
            ),
        )
        indexes = (
            models.Index(fields=("contact", "closed_at"), name="help_by_contact"),
            models.Index(fields=("deputy", "closed_at"), name="help_by_deputy"),
        )

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class HelpWords(models.Model):
    """What somebody wrote when they asked for help."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.OneToOneField(HelpRequest, on_delete=models.CASCADE, related_name="words")
    text = EncryptedTextField(_("what it is about"))

    class Meta:
        verbose_name = _("words of a request for help")
        verbose_name_plural = _("words of requests for help")

    def __str__(self) -> str:
        return str(self.pk)
