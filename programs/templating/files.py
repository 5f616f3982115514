"""The template files and what they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from programs.models import (
    AgendaKind,
    AgreementPart,
    Audience,
    ExpectationKind,
    Measure,
    ProgramFormat,
    QuestionKind,
    Visibility,
)
from programs.templating.nodes import Node, TemplateError, Text
from programs.templating.sections import sections

FOLDER = Path(__file__).parent.parent / "templates_data"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
OTHER_KINDS = tuple(kind.value for kind in AgendaKind if kind != AgendaKind.TALK)


@dataclass(frozen=True)
class PhaseText:
    name: Text
    weeks: int
    purpose: Text
    guide: Text
    mentor_guide: Text
    mentee_guide: Text
    agenda: tuple[Text, ...]
    starters: tuple[Text, ...]
    reflection: Text


@dataclass(frozen=True)
class AskedText:
    """A question of the enrolment form."""

    key: str
    label: Text
    help: Text | None
    kind: str
    choices: tuple[Text, ...]
    is_required: bool
    audience: str
    visibility: str


@dataclass(frozen=True)
class ExpectedText:
    """A question about working together, asked after the usual ones."""

    key: str
    title: Text
    label: Text
    kind: str
    choices: tuple[Text, ...]
    part: str


@dataclass(frozen=True)
class ObjectiveText:
    text: Text
    measure: str
    target: int


@dataclass(frozen=True)
class AgendaText:
    """An agenda for one kind of meeting; ``phase`` counts from 0, None is every phase."""

    kind: str
    phase: int | None
    lines: tuple[Text, ...]


@dataclass(frozen=True)
class ClosingText:
    text: Text
    audience: str


@dataclass(frozen=True)
class Template:
    """One file, whole and checked."""

    key: str
    version: int
    name: Text
    summary: Text
    suits: Text
    icon: str
    format: str
    is_discreet: bool
    opens_weeks_before: int
    closes_weeks_before: int
    rhythm_days: int
    has_check_ins: bool
    has_fit_questions: bool
    check_in_reason: Text
    mentor_capacity: int
    managers_see_goals: bool
    program_objectives: Text
    objectives: tuple[ObjectiveText, ...]
    phases: tuple[PhaseText, ...]
    agendas: tuple[AgendaText, ...]
    questions: tuple[AskedText, ...]
    agreement: Mapping[str, Text]
    closing: tuple[ClosingText, ...]
    mentors_among_themselves: Text
    expectations: tuple[ExpectedText, ...]
    parts: Mapping[str, Any]

    @property
    def week_count(self) -> int:
        return sum(phase.weeks for phase in self.phases)

    def first_start(self, today: date) -> date:
        """Return the first Monday on which pairs can begin when enrolment opens today."""
        earliest = today + timedelta(weeks=self.opens_weeks_before)
        return earliest + timedelta(days=-earliest.weekday() % 7)


FIELDS = (
    "key",
    "version",
    "name",
    "summary",
    "suits",
    "icon",
    "format",
    "enrolment",
    "rhythm",
    "goals_seen_by_managers",
    "program_objectives",
    "objectives",
    "phases",
    "agendas",
    "questions",
    "agreement",
    "closing",
    "mentors_among_themselves",
)


@cache
def all_templates() -> tuple[Template, ...]:
    """Return every template, as the files are named.

    Raises:
        TemplateError: one of them is not as it must be.
    """
    return tuple(read_file(path) for path in sorted(FOLDER.glob("*.yaml")))


def find_template(key: str) -> Template | None:
    return next((one for one in all_templates() if one.key == key), None)


def load(path: Path) -> Node:
    """Return the content of a YAML file.

    Raises:
        TemplateError: it is not YAML.
    """
    try:
        return Node(yaml.load(path.read_text("utf-8"), Loader=LOADER), path.name)  # noqa: S506
    except yaml.YAMLError as error:
        raise TemplateError(f"{path.name}: is not YAML: {error}") from error


def read_file(path: Path) -> Template:
    """Read and check one template.

    Raises:
        TemplateError: naming the file, the field and what is wrong with it.
    """
    return read_template(load(path))


def read_template(node: Node) -> Template:
    owned = sections()
    fields = node.mapping(
        (*FIELDS, *(part.name for part in owned if part.is_required)),
        ("discreet", "expectations", *(part.name for part in owned if not part.is_required)),
    )
    enrolment = fields["enrolment"].mapping(("opens_weeks_before", "closes_weeks_before"))
    rhythm = fields["rhythm"].mapping(
        ("days", "check_ins", "fit_questions", "mentor_capacity", "reason")
    )
    phases = tuple(_phase(item) for item in fields["phases"].items(least=3))
    return Template(
        key=fields["key"].word(longest=40),
        version=fields["version"].number(1, 999),
        name=fields["name"].text(longest=80),
        summary=fields["summary"].text(longest=300),
        suits=fields["suits"].text(longest=300),
        icon=fields["icon"].word(longest=30),
        format=fields["format"].one_of(ProgramFormat.values),
        is_discreet="discreet" in fields and fields["discreet"].flag(),
        opens_weeks_before=enrolment["opens_weeks_before"].number(1, 52),
        closes_weeks_before=enrolment["closes_weeks_before"].number(0, 51),
        rhythm_days=rhythm["days"].number(3, 92),
        has_check_ins=rhythm["check_ins"].flag(),
        has_fit_questions=rhythm["fit_questions"].flag(),
        check_in_reason=rhythm["reason"].text(longest=400),
        mentor_capacity=rhythm["mentor_capacity"].number(1, 20),
        managers_see_goals=fields["goals_seen_by_managers"].flag(),
        program_objectives=fields["program_objectives"].text(),
        objectives=tuple(_objective(item) for item in fields["objectives"].items(least=3)),
        phases=phases,
        agendas=_agendas(fields["agendas"], len(phases)),
        questions=_questions(fields["questions"]),
        agreement=_agreement(fields["agreement"]),
        closing=tuple(_closing(item) for item in fields["closing"].items(least=3)),
        mentors_among_themselves=fields["mentors_among_themselves"].text(),
        expectations=tuple(_expected(item) for item in fields["expectations"].items())
        if "expectations" in fields
        else (),
        parts={part.name: part.read(fields[part.name]) for part in owned if part.name in fields},
    )


def _phase(node: Node) -> PhaseText:
    fields = node.mapping(
        (
            "name",
            "weeks",
            "purpose",
            "guide",
            "mentor_guide",
            "mentee_guide",
            "agenda",
            "starters",
            "reflection",
        )
    )
    return PhaseText(
        name=fields["name"].text(longest=60),
        weeks=fields["weeks"].number(1, 60),
        purpose=fields["purpose"].text(longest=200),
        guide=fields["guide"].text(),
        mentor_guide=fields["mentor_guide"].text(),
        mentee_guide=fields["mentee_guide"].text(),
        agenda=fields["agenda"].texts(least=3),
        starters=fields["starters"].texts(least=3),
        reflection=fields["reflection"].text(longest=300),
    )


def _objective(node: Node) -> ObjectiveText:
    fields = node.mapping(("text", "measure", "target"))
    return ObjectiveText(
        text=fields["text"].text(longest=200),
        measure=fields["measure"].one_of(Measure.values),
        target=fields["target"].number(1, 1000),
    )


def _agendas(node: Node, phase_count: int) -> tuple[AgendaText, ...]:
    """Return the agendas; each kind but talks, which go by phase, has one for every phase."""
    found = []
    for item in node.items():
        fields = item.mapping(("kind", "lines"), ("phase",))
        phase = fields["phase"].number(1, phase_count) - 1 if "phase" in fields else None
        kind = fields["kind"].one_of(OTHER_KINDS)
        found.append(AgendaText(kind, phase, fields["lines"].texts(least=3)))
    for kind in OTHER_KINDS:
        if not any(agenda.kind == kind and agenda.phase is None for agenda in found):
            raise node.wrong(f"“{kind}” has no agenda for every phase")
    return tuple(found)


def _questions(node: Node) -> tuple[AskedText, ...]:
    found: list[AskedText] = []
    for item in node.items(least=3):
        question = _question(item)
        if any(other.key == question.key for other in found):
            raise item.wrong(f"the key “{question.key}” stands here twice")
        found.append(question)
    return tuple(found)


def _question(node: Node) -> AskedText:
    fields = node.mapping(
        ("key", "label", "kind", "audience", "visibility"), ("help", "choices", "required")
    )
    kind = fields["kind"].one_of(QuestionKind.values)
    choices = fields["choices"].texts(least=2, longest=200) if "choices" in fields else ()
    if bool(choices) != (kind in (QuestionKind.CHOICE, QuestionKind.CHOICES)):
        raise node.wrong("choices stand with questions of choice, and only there")
    return AskedText(
        key=fields["key"].word(longest=40),
        label=fields["label"].text(longest=200),
        help=fields["help"].text(longest=200) if "help" in fields else None,
        kind=kind,
        choices=choices,
        is_required="required" in fields and fields["required"].flag(),
        audience=fields["audience"].one_of(Audience.values),
        visibility=fields["visibility"].one_of(Visibility.values),
    )


def _expected(node: Node) -> ExpectedText:
    fields = node.mapping(("key", "title", "label", "kind", "part"), ("choices",))
    kind = fields["kind"].one_of(ExpectationKind.values)
    choices = fields["choices"].texts(least=2, longest=200) if "choices" in fields else ()
    if bool(choices) == (kind == ExpectationKind.TEXT):
        raise node.wrong("choices stand with questions of choice, and only there")
    return ExpectedText(
        key=fields["key"].word(longest=40),
        title=fields["title"].text(longest=60),
        label=fields["label"].text(longest=200),
        kind=kind,
        choices=choices,
        part=fields["part"].one_of(AgreementPart.values),
    )


def _agreement(node: Node) -> dict[str, Text]:
    fields = node.mapping(AgreementPart.values)
    return {part: fields[part].text() for part in AgreementPart.values}


def _closing(node: Node) -> ClosingText:
    fields = node.mapping(("text", "for"))
    return ClosingText(fields["text"].text(longest=300), fields["for"].one_of(Audience.values))
