"""Times that somebody offers, meetings that come again, and what a plan says in words."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.clock import validate_time_zone
from core.crypto import EncryptedTextField
from matching.models import Match
from sessions.models.meetings import LONGEST_MINUTES, Meeting, MeetingHow, MeetingKind

MOST_SLOTS = 3


class ProposalState(models.TextChoices):
    OPEN = "open", _("Waiting for an answer")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Expired")


class MeetingProposal(models.Model):
    """Up to three times that one member of a match offers the others.

    With ``moves`` the accepted time is the new time of that meeting.
    """

    match = models.ForeignKey(Match, on_delete=models.PROTECT, related_name="meeting_proposals")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=MeetingKind, default=MeetingKind.TALK)
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    how = models.CharField(_("how"), max_length=10, choices=MeetingHow, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=ProposalState, default=ProposalState.OPEN
    )
    moves = models.ForeignKey(
        Meeting, on_delete=models.CASCADE, null=True, related_name="offers_to_move"
    )
    meeting = models.ForeignKey(
        Meeting, on_delete=models.SET_NULL, null=True, related_name="accepted_offers"
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("offer of times")
        verbose_name_plural = _("offers of times")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("match",), condition=Q(state="open"), name="meeting_offer_open"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("match", "proposed_by"),
                condition=Q(state="open"),
                name="meeting_offer_one_open",
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=LONGEST_MINUTES),
                name="meeting_offer_minutes_sensible",
            ),
            models.CheckConstraint(
                condition=Q(state="open", answered_at__isnull=True)
                | (~Q(state="open") & Q(answered_at__isnull=False)),
                name="meeting_offer_answered_or_open",
            ),
        )

    def __str__(self) -> str:
        return f"{self.match_id}: {self.get_state_display()}"


class ProposedSlot(models.Model):
    """One of the times of an offer."""

    proposal = models.ForeignKey(MeetingProposal, on_delete=models.CASCADE, related_name="slots")
    position = models.PositiveSmallIntegerField()
    starts_at = models.DateTimeField(_("starts"))
    is_accepted = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("offered time")
        verbose_name_plural = _("offered times")
        ordering = ("proposal", "starts_at")
        constraints = (
            models.UniqueConstraint(fields=("proposal", "position"), name="slot_position_once"),
            models.UniqueConstraint(fields=("proposal", "starts_at"), name="slot_time_once"),
            models.UniqueConstraint(
                fields=("proposal",), condition=Q(is_accepted=True), name="slot_one_accepted"
            ),
            models.CheckConstraint(
                condition=Q(position__gte=1, position__lte=MOST_SLOTS), name="slot_at_most_three"
            ),
        )

    def __str__(self) -> str:
        return f"{self.starts_at}"


class SeriesRule(models.TextChoices):
    WEEKLY = "weekly", _("Every week")
    TWO_WEEKLY = "two_weekly", _("Every two weeks")
    MONTHLY = "monthly", _("Every month, on the same day")
    NTH_WEEKDAY = "nth_weekday", _("Every month, on the same weekday")


class MeetingSeries(models.Model):
    """Meetings that come again, at one wall-clock time of the organiser's zone."""

    match = models.ForeignKey(Match, on_delete=models.PROTECT, related_name="meeting_series")
    organiser = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    rule = models.CharField(_("rhythm"), max_length=12, choices=SeriesRule)
    time_zone = models.CharField(max_length=60, validators=(validate_time_zone,))
    starts_on = models.DateField(_("first day"))
    start_time = models.TimeField(_("start time"))
    ends_on = models.DateField(_("last day"))
    planned_until = models.DateField(editable=False)
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    kind = models.CharField(_("kind"), max_length=10, choices=MeetingKind, default=MeetingKind.TALK)
    how = models.CharField(_("how"), max_length=10, choices=MeetingHow, blank=True)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("repeating meeting")
        verbose_name_plural = _("repeating meetings")
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=("planned_until",),
                condition=Q(ended_at__isnull=True),
                name="meeting_series_running",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=LONGEST_MINUTES),
                name="meeting_series_minutes_sensible",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=False) | Q(ends_on__gte=F("starts_on")),
                name="meeting_series_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"{self.match_id}: {self.get_rule_display()}"


class LeftOut(models.Model):
    """A day of a series on which no meeting was booked, because somebody was not free."""

    series = models.ForeignKey(MeetingSeries, on_delete=models.CASCADE, related_name="left_out")
    day = models.DateField()

    class Meta:
        verbose_name = _("day left out")
        verbose_name_plural = _("days left out")
        ordering = ("day",)
        constraints = (models.UniqueConstraint(fields=("series", "day"), name="left_out_once"),)

    def __str__(self) -> str:
        return f"{self.series_id}: {self.day}"


class SealedPlan(models.Model):
    """Words of a plan, for the people of the match alone: the link, the place, a line beside it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    link = EncryptedTextField(_("video link"))
    place = EncryptedTextField(_("place"))
    note = EncryptedTextField(_("a line beside it"))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.pk)


class MeetingPlan(SealedPlan):
    """Where a planned meeting takes place; ``note`` is why it was moved or cancelled."""

    meeting = models.OneToOneField(Meeting, on_delete=models.CASCADE, related_name="plan")

    class Meta:
        verbose_name = _("plan of a meeting")
        verbose_name_plural = _("plans of meetings")


class ProposalPlan(SealedPlan):
    """What stands beside an offer of times."""

    proposal = models.OneToOneField(MeetingProposal, on_delete=models.CASCADE, related_name="plan")

    class Meta:
        verbose_name = _("plan of an offer")
        verbose_name_plural = _("plans of offers")


class SeriesPlan(SealedPlan):
    """What every meeting of a series is booked with."""

    series = models.OneToOneField(MeetingSeries, on_delete=models.CASCADE, related_name="plan")

    class Meta:
        verbose_name = _("plan of a series")
        verbose_name_plural = _("plans of series")


class MatchRoom(models.Model):
    """The one video room that a match always meets in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    match = models.OneToOneField(Match, on_delete=models.CASCADE, related_name="meeting_room")
    link = EncryptedTextField(_("video link"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    changed_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("video room of a match")
        verbose_name_plural = _("video rooms of matches")

    def __str__(self) -> str:
        return str(self.pk)
