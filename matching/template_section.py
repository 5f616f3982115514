"""The pairing policy in a template: what counts, how much, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matching.models import (
    Balance,
    CriterionKind,
    Objective,
    PairingPolicy,
    PairingTrait,
    PolicyCriterion,
    PolicyRule,
    RuleKind,
)
from programs.models import Cohort
from programs.services.copying import copy_rows
from programs.templating import Node, Section, Text

BALANCES = {"none": Balance.NONE, "gentle": Balance.GENTLE, "strong": Balance.STRONG}
POLICY_FIELDS = ("objective", "protects_worst", "minimum_fit", "balance")


@dataclass(frozen=True)
class CriterionText:
    kind: str
    weight: int
    question: str
    params: dict[str, Any]
    reason: Text


@dataclass(frozen=True)
class RuleText:
    kind: str
    minimum: int | None
    maximum: int | None
    reason: Text


@dataclass(frozen=True)
class TraitText:
    key: str
    label: Text
    help: Text | None
    choices: tuple[Text, ...]


@dataclass(frozen=True)
class PolicyText:
    objective: str
    protects_worst: bool
    minimum_fit: int
    balance: int
    criteria: tuple[CriterionText, ...]
    rules: tuple[RuleText, ...]
    traits: tuple[TraitText, ...]


def read(node: Node) -> PolicyText:
    fields = node.mapping((*POLICY_FIELDS, "criteria", "rules"), ("traits",))
    traits = tuple(map(_trait, fields["traits"].items())) if "traits" in fields else ()
    criteria = tuple(_criterion(item) for item in fields["criteria"].items(least=2))
    named = {one.question for one in criteria if one.kind == CriterionKind.TRAIT}
    if named != {trait.key for trait in traits}:
        raise node.wrong("each trait counts, and each that counts is described")
    return PolicyText(
        objective=fields["objective"].one_of(Objective.values),
        protects_worst=fields["protects_worst"].flag(),
        minimum_fit=fields["minimum_fit"].number(0, 100),
        balance=BALANCES[fields["balance"].one_of(tuple(BALANCES))],
        criteria=criteria,
        rules=tuple(_rule(item) for item in fields["rules"].items()),
        traits=traits,
    )


def _trait(node: Node) -> TraitText:
    fields = node.mapping(("key", "label", "choices"), ("help",))
    return TraitText(
        key=fields["key"].word(longest=40),
        label=fields["label"].text(longest=200),
        help=fields["help"].text(longest=200) if "help" in fields else None,
        choices=fields["choices"].texts(least=2, longest=200),
    )


def _criterion(node: Node) -> CriterionText:
    fields = node.mapping(("kind", "weight", "reason"), ("question", "params"))
    kind = fields["kind"].one_of(CriterionKind.values)
    if (kind in (CriterionKind.ANSWER, CriterionKind.TRAIT)) != ("question" in fields):
        raise node.wrong("a question stands with “answer” and “trait”, and only there")
    params = fields["params"].value if "params" in fields else {}
    _check_params(fields.get("params", node), kind, params)
    return CriterionText(
        kind=kind,
        weight=fields["weight"].number(1, 100),
        question=fields["question"].word(longest=40) if "question" in fields else "",
        params=params,
        reason=fields["reason"].text(longest=300),
    )


def _check_params(node: Node, kind: str, params: Any) -> None:
    from matching.admin_forms import problem_with_params  # imports forms, which need the apps

    if problem := problem_with_params(kind, params):
        raise node.wrong(problem)


def _rule(node: Node) -> RuleText:
    fields = node.mapping(("kind", "reason"), ("minimum", "maximum"))
    numbers = {
        name: fields[name].number(-20, 168) if name in fields else None
        for name in ("minimum", "maximum")
    }
    return RuleText(
        kind=fields["kind"].one_of(RuleKind.values),
        reason=fields["reason"].text(longest=300),
        **numbers,
    )


def apply(cohort: Cohort, text: PolicyText, language: str) -> None:
    """Write the policy of a new cohort."""
    policy = PairingPolicy.objects.create(
        cohort=cohort, **{name: getattr(text, name) for name in POLICY_FIELDS}
    )
    PolicyCriterion.objects.bulk_create(
        PolicyCriterion(
            policy=policy,
            kind=one.kind,
            weight=one.weight,
            question_key=one.question,
            params=one.params,
            reason=one.reason.in_language(language),
        )
        for one in text.criteria
    )
    PairingTrait.objects.bulk_create(
        PairingTrait(
            policy=policy,
            key=one.key,
            label=one.label.in_language(language),
            help_text=one.help.in_language(language) if one.help else "",
            choices=[choice.in_language(language) for choice in one.choices],
        )
        for one in text.traits
    )
    PolicyRule.objects.bulk_create(
        PolicyRule(
            policy=policy,
            kind=one.kind,
            minimum=one.minimum,
            maximum=one.maximum,
            reason=one.reason.in_language(language),
        )
        for one in text.rules
    )


def copy(source: Cohort, cohort: Cohort) -> None:
    """Give a new cohort the policy of an earlier one; rejections and locks stay with its runs."""
    policy = PairingPolicy.objects.filter(cohort=source).first()
    if policy is None:
        return
    (own,) = copy_rows(PairingPolicy.objects.filter(pk=policy.pk), cohort=cohort)
    copy_rows(policy.criteria.all(), policy=own)
    copy_rows(policy.rules.all(), policy=own)
    copy_rows(policy.traits.all(), policy=own)


SECTION = Section("pairing", read, apply, copy)
