"""What needs a person: one row for each thing, from the sweep that found it to its outcome."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField
from matching.models import Match, MatchMember
from participants.models import Enrolment
from programs.models import Cohort
from support.querysets import WorkItemQuerySet


class WorkKind(models.TextChoices):
    """What an item is about; in order of urgency."""

    HELP = "help", _("Asked for help")
    LINE = "line", _("One reporting line")
    MISFIT = "misfit", _("Not a good fit")
    LEAVING = "leaving", _("Somebody is leaving")
    EXTERNAL = "external", _("An account from outside ends")
    COVER = "cover", _("Away for long")
    REMATCH = "rematch", _("Waits for a new match")
    STALLED = "stalled", _("Stalled")
    OVERLOAD = "overload", _("Too many at once")
    ASKED_LINE = "asked_line", _("Line manager has not agreed")
    UNMATCHED = "unmatched", _("Without a match")
    OVERDUE = "overdue", _("No answer for long")
    NO_GOALS = "no_goals", _("No goal yet")
    MAIL = "mail", _("Mail does not arrive")


class Outcome(models.TextChoices):
    """How an item ended. Only the sweep settles."""

    TALKED = "talked", _("Talked with them")
    RESTARTED = "restarted", _("They begin again together")
    REMATCHED = "rematched", _("A new match")
    PAUSED = "paused", _("Paused")
    ENDED = "ended", _("Ended well")
    SOLVED = "solved", _("Solved otherwise")
    NOTHING = "nothing", _("Nothing was needed")
    SETTLED = "settled", _("Settled by itself")


class Helped(models.TextChoices):
    """How the match does a fortnight after the item was closed."""

    BETTER = "better", _("Better since then")
    SAME = "same", _("No change yet")
    OVER = "over", _("The match has ended since")


class WorkItem(models.Model):
    """One thing that needs a program manager: about a match, or about somebody enrolled."""

    cohort = models.ForeignKey(
        Cohort, on_delete=models.CASCADE, related_name="work", verbose_name=_("cohort")
    )
    kind = models.CharField(_("what"), max_length=10, choices=WorkKind)
    match = models.ForeignKey(Match, on_delete=models.CASCADE, null=True, related_name="work")
    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.CASCADE, null=True, related_name="work"
    )
    reasons = ArrayField(models.CharField(max_length=40), default=list)
    opened_at = models.DateTimeField(_("since"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who takes care"),
    )
    snoozed_until = models.DateField(_("rests until"), null=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    helped = models.CharField(_("did it help"), max_length=6, choices=Helped, blank=True)

    objects = WorkItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("thing to do")
        verbose_name_plural = _("things to do")
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(match__isnull=False, enrolment__isnull=True)
                | Q(match__isnull=True, enrolment__isnull=False),
                name="work_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", closed_at__isnull=True)
                | ~Q(outcome="") & Q(closed_at__isnull=False),
                name="work_closed_with_an_outcome",
            ),
            models.UniqueConstraint(
                fields=("kind", "match"),
                condition=Q(closed_at__isnull=True, match__isnull=False),
                name="work_once_a_match",
            ),
            models.UniqueConstraint(
                fields=("kind", "enrolment"),
                condition=Q(closed_at__isnull=True, enrolment__isnull=False),
                name="work_once_a_person",
            ),
        )
        indexes = (
            models.Index(
                fields=("cohort", "opened_at"),
                condition=Q(closed_at__isnull=True),
                name="work_open",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.pk})"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class WorkNote(models.Model):
    """What a manager wrote about an item. Managers of the program read it, nobody else."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = EncryptedTextField(_("note"))
    written_at = models.DateTimeField()

    class Meta:
        verbose_name = _("note of a manager")
        verbose_name_plural = _("notes of managers")
        ordering = ("written_at",)

    def __str__(self) -> str:
        return str(self.pk)


class KeptApart(models.Model):
    """Two seats of a match that did not fit, noted once: what managers delete stays deleted."""

    one = models.ForeignKey(MatchMember, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(MatchMember, on_delete=models.CASCADE, related_name="+")
    noted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("two people who did not fit")
        verbose_name_plural = _("people who did not fit")
        constraints = (models.UniqueConstraint(fields=("one", "other"), name="kept_apart_once"),)

    def __str__(self) -> str:
        return f"{self.one_id} – {self.other_id}"
