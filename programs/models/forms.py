"""Versioned enrolment forms: what a cohort asks of those who join."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from programs.models.cohorts import Cohort


class EnrolmentForm(models.Model):
    """One version of a cohort's questions. What was answered never changes under its answers."""

    cohort = models.ForeignKey(
        Cohort, on_delete=models.CASCADE, related_name="forms", verbose_name=_("cohort")
    )
    version = models.PositiveSmallIntegerField(_("version"), default=1, editable=False)
    is_current = models.BooleanField(_("in use"), default=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("enrolment form")
        verbose_name_plural = _("enrolment forms")
        ordering = ("cohort", "-version")
        constraints = (
            models.UniqueConstraint(fields=("cohort", "version"), name="form_version_once"),
            models.UniqueConstraint(
                fields=("cohort",), condition=Q(is_current=True), name="form_one_current"
            ),
        )

    def __str__(self) -> str:
        return f"{self.cohort}, version {self.version}"


class QuestionKind(models.TextChoices):
    TEXT = "text", _("Text")
    CHOICE = "choice", _("One choice")
    CHOICES = "choices", _("Several choices")
    SCALE = "scale", _("Scale from 1 to 5")
    DATE = "date", _("Date")


class Audience(models.TextChoices):
    MENTOR = "mentor", _("Mentors")
    MENTEE = "mentee", _("Mentees")
    BOTH = "both", _("Both")


class Visibility(models.TextChoices):
    PRIVATE = "private", _("Only the person, and the pairing")
    MANAGER = "manager", _("The person and the program managers")
    PARTNER = "partner", _("The person, the program managers and the match")


FROZEN_QUESTION = """
    IF EXISTS (SELECT 1 FROM participants_answer a WHERE a.question_id = OLD.id) THEN
        RAISE EXCEPTION 'question_answered: an answered question cannot be changed; make a new version'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN {row};
"""  # noqa: E501 (the text of a trigger in the database)


class Question(models.Model):
    """A question of an enrolment form. Once answered it is frozen; an edit makes a new version."""

    form = models.ForeignKey(
        EnrolmentForm, on_delete=models.CASCADE, related_name="questions", verbose_name=_("form")
    )
    key = models.SlugField(
        _("key"),
        max_length=40,
        help_text=_("A short name for imports, exports and pairing, for example main-goal."),
    )
    label = models.CharField(_("question"), max_length=200)
    help_text = models.CharField(_("help"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=QuestionKind)
    choices = models.JSONField(
        _("choices"), default=list, blank=True, help_text=_("One choice a line.")
    )
    is_required = models.BooleanField(_("required"), default=False)
    audience = models.CharField(
        _("asked of"), max_length=8, choices=Audience, default=Audience.BOTH
    )
    visibility = models.CharField(
        _("who sees the answer"), max_length=10, choices=Visibility, default=Visibility.MANAGER
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("form", "key"),
                name="question_key_once",
                violation_error_message=_("The form has a question with this key already."),
            ),
        )
        triggers = (
            pgtrigger.Trigger(
                name="frozen_on_update",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=FROZEN_QUESTION.format(row="NEW"),
            ),
            pgtrigger.Trigger(
                name="frozen_on_delete",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func=FROZEN_QUESTION.format(row="OLD"),
            ),
        )

    def __str__(self) -> str:
        return self.label
