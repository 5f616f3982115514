"""How a cohort is paired: what counts, how much, and what never happens."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from programs.models import Cohort


class Objective(models.TextChoices):
    COVERAGE = "coverage", _("Most people first, then the best total")
    TOTAL = "total", _("The best total, even if somebody waits")
    LEXIMIN = "leximin", _("Most people first, then the fairest: lift the weakest pairs one by one")


AIM_HELP = _(
    "The fairest aim lifts the weakest pair as far as possible, then the second weakest, and so "
    "on: no pair could be better without a weaker one being worse. The average is a little lower. "
    "It works for up to 2,000 mentees and 2,000 seats."
)


class Balance(models.IntegerChoices):
    """What each further mentee of a mentor costs more than the one before, in points."""

    NONE = 0, _("No: only the fit counts")
    GENTLE = 10_000, _("Gently: one point of fit for each further mentee")
    STRONG = 50_000, _("Strongly: five points of fit for each further mentee")


CIRCLES_AIM = _("Circles are formed for most people or for the best total. Choose one of these.")
PEERS_AIM = _("Peers are paired for most people or for the best total. Choose one of these.")


def aim_refusal(cohort: Cohort, objective: str) -> str:
    """Return why people of this cohort cannot be paired for an aim; empty where they can."""
    if objective == Objective.LEXIMIN and cohort.program.is_of_peers:
        return str(PEERS_AIM)
    if objective == Objective.LEXIMIN and cohort.program.is_of_circles:
        return str(CIRCLES_AIM)
    return ""


class PairingPolicy(models.Model):
    """How a cohort is paired: what counts, how much, and what never happens."""

    cohort = models.OneToOneField(
        Cohort, on_delete=models.CASCADE, related_name="policy", verbose_name=_("cohort")
    )
    objective = models.CharField(
        _("aim"),
        max_length=10,
        choices=Objective,
        default=Objective.COVERAGE,
        help_text=AIM_HELP,
    )
    protects_worst = models.BooleanField(
        _("protect the weakest pair"),
        default=True,
        help_text=_(
            "First raise the lowest score as far as possible, then the total. Counts where most "
            "people come first; the fairest aim does it anyway."
        ),
    )
    minimum_fit = models.PositiveSmallIntegerField(
        _("minimum fit"),
        default=20,
        validators=(MaxValueValidator(100),),
        help_text=_("Pairs below this score (of 100) are held for a person to decide."),
    )

    balance = models.PositiveIntegerField(
        _("spread mentees over mentors"),
        choices=Balance,
        default=Balance.NONE,
        help_text=_(
            "Where mentors take several mentees: whether a mentor who still has none goes first."
        ),
    )

    circle_mentors = models.PositiveSmallIntegerField(
        _("mentors of a circle"),
        default=1,
        db_default=1,
        validators=(MinValueValidator(1), MaxValueValidator(3)),
        help_text=_("In programs of circles: one to three."),
    )
    circle_least = models.PositiveSmallIntegerField(
        _("mentees of a circle, at least"),
        default=3,
        db_default=3,
        validators=(MinValueValidator(3), MaxValueValidator(8)),
        help_text=_("In programs of circles: with fewer there is none, and they wait."),
    )
    circle_most = models.PositiveSmallIntegerField(
        _("mentees of a circle, at most"),
        default=6,
        db_default=6,
        validators=(MinValueValidator(3), MaxValueValidator(8)),
        help_text=_("In programs of circles: up to eight."),
    )

    class Meta:
        verbose_name = _("pairing policy")
        verbose_name_plural = _("pairing policies")
        constraints = (
            models.CheckConstraint(condition=Q(minimum_fit__lte=100), name="minimum_fit_to_100"),
            models.CheckConstraint(
                condition=Q(balance__in=Balance.values), name="balance_of_the_list"
            ),
            models.CheckConstraint(
                condition=Q(circle_mentors__gte=1, circle_mentors__lte=3),
                name="circle_one_to_three_mentors",
                violation_error_message=_("A circle has one to three mentors."),
            ),
            models.CheckConstraint(
                condition=Q(circle_least__gte=3, circle_least__lte=F("circle_most"))
                & Q(circle_most__lte=8),
                name="circle_three_to_eight_mentees",
                violation_error_message=_(
                    "A circle has three to eight mentees, and at most as many as you say."
                ),
            ),
        )

    def __str__(self) -> str:
        return str(self.cohort)

    def clean(self) -> None:
        super().clean()
        if self.cohort_id and (refusal := aim_refusal(self.cohort, self.objective)):
            raise ValidationError({"objective": refusal})


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
    CAREER_PATH = "career_path", _("Mentor works where the mentee wants to go")
    PREFERENCE = "preference", _("Wishes of the two")
    ANSWER = "answer", _("Answers to a question")
    TRAIT = "trait", _("A trait by consent")


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
        help_text=_(
            "For answers: the key of the question in the enrolment form. For a trait: its key."
        ),
    )
    params = models.JSONField(
        _("details"),
        default=dict,
        blank=True,
        help_text=_('For example {"enough_hours": 4}, {"gaps": {"1": 0.75, "2": 1}}.'),
    )
    reason = models.CharField(
        _("why it weighs this much"),
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text=_("For those who look at the policy later. It changes nothing in the pairing."),
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
    reason = models.CharField(
        _("why this rule"), max_length=300, blank=True, default="", db_default=""
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
