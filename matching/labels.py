"""What a criterion and a rule of a stored policy are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from matching.models import PairingRun, RuleKind, Scenario
from matching.reasons import SHORT, in_words

LEVELS_OR_HOURS = {RuleKind.LEVEL_GAP, RuleKind.SHARED_HOURS}


def criterion_key(row: Mapping[str, Any]) -> str:
    """Return the name of a criterion within its policy: its kind, and its question if any."""
    return f"{row['kind']}:{row['question']}" if row["question"] else str(row["kind"])


def criterion_label(row: Mapping[str, Any]) -> str:
    if row["question"]:
        return in_words(str(row["question"]))
    return str(SHORT.get(row["kind"], row["kind"]))


def dropped_rules(run: PairingRun, scenario: Scenario) -> list[str]:
    """Return what the rules of a draft are called that a scenario does without."""
    kept = {row["kind"] for row in scenario.policy_snapshot["rules"]}
    rules = run.policy_snapshot["rules"]
    return [rule_label(row) for row in rules if row["kind"] not in kept]


def rule_label(row: Mapping[str, Any]) -> str:
    label = str(RuleKind(row["kind"]).label)
    low, high = row["minimum"], row["maximum"]
    if row["kind"] not in LEVELS_OR_HOURS or (low is None and high is None):
        return label
    if high is None:
        return _("%(rule)s: at least %(low)d") % {"rule": label, "low": low}
    if low is None:
        return _("%(rule)s: at most %(high)d") % {"rule": label, "high": high}
    return _("%(rule)s: %(low)d to %(high)d") % {"rule": label, "low": low, "high": high}
