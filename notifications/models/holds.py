"""What keeps mail back until a person lets it go: pauses, and addresses that take none."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class PauseScope(models.TextChoices):
    PERSON = "person", _("One person")
    MATCH = "match", _("One match")
    COHORT = "cohort", _("One cohort")
    EVERYTHING = "all", _("Everything")


class MessagePause(models.Model):
    """Mail that somebody holds back, and why. Urgent mail is never held.

    A pause of a person by a program's manager holds the mail of that program only.
    """

    scope = models.CharField(_("what"), max_length=8, choices=PauseScope)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        related_name="message_pauses",
        verbose_name=_("person"),
    )
    match_id = models.BigIntegerField(null=True, editable=False)
    cohort_id = models.BigIntegerField(null=True, editable=False)
    program_id = models.BigIntegerField(null=True, editable=False, db_index=True)
    why = models.CharField(_("why"), max_length=200)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    paused_at = models.DateTimeField(_("since"), editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)

    class Meta:
        verbose_name = _("pause of mail")
        verbose_name_plural = _("pauses of mail")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(scope="person", person__isnull=False)
                | Q(scope="match", match_id__isnull=False)
                | Q(scope="cohort", cohort_id__isnull=False)
                | Q(scope="all"),
                name="pause_names_what_it_holds",
            ),
            models.UniqueConstraint(
                fields=("scope", "person", "match_id", "cohort_id", "program_id"),
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="pause_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_scope_display()}: {self.why}"

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


class Bounce(models.Model):
    """An address that a mail server refused for good. No mail goes there until it is lifted."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="bounces"
    )
    address = models.EmailField(_("address"))
    answer = models.CharField(_("what the server said"), max_length=200)
    bounced_at = models.DateTimeField(_("since"), editable=False)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    lifted_at = models.DateTimeField(_("lifted"), null=True, editable=False)

    class Meta:
        verbose_name = _("address that takes no mail")
        verbose_name_plural = _("addresses that take no mail")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "address"),
                condition=Q(lifted_at__isnull=True),
                name="bounce_once",
            ),
        )

    def __str__(self) -> str:
        return self.address


class MailReturn(models.Model):
    """A mail that was handed over and came back later: for good, or for now."""

    message = models.OneToOneField(
        "notifications.Message", on_delete=models.CASCADE, related_name="came_back"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mail_returns"
    )
    address = models.EmailField(_("address"))
    is_hard = models.BooleanField(_("for good"))
    returned_at = models.DateTimeField(_("came back"), editable=False)

    class Meta:
        verbose_name = _("mail that came back")
        verbose_name_plural = _("mails that came back")
        indexes = (models.Index(fields=("user", "-returned_at"), name="mail_return_by_user"),)

    def __str__(self) -> str:
        return self.address
