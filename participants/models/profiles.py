"""What people say about themselves, and the vocabulary of skills."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

HOURS_A_WEEK = 168
PHOTO_BYTES = 150_000

models.BinaryField.register_lookup(Length)


class Skill(models.Model):
    """A word of the organisation's vocabulary of skills."""

    name = models.CharField(_("name"), max_length=80)
    name_key = models.CharField(max_length=120, unique=True, editable=False)

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering = ("name_key",)
        indexes = (
            GinIndex(fields=("name_key",), opclasses=("gin_trgm_ops",), name="skill_by_part"),
        )

    def __str__(self) -> str:
        return self.name


class Profile(models.Model):
    """What a person says about themselves once, across cohorts."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="profile",
        verbose_name=_("person"),
    )
    bio = models.TextField(_("about you"), blank=True)
    function = models.CharField(
        _("function or profession"), max_length=120, blank=True, help_text=_("For example Finance.")
    )
    career_goal = models.CharField(
        _("role you would like to reach"),
        max_length=120,
        blank=True,
        default="",
        db_default="",
        help_text=_("Mentees: for example Product management."),
    )
    goal_text = models.TextField(
        _("what you would like to reach"), blank=True, help_text=_("Mentees: your main goal.")
    )
    offer_text = models.TextField(
        _("what you can help with"), blank=True, help_text=_("Mentors: where you have experience.")
    )
    interests = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, verbose_name=_("interests")
    )
    languages = ArrayField(
        models.CharField(max_length=8), default=list, blank=True, verbose_name=_("languages")
    )
    language_levels = models.JSONField(
        default=dict, blank=True, null=True, editable=False, verbose_name=_("levels of languages")
    )
    links = ArrayField(
        models.URLField(max_length=200),
        null=True,
        default=list,
        blank=True,
        verbose_name=_("links"),
    )
    available_hours = ArrayField(
        models.SmallIntegerField(
            validators=(MinValueValidator(0), MaxValueValidator(HOURS_A_WEEK - 1))
        ),
        default=list,
        blank=True,
        verbose_name=_("hours that suit"),
        help_text=_("Hours of the week in the person's own zone: 0 is Monday, midnight to one."),
    )
    mentored_before_count = models.PositiveSmallIntegerField(_("mentees before"), default=0)

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")

    def __str__(self) -> str:
        return str(self.user)

    def spoken(self) -> dict[str, str]:
        """Return the languages with their level from A1 to C2, "" where it is not told."""
        levels = self.language_levels or {}
        return {code: levels.get(code, "") for code in self.languages}


class SkillDirection(models.TextChoices):
    OFFER = "offer", _("Can offer")
    LEARN = "learn", _("Wants to learn")


class ProfileSkill(models.Model):
    """A skill that a person offers or wants to learn, and how much it matters to them."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="skills")
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, related_name="+")
    direction = models.CharField(_("direction"), max_length=6, choices=SkillDirection)
    importance = models.PositiveSmallIntegerField(_("importance"), default=2)

    class Meta:
        verbose_name = _("skill of a person")
        verbose_name_plural = _("skills of a person")
        constraints = (
            models.UniqueConstraint(
                fields=("profile", "skill", "direction"), name="profile_skill_once"
            ),
            models.CheckConstraint(
                condition=Q(importance__gte=1, importance__lte=3), name="skill_importance_1_to_3"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_direction_display()}: {self.skill}"


class SkillSuggestion(models.Model):
    """A word that somebody missed in the vocabulary; theirs as soon as it is taken in."""

    profile = models.ForeignKey(
        Profile, on_delete=models.CASCADE, related_name="suggested_skills", verbose_name=_("person")
    )
    name = models.CharField(_("name"), max_length=80)
    name_key = models.CharField(max_length=120, editable=False)
    direction = models.CharField(_("direction"), max_length=6, choices=SkillDirection)
    importance = models.PositiveSmallIntegerField(_("importance"), default=2)
    created_at = models.DateTimeField(_("suggested"), editable=False)

    class Meta:
        verbose_name = _("suggested skill")
        verbose_name_plural = _("suggested skills")
        ordering = ("name_key", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("profile", "name_key", "direction"), name="skill_suggestion_once"
            ),
            models.CheckConstraint(
                condition=Q(importance__gte=1, importance__lte=3),
                name="suggestion_importance_1_to_3",
            ),
        )

    def __str__(self) -> str:
        return self.name


class ProfilePhoto(models.Model):
    """A person's picture: small, re-encoded, without anything that the camera wrote into it."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="photo"
    )
    content = models.BinaryField()
    digest = models.CharField(max_length=64)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(content__length__lte=PHOTO_BYTES), name="photo_is_small"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id}"
