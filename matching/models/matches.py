"""Matches, their members, and what people decided about single pairs."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from matching.models.runs import Proposal
from matching.querysets import MatchMemberQuerySet, MatchQuerySet
from matching.triggers import MEMBER_TRIGGERS
from participants.models import Enrolment, MemberRole
from programs.models import Cohort


class MatchStatus(models.TextChoices):
    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")
    ENDED = "ended", _("Ended")


class EndReason(models.TextChoices):
    COMPLETED = "completed", _("The cohort ended")
    GOALS_REACHED = "goals_reached", _("Goals reached")
    NO_TIME = "no_time", _("No time")
    NO_FIT = "no_fit", _("Not the right fit")
    LEFT = "left", _("Somebody left")
    OTHER = "other", _("Other")


class Match(models.Model):
    """People who work together. A pair is a circle of two: see ``MatchMember``."""

    cohort = models.ForeignKey(
        Cohort, on_delete=models.PROTECT, related_name="matches", verbose_name=_("cohort")
    )
    proposal = models.OneToOneField(
        Proposal, on_delete=models.PROTECT, null=True, related_name="match", editable=False
    )
    status = models.CharField(
        _("status"), max_length=8, choices=MatchStatus, default=MatchStatus.ACTIVE
    )
    started_on = models.DateField(_("started"))
    ended_on = models.DateField(_("ended"), null=True, blank=True)
    end_reason = models.CharField(_("why it ended"), max_length=14, choices=EndReason, blank=True)
    score = models.PositiveIntegerField(_("score"), null=True, editable=False)
    contributions = models.JSONField(default=list, editable=False)
    created_at = models.DateTimeField(editable=False)

    objects = MatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        ordering = ("-id",)
        indexes = (models.Index(fields=("cohort", "status"), name="match_by_cohort"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(status="ended", ended_on__isnull=False)
                | (~Q(status="ended") & Q(ended_on__isnull=True)),
                name="match_end_has_a_day",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="match_ends_after_start",
            ),
        )

    def __str__(self) -> str:
        return f"{_('Match')} {self.pk}"


class MatchMember(models.Model):
    """A person in a match. Rules on pairs are kept by triggers on these rows."""

    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="members")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=6, choices=MemberRole)
    joined_at = models.DateTimeField(_("joined"))
    left_at = models.DateTimeField(_("left"), null=True, blank=True)
    # Left a circle that went on: what came after is not theirs to read, also once it has ended.
    left_early = models.BooleanField(default=False, db_default=False, editable=False)

    objects = MatchMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member of a match")
        verbose_name_plural = _("members of a match")
        ordering = ("match_id", "role", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("match", "user"), condition=Q(left_at__isnull=True), name="member_once"
            ),
        )
        indexes = (
            models.Index(fields=("user", "left_at"), name="member_by_user"),
            models.Index(
                fields=("enrolment",), condition=Q(left_at__isnull=True), name="member_open"
            ),
        )
        triggers = MEMBER_TRIGGERS

    def __str__(self) -> str:
        return f"{self.user_id} ({self.role})"


class DoNotPair(models.Model):
    """Two people who shall not be paired again. The database refuses a match of them."""

    low = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("person"),
    )
    high = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("other person"),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("pair to avoid")
        verbose_name_plural = _("pairs to avoid")
        constraints = (
            models.UniqueConstraint(fields=("low", "high"), name="do_not_pair_once"),
            models.CheckConstraint(condition=Q(low__lt=F("high")), name="do_not_pair_in_order"),
        )

    def __str__(self) -> str:
        return f"{self.low_id} – {self.high_id}"


class OverridableRule(models.TextChoices):
    REPORTING_LINE = "reporting_line", _("Reporting line")
    POLICY = "policy", _("A rule of the cohort")


class RuleOverride(models.Model):
    """A manager's decision, with its reason, that lets one pair past one rule."""

    mentor = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    mentee = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    rule = models.CharField(_("rule"), max_length=24, choices=OverridableRule)
    reason = models.TextField(_("reason"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("exception to a rule")
        verbose_name_plural = _("exceptions to rules")
        constraints = (
            models.UniqueConstraint(fields=("mentor", "mentee", "rule"), name="override_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="override_has_a_reason"),
        )

    def __str__(self) -> str:
        return f"{self.mentor_id} – {self.mentee_id}: {self.rule}"
