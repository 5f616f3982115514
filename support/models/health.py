"""How matches do: the rules of a cohort, the state of each match, and when it turned."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from matching.models import Match
from programs.models import Cohort


class Health(models.TextChoices):
    """How a match does; in order of need."""

    ATTENTION = "attention", _("Needs attention")
    WATCH = "watch", _("Watch")
    ON_TRACK = "on_track", _("On track")
    EARLY = "early", _("Too early to tell")
    PAUSED = "paused", _("Paused")


class Effect(models.IntegerChoices):
    """What a signal does to the health of a match."""

    NONE = 0, _("Nothing")
    WATCH = 1, _("Watch")
    ATTENTION = 2, _("Needs attention")


class HealthRule(models.Model):
    """What one signal means in one cohort, where it differs from the default."""

    cohort = models.ForeignKey(
        Cohort, on_delete=models.CASCADE, related_name="health_rules", verbose_name=_("cohort")
    )
    signal = models.CharField(_("signal"), max_length=12)
    effect = models.PositiveSmallIntegerField(_("means"), choices=Effect)
    number = models.DecimalField(
        _("from"),
        max_digits=4,
        decimal_places=1,
        null=True,
        validators=(MinValueValidator(0.5),),
    )

    class Meta:
        verbose_name = _("rule of health")
        verbose_name_plural = _("rules of health")
        constraints = (
            models.UniqueConstraint(fields=("cohort", "signal"), name="health_rule_once"),
            models.CheckConstraint(
                condition=Q(effect__in=Effect.values), name="health_effect_known"
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True) | Q(number__gt=0), name="health_number_positive"
            ),
        )

    def __str__(self) -> str:
        return f"{self.cohort_id}: {self.signal}"


class MatchHealth(models.Model):
    """How a match did when it was judged last; one row a match, written when it changes."""

    match = models.OneToOneField(
        Match, on_delete=models.CASCADE, primary_key=True, related_name="health"
    )
    state = models.CharField(_("health"), max_length=9, choices=Health)
    reasons = ArrayField(models.CharField(max_length=40), default=list)
    since = models.DateTimeField(_("since"))
    judged_at = models.DateTimeField(_("judged"))

    class Meta:
        verbose_name = _("health of a match")
        verbose_name_plural = _("health of matches")

    def __str__(self) -> str:
        return f"{self.match_id}: {self.state}"


class MatchFact(models.Model):
    """What changes slowly about a match, gathered by the sweep for judging. No words, no titles.

    Goals are those that both see. One row a match, written when it changes.
    """

    match = models.OneToOneField(
        Match, on_delete=models.CASCADE, primary_key=True, related_name="fact"
    )
    has_goal = models.BooleanField(default=False)
    had_goal = models.BooleanField(default=False)
    moved_on = models.DateField(null=True)
    is_signed = models.BooleanField(default=False)
    wrote_on = models.DateField(null=True)

    class Meta:
        verbose_name = _("fact about a match")
        verbose_name_plural = _("facts about matches")

    def __str__(self) -> str:
        return str(self.match_id)


class TouchedMatch(models.Model):
    """A match whose facts may have changed since they were gathered last.

    Triggers on goals, their progress, messages, signatures and new matches write a row in the
    change's own transaction, so none is missed; without a key of its match, so that nobody waits.
    """

    match_id = models.BigIntegerField()

    class Meta:
        verbose_name = _("touched match")
        verbose_name_plural = _("touched matches")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.match_id)


class HealthTurn(models.Model):
    """When a match turned to which health, and why."""

    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="health_turns")
    state = models.CharField(_("health"), max_length=9, choices=Health)
    reasons = ArrayField(models.CharField(max_length=40), default=list)
    turned_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("turn of a match")
        verbose_name_plural = _("turns of matches")
        ordering = ("-turned_at", "-id")
        indexes = (models.Index(fields=("match", "-turned_at"), name="turn_by_match"),)

    def __str__(self) -> str:
        return f"{self.match_id}: {self.state}"
