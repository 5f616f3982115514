"""A run's frozen pool, asked about single pairs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from core.errors import DomainError
from matching.engine import Policy, Pool, UnknownId, explain_pairs
from matching.frozen import is_huge, some_people
from matching.frozen_traits import traits_of
from matching.models import PairingRun
from matching.pool import engine_pool, overrides_of
from matching.results import contributions_of
from matching.services.policy import engine_policy, related_in
from participants.models import MemberRole


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

    def __init__(
        self,
        run: PairingRun,
        *,
        policy_snapshot: dict[str, Any] | None = None,
        pool_snapshot: dict[str, Any] | None = None,
    ) -> None:
        self.run = run
        self.policy_snapshot = policy_snapshot or run.policy_snapshot
        self._given = pool_snapshot

    @property
    def _snapshot(self) -> dict[str, Any]:
        """Return the frozen pool; read from the database only when it is asked for."""
        return self.run.pool_snapshot if self._given is None else self._given

    @cached_property
    def policy(self) -> Policy:
        return engine_policy(self.policy_snapshot, related=related_in(self._snapshot))

    @cached_property
    def pool(self) -> Pool:
        return engine_pool({**self._snapshot, "traits": self._traits}, rule_keys=self._keys)

    @cached_property
    def _traits(self) -> dict[str, dict[str, str]]:
        return traits_of(self.run)

    @cached_property
    def _keys(self) -> list[str]:
        return [rule.key for rule in self.policy.rules]

    def pool_with_overrides(self) -> Pool:
        """Return the pool with the exceptions that managers made up to now, for pairs they locked.

        The people stay as they were frozen.
        """
        rows = overrides_of(self.run.cohort)
        opened = {**self._snapshot, "traits": self._traits, "overrides": rows}
        return engine_pool(opened, rule_keys=self._keys)

    def among(self, enrolment_ids: list[int]) -> set[int]:
        """Return those of the mentors who are in the pool."""
        if is_huge(self.run):
            rows = some_people(self.run, enrolment_ids)["people"]
            return {row["id"] for row in rows if row["role"] == MemberRole.MENTOR}
        return set(enrolment_ids) & self.pool.mentors.index.keys()

    def _of_pairs(self, pairs: list[tuple[int, int]]) -> Draft:
        """Return the draft of the people in these pairs.

        Texts without a vector are compared by how rare their words are among all: then everybody is
        needed, and this is the whole draft.
        """
        snapshot = some_people(self.run, {one for pair in pairs for one in pair})
        part = Draft(self.run, policy_snapshot=self.policy_snapshot, pool_snapshot=snapshot)
        compares_texts = any(row["kind"] == "goal_text" for row in self.policy_snapshot["criteria"])
        sides = (
            zip(part.pool.mentees.goal, part.pool.mentees.goal_vector, strict=True),
            zip(part.pool.mentors.about, part.pool.mentors.about_vector, strict=True),
        )
        lacks = any(text.strip() and vector is None for side in sides for text, vector in side)
        return self if compares_texts and lacks else part

    def explain(self, mentee_id: int, mentor_id: int) -> Explained:
        """Return one pair taken apart.

        Raises:
            DomainError: one of them joined after the run began.
        """
        return self.explain_all([(mentee_id, mentor_id)])[0]

    def explain_all(self, pairs: list[tuple[int, int]]) -> list[Explained]:
        """Return pairs taken apart, in the order given. Of a huge pool only their people are read.

        Raises:
            DomainError: somebody joined after the run began.
        """
        draft = self._of_pairs(pairs) if is_huge(self.run) else self
        try:
            found = explain_pairs(draft.pool, draft.policy, pairs)
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
