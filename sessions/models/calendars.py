"""Calendars of a person: the feed that they read, and the busy times that we read."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField


class CalendarFeed(models.Model):
    """The private address under which a person's calendar program reads their meetings."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feed"
    )
    digest = models.BinaryField(unique=True, max_length=32, editable=False)
    created_at = models.DateTimeField(editable=False)
    read_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")

    def __str__(self) -> str:
        return f"{self.user_id}"


class BusyFault(models.TextChoices):
    """Why a calendar could not be read, in words for its owner."""

    NONE = "", _("None")
    ADDRESS = "address", _("This address cannot be used: it leads into a private network.")
    NOT_FOUND = "not_found", _("There is no calendar at this address any more.")
    REFUSED = "refused", _("The calendar's server refuses this address. Is the link still valid?")
    UNREACHABLE = "unreachable", _("The calendar's server does not answer. We try again.")
    TOO_BIG = "too_big", _("The calendar is larger than 2 MB, or too long to read.")
    NOT_CALENDAR = "not_calendar", _("What stands at this address is not a calendar.")


class BusyCalendar(models.Model):
    """A private link to a person's own calendar. Nothing but busy times is kept of what it says."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="busy_calendar"
    )
    url = EncryptedTextField(_("private link"))
    host = models.CharField(max_length=253)
    added_at = models.DateTimeField(editable=False)
    read_at = models.DateTimeField(null=True, editable=False)
    next_read_at = models.DateTimeField(editable=False)
    fault = models.CharField(max_length=12, choices=BusyFault, blank=True, default="")
    attempt = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("calendar read for busy times")
        verbose_name_plural = _("calendars read for busy times")
        indexes = (models.Index(fields=("next_read_at",), name="busy_calendar_due"),)

    def __str__(self) -> str:
        return f"{self.user_id}"


class BusyTime(models.Model):
    """From when to when a person is busy. No title, no place, no guests."""

    calendar = models.ForeignKey(BusyCalendar, on_delete=models.CASCADE, related_name="times")
    during = DateTimeRangeField(_("from, to"))

    class Meta:
        verbose_name = _("busy time")
        verbose_name_plural = _("busy times")
        indexes = (GistIndex(fields=("during",), name="busy_during"),)

    def __str__(self) -> str:
        return str(self.pk)
