"""A policy in words, for every page that shows one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matching.labels import criterion_label, rule_label
from matching.models import Balance, Objective, PairingPolicy
from programs.models import Program
from programs.wording import delivered


@dataclass(frozen=True)
class PolicyView:
    """A policy in words: weights in percent, rules, aim."""

    weights: list[tuple[str, int]]
    rules: list[str]
    reasons: list[tuple[str, str]]
    aim: str
    minimum_fit: int
    protects_worst: bool
    balance: str
    lifts_one_by_one: bool
    circle: dict[str, int] | None

    @classmethod
    def of(cls, snapshot: dict[str, Any], program: Program) -> PolicyView:
        objective = Objective(snapshot["objective"])
        has_pairs = not program.is_of_circles and not program.is_of_peers
        total = sum(row["weight"] for row in snapshot["criteria"]) or 1
        return cls(
            weights=[
                (criterion_label(row), round(100 * row["weight"] / total))
                for row in snapshot["criteria"]
            ],
            rules=[rule_label(row) for row in snapshot["rules"]],
            reasons=[
                (label(row), delivered(row["reason"]))
                for label, rows in (
                    (criterion_label, snapshot["criteria"]),
                    (rule_label, snapshot["rules"]),
                )
                for row in rows
                if row.get("reason")
            ],
            aim=str(objective.label),
            minimum_fit=snapshot["minimum_fit"],
            protects_worst=snapshot["protects_worst"]
            and objective == Objective.COVERAGE
            and has_pairs,
            balance=str(Balance(balance).label)
            if (balance := snapshot.get("balance")) and has_pairs
            else "",
            lifts_one_by_one=objective == Objective.LEXIMIN,
            circle=snapshot["circle"] if program.is_of_circles else None,
        )


def stored_policy(policy: PairingPolicy | None) -> PolicyView | None:
    if policy is None:
        return None
    rows = {
        "criteria": [
            {
                "kind": row.kind,
                "weight": row.weight,
                "question": row.question_key,
                "reason": row.reason,
            }
            for row in policy.criteria.all()
        ],
        "rules": list(policy.rules.values("kind", "minimum", "maximum", "reason")),
        "objective": policy.objective,
        "minimum_fit": policy.minimum_fit,
        "protects_worst": policy.protects_worst,
        "balance": policy.balance,
        "circle": {
            "mentors": policy.circle_mentors,
            "least": policy.circle_least,
            "most": policy.circle_most,
        },
    }
    return PolicyView.of(rows, policy.cohort.program)
