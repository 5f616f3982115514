"""People in a cohort, and what they answered to its form."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from participants.querysets import EnrolmentQuerySet
from participants.screening_rules import SCREENED
from participants.triggers import (
    EXTERNAL_WHERE_TAKEN,
    LINE_MANAGER_FIRST,
    NOT_FOR_A_MERGED_ACCOUNT,
    PEERS_HAVE_NO_MENTORS,
)
from programs.models import Cohort, Question


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
    DECLINED = "declined", _("Not this time")


# Who takes part: paused people keep their place.
TAKES_PART = (EnrolmentStatus.ENROLLED, EnrolmentStatus.PAUSED)


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
    sign_up_link = models.ForeignKey(
        "participants.SignUpLink",
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="enrolments",
    )
    enrolled_at = models.DateTimeField(_("enrolled"), editable=False)
    status_changed_at = models.DateTimeField(editable=False)
    left_status = models.CharField(
        max_length=10,
        choices=EnrolmentStatus,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text=_("Where somebody was who withdrew by themselves; empty when they cannot undo."),
    )
    accepts_external = models.BooleanField(
        _("a mentor from outside is fine"),
        default=False,
        db_default=False,
        editable=False,
        help_text=_("What a mentee said. Without a yes nobody pairs them with one."),
    )
    pause_from = models.DateField(_("pause from"), null=True, editable=False)
    pause_until = models.DateField(_("pause until"), null=True, editable=False)

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
            models.CheckConstraint(
                condition=Q(pause_from__isnull=True, pause_until__isnull=True)
                | Q(pause_from__isnull=False, pause_until__isnull=True)
                | Q(pause_until__gte=models.F("pause_from")),
                name="enrolment_pause_in_order",
                violation_error_message=_("The pause ends before it begins. Swap the two days."),
            ),
            models.CheckConstraint(
                condition=Q(left_status="") | Q(status="withdrawn"),
                name="enrolment_left_is_withdrawn",
            ),
        )
        indexes = (
            models.Index(fields=("cohort", "role", "status"), name="enrolment_pool"),
            models.Index(
                fields=("pause_from",),
                condition=Q(pause_from__isnull=False),
                name="enrolment_pauses",
            ),
        )
        triggers = (
            LINE_MANAGER_FIRST,
            EXTERNAL_WHERE_TAKEN,
            PEERS_HAVE_NO_MENTORS,
            NOT_FOR_A_MERGED_ACCOUNT,
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
            pgtrigger.Trigger(
                name="screened_on_yes",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("status"),
                condition=pgtrigger.Q(new__status="enrolled")
                & ~pgtrigger.Q(old__status__in=["enrolled", "paused"]),
                func=SCREENED,
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
