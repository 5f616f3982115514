"""Events of a cohort: kick-off, training, the mentors' round; who is asked, who comes, who came."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField
from participants.models import Enrolment
from programs.models import Audience, Cohort
from sessions.models.meetings import LONGEST_MINUTES
from sessions.querysets import CohortEventQuerySet, EventGuestQuerySet


class EventKind(models.TextChoices):
    KICK_OFF = "kick_off", _("Kick-off")
    TRAINING = "training", _("Training")
    ROUND = "round", _("Mentors' round")
    GATHERING = "gathering", _("Gathering")
    CLOSING = "closing", _("Closing event")


class CohortEvent(models.Model):
    """An event to which people of a cohort are invited. Its words stand in another table.

    ``sequence`` and ``changed_at`` are what calendars go by; ``minutes`` is how long it lasts.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(_("kind"), max_length=10, choices=EventKind)
    audience = models.CharField(
        _("for"), max_length=6, choices=Audience, default=Audience.BOTH, db_default=Audience.BOTH
    )
    starts_at = models.DateTimeField(_("starts"))
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    sequence = models.PositiveIntegerField(default=0, editable=False)
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    planned_at = models.DateTimeField(editable=False)
    changed_at = models.DateTimeField(editable=False)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, editable=False)

    objects = CohortEventQuerySet.as_manager()
    own_answer: str | None = None  # what the reader answered, where a selector says so

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("starts_at", "id")
        indexes = (
            models.Index(fields=("cohort", "starts_at"), name="event_of_cohort"),
            models.Index(
                fields=("starts_at",), condition=Q(cancelled_at__isnull=True), name="event_coming"
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=LONGEST_MINUTES),
                name="event_minutes_sensible",
            ),
            models.CheckConstraint(
                condition=Q(changed_at__gte=F("planned_at")), name="event_changed_after_planned"
            ),
            models.CheckConstraint(condition=Q(kind__in=EventKind.values), name="event_kind_known"),
            models.CheckConstraint(
                condition=Q(audience__in=Audience.values), name="event_audience_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.starts_at:%Y-%m-%d}"

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None

    def is_over(self, now: datetime) -> bool:
        return self.ends_at <= now

    def is_open(self, now: datetime) -> bool:
        """Tell whether people may still answer, and managers change it."""
        return not self.is_cancelled and not self.is_over(now)


class EventWords(models.Model):
    """What an event is called, where it is, and what its guests should know."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event = models.OneToOneField(CohortEvent, on_delete=models.CASCADE, related_name="words")
    title = EncryptedTextField(_("title"))
    place = EncryptedTextField(_("place"))
    link = EncryptedTextField(_("video link"))
    text = EncryptedTextField(_("what to know"))
    cancel_reason = EncryptedTextField(_("why it is cancelled"))

    class Meta:
        verbose_name = _("words of an event")
        verbose_name_plural = _("words of events")

    def __str__(self) -> str:
        return str(self.event_id)


class EventAnswer(models.TextChoices):
    NONE = "", _("No answer yet")
    YES = "yes", _("Comes")
    NO = "no", _("Cannot come")


class EventGuest(models.Model):
    """Somebody who is invited, by the enrolment that makes them one; once for each event.

    ``attended`` is unknown until a manager says whether they were there.
    """

    event = models.ForeignKey(CohortEvent, on_delete=models.CASCADE, related_name="guests")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="event_invitations"
    )
    answer = models.CharField(
        _("answer"), max_length=3, choices=EventAnswer, blank=True, default="", db_default=""
    )
    answered_at = models.DateTimeField(null=True, editable=False)
    attended = models.BooleanField(_("was there"), null=True)
    invited_at = models.DateTimeField(editable=False)

    objects = EventGuestQuerySet.as_manager()

    class Meta:
        verbose_name = _("guest")
        verbose_name_plural = _("guests")
        ordering = ("event", "id")
        constraints = (
            models.UniqueConstraint(fields=("event", "user"), name="event_guest_once"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True)
                | Q(answer__in=("yes", "no"), answered_at__isnull=False),
                name="event_guest_answered_or_not",
            ),
        )
        triggers = (
            pgtrigger.Trigger(
                name="guest_is_of_the_cohort",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert
                | pgtrigger.UpdateOf("event_id", "enrolment_id", "user_id"),
                func="""
                    IF NOT EXISTS (
                        SELECT FROM participants_enrolment e
                        JOIN meetings_cohortevent v ON v.cohort_id = e.cohort_id
                        WHERE e.id = NEW.enrolment_id AND e.user_id = NEW.user_id
                        AND v.id = NEW.event_id
                    ) THEN
                        RAISE EXCEPTION 'guest_of_the_cohort: only its people are invited'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{self.event_id}: {self.user_id}"
