"""What managers write to the people of a cohort, or to some of them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField
from matching.models import Match
from participants.models import Enrolment
from programs.models import Cohort
from support.querysets import AnnouncementQuerySet


class Segment(models.TextChoices):
    """To whom of a cohort a message goes."""

    ALL = "all", _("Everybody who is in")
    MENTORS = "mentors", _("Mentors")
    MENTEES = "mentees", _("Mentees")
    NOT_MET = "not_met", _("Pairs that have not met yet")
    UNMATCHED = "unmatched", _("Mentees without a match")
    NO_GOALS = "no_goals", _("Pairs without a shared goal")
    PEOPLE = "people", _("The people it is about")
    PARTNERS = "partners", _("Those who are in a match with the person it is about")


# What is about somebody of the queue; not offered in the list of groups.
NAMED = (Segment.PEOPLE, Segment.PARTNERS)


class AnnouncementState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Scheduled")
    SENT = "sent", _("Sent")
    CANCELLED = "cancelled", _("Cancelled")


class CameBack(models.TextChoices):
    """Why what was scheduled did not go out, and is a draft again."""

    OVER = "over", _("The cohort was over when its moment came, so nobody got it.")
    AUTHOR = (
        "author",
        _("Whoever wrote it does not manage this program any more, so nobody got it."),
    )


class Announcement(models.Model):
    """One message: to whom, when, and what became of it. Its words stand in another table."""

    cohort = models.ForeignKey(
        Cohort, on_delete=models.CASCADE, related_name="announcements", verbose_name=_("cohort")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="announcements",
        verbose_name=_("who wrote it"),
    )
    segment = models.CharField(_("to"), max_length=10, choices=Segment)
    department = models.CharField(_("department"), max_length=120, blank=True)
    match = models.ForeignKey(Match, on_delete=models.CASCADE, null=True, related_name="+")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, null=True, related_name="+")
    item = models.ForeignKey(
        "support.WorkItem", on_delete=models.SET_NULL, null=True, related_name="announcements"
    )
    state = models.CharField(
        _("state"), max_length=9, choices=AnnouncementState, default=AnnouncementState.DRAFT
    )
    came_back = models.CharField(
        _("why it did not go out"),
        max_length=8,
        choices=CameBack,
        blank=True,
        default="",
        db_default="",
        editable=False,
    )
    due_at = models.DateTimeField(_("goes out"), null=True)
    sent_at = models.DateTimeField(_("handed over"), null=True)
    audience_count = models.PositiveIntegerField(_("people"), null=True)
    created_at = models.DateTimeField(_("written"), editable=False)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = _("message of a manager")
        verbose_name_plural = _("messages of managers")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(state="scheduled", due_at__isnull=False) | ~Q(state="scheduled"),
                name="announcement_scheduled_has_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False, audience_count__isnull=False)
                | ~Q(state="sent") & Q(sent_at__isnull=True),
                name="announcement_sent_has_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(segment="people", match__isnull=False, enrolment__isnull=True)
                | Q(segment__in=("people", "partners"), match__isnull=True, enrolment__isnull=False)
                | ~Q(segment__in=("people", "partners"))
                & Q(match__isnull=True, enrolment__isnull=True),
                name="announcement_people_are_named",
            ),
        )
        indexes = (
            models.Index(
                fields=("due_at",), condition=Q(state="scheduled"), name="announcement_due"
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_open(self) -> bool:
        return self.state in (AnnouncementState.DRAFT, AnnouncementState.SCHEDULED)


class AnnouncementWords(models.Model):
    """Subject and text as the manager wrote them, merge words included."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    announcement = models.OneToOneField(
        Announcement, on_delete=models.CASCADE, related_name="words"
    )
    subject = EncryptedTextField(_("subject"))
    text = EncryptedTextField(_("text"))
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("words of a message")
        verbose_name_plural = _("words of messages")

    def __str__(self) -> str:
        return str(self.pk)
