"""Imports of people: the file, its rows, and what headers meant the last time."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.jobs import Job
from participants.models.enrolments import MemberRole
from participants.querysets import ImportRunManager
from programs.models import Cohort


class ImportStep(models.TextChoices):
    MAP = "map", _("Map columns")
    PREVIEW = "preview", _("Preview")
    APPLY = "apply", _("Import")
    UNDO = "undo", _("Undo")


class ImportRun(Job):
    """One file of people for one cohort and role, from upload to undo."""

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cohort = models.ForeignKey(
        Cohort, on_delete=models.CASCADE, related_name="imports", verbose_name=_("cohort")
    )
    role = models.CharField(_("role"), max_length=6, choices=MemberRole)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("who"),
    )
    step = models.CharField(
        _("step"), max_length=8, choices=ImportStep, default=ImportStep.MAP, editable=False
    )
    file_name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField(editable=False)
    reading = models.JSONField(default=dict, editable=False)
    mapping = models.JSONField(_("mapping"), default=dict, editable=False)
    counts = models.JSONField(_("counts"), default=dict, editable=False)
    applied_at = models.DateTimeField(_("imported"), null=True, editable=False)
    undone_at = models.DateTimeField(_("undone"), null=True, editable=False)

    task_name = "participants.run_import"
    objects = ImportRunManager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.file_name


class RowAction(models.TextChoices):
    CREATE = "create", _("New")
    UPDATE = "update", _("Change")
    UNCHANGED = "unchanged", _("Unchanged")
    PROBLEM = "problem", _("Problem")


class ImportRow(models.Model):
    """What one row of the file will do or did, with what is needed to undo it."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("row"))
    action = models.CharField(_("what happens"), max_length=10, choices=RowAction)
    cells = models.JSONField(default=list)
    values = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    differences = models.JSONField(default=list)
    before = models.JSONField(null=True)
    enrolment_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of an import")
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=("run", "number"), name="import_row_once"),)

    def __str__(self) -> str:
        return f"{self.number}: {self.get_action_display()}"


class ColumnMemory(models.Model):
    """Which field a header meant the last time, so that the next import guesses right."""

    header_key = models.CharField(max_length=200)
    role = models.CharField(max_length=6, choices=MemberRole)
    program = models.ForeignKey("programs.Program", on_delete=models.CASCADE, related_name="+")
    target = models.CharField(max_length=60)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("program", "role", "header_key"), name="column_memory_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.header_key} → {self.target}"
