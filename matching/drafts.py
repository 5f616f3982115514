"""A run's frozen pool, asked about single pairs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from core.errors import DomainError
from matching.engine import Policy, Pool, UnknownId, explain_pairs
from matching.models import PairingRun
from matching.pool import engine_pool, overrides_of
from matching.results import contributions_of
from matching.services.policy import engine_policy


@dataclass(frozen=True)
class Explained:
    """One pair of the frozen pool: score, contributions as stored, keys of broken rules."""

    mentee_id: int
    mentor_id: int
    score: int
    contributions: list[dict[str, Any]]
    broken: tuple[str, ...]


class Draft:
    """Answers for the pool as it was when the run began, whatever changed since."""

    def __init__(self, run: PairingRun, *, policy_snapshot: dict[str, Any] | None = None) -> None:
        self.run = run
        self.policy_snapshot = policy_snapshot or run.policy_snapshot

    @cached_property
    def policy(self) -> Policy:
        related_skills = self.run.pool_snapshot.get("related_skills")
        return engine_policy(self.policy_snapshot, related_skills=related_skills)

    @cached_property
    def pool(self) -> Pool:
        return engine_pool(self.run.pool_snapshot, rule_keys=self._keys)

    @cached_property
    def _keys(self) -> list[str]:
        return [rule.key for rule in self.policy.rules]

    def pool_with_overrides(self) -> Pool:
        """Return the pool with the exceptions that managers made up to now, for pairs they locked.

        The people stay as they were frozen.
        """
        rows = overrides_of(self.run.cohort)
        return engine_pool({**self.run.pool_snapshot, "overrides": rows}, rule_keys=self._keys)

    def explain(self, mentee_id: int, mentor_id: int) -> Explained:
        """Return one pair taken apart.

        Raises:
            DomainError: one of them joined after the run began.
        """
        return self.explain_all([(mentee_id, mentor_id)])[0]

    def explain_all(self, pairs: list[tuple[int, int]]) -> list[Explained]:
        try:
            found = explain_pairs(self.pool, self.policy, pairs)
        except UnknownId as error:
            raise DomainError(
                _("One of them joined after this run began. Start a new run."), code="not_in_pool"
            ) from error
        return [
            Explained(
                mentee_id,
                mentor_id,
                explanation.score,
                contributions_of(self.policy_snapshot, explanation),
                explanation.broken,
            )
            for (mentee_id, mentor_id), explanation in zip(pairs, found, strict=True)
        ]
