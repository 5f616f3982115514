"""What a person wishes about their mail, and the days on which nobody works."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

WEEKEND = (6, 7)


def usual_days_off() -> list[int]:
    """Return Saturday and Sunday, as ISO days of the week."""
    return list(WEEKEND)


class MessagePreference(models.Model):
    """When a person wants no mail that can wait: at night where they are, and while they are away.

    Without a row the usual quiet hours hold.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="message_preference"
    )
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    days_off = ArrayField(
        models.PositiveSmallIntegerField(),
        default=usual_days_off,
        blank=True,
        help_text=_("Days of the week, 1 for Monday to 7 for Sunday."),
    )
    holiday_region = models.CharField(
        _("public holidays of"),
        max_length=12,
        blank=True,
        help_text=_(
            "A country, or a country and its region: DE, DE-BY. Empty: the organisation's."
        ),
    )
    leave_from = models.DateField(_("away from"), null=True, blank=True)
    leave_until = models.DateField(_("away until"), null=True, blank=True)
    changed_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("wish about mail")
        verbose_name_plural = _("wishes about mail")
        constraints = (
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | (
                    Q(quiet_from__isnull=False, quiet_until__isnull=False)
                    & ~Q(quiet_from=F("quiet_until"))
                ),
                name="preference_quiet_hours_in_pairs",
                violation_error_message=_("Say both when quiet hours begin and when they end."),
            ),
            models.CheckConstraint(
                condition=Q(leave_from__isnull=True, leave_until__isnull=True)
                | Q(leave_until__gte=F("leave_from")),
                name="preference_leave_in_order",
                violation_error_message=_("The last day comes after the first."),
            ),
            models.CheckConstraint(
                condition=Q(days_off__contained_by=[1, 2, 3, 4, 5, 6, 7]) & Q(days_off__len__lte=6),
                name="preference_days_off_leave_a_day",
                violation_error_message=_("Leave at least one day of the week."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id}"


class Channel(models.TextChoices):
    """Where a message reaches a person."""

    MAIL = "mail", _("By e-mail")
    INBOX = "inbox", _("In your inbox here")


class MessageStop(models.Model):
    """A kind of message that a person does not want, by mail or in their inbox."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="message_stops"
    )
    kind = models.CharField(max_length=60)
    channel = models.CharField(
        max_length=5, choices=Channel, default=Channel.MAIL, db_default=Channel.MAIL.value
    )
    stopped_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("stopped kind of message")
        verbose_name_plural = _("stopped kinds of message")
        constraints = (
            models.UniqueConstraint(fields=("user", "kind", "channel"), name="message_stop_once"),
        )

    def __str__(self) -> str:
        return f"{self.user_id}: {self.kind}"


class DigestWish(models.Model):
    """A kind of message that a person wants once a day, with others, instead of at once."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="digest_wishes"
    )
    kind = models.CharField(max_length=60)
    wished_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("kind of message for the daily summary")
        verbose_name_plural = _("kinds of message for the daily summary")
        constraints = (models.UniqueConstraint(fields=("user", "kind"), name="digest_wish_once"),)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.kind}"


class ClosedDays(models.Model):
    """Days on which the organisation rests: nobody is asked or nudged."""

    name = models.CharField(_("name"), max_length=80)
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))

    class Meta:
        verbose_name = _("closed days")
        verbose_name_plural = _("closed days")
        ordering = ("first_on",)
        constraints = (
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")),
                name="closed_days_in_order",
                violation_error_message=_("The last day comes after the first."),
            ),
            models.CheckConstraint(
                condition=Q(last_on__lt=F("first_on") + timedelta(days=60)),
                name="closed_days_not_for_ever",
                violation_error_message=_("At most 60 days at a time."),
            ),
        )

    def __str__(self) -> str:
        return self.name
