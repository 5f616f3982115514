"""Questions about working together that the people of a match compare before they agree.

They come in versions, as enrolment forms do: what was answered never changes under its answers.
"""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

FROZEN = """
    IF EXISTS (SELECT 1 FROM matching_expectationsheet s WHERE s.form_id = OLD.form_id) THEN
        RAISE EXCEPTION 'expectation_answered: an answered question cannot be changed; make a new version'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN {row};
"""  # noqa: E501 (the text of a trigger in the database)


class AgreementPart(models.TextChoices):
    """The parts of an agreement, in their order."""

    RHYTHM = "rhythm", _("How we meet")
    BOUNDARIES = "boundaries", _("What we expect, and what not")
    CONFIDENTIALITY = "confidentiality", _("What stays between us")
    GOALS = "goals", _("What we work towards")
    ENDING = "ending", _("How we end")


class ExpectationKind(models.TextChoices):
    CHOICE = "choice", _("One choice")
    CHOICES = "choices", _("Several choices")
    TEXT = "text", _("Text")


class ExpectationForm(models.Model):
    """One version of a cohort's questions about working together."""

    cohort = models.ForeignKey(
        "programs.Cohort",
        on_delete=models.CASCADE,
        related_name="expectation_forms",
        verbose_name=_("cohort"),
    )
    version = models.PositiveSmallIntegerField(_("version"), default=1, editable=False)
    is_current = models.BooleanField(_("in use"), default=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("expectations")
        verbose_name_plural = _("expectations")
        ordering = ("cohort", "-version")
        constraints = (
            models.UniqueConstraint(fields=("cohort", "version"), name="expectations_version_once"),
            models.UniqueConstraint(
                fields=("cohort",), condition=Q(is_current=True), name="expectations_one_current"
            ),
        )

    def __str__(self) -> str:
        return f"{self.cohort}, {gettext('version')} {self.version}"


class ExpectationQuestion(models.Model):
    """What each member answers alone, until all have; then the answers stand side by side."""

    form = models.ForeignKey(
        ExpectationForm, on_delete=models.CASCADE, related_name="questions", verbose_name=_("form")
    )
    key = models.SlugField(_("key"), max_length=40)
    title = models.CharField(
        _("short name"), max_length=60, help_text=_("Stands before the answer in the agreement.")
    )
    label = models.CharField(_("question"), max_length=200)
    kind = models.CharField(
        _("kind"), max_length=10, choices=ExpectationKind, default=ExpectationKind.CHOICE
    )
    choices = models.JSONField(
        _("choices"), default=list, blank=True, help_text=_("One choice a line.")
    )
    part = models.CharField(
        _("part of the agreement"),
        max_length=16,
        choices=AgreementPart,
        help_text=_("Where the answers are drafted into."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("expectation question")
        verbose_name_plural = _("expectation questions")
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("form", "key"),
                name="expectation_key_once",
                violation_error_message=_("The form has a question with this key already."),
            ),
        )
        triggers = (
            pgtrigger.Trigger(
                name="frozen_on_update",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=FROZEN.format(row="NEW"),
            ),
            pgtrigger.Trigger(
                name="frozen_on_delete",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func=FROZEN.format(row="OLD"),
            ),
        )

    def __str__(self) -> str:
        return self.label
