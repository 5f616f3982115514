"""What a template says about screening: what somebody passes before they take part."""

from __future__ import annotations

from dataclasses import dataclass

from programs.models import Audience, Cohort, ScreeningStep, StepKind
from programs.templating import Node, Section, Text

LONGEST_NAME, LONGEST_TEXT = 80, 8_000


@dataclass(frozen=True)
class StepText:
    kind: str
    audience: str
    name: Text
    text: Text
    months: int | None


def read(node: Node) -> tuple[StepText, ...]:
    return tuple(_step(item) for item in node.items(least=0))


def _step(node: Node) -> StepText:
    fields = node.mapping(("kind", "of", "name", "text"), ("months",))
    kind = fields["kind"].one_of(StepKind.values)
    if "months" in fields and kind != StepKind.BACKGROUND:
        raise fields["months"].wrong("is for background checks only")
    return StepText(
        kind=kind,
        audience=fields["of"].one_of(Audience.values),
        name=fields["name"].text(longest=LONGEST_NAME),
        text=fields["text"].text(longest=LONGEST_TEXT),
        months=fields["months"].number(1, 120) if "months" in fields else None,
    )


def apply(cohort: Cohort, steps: tuple[StepText, ...], language: str) -> None:
    """Write the steps of a new cohort's program, which is its first.

    Steps belong to the program: where other cohorts are, or steps of its own, nobody is asked for
    something new by a template.
    """
    program = cohort.program
    if program.screening_steps.exists() or program.cohorts.exclude(pk=cohort.pk).exists():
        return
    ScreeningStep.objects.bulk_create(
        ScreeningStep(
            program=program,
            kind=step.kind,
            audience=step.audience,
            name=step.name.in_language(language),
            text=step.text.in_language(language),
            months=step.months,
            position=place,
        )
        for place, step in enumerate(steps)
    )


def copy(source: Cohort, cohort: Cohort) -> None:
    """Copy nothing: the steps are the program's, and hold for its new cohort already."""


SECTION = Section("screening", read, apply, copy, is_required=False)
