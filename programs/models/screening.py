"""What somebody has to pass before they take part: a reference, a code of conduct, a check."""

from __future__ import annotations

import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from programs.models.cohorts import CohortStatus
from programs.models.forms import Audience
from programs.models.programs import Program


class StepKind(models.TextChoices):
    """The kinds of screening step. A program with minors has the first three for mentors."""

    REFERENCE = "reference", _("Reference")
    CODE = "code", _("Code of conduct")
    BACKGROUND = "background", _("Background check")
    OTHER = "other", _("Something else")


NEEDED_WITH_MINORS = (StepKind.REFERENCE, StepKind.CODE, StepKind.BACKGROUND)
OPEN_COHORTS = (CohortStatus.ENROLLING, CohortStatus.PAIRING, CohortStatus.ACTIVE)

# Asked at the end of the transaction, so that two steps may be exchanged in one save.
KEPT_WITH_MINORS = """
    IF EXISTS (
        SELECT 1 FROM programs_program p JOIN programs_cohort c ON c.program_id = p.id
        WHERE p.id = OLD.program_id AND p.has_minors
          AND c.status IN ('enrolling', 'pairing', 'active')
    ) AND (
        SELECT count(DISTINCT s.kind) FROM programs_screeningstep s
        WHERE s.program_id = OLD.program_id AND s.is_asked AND s.audience IN ('mentor', 'both')
          AND s.kind IN ('reference', 'code', 'background')
    ) < 3 THEN
        RAISE EXCEPTION 'step_for_minors: a cohort with minors is open and needs this step'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
"""


class ScreeningStep(models.Model):
    """One step of a program. Only whether it is passed is kept, never a document."""

    program = models.ForeignKey(
        Program,
        on_delete=models.CASCADE,
        related_name="screening_steps",
        verbose_name=_("program"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=StepKind)
    audience = models.CharField(
        _("asked of"), max_length=8, choices=Audience, default=Audience.MENTOR
    )
    name = models.CharField(
        _("name"), max_length=80, help_text=_("For example “Criminal record check”.")
    )
    text = models.TextField(
        _("words for the person"),
        max_length=8000,
        help_text=_(
            "What they have to do, and why. For a code of conduct: the code itself; when you "
            "change it, everybody is asked again."
        ),
    )
    months = models.PositiveSmallIntegerField(
        _("holds for months"),
        null=True,
        blank=True,
        validators=(MinValueValidator(1), MaxValueValidator(120)),
        help_text=_("Background checks only: then it is asked again. Empty means for good."),
    )
    is_asked = models.BooleanField(
        _("in use"),
        default=True,
        help_text=_("Off: nobody is asked any more; what was noted stays."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    edition = models.PositiveIntegerField(default=1, editable=False)
    edition_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("screening step")
        verbose_name_plural = _("screening steps")
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("program", "name"),
                name="screening_name_once",
                violation_error_message=_("The program has a step of this name already."),
            ),
            models.CheckConstraint(
                condition=Q(months__isnull=True)
                | Q(kind=StepKind.BACKGROUND, months__gte=1, months__lte=120),
                name="screening_months_of_a_check",
                violation_error_message=_("Only a background check holds for some months."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=StepKind.values), name="screening_kind_known"
            ),
        )
        triggers = (
            pgtrigger.Trigger(
                name="new_words_new_edition",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("text"),
                func="""
                    IF NEW.kind = 'code' AND NEW.text IS DISTINCT FROM OLD.text THEN
                        NEW.edition := OLD.edition + 1;
                        NEW.edition_at := now();
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="kept_with_minors",
                when=pgtrigger.After,
                operation=pgtrigger.Update | pgtrigger.Delete,
                timing=pgtrigger.Deferred,
                func=KEPT_WITH_MINORS,
            ),
        )

    def __str__(self) -> str:
        return self.name
