"""Reads of health: one match for its manager, and what the rules of a cohort say today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from accounts.models import User
from matching.models import Match
from programs.models import Cohort
from support.health import Judged, judge_matches
from support.judging import floor_days
from support.models import Effect, HealthRule, HealthTurn
from support.signals import SIGNALS, Reason, Signal, reasons_of

TURNS_SHOWN = 12


@dataclass(frozen=True)
class Turn:
    """When a match turned, to what and why."""

    state: str
    label: str
    reasons: Sequence[Reason]
    turned_at: datetime


@dataclass(frozen=True)
class RuleLine:
    """One signal of a cohort: what it means, and how many matches show it today."""

    signal: Signal
    effect: Effect
    number: Decimal | None
    named_count: int

    @property
    def is_default(self) -> bool:
        return (self.effect, self.number) == (self.signal.effect, self.signal.number)


def health_of(match: Match, *, today: date) -> Judged | None:
    """Return how one active match does today; nothing for paused and ended ones. One query."""
    if match.status != "active":
        return None
    return next(iter(judge_matches(match.cohort, today=today, only=match.pk)), None)


def turns_of(match: Match) -> list[Turn]:
    """Return the latest turns of a match, newest first, as they were told then. One query."""
    rows = HealthTurn.objects.filter(match=match)[:TURNS_SHOWN]
    return [
        Turn(
            state=row.state,
            label=row.get_state_display(),
            reasons=reasons_of(row.reasons, today=row.turned_at.date()),
            turned_at=row.turned_at,
        )
        for row in rows
    ]


def rule_lines(cohort: Cohort, *, today: date, without: User) -> list[RuleLine]:
    """Return every signal with its rule in this cohort. Two queries.

    Counted are the matches that the reader is not in.
    """
    rules = {rule.signal: rule for rule in HealthRule.objects.filter(cohort=cohort)}
    named = Counter(
        entry.partition("=")[0]
        for match in judge_matches(cohort, today=today, without=without)
        for entry in match.reasons
    )
    lines = []
    for name, signal in SIGNALS.items():
        rule = rules.get(name)
        effect = Effect(rule.effect) if rule else signal.effect
        number = rule.number if rule and rule.number is not None else signal.number
        lines.append(RuleLine(signal, effect, number, named[name]))
    return lines


def meant_days(line: RuleLine, cohort: Cohort) -> int | None:
    """Return the days that a number of rhythms stands for in this cohort."""
    if line.number is None or line.signal.least_days is None:
        return None
    return floor_days(cohort.rhythm_days, line.number, least=line.signal.least_days)
