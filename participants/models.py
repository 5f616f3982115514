"""Profiles, enrolments, answers, and imports of people."""

from __future__ import annotations

import uuid

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.jobs import Job
from participants.querysets import EnrolmentQuerySet, ImportRunManager
from programs.models import Cohort, Question

HOURS_A_WEEK = 168


class Skill(models.Model):
    """A word of the organisation's vocabulary of skills."""

    name = models.CharField(_("name"), max_length=80)
    name_key = models.CharField(max_length=120, unique=True, editable=False)

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering = ("name_key",)

    def __str__(self) -> str:
        return self.name


class Profile(models.Model):
    """What a person says about themselves once, across cohorts."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="profile",
        verbose_name=_("person"),
    )
    bio = models.TextField(_("about you"), blank=True)
    function = models.CharField(
        _("function or profession"), max_length=120, blank=True, help_text=_("For example Finance.")
    )
    goal_text = models.TextField(
        _("what you would like to reach"), blank=True, help_text=_("Mentees: your main goal.")
    )
    offer_text = models.TextField(
        _("what you can help with"), blank=True, help_text=_("Mentors: where you have experience.")
    )
    interests = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, verbose_name=_("interests")
    )
    languages = ArrayField(
        models.CharField(max_length=8), default=list, blank=True, verbose_name=_("languages")
    )
    available_hours = ArrayField(
        models.SmallIntegerField(
            validators=(MinValueValidator(0), MaxValueValidator(HOURS_A_WEEK - 1))
        ),
        default=list,
        blank=True,
        verbose_name=_("hours that suit"),
        help_text=_("Hours of the week in the person's own zone: 0 is Monday, midnight to one."),
    )
    mentored_before_count = models.PositiveSmallIntegerField(_("mentees before"), default=0)

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")

    def __str__(self) -> str:
        return str(self.user)


class SkillDirection(models.TextChoices):
    OFFER = "offer", _("Can offer")
    LEARN = "learn", _("Wants to learn")


class ProfileSkill(models.Model):
    """A skill that a person offers or wants to learn, and how much it matters to them."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="skills")
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, related_name="+")
    direction = models.CharField(_("direction"), max_length=6, choices=SkillDirection)
    importance = models.PositiveSmallIntegerField(_("importance"), default=2)

    class Meta:
        verbose_name = _("skill of a person")
        verbose_name_plural = _("skills of a person")
        constraints = (
            models.UniqueConstraint(
                fields=("profile", "skill", "direction"), name="profile_skill_once"
            ),
            models.CheckConstraint(
                condition=Q(importance__gte=1, importance__lte=3), name="skill_importance_1_to_3"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_direction_display()}: {self.skill}"


class MemberRole(models.TextChoices):
    MENTOR = "mentor", _("Mentor")
    MENTEE = "mentee", _("Mentee")


class EnrolmentStatus(models.TextChoices):
    INVITED = "invited", _("Invited")
    APPLIED = "applied", _("Applied")
    ENROLLED = "enrolled", _("Enrolled")
    WAITLISTED = "waitlisted", _("On the waitlist")
    PAUSED = "paused", _("Paused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class EnrolmentSource(models.TextChoices):
    IMPORT = "import", _("Import")
    MANAGER = "manager", _("Added by a manager")
    SIGN_UP = "sign_up", _("Signed up")


class Enrolment(models.Model):
    """A person in a cohort as mentor or mentee (or both, as two enrolments)."""

    cohort = models.ForeignKey(
        Cohort, on_delete=models.PROTECT, related_name="enrolments", verbose_name=_("cohort")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="enrolments",
        verbose_name=_("person"),
    )
    role = models.CharField(_("role"), max_length=6, choices=MemberRole)
    status = models.CharField(
        _("status"), max_length=10, choices=EnrolmentStatus, default=EnrolmentStatus.ENROLLED
    )
    capacity = models.PositiveSmallIntegerField(
        _("capacity"), default=1, help_text=_("How many matches at once. Mentees have one.")
    )
    source = models.CharField(
        max_length=8, choices=EnrolmentSource, default=EnrolmentSource.MANAGER, editable=False
    )
    enrolled_at = models.DateTimeField(_("enrolled"), editable=False)
    status_changed_at = models.DateTimeField(editable=False)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("cohort", "user", "role"),
                name="enrolment_once",
                violation_error_message=_("This person is in the cohort in this role already."),
            ),
            models.CheckConstraint(
                condition=Q(capacity__gte=0, capacity__lte=20),
                name="enrolment_capacity_sensible",
                violation_error_message=_("Capacity is a number from 0 to 20."),
            ),
            models.CheckConstraint(
                condition=~Q(role="mentee") | Q(capacity=1),
                name="enrolment_mentee_has_one",
                violation_error_message=_("A mentee has one match at a time."),
            ),
        )
        indexes = (models.Index(fields=("cohort", "role", "status"), name="enrolment_pool"),)
        triggers = (
            pgtrigger.Trigger(
                name="capacity_holds_matches",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("capacity"),
                condition=pgtrigger.Q(new__capacity__lt=pgtrigger.F("old__capacity")),
                declare=[("open_count", "integer")],
                func="""
                    SELECT count(*) INTO open_count FROM matching_matchmember m
                    WHERE m.enrolment_id = NEW.id AND m.left_at IS NULL;
                    IF open_count > NEW.capacity THEN
                        RAISE EXCEPTION 'capacity_in_use: more open matches than this capacity'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}"


class Answer(models.Model):
    """An answer to one question, in the column that fits its kind."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    text = models.TextField(blank=True)
    number = models.SmallIntegerField(null=True)
    day = models.DateField(null=True)
    choices = ArrayField(models.CharField(max_length=200), default=list)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = (
            models.UniqueConstraint(fields=("enrolment", "question"), name="answer_once"),
        )

    def __str__(self) -> str:
        return f"{self.question_id}"


class ImportStep(models.TextChoices):
    MAP = "map", _("Map columns")
    PREVIEW = "preview", _("Preview")
    APPLY = "apply", _("Import")
    UNDO = "undo", _("Undo")


class ImportRun(Job):
    """One file of people for one cohort and role, from upload to undo."""

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cohort = models.ForeignKey(
        Cohort, on_delete=models.CASCADE, related_name="imports", verbose_name=_("cohort")
    )
    role = models.CharField(_("role"), max_length=6, choices=MemberRole)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("who"),
    )
    step = models.CharField(
        _("step"), max_length=8, choices=ImportStep, default=ImportStep.MAP, editable=False
    )
    file_name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField(editable=False)
    reading = models.JSONField(default=dict, editable=False)
    mapping = models.JSONField(_("mapping"), default=dict, editable=False)
    counts = models.JSONField(_("counts"), default=dict, editable=False)
    applied_at = models.DateTimeField(_("imported"), null=True, editable=False)
    undone_at = models.DateTimeField(_("undone"), null=True, editable=False)

    task_name = "participants.run_import"
    objects = ImportRunManager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.file_name


class RowAction(models.TextChoices):
    CREATE = "create", _("New")
    UPDATE = "update", _("Change")
    UNCHANGED = "unchanged", _("Unchanged")
    PROBLEM = "problem", _("Problem")


class ImportRow(models.Model):
    """What one row of the file will do or did, with what is needed to undo it."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("row"))
    action = models.CharField(_("what happens"), max_length=10, choices=RowAction)
    cells = models.JSONField(default=list)
    values = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    differences = models.JSONField(default=list)
    before = models.JSONField(null=True)
    enrolment_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of an import")
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=("run", "number"), name="import_row_once"),)

    def __str__(self) -> str:
        return f"{self.number}: {self.get_action_display()}"


class ColumnMemory(models.Model):
    """Which field a header meant the last time, so that the next import guesses right."""

    header_key = models.CharField(max_length=200)
    role = models.CharField(max_length=6, choices=MemberRole)
    program = models.ForeignKey("programs.Program", on_delete=models.CASCADE, related_name="+")
    target = models.CharField(max_length=60)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("program", "role", "header_key"), name="column_memory_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.header_key} → {self.target}"
