"""What people learn: a module stands in a cohort, its words and questions in versions."""

from __future__ import annotations

import pgtrigger
from django.core.validators import FileExtensionValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from programs.models import Audience, Cohort, Phase
from training.querysets import TrainingModuleQuerySet

FILE_KINDS = ("pdf", "png", "jpg", "jpeg", "docx", "pptx", "odt", "odp", "txt", "mp3", "mp4")

# Somebody may be in the middle of it: their place and their answers stay what they were.
BEGUN = """
    IF EXISTS (SELECT 1 FROM training_trainingprogress p WHERE p.version_id = OLD.version_id) THEN
        RAISE EXCEPTION 'module_begun: somebody has begun this version; make a new one'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN {row};
"""


def _kept_once_begun() -> tuple[pgtrigger.Trigger, ...]:
    return tuple(
        pgtrigger.Trigger(
            name=f"kept_on_{name}",
            when=pgtrigger.Before,
            operation=operation,
            func=BEGUN.format(row=row),
        )
        for name, operation, row in (
            ("update", pgtrigger.Update, "NEW"),
            ("delete", pgtrigger.Delete, "OLD"),
        )
    )


class TrainingRule(models.Model):
    """What a cohort asks of its people before they are paired."""

    cohort = models.OneToOneField(
        Cohort, on_delete=models.CASCADE, primary_key=True, related_name="training_rule"
    )
    gates_pairing = models.BooleanField(
        _("pair only who has finished"),
        default=False,
        help_text=_(
            "On: the pairing leaves out whoever has not finished the required modules, by hand as "
            "well. You may excuse single people. Off: it is asked, and nothing depends on it."
        ),
    )

    class Meta:
        verbose_name = _("rule of training")
        verbose_name_plural = _("rules of training")

    def __str__(self) -> str:
        return str(self.cohort_id)


class TrainingModule(models.Model):
    """A module in the library of a cohort: for whom, when, and whether it must be finished."""

    cohort = models.ForeignKey(
        Cohort, on_delete=models.CASCADE, related_name="training_modules", verbose_name=_("cohort")
    )
    key = models.SlugField(
        _("key"), max_length=40, help_text=_("A short name for exports, for example listening.")
    )
    audience = models.CharField(_("for"), max_length=8, choices=Audience, default=Audience.BOTH)
    phase = models.ForeignKey(
        Phase,
        on_delete=models.SET_NULL,
        related_name="training_modules",
        null=True,
        blank=True,
        verbose_name=_("phase"),
        help_text=_("Where it stands in the library. Empty means before the start."),
    )
    is_required = models.BooleanField(
        _("required"),
        default=False,
        help_text=_("Whether it must be finished before pairing, where the cohort says so."),
    )
    refresh_months = models.PositiveSmallIntegerField(
        _("again after"),
        null=True,
        blank=True,
        validators=(MinValueValidator(1), MaxValueValidator(60)),
        help_text=_("Months until it is taken again. Empty means once is enough."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_withdrawn = models.BooleanField(
        _("withdrawn"),
        default=False,
        help_text=_("Out of the library. Who finished it keeps that."),
    )

    objects = TrainingModuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("training module")
        verbose_name_plural = _("training modules")
        ordering = ("cohort", "position", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("cohort", "key"),
                name="module_key_once",
                violation_error_message=_("The cohort has a module with this key already."),
            ),
        )

    def __str__(self) -> str:
        return self.key


class ModuleVersion(models.Model):
    """The words of a module. A version that somebody has begun stays as it is."""

    module = models.ForeignKey(
        TrainingModule, on_delete=models.CASCADE, related_name="versions", verbose_name=_("module")
    )
    number = models.PositiveSmallIntegerField(_("version"), default=1, editable=False)
    is_current = models.BooleanField(_("in use"), default=True, editable=False)
    title = models.CharField(_("title"), max_length=120)
    summary = models.CharField(
        _("in one sentence"), max_length=300, blank=True, help_text=_("Stands in the library.")
    )
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=10, validators=(MinValueValidator(1), MaxValueValidator(240))
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("version of a module")
        verbose_name_plural = _("versions of modules")
        ordering = ("module", "-number")
        constraints = (
            models.UniqueConstraint(fields=("module", "number"), name="module_version_once"),
            models.UniqueConstraint(
                fields=("module",), condition=Q(is_current=True), name="module_one_current"
            ),
        )

    def __str__(self) -> str:
        return f"{self.title}, {gettext('version')} {self.number}"


class PartKind(models.TextChoices):
    TEXT = "text", _("Text")
    LINK = "link", _("Link")
    FILE = "file", _("File")


class ModulePart(models.Model):
    """One page of a module."""

    version = models.ForeignKey(ModuleVersion, on_delete=models.CASCADE, related_name="parts")
    kind = models.CharField(_("kind"), max_length=4, choices=PartKind, default=PartKind.TEXT)
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(
        _("text"),
        blank=True,
        help_text=_("An empty line begins a paragraph; lines that begin with “- ” make a list."),
    )
    url = models.URLField(_("link"), blank=True)
    file = models.FileField(
        _("file"),
        upload_to="training/%Y/%m",
        blank=True,
        validators=(FileExtensionValidator(FILE_KINDS),),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("page of a module")
        verbose_name_plural = _("pages of modules")
        ordering = ("position", "id")
        constraints = (
            models.CheckConstraint(
                condition=~Q(kind="link") | ~Q(url=""),
                name="part_link_has_address",
                violation_error_message=_("Write the address of the link."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="file") | ~Q(file=""),
                name="part_file_is_there",
                violation_error_message=_("Choose the file."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="text") | ~Q(text=""),
                name="part_text_is_there",
                violation_error_message=_("Write the text."),
            ),
        )
        triggers = _kept_once_begun()

    def __str__(self) -> str:
        return self.title


class QuizQuestion(models.Model):
    """A question at the end of a module, with one right answer and why."""

    version = models.ForeignKey(ModuleVersion, on_delete=models.CASCADE, related_name="questions")
    text = models.CharField(_("question"), max_length=300)
    choices = models.JSONField(_("answers"), default=list, help_text=_("One answer a line."))
    right = models.PositiveSmallIntegerField(
        _("right answer"), default=1, help_text=_("The number of its line, counted from 1.")
    )
    why = models.CharField(
        _("why"), max_length=400, blank=True, help_text=_("Shown with the right answer.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("quiz question")
        verbose_name_plural = _("quiz questions")
        ordering = ("position", "id")
        constraints = (
            models.CheckConstraint(condition=Q(right__gte=1), name="quiz_right_answer_counted"),
        )
        triggers = _kept_once_begun()

    def __str__(self) -> str:
        return self.text

    @property
    def right_choice(self) -> str:
        return str(self.choices[self.right - 1]) if self.right <= len(self.choices) else ""
