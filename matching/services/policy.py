"""The policy of a cohort, and how it becomes the engine's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from matching.engine import Criterion, Policy, Rule
from matching.models import (
    CriterionKind,
    PairingPolicy,
    PolicyCriterion,
    PolicyRule,
    RuleKind,
)
from matching.related import Table
from programs.models import Cohort, Program, ProgramFormat, Question, Visibility

POINTS_A_PERCENT = 10_000
ENGINE_CRITERIA: dict[str, str] = {CriterionKind.FUNCTION: "profession"}
DEFAULT_CRITERIA = (
    (CriterionKind.SKILLS, 35),
    (CriterionKind.GOAL_TEXT, 20),
    (CriterionKind.SHARED_HOURS, 20),
    (CriterionKind.SENIORITY, 15),
    (CriterionKind.INTERESTS, 10),
)
DEFAULT_RULES = (RuleKind.EARLIER_PAIR, RuleKind.DIFFERENT_DEPARTMENT)
# A flash match answers one question soon: who knows, and has time.
FLASH_CRITERIA = (
    (CriterionKind.SKILLS, 55),
    (CriterionKind.SHARED_HOURS, 30),
    (CriterionKind.GOAL_TEXT, 15),
)
FLASH_RULES = (RuleKind.EARLIER_PAIR,)
# In a reverse program those who mentor stand below those whom they mentor.
REVERSE_GAP = {"min": -5, "max": -1}


@transaction.atomic
def ensure_policy(*, cohort: Cohort) -> PairingPolicy:
    """Return the cohort's policy, made with sensible criteria and rules when it has none.

    Effects: at most one policy with its rows; a second caller at the same moment gets the same.
    """
    policy, is_new = PairingPolicy.objects.get_or_create(cohort=cohort)
    if is_new:
        program = cohort.program
        if program.is_of_peers:
            PairingPolicy.objects.filter(pk=policy.pk).update(protects_worst=False)
            policy.protects_worst = False
        criteria, rules = usual_policy(program)
        PolicyCriterion.objects.bulk_create(
            PolicyCriterion(policy=policy, kind=kind, weight=weight, params=params)
            for kind, weight, params in criteria
        )
        PolicyRule.objects.bulk_create(PolicyRule(policy=policy, kind=kind) for kind in rules)
    return policy


def usual_policy(
    program: Program,
) -> tuple[list[tuple[str, int, dict[str, int]]], tuple[str, ...]]:
    """Return the criteria, as kind, weight and parameters, and the rules that suit a format."""
    if program.format == ProgramFormat.FLASH:
        return [(kind, weight, {}) for kind, weight in FLASH_CRITERIA], FLASH_RULES
    is_reverse = program.format == ProgramFormat.REVERSE
    return [
        (kind, weight, REVERSE_GAP if is_reverse and kind == CriterionKind.SENIORITY else {})
        for kind, weight in DEFAULT_CRITERIA
        if not (program.is_of_peers and kind == CriterionKind.SENIORITY)
    ], DEFAULT_RULES


def policy_snapshot(policy: PairingPolicy) -> dict[str, Any]:
    """Return the policy as plain JSON: what a run was computed with."""
    keys = [row.question_key for row in policy.criteria.all() if row.question_key]
    visibility = dict(
        Question.objects.filter(
            form__cohort=policy.cohort_id, form__is_current=True, key__in=keys
        ).values_list("key", "visibility")
    )
    # Peers and circles lift no floor, and spread over nobody.
    is_of_peers = policy.cohort.program.is_of_peers
    is_of_circles = policy.cohort.program.is_of_circles
    return {
        "objective": policy.objective,
        "protects_worst": policy.protects_worst and not (is_of_peers or is_of_circles),
        "minimum_fit": policy.minimum_fit,
        "balance": 0 if is_of_peers or is_of_circles else policy.balance,
        "circle": {
            "mentors": policy.circle_mentors,
            "least": policy.circle_least,
            "most": policy.circle_most,
        },
        "criteria": [
            {
                "kind": row.kind,
                "weight": row.weight,
                "question": row.question_key,
                "visibility": visibility.get(row.question_key, Visibility.PRIVATE)
                if row.question_key
                else "",
                "params": row.params,
            }
            for row in policy.criteria.order_by("-weight", "id")
        ],
        "rules": [
            {"kind": row.kind, "minimum": row.minimum, "maximum": row.maximum}
            for row in policy.rules.order_by("id")
        ],
    }


def engine_policy(
    snapshot: dict[str, Any], *, related: Mapping[str, Table] | None = None
) -> Policy:
    """Return the engine's policy of a snapshot.

    ``related`` names close to one another, by kind of criterion, are those of the frozen pool; a
    table in the policy itself goes before it.
    """
    return Policy(
        criteria=tuple(_criterion(row, related or {}) for row in snapshot["criteria"]),
        rules=tuple(map(_rule, snapshot["rules"])),
        minimum_fit=snapshot["minimum_fit"] * POINTS_A_PERCENT,
        objective=snapshot["objective"],
        balance=snapshot.get("balance", 0),
    )


def related_in(pool_snapshot: Mapping[str, Any]) -> dict[str, Table]:
    """Return which names of a frozen pool are close to one another, by kind of criterion."""
    return {
        CriterionKind.SKILLS: pool_snapshot.get("related_skills") or {},
        CriterionKind.CAREER_PATH: pool_snapshot.get("related_roles") or {},
    }


def _criterion(row: dict[str, Any], related: Mapping[str, Table]) -> Criterion:
    params = dict(row["params"])
    if near := related.get(row["kind"]):
        params.setdefault("related", near)
    if "gaps" in params:
        params["table"] = params.pop("gaps")
    if row["question"]:
        params["trait" if row["kind"] == CriterionKind.TRAIT else "question"] = row["question"]
    return Criterion(ENGINE_CRITERIA.get(row["kind"], row["kind"]), row["weight"], params)


def _rule(row: dict[str, Any]) -> Rule:
    kind = row["kind"]
    if kind == RuleKind.LEVEL_GAP:
        bounds = {"min": row["minimum"], "max": row["maximum"]}
        return Rule(kind, {key: value for key, value in bounds.items() if value is not None})
    if kind == RuleKind.SHARED_HOURS:
        return Rule(kind, {"hours": row["minimum"] or 1})
    if kind == RuleKind.SAME_MANAGER:
        return Rule("reporting_line", {"same_manager": True})
    return Rule(kind)
