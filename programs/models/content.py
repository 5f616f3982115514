"""What a cohort gives its people to read, and what it wants to have reached at its end."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField
from programs.models.cohorts import Cohort, Phase
from programs.models.expectations import AgreementPart
from programs.models.forms import Audience

MOST_LESSONS = 3


class Measure(models.TextChoices):
    """How an objective is measured. All but the last come from the cohort's own figures."""

    PAIRED = "paired", _("Of the mentees, how many were matched (percent)")
    FIRST_MEETING = "first_meeting", _("Of the matches, how many met within ten days (percent)")
    MEETINGS = "meetings", _("Meetings of a match, on average")
    STAYED = "stayed", _("Of the matches, how many went on to the end (percent)")
    GOALS = "goals", _("Of the shared goals, how many were reached (percent)")
    OWN = "own", _("A figure that you enter yourselves")


class Objective(models.Model):
    """Something that should be different afterwards, how it shows, and how much is enough."""

    cohort = models.ForeignKey(
        Cohort, on_delete=models.CASCADE, related_name="objectives", verbose_name=_("cohort")
    )
    text = models.CharField(
        _("what should be different"),
        max_length=200,
        help_text=_("Participants read this on the page about the cohort."),
    )
    measure = models.CharField(
        _("how it shows"),
        max_length=14,
        choices=Measure,
        help_text=_("Most figures are counted for you; the report sets them beside the target."),
    )
    target = models.PositiveSmallIntegerField(
        _("enough is"), validators=(MaxValueValidator(1000),), help_text=_("Percent, or a number.")
    )
    own_result = models.PositiveSmallIntegerField(
        _("your figure"),
        null=True,
        blank=True,
        help_text=_("Only for figures that you enter yourselves."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("objective")
        verbose_name_plural = _("objectives")
        ordering = ("position", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(measure__in=Measure.values), name="objective_measure_known"
            ),
            models.CheckConstraint(
                condition=Q(own_result__isnull=True) | Q(measure="own"),
                name="objective_own_result",
                violation_error_message=_("This figure is counted for you. Empty “your figure”."),
            ),
        )

    def __str__(self) -> str:
        return self.text


class AgendaKind(models.TextChoices):
    """The kinds of meeting an agenda is for; the same values as those of meetings."""

    TALK = "talk", _("Talk")
    SHADOWING = "shadowing", _("Shadowing")
    REVIEW = "review", _("Review of work")
    PRACTICE = "practice", _("Practice")
    EVENT = "event", _("Event")


class MeetingAgenda(models.Model):
    """A suggested agenda for one kind of meeting, in one phase or in all of them."""

    cohort = models.ForeignKey(
        Cohort, on_delete=models.CASCADE, related_name="agendas", verbose_name=_("cohort")
    )
    kind = models.CharField(_("for"), max_length=10, choices=AgendaKind)
    phase = models.ForeignKey(
        Phase,
        on_delete=models.CASCADE,
        related_name="agendas",
        null=True,
        blank=True,
        verbose_name=_("phase"),
        help_text=_("Empty means every phase that has none of its own."),
    )
    lines = models.TextField(
        _("agenda"), help_text=_("One item a line. Offered when such a meeting is planned.")
    )

    class Meta:
        verbose_name = _("agenda of a kind of meeting")
        verbose_name_plural = _("agendas of kinds of meetings")
        ordering = ("kind", "phase_id")
        constraints = (
            models.UniqueConstraint(
                fields=("cohort", "kind", "phase"),
                name="agenda_once",
                nulls_distinct=False,
                violation_error_message=_("There is an agenda for this kind and phase already."),
            ),
        )

    def __str__(self) -> str:
        return self.get_kind_display()


class AgreementClause(models.Model):
    """What every agreement of the cohort starts with, part by part. People may change it."""

    cohort = models.ForeignKey(
        Cohort, on_delete=models.CASCADE, related_name="agreement_clauses", verbose_name=_("cohort")
    )
    part = models.CharField(_("part"), max_length=16, choices=AgreementPart)
    text = models.TextField(
        _("text"),
        help_text=_(
            "Stands in the draft after what the two have answered. They may change or remove it; "
            "an agreement that is signed stays as it is."
        ),
    )

    class Meta:
        verbose_name = _("clause of the agreement")
        verbose_name_plural = _("clauses of the agreement")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("cohort", "part"),
                name="clause_part_once",
                violation_error_message=_("This part has a text already."),
            ),
        )

    def __str__(self) -> str:
        return self.get_part_display()


class ClosingQuestion(models.Model):
    """A question for the last meetings: offered as their agenda, and to think about alone."""

    cohort = models.ForeignKey(
        Cohort, on_delete=models.CASCADE, related_name="closing_questions", verbose_name=_("cohort")
    )
    text = models.CharField(_("question"), max_length=300)
    audience = models.CharField(_("for"), max_length=8, choices=Audience, default=Audience.BOTH)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("closing question")
        verbose_name_plural = _("closing questions")
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.text


class Lesson(models.Model):
    """One of three things a cohort's managers would tell those who run the next one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="lessons")
    position = models.PositiveSmallIntegerField(
        validators=(MinValueValidator(1), MaxValueValidator(MOST_LESSONS))
    )
    text = EncryptedTextField(_("lesson"))
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    written_at = models.DateTimeField()

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=("cohort", "position"), name="lesson_position_once"),
            models.CheckConstraint(
                condition=Q(position__gte=1, position__lte=MOST_LESSONS),
                name="lesson_one_of_three",
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)
