"""Pairing policy, runs and proposals; matches and their members."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.jobs import Job
from matching.querysets import MatchMemberQuerySet, MatchQuerySet, ProposalQuerySet, RunQuerySet
from matching.triggers import MEMBER_TRIGGERS
from matching.vectors import TextVector as TextVector
from participants.models import Enrolment, MemberRole
from programs.models import Cohort

TOP_SCORE = 1_000_000


class Objective(models.TextChoices):
    COVERAGE = "coverage", _("Most people first, then the best total")
    TOTAL = "total", _("The best total, even if somebody waits")


class PairingPolicy(models.Model):
    """How a cohort is paired: what counts, how much, and what never happens."""

    cohort = models.OneToOneField(
        Cohort, on_delete=models.CASCADE, related_name="policy", verbose_name=_("cohort")
    )
    objective = models.CharField(
        _("aim"), max_length=10, choices=Objective, default=Objective.COVERAGE
    )
    protects_worst = models.BooleanField(
        _("protect the weakest pair"),
        default=True,
        help_text=_("First raise the lowest score as far as possible, then the total."),
    )
    minimum_fit = models.PositiveSmallIntegerField(
        _("minimum fit"),
        default=20,
        validators=(MaxValueValidator(100),),
        help_text=_("Pairs below this score (of 100) are held for a person to decide."),
    )

    class Meta:
        verbose_name = _("pairing policy")
        verbose_name_plural = _("pairing policies")
        constraints = (
            models.CheckConstraint(condition=Q(minimum_fit__lte=100), name="minimum_fit_to_100"),
        )

    def __str__(self) -> str:
        return str(self.cohort)


class CriterionKind(models.TextChoices):
    SKILLS = "skills", _("Skills wanted and offered")
    GOAL_TEXT = "goal_text", _("Goal and experience in their own words")
    INTERESTS = "interests", _("Interests in common")
    SENIORITY = "seniority", _("Seniority gap")
    FUNCTION = "function", _("Same function or profession")
    LOCATION = "location", _("Same location")
    SHARED_HOURS = "shared_hours", _("Hours that suit both")
    LANGUAGE = "language", _("Languages in common")
    EXPERIENCE = "experience", _("Experience as a mentor")
    ANSWER = "answer", _("Answers to a question")


class PolicyCriterion(models.Model):
    """One thing that makes a pair better, with its weight."""

    policy = models.ForeignKey(PairingPolicy, on_delete=models.CASCADE, related_name="criteria")
    kind = models.CharField(_("what counts"), max_length=14, choices=CriterionKind)
    weight = models.PositiveSmallIntegerField(
        _("weight"),
        default=10,
        validators=(MinValueValidator(1), MaxValueValidator(100)),
        help_text=_("1 to 100. Only the proportion between weights matters."),
    )
    question_key = models.CharField(
        _("question"),
        max_length=40,
        blank=True,
        help_text=_("For answers: the key of the question in the enrolment form."),
    )
    params = models.JSONField(
        _("details"),
        default=dict,
        blank=True,
        help_text=_('For example {"enough_hours": 4}, {"gaps": {"1": 0.75, "2": 1}}.'),
    )

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering = ("-weight", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("policy", "kind", "question_key"),
                name="criterion_once",
                violation_error_message=_("This counts already. Change its weight instead."),
            ),
            models.CheckConstraint(
                condition=Q(weight__gte=1, weight__lte=100), name="criterion_weight_1_to_100"
            ),
        )

    def __str__(self) -> str:
        return self.get_kind_display()


class RuleKind(models.TextChoices):
    DIFFERENT_DEPARTMENT = "different_department", _("Different departments")
    SAME_DEPARTMENT = "same_department", _("Same department")
    DIFFERENT_LOCATION = "different_location", _("Different locations")
    SAME_LOCATION = "same_location", _("Same location")
    LEVEL_GAP = "level_gap", _("Mentor is more senior, within a range")
    COMMON_LANGUAGE = "common_language", _("A language in common")
    SHARED_HOURS = "minimum_shared_hours", _("Hours in common")
    EARLIER_PAIR = "earlier_pair", _("Not a pair before")
    SAME_MANAGER = "same_manager", _("Not the same manager")


class PolicyRule(models.Model):
    """A rule that no pair of this cohort breaks. Reporting lines are always respected."""

    policy = models.ForeignKey(PairingPolicy, on_delete=models.CASCADE, related_name="rules")
    kind = models.CharField(_("never break"), max_length=24, choices=RuleKind)
    minimum = models.SmallIntegerField(
        _("at least"), null=True, blank=True, help_text=_("Levels, or hours a week.")
    )
    maximum = models.SmallIntegerField(
        _("at most"), null=True, blank=True, help_text=_("Levels. Empty means no limit.")
    )

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("policy", "kind"),
                name="rule_once",
                violation_error_message=_("This rule is set already."),
            ),
            models.CheckConstraint(
                condition=Q(minimum__isnull=True)
                | Q(maximum__isnull=True)
                | Q(maximum__gte=F("minimum")),
                name="rule_range_in_order",
                violation_error_message=_("The range ends below its start."),
            ),
        )

    def __str__(self) -> str:
        return self.get_kind_display()


class PairingRun(Job):
    """One computation of proposals for a cohort, with its inputs frozen."""

    cohort = models.ForeignKey(
        Cohort, on_delete=models.CASCADE, related_name="runs", verbose_name=_("cohort")
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    seed = models.PositiveIntegerField(default=0, editable=False)
    policy_snapshot = models.JSONField(default=dict, editable=False)
    pool_snapshot = models.JSONField(default=dict, editable=False)
    result = models.JSONField(default=dict, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
    )

    task_name = "matching.run_pairing"
    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("pairing run")
        verbose_name_plural = _("pairing runs")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("cohort",),
                condition=Q(status__in=("queued", "running")),
                name="one_open_run_a_cohort",
            ),
        )

    def __str__(self) -> str:
        return f"{self.cohort}, {self.created_at:%Y-%m-%d %H:%M}"


class ProposalState(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    LOCKED = "locked", _("Locked")
    HELD = "held", _("Held for a decision")
    REJECTED = "rejected", _("Rejected")
    PUBLISHED = "published", _("Published")


class Proposal(models.Model):
    """A suggested mentor and mentee with score and reasons."""

    run = models.ForeignKey(PairingRun, on_delete=models.CASCADE, related_name="proposals")
    mentee = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    mentor = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        _("state"), max_length=10, choices=ProposalState, default=ProposalState.PROPOSED
    )
    score = models.PositiveIntegerField(_("score"))
    contributions = models.JSONField(default=list)
    is_manual = models.BooleanField(_("chosen by hand"), default=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ("score", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("run", "mentee"),
                condition=~Q(state="rejected"),
                name="proposal_one_a_mentee",
            ),
            models.CheckConstraint(
                condition=Q(score__lte=TOP_SCORE), name="proposal_score_to_a_million"
            ),
        )

    def __str__(self) -> str:
        return f"{self.mentee_id} – {self.mentor_id}"


class Unmatched(models.Model):
    """Somebody the run found no mentor or mentee for, and what stood in the way."""

    run = models.ForeignKey(PairingRun, on_delete=models.CASCADE, related_name="unmatched")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=30)
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("unmatched person")
        verbose_name_plural = _("unmatched people")
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("run", "enrolment"), name="unmatched_once"),)

    def __str__(self) -> str:
        return f"{self.enrolment_id}: {self.reason}"


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
