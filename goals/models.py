"""Goals of the people of a match. ``Goal`` holds facts; words stand sealed in other tables."""

from __future__ import annotations

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField
from goals.querysets import GoalQuerySet, Kept
from matching.models import Match
from participants.models import MemberRole
from programs.models import Phase, Program


class GoalVisibility(models.TextChoices):
    ME = "me", _("Only me")
    US = "us", _("Everybody in my match")
    MANAGER = "manager", _("Everybody in my match; title and progress also the program managers")


SHARED = (GoalVisibility.US, GoalVisibility.MANAGER)


class GoalStatus(models.TextChoices):
    OPEN = "open", _("Open")
    REACHED = "reached", _("Reached")
    ARCHIVED = "archived", _("Put aside")


class Goal(models.Model):
    """What one person of a match works towards: whose, who sees it, and how far it is."""

    match = models.ForeignKey(
        Match, on_delete=models.PROTECT, related_name="goals", verbose_name=_("match")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="goals",
        verbose_name=_("whose"),
    )
    visibility = models.CharField(_("who sees it"), max_length=8, choices=GoalVisibility)
    status = models.CharField(
        _("status"), max_length=8, choices=GoalStatus, default=GoalStatus.OPEN
    )
    progress = models.PositiveSmallIntegerField(_("progress"), default=0)
    current = models.OneToOneField(
        "goals.GoalVersion",
        on_delete=models.RESTRICT,
        null=True,
        related_name="+",
        verbose_name=_("version in force"),
    )
    target_version = models.PositiveSmallIntegerField(
        default=1, help_text=_("The version that last changed the target: what people confirm.")
    )
    created_at = models.DateTimeField(_("set"), editable=False)
    reached_at = models.DateTimeField(_("reached"), null=True, editable=False)

    objects = GoalQuerySet.as_manager()

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("match", "status"), name="goal_by_match"),
            models.Index(fields=("owner", "status"), name="goal_by_owner"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(progress__gte=0, progress__lte=100),
                name="goal_progress_0_to_100",
                violation_error_message=_("Progress goes from 0 to 100."),
            ),
            models.CheckConstraint(
                condition=Q(visibility__in=GoalVisibility.values), name="goal_visibility_known"
            ),
            models.CheckConstraint(
                condition=Q(status="reached", reached_at__isnull=False)
                | Q(status__in=("open", "archived")),
                name="goal_reached_has_a_moment",
            ),
        )
        triggers = (
            pgtrigger.Trigger(
                name="owner_is_a_member",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("owner_id", "match_id"),
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM matching_matchmember m
                        WHERE m.match_id = NEW.match_id AND m.user_id = NEW.owner_id
                    ) THEN
                        RAISE EXCEPTION 'goal_owner: a goal belongs to somebody of the match'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{_('Goal')} {self.pk}"

    @property
    def is_shared(self) -> bool:
        return self.visibility in SHARED

    @property
    def is_open(self) -> bool:
        return self.status == GoalStatus.OPEN


class GoalVersion(models.Model):
    """A goal as it was worded at one time. Never changed afterwards; the newest is in force.

    ``visibility`` is the goal's at that time: what was private then stays private.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    visibility = models.CharField(max_length=8, choices=GoalVisibility)
    title = EncryptedTextField(_("goal"))
    why = EncryptedTextField(_("why it matters"))
    measure = EncryptedTextField(_("how one will know"))
    starting_point = EncryptedTextField(_("starting point"))
    target = EncryptedTextField(_("target"))
    unit = EncryptedTextField(_("unit"))
    start_number = models.DecimalField(
        _("from"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    target_number = models.DecimalField(
        _("to"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    target_on = models.DateField(_("by"), null=True, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    written_at = models.DateTimeField()

    class Meta:
        verbose_name = _("version of a goal")
        verbose_name_plural = _("versions of a goal")
        ordering = ("goal", "-number")
        constraints = (
            models.UniqueConstraint(fields=("goal", "number"), name="goal_version_once"),
            models.CheckConstraint(
                condition=Q(start_number__isnull=True, target_number__isnull=True)
                | (
                    Q(start_number__isnull=False, target_number__isnull=False)
                    & ~Q(start_number=F("target_number"))
                ),
                name="goal_numbers_differ",
                violation_error_message=_("The target differs from where you start."),
            ),
        )
        triggers = (pgtrigger.Protect(name="keep_versions", operation=pgtrigger.Update),)

    def __str__(self) -> str:
        return f"{self.goal_id}, {self.number}"

    @property
    def has_numbers(self) -> bool:
        return self.target_number is not None


class GoalConfirmation(models.Model):
    """Somebody of the match finds a shared goal realistic, as this version has it."""

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="confirmations")
    version = models.PositiveSmallIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("confirmation of a goal")
        verbose_name_plural = _("confirmations of a goal")
        constraints = (
            models.UniqueConstraint(
                fields=("goal", "version", "user"), name="goal_confirmation_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.goal_id}, {self.version}: {self.user_id}"


class Milestone(models.Model):
    """A step on the way to a goal."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="milestones")
    text = EncryptedTextField(_("step"))
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    due_on = models.DateField(_("by"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    removed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(editable=False)

    objects = Kept.as_manager()

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ("position", "created_at")
        indexes = (models.Index(fields=("goal", "position"), name="milestone_by_goal"),)

    def __str__(self) -> str:
        return str(self.pk)


class ProgressUpdate(models.Model):
    """How far a goal was on one day, and what its owner says about it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="updates")
    day = models.DateField(_("day"))
    value = models.DecimalField(_("value"), max_digits=12, decimal_places=2, null=True, blank=True)
    progress = models.PositiveSmallIntegerField(_("progress"))
    note = EncryptedTextField(_("note"))
    is_private = models.BooleanField(
        default=True, help_text=_("Written while the goal was private; the note stays so.")
    )
    removed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(editable=False)

    objects = Kept.as_manager()

    class Meta:
        verbose_name = _("progress of a goal")
        verbose_name_plural = _("progress of goals")
        ordering = ("day", "created_at")
        indexes = (models.Index(fields=("goal", "day"), name="progress_by_goal"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(progress__gte=0, progress__lte=100), name="update_progress_0_to_100"
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)


class GoalReview(models.Model):
    """Somebody has looked at their goals when a phase began."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="+")
    reviewed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("review of goals")
        verbose_name_plural = _("reviews of goals")
        constraints = (models.UniqueConstraint(fields=("user", "phase"), name="goal_review_once"),)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.phase_id}"


class GoalSuggestion(models.Model):
    """A goal that a program offers its people to start from."""

    program = models.ForeignKey(
        Program,
        on_delete=models.CASCADE,
        related_name="goal_suggestions",
        verbose_name=_("program"),
    )
    audience = models.CharField(_("offered to"), max_length=6, choices=MemberRole)
    title = models.CharField(_("goal"), max_length=120)
    why = models.CharField(_("why it matters"), max_length=300, blank=True)
    measure = models.CharField(
        _("how one will know"),
        max_length=300,
        blank=True,
        help_text=_("Something that others could see, too."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("suggested goal")
        verbose_name_plural = _("suggested goals")
        ordering = ("program", "audience", "position", "id")

    def __str__(self) -> str:
        return self.title
