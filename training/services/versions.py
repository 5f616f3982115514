"""Versions of a module."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import DomainError
from training.models import (
    ModulePart,
    ModuleVersion,
    QuizQuestion,
    TrainingModule,
    TrainingProgress,
)

WORDS = ("title", "summary", "minutes")
PART = ("kind", "title", "text", "url", "file", "position")
QUESTION = ("text", "choices", "right", "why", "position")


def copy_content(source: ModuleVersion, target: ModuleVersion) -> ModuleVersion:
    """Save the target with the words, pages and questions of the source, and return it."""
    for name in WORDS:
        setattr(target, name, getattr(source, name))
    target.save()
    ModulePart.objects.bulk_create(
        ModulePart(version=target, **{name: getattr(part, name) for name in PART})
        for part in source.parts.all()
    )
    QuizQuestion.objects.bulk_create(
        QuizQuestion(version=target, **{name: getattr(question, name) for name in QUESTION})
        for question in source.questions.all()
    )
    return target


@transaction.atomic
def draft_version(*, version: ModuleVersion, actor: User | None, now: datetime) -> ModuleVersion:
    """Return the next version as a draft with the same content; one that waits already is taken.

    Nobody but the managers sees it until it is put to use. Effects: at most one version with its
    content and one audit row; locks the module, so that two managers get the same draft.
    """
    module = TrainingModule.objects.select_for_update(no_key=True).get(pk=version.module_id)
    newest = module.versions.order_by("-number").first() or version
    if not newest.is_current:
        return newest
    draft = copy_content(
        version, ModuleVersion(module=module, number=newest.number + 1, is_current=False)
    )
    _record("training.drafted", module, actor, now, {"version": draft.number})
    return draft


@transaction.atomic
def use_version(
    *, version: ModuleVersion, asks_again: bool, actor: User | None, now: datetime
) -> ModuleVersion:
    """Put a draft to use. Who is in the middle of the earlier version finishes that one.

    With ``asks_again`` everybody who has finished is asked to take the new one.

    Raises:
        DomainError: it is in use already, or has no page.
    Effects: two versions, progress rows, one audit row; locks the module.
    """
    module = TrainingModule.objects.select_for_update(no_key=True).get(pk=version.module_id)
    version.refresh_from_db()
    if version.is_current:
        raise DomainError(_("This version is in use already."), code="version_in_use")
    if not version.parts.exists():
        raise DomainError(_("Write at least one page first."), code="version_empty")
    module.versions.filter(is_current=True).update(is_current=False)
    version.is_current = True
    version.save(update_fields=["is_current"])
    if asks_again:
        TrainingProgress.objects.filter(module=module, completed_at__isnull=False).update(
            pages_read=0, completed_at=None, expires_on=None, excused_by=None
        )
    detail = {"version": version.number, "asks_again": asks_again}
    _record("training.version_used", module, actor, now, detail)
    return version


def _record(
    action: str, module: TrainingModule, actor: User | None, now: datetime, detail: dict[str, Any]
) -> None:
    record(
        actor=actor,
        action=action,
        about=module,
        now=now,
        program_id=module.cohort.program_id,
        detail=detail,
    )
