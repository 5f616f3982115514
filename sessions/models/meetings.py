"""Meetings of a match. Words live in tables of their own, so that no list can show them."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField
from matching.models import Match
from sessions.querysets import MeetingQuerySet

LONGEST_MINUTES = 600


class MeetingStatus(models.TextChoices):
    SCHEDULED = "scheduled", _("Scheduled")
    HELD = "held", _("Held")
    MISSED = "missed", _("Missed")
    CANCELLED = "cancelled", _("Cancelled")


class MeetingHow(models.TextChoices):
    VIDEO = "video", _("Video")
    PHONE = "phone", _("Phone")
    IN_PERSON = "in_person", _("In person")


class MeetingKind(models.TextChoices):
    TALK = "talk", _("Talk")
    SHADOWING = "shadowing", _("Shadowing")
    REVIEW = "review", _("Review of work")
    PRACTICE = "practice", _("Practice")
    EVENT = "event", _("Event")


class Meeting(models.Model):
    """One meeting of a match: that it is planned or took place, when, how long and how.

    ``uid`` and ``sequence`` are what calendars know it by: the uid stays for good, the sequence
    grows with each change that people were told about.
    """

    match = models.ForeignKey(
        Match, on_delete=models.PROTECT, related_name="meetings", verbose_name=_("match")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=MeetingStatus, default=MeetingStatus.HELD
    )
    held_on = models.DateField(_("date"), null=True)
    same_day_number = models.PositiveSmallIntegerField(default=1, editable=False)
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes"), null=True, blank=True)
    how = models.CharField(_("how"), max_length=10, choices=MeetingHow, blank=True)
    logged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    logged_at = models.DateTimeField(null=True, editable=False)
    kind = models.CharField(
        _("kind"),
        max_length=10,
        choices=MeetingKind,
        default=MeetingKind.TALK,
        db_default=MeetingKind.TALK,
    )
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    booked_at = models.DateTimeField(null=True, editable=False)
    plan_changed_at = models.DateTimeField(null=True, editable=False)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    uid = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    sequence = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    series = models.ForeignKey(
        "meetings.MeetingSeries", on_delete=models.PROTECT, null=True, related_name="meetings"
    )
    series_on = models.DateField(null=True, editable=False)

    objects = MeetingQuerySet.as_manager()

    was_merged = False  # set by the service that logged it a second time

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ("-held_on", "-id")
        indexes = (
            models.Index(
                fields=("match", "held_on"),
                include=("minutes",),
                condition=Q(status="held"),
                name="meeting_held",
            ),
            models.Index(
                fields=("match", "starts_at"),
                condition=Q(status="scheduled"),
                name="meeting_scheduled",
            ),
            models.Index(
                fields=("match",),
                include=("held_on", "starts_at"),
                condition=Q(status__in=("missed", "cancelled")),
                name="meeting_slipped",
            ),
            models.Index(fields=("held_on",), name="meeting_by_day"),
            models.Index(
                fields=("starts_at",), condition=Q(status="scheduled"), name="meeting_planned"
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("match", "held_on", "same_day_number"),
                condition=Q(status="held"),
                name="meeting_counted_once",
            ),
            models.CheckConstraint(
                condition=~Q(status="held") | Q(held_on__isnull=False), name="meeting_held_has_day"
            ),
            models.CheckConstraint(
                condition=~Q(status="scheduled") | Q(starts_at__isnull=False),
                name="meeting_scheduled_has_start",
            ),
            models.CheckConstraint(
                condition=Q(booked_at__isnull=True)
                | Q(starts_at__isnull=False, minutes__isnull=False)
                | Q(status="held"),
                name="meeting_booked_has_time",
            ),
            models.UniqueConstraint(
                fields=("series", "series_on"),
                condition=Q(series__isnull=False),
                name="meeting_once_in_series",
            ),
            models.CheckConstraint(
                condition=Q(series__isnull=True) | Q(series_on__isnull=False),
                name="meeting_of_series_has_day",
            ),
            models.CheckConstraint(
                condition=Q(minutes__isnull=True) | Q(minutes__gte=1, minutes__lte=LONGEST_MINUTES),
                name="meeting_minutes_sensible",
                violation_error_message=_("A meeting lasts between 1 and 600 minutes."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.held_on or self.starts_at}"

    @property
    def ends_at(self) -> datetime | None:
        if self.starts_at is None:
            return None
        return self.starts_at + timedelta(minutes=self.minutes or 0)

    @property
    def is_planned(self) -> bool:
        return self.status == MeetingStatus.SCHEDULED


class MeetingAttendee(models.Model):
    """Who takes part. A person's confirmed meetings never overlap."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendees")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    during = DateTimeRangeField(_("from, to"), null=True, blank=True)
    is_confirmed = models.BooleanField(_("confirmed"), default=False)

    class Meta:
        verbose_name = _("attendee")
        verbose_name_plural = _("attendees")
        constraints = (
            models.UniqueConstraint(fields=("meeting", "user"), name="attendee_once"),
            ExclusionConstraint(
                name="attendee_no_overlap",
                expressions=(
                    ("user", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ),
                condition=Q(is_confirmed=True),
                violation_error_message=_("This overlaps with another confirmed meeting."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.meeting_id}: {self.user_id}"


class SharedSummary(models.Model):
    """What the people of a match wrote down together. Nobody else reads it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.OneToOneField(Meeting, on_delete=models.CASCADE, related_name="summary")
    text = EncryptedTextField(_("shared summary"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("shared summary")
        verbose_name_plural = _("shared summaries")

    def __str__(self) -> str:
        return str(self.pk)


class PrivateNote(models.Model):
    """What one person wrote for themselves. Nobody else reads it, staff included."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="private_notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = EncryptedTextField(_("private note"))
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("private note")
        verbose_name_plural = _("private notes")
        constraints = (
            models.UniqueConstraint(fields=("meeting", "author"), name="private_note_once"),
        )

    def __str__(self) -> str:
        return str(self.pk)


class ActionItem(models.Model):
    """What somebody of the match promised to do."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="action_items")
    meeting = models.ForeignKey(
        Meeting, on_delete=models.SET_NULL, null=True, related_name="action_items"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("who")
    )
    text = EncryptedTextField(_("what"))
    due_on = models.DateField(_("by"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("action item")
        verbose_name_plural = _("action items")
        ordering = (models.F("due_on").asc(nulls_last=True), "created_at")
        indexes = (models.Index(fields=("match", "done_at"), name="action_by_match"),)

    def __str__(self) -> str:
        return str(self.pk)


class MeetingRating(models.Model):
    """How it went for one person. Leaves the product as an average of five or more only."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="ratings")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    rating = models.PositiveSmallIntegerField(_("how it went"))

    class Meta:
        verbose_name = _("meeting rating")
        verbose_name_plural = _("meeting ratings")
        constraints = (
            models.UniqueConstraint(fields=("meeting", "author"), name="rating_once"),
            models.CheckConstraint(condition=Q(rating__gte=1, rating__lte=5), name="rating_1_to_5"),
        )

    def __str__(self) -> str:
        return str(self.pk)
