"""Lists from HR: the file, its rows, what HR says about people, and how careful to be."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.jobs import Job
from participants.models import ImportStep
from support.querysets import FeedManager


class FeedKind(models.TextChoices):
    """What a list holds; whoever is missing in a full one has left."""

    FULL = "full", _("Everybody who works here")
    CHANGES = "changes", _("Changes only")


class Feed(Job):
    """One dated list of HR, from upload to undo."""

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("the list holds"), max_length=7, choices=FeedKind)
    dated = models.DateField(_("as of"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who"),
    )
    step = models.CharField(
        _("step"), max_length=8, choices=ImportStep, default=ImportStep.MAP, editable=False
    )
    file_name = models.CharField(_("file"), max_length=200)
    digest = models.CharField(max_length=64, editable=False)
    content = models.BinaryField(editable=False)
    reading = models.JSONField(default=dict, editable=False)
    columns = models.JSONField(default=list, editable=False)
    counts = models.JSONField(_("counts"), default=dict, editable=False)
    plan_digest = models.CharField(max_length=64, blank=True, editable=False)
    is_held = models.BooleanField(_("held"), default=False, editable=False)
    applied_at = models.DateTimeField(_("applied"), null=True, editable=False)
    undone_at = models.DateTimeField(_("undone"), null=True, editable=False)

    task_name = "support.run_feed"
    objects = FeedManager()

    class Meta:
        verbose_name = _("HR list")
        verbose_name_plural = _("HR lists")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | Q(applied_at__isnull=False),
                name="feed_undone_was_applied",
            ),
        )
        indexes = (
            models.Index(
                fields=("-dated",),
                condition=Q(applied_at__isnull=False, undone_at__isnull=True),
                name="feed_applied",
            ),
        )
        triggers = (
            pgtrigger.Trigger(
                name="newer_list_stands",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("applied_at"),
                condition=pgtrigger.Q(new__applied_at__isnull=False, old__applied_at__isnull=True),
                func="""
                    IF EXISTS (SELECT 1 FROM support_feed f
                               WHERE f.applied_at IS NOT NULL AND f.undone_at IS NULL
                                 AND f.dated > NEW.dated) THEN
                        RAISE EXCEPTION 'feed_older: a list of a later day was applied'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        )

    def __str__(self) -> str:
        return self.file_name


class FeedAction(models.TextChoices):
    JOIN = "join", _("New")
    CHANGE = "change", _("Change")
    LEAVE = "leave", _("Leaves")
    AWAY = "away", _("On leave")
    BACK = "back", _("Back")
    UNCHANGED = "unchanged", _("Unchanged")
    PROBLEM = "problem", _("Problem")


class FeedRow(models.Model):
    """What one row does or did, or what it means that somebody has none; forgotten after a month.

    ``changes`` holds [before, after] by part and field, which is what undoing needs.
    """

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("row"), null=True)
    action = models.CharField(_("what happens"), max_length=9, choices=FeedAction)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    name = models.CharField(max_length=254, blank=True)
    cells = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    changes = models.JSONField(default=dict)
    to_tell = models.EmailField(default="", editable=False)
    """The address that is no longer that of the account, until a mail there has said so."""

    class Meta:
        verbose_name = _("row of an HR list")
        verbose_name_plural = _("rows of an HR list")
        ordering = ("number", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("feed", "number"),
                condition=Q(number__isnull=False),
                name="feed_row_once",
            ),
        )
        indexes = (
            models.Index(fields=("feed", "action"), name="feed_row_by_action"),
            models.Index(fields=("id",), condition=~Q(to_tell=""), name="feed_row_to_tell"),
        )

    def __str__(self) -> str:
        return f"{self.number}: {self.action}"


class FeedPerson(models.Model):
    """What HR's lists say about somebody: that they know them, their last day, their leave."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="hr_record",
    )
    first_feed = models.ForeignKey(
        Feed, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )
    gone_on = models.DateField(_("last day"), null=True)
    leave_from = models.DateField(_("away from"), null=True)
    leave_until = models.DateField(_("away until"), null=True)
    pauses = models.JSONField(default=dict, editable=False)
    """By the id of an enrolment, the first and last day of the pause that follows from the leave;
    null where a pause was there already."""

    class Meta:
        verbose_name = _("person whom HR lists name")
        verbose_name_plural = _("people whom HR lists name")
        constraints = (
            models.CheckConstraint(
                condition=Q(leave_from__isnull=False) | Q(leave_until__isnull=True),
                name="hr_leave_has_a_start",
            ),
            models.CheckConstraint(
                condition=Q(leave_until__isnull=True) | Q(leave_until__gte=F("leave_from")),
                name="hr_leave_in_order",
            ),
        )

    def __str__(self) -> str:
        return str(self.user_id)


class FeedColumn(models.Model):
    """What a heading meant the last time, so that the next list of its kind needs no answer."""

    kind = models.CharField(max_length=7, choices=FeedKind)
    header_key = models.CharField(max_length=200)
    target = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("kind", "header_key"), name="feed_column_once"),
        )

    def __str__(self) -> str:
        return f"{self.header_key} → {self.target}"


class FeedSettings(models.Model):
    """How careful lists from HR are taken in. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    hold_percent = models.DecimalField(
        _("hold a list when more than this share would leave, in percent"),
        max_digits=4,
        decimal_places=1,
        default=Decimal("2.0"),
        validators=(MinValueValidator(0), MaxValueValidator(100)),
        help_text=_(
            "Counted are people who take part in a running cohort, they and those who wait to, and "
            "everybody. A list by which more of any of them would leave, or which leaves out more "
            "of the people whom HR knows, changes nothing until somebody has looked at the names "
            "and confirmed: a file that broke off looks just like many people leaving. 0 holds "
            "every list by which anybody leaves, 100 holds none."
        ),
    )
    told = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who is told"),
        help_text=_(
            "Gets a mail when a nightly list is held, fails, has rows with problems, or says "
            "another e-mail for an account in use. Empty: every IT administrator."
        ),
    )

    class Meta:
        verbose_name = _("care with HR lists")
        verbose_name_plural = _("care with HR lists")
        constraints = (
            models.CheckConstraint(condition=Q(id=1), name="feed_settings_once"),
            models.CheckConstraint(
                condition=Q(hold_percent__gte=0, hold_percent__lte=100),
                name="feed_hold_is_a_percentage",
            ),
        )

    def __str__(self) -> str:
        return str(_("Care with HR lists"))

    @classmethod
    def load(cls) -> FeedSettings:
        """Return the row; until somebody has changed it, what is usual."""
        return cls.objects.select_related("told").filter(pk=1).first() or cls()
