"""Cohorts of programs, and their phases."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.clock import whole_weeks
from programs.models.line_managers import DISCREET_TELLS_NOBODY, LineManagerRule
from programs.models.programs import Program
from programs.querysets import CohortQuerySet
from programs.triggers import DISCREET_TELLS_NO_LINE_MANAGER, SCREENED_WITH_MINORS


class CohortStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    ENROLLING = "enrolling", _("Enrolling")
    PAIRING = "pairing", _("Pairing")
    ACTIVE = "active", _("Active")
    COMPLETED = "completed", _("Completed")
    ARCHIVED = "archived", _("Archived")


class Cohort(models.Model):
    """One edition of a program: dates, phases, form, pairing policy, rhythm, check-ins."""

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="cohorts", verbose_name=_("program")
    )
    name = models.CharField(_("name"), max_length=120, help_text=_("For example Autumn 2026."))
    status = models.CharField(
        _("status"),
        max_length=12,
        choices=CohortStatus,
        default=CohortStatus.DRAFT,
        editable=False,
    )
    enrolment_opens_on = models.DateField(_("enrolment opens"))
    enrolment_closes_on = models.DateField(_("enrolment closes"))
    starts_on = models.DateField(
        _("starts"), help_text=_("The day when pairs begin to work together.")
    )
    ends_on = models.DateField(_("ends"), help_text=_("Nine months or more serve pairs best."))
    rhythm_days = models.PositiveSmallIntegerField(
        _("days between meetings"),
        default=14,
        help_text=_("What a pair aims at. Check-ins and health follow it."),
    )
    has_check_ins = models.BooleanField(
        _("send check-ins"),
        default=True,
        help_text=_(
            "One short question per rhythm, by mail, answered with one tap. "
            "Skipped when a meeting is logged."
        ),
    )
    has_fit_questions = models.BooleanField(
        _("ask whether matches fit"),
        default=True,
        help_text=_(
            "After the first and the third meeting each person is asked in confidence: a good fit, "
            "still deciding (asked again after 14 days), or not a good fit. You read the answers "
            "with names, the match never does; the form says so."
        ),
    )
    has_pulse = models.BooleanField(
        _("take the pulse"),
        default=True,
        db_default=True,
        help_text=_(
            "Four scales on day 30 of a person's first match and every 60 days after it. You see "
            "averages of five and more people, never a single answer; the form says so."
        ),
    )
    mentor_capacity = models.PositiveSmallIntegerField(
        _("mentees per mentor"),
        default=1,
        help_text=_("For mentors who do not say otherwise. More than 3 is seldom kept up."),
    )
    managers_see_goals = models.BooleanField(
        _("managers may see goals"),
        default=False,
        db_default=False,
        help_text=_(
            "People may then choose, goal by goal, that program managers see its title and "
            "progress. The form says so. Everything else about a goal stays with the match."
        ),
    )
    needs_approval = models.BooleanField(
        _("look at each sign-up first"),
        default=True,
        db_default=True,
        help_text=_("On: you say yes to each person. Off: whoever signs up is in."),
    )
    mentor_places = models.PositiveSmallIntegerField(
        _("places for mentors"), null=True, blank=True, help_text=_("Empty means no limit.")
    )
    mentee_places = models.PositiveSmallIntegerField(
        _("places for mentees"),
        null=True,
        blank=True,
        help_text=_("Empty means no limit. Further people go on a waitlist."),
    )
    offer_days = models.PositiveSmallIntegerField(
        _("days to take an offered place"),
        default=3,
        db_default=3,
        help_text=_("How long a free place is kept for somebody on the waitlist."),
    )
    mentee_line_manager = models.CharField(
        _("the line manager of a mentee"),
        max_length=8,
        choices=LineManagerRule,
        default=LineManagerRule.NOT_TOLD,
        db_default=LineManagerRule.NOT_TOLD,
        help_text=_(
            "Told or asked, they read the dates and how often people meet; never with whom, nor "
            "what about. People read this before they join."
        ),
    )
    mentor_line_manager = models.CharField(
        _("the line manager of a mentor"),
        max_length=8,
        choices=LineManagerRule,
        default=LineManagerRule.NOT_TOLD,
        db_default=LineManagerRule.NOT_TOLD,
        help_text=_("Asked first: nobody is in before the answer, unless you decide otherwise."),
    )
    mentors_among_themselves = models.TextField(
        _("mentors among themselves"),
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "How mentors help each other: a round, a debrief group, when and with whom. "
            "Only mentors of the cohort read it."
        ),
    )
    check_in_reason = models.CharField(
        _("why this rhythm"),
        max_length=400,
        blank=True,
        default="",
        db_default="",
        help_text=_("For those who run the cohort after you."),
    )
    language = models.CharField(
        _("language of its texts"),
        max_length=8,
        blank=True,
        default="",
        db_default="",
        editable=False,
    )
    template = models.CharField(
        max_length=40, blank=True, default="", db_default="", editable=False
    )
    template_version = models.PositiveSmallIntegerField(null=True, editable=False)
    copied_from = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, editable=False, related_name="copies"
    )
    status_changed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = CohortQuerySet.as_manager()

    class Meta:
        verbose_name = _("cohort")
        verbose_name_plural = _("cohorts")
        ordering = ("-starts_on", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("program", "name"),
                name="cohort_name_once",
                violation_error_message=_("This program has a cohort of this name already."),
            ),
            models.CheckConstraint(
                condition=Q(enrolment_closes_on__gte=F("enrolment_opens_on")),
                name="cohort_enrolment_in_order",
                violation_error_message=_("Enrolment closes before it opens. Swap the two days."),
            ),
            models.CheckConstraint(
                condition=Q(starts_on__gte=F("enrolment_opens_on")),
                name="cohort_starts_after_enrolment_opens",
                violation_error_message=_("The cohort starts before enrolment opens."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="cohort_ends_after_start",
                violation_error_message=_("The cohort ends before it starts. Check both days."),
            ),
            models.CheckConstraint(
                condition=Q(rhythm_days__gte=3, rhythm_days__lte=92),
                name="cohort_rhythm_sensible",
                violation_error_message=_("Choose between 3 and 92 days between meetings."),
            ),
            models.CheckConstraint(
                condition=Q(mentor_capacity__gte=1, mentor_capacity__lte=20),
                name="cohort_capacity_sensible",
                violation_error_message=_("A mentor takes between 1 and 20 mentees."),
            ),
            models.CheckConstraint(
                condition=Q(offer_days__gte=1, offer_days__lte=30),
                name="cohort_offer_days_sensible",
                violation_error_message=_("Keep an offered place for 1 to 30 days."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=CohortStatus.values), name="cohort_status_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    mentee_line_manager__in=LineManagerRule.values,
                    mentor_line_manager__in=LineManagerRule.values,
                ),
                name="cohort_line_manager_known",
            ),
        )
        triggers = (DISCREET_TELLS_NO_LINE_MANAGER, SCREENED_WITH_MINORS)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.tells_line_managers and self.program_id and self.program.is_discreet:
            raise ValidationError(DISCREET_TELLS_NOBODY)

    @property
    def tells_line_managers(self) -> bool:
        rules = {self.mentee_line_manager, self.mentor_line_manager}
        return rules != {LineManagerRule.NOT_TOLD}

    @property
    def week_count(self) -> int:
        return whole_weeks(self.starts_on, self.ends_on)

    @property
    def is_over(self) -> bool:
        return self.status in (CohortStatus.COMPLETED, CohortStatus.ARCHIVED)


class Phase(models.Model):
    """A span of a cohort with its purpose, guide and suggested agenda."""

    cohort = models.ForeignKey(
        Cohort, on_delete=models.CASCADE, related_name="phases", verbose_name=_("cohort")
    )
    name = models.CharField(_("name"), max_length=60)
    purpose = models.CharField(_("purpose"), max_length=200, blank=True)
    guide = models.TextField(
        _("guide"), blank=True, help_text=_("What pairs do now. Shown on their home page.")
    )
    agenda = models.TextField(
        _("suggested agenda"), blank=True, help_text=_("One item a line. Offered for meetings.")
    )
    reflection_prompt = models.CharField(
        _("question to think about"),
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "Asked once in this phase. Each person answers for themselves; nobody else reads it."
        ),
    )
    mentor_guide = models.TextField(
        _("for mentors"),
        blank=True,
        default="",
        db_default="",
        help_text=_("What helps a mentor now. Only mentors read it."),
    )
    mentee_guide = models.TextField(
        _("for mentees"),
        blank=True,
        default="",
        db_default="",
        help_text=_("What helps a mentee now. Only mentees read it."),
    )
    starters = models.TextField(
        _("conversation starters"),
        blank=True,
        default="",
        db_default="",
        help_text=_("One question a line, for when a talk needs a beginning."),
    )
    starts_on = models.DateField(_("starts"))
    ends_on = models.DateField(_("ends"))

    class Meta:
        verbose_name = _("phase")
        verbose_name_plural = _("phases")
        ordering = ("starts_on", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="phase_in_order",
                violation_error_message=_("The phase ends before it starts."),
            ),
            models.UniqueConstraint(fields=("cohort", "name"), name="phase_name_once"),
        )

    def __str__(self) -> str:
        return self.name
