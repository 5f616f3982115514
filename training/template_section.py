"""What a template says about training: which delivered modules are required, and what for."""

from __future__ import annotations

from dataclasses import dataclass

from programs.models import Audience, Cohort
from programs.templating import Node, Section
from training.library import ModuleText, all_modules
from training.models import (
    ModulePart,
    ModuleVersion,
    QuizQuestion,
    TrainingModule,
    TrainingRule,
)
from training.services.versions import copy_content


@dataclass(frozen=True)
class TrainingText:
    gates_pairing: bool
    required: frozenset[str]


def read(node: Node) -> TrainingText:
    fields = node.mapping(("gates_pairing", "required"))
    by_role = fields["required"].mapping(("mentor", "mentee"))
    known = {module.key: module for module in all_modules()}
    required = set()
    for role, keys in by_role.items():
        for item in keys.items(least=0):
            key = item.one_of(tuple(known))
            if known[key].audience not in (role, Audience.BOTH):
                raise item.wrong(f"“{key}” is not for {role}s")
            required.add(key)
    return TrainingText(fields["gates_pairing"].flag(), frozenset(required))


def apply(cohort: Cohort, text: TrainingText, language: str) -> None:
    """Give a new cohort the whole delivered library, with what is required of whom."""
    TrainingRule.objects.create(cohort=cohort, gates_pairing=text.gates_pairing)
    phases = list(cohort.phases.all())
    for at, module in enumerate(all_modules()):
        phase = phases[module.phase - 1] if module.phase and module.phase <= len(phases) else None
        row = TrainingModule.objects.create(
            cohort=cohort,
            key=module.key,
            audience=module.audience,
            phase=phase,
            is_required=module.key in text.required,
            refresh_months=module.refresh_months,
            position=at,
        )
        _write_version(row, module, language)


def _write_version(row: TrainingModule, module: ModuleText, language: str) -> None:
    version = ModuleVersion.objects.create(
        module=row,
        title=module.title.in_language(language),
        summary=module.summary.in_language(language),
        minutes=module.minutes,
    )
    ModulePart.objects.bulk_create(
        ModulePart(
            version=version,
            title=page.title.in_language(language),
            text=page.text.in_language(language),
            position=at,
        )
        for at, page in enumerate(module.pages)
    )
    QuizQuestion.objects.bulk_create(
        QuizQuestion(
            version=version,
            text=question.text.in_language(language),
            choices=[choice.in_language(language) for choice in question.choices],
            right=question.right,
            why=question.why.in_language(language),
            position=at,
        )
        for at, question in enumerate(module.quiz)
    )


def copy(source: Cohort, cohort: Cohort) -> None:
    """Give a new cohort the modules in use of an earlier one, each as its first version."""
    rule = TrainingRule.objects.filter(cohort=source).first()
    if rule is not None:
        TrainingRule.objects.create(cohort=cohort, gates_pairing=rule.gates_pairing)
    phases = dict(
        zip(
            source.phases.values_list("pk", flat=True),
            cohort.phases.all(),
            strict=False,
        )
    )
    versions = ModuleVersion.objects.filter(
        module__cohort=source, module__is_withdrawn=False, is_current=True
    ).select_related("module")
    for version in versions.order_by("module__position", "module_id"):
        module = version.module
        own = TrainingModule.objects.create(
            cohort=cohort,
            key=module.key,
            audience=module.audience,
            phase=phases.get(module.phase_id) if module.phase_id else None,
            is_required=module.is_required,
            refresh_months=module.refresh_months,
            position=module.position,
        )
        copy_content(version, ModuleVersion(module=own))


SECTION = Section("training", read, apply, copy)
