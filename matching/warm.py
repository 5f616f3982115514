"""Frozen pools that this process has read before: kept ready, so that trying weights is quick."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import TextField
from django.db.models.functions import MD5, Cast

from matching.engine import Policy, Pool
from matching.frozen_traits import traits_of
from matching.models import PairingRun
from matching.pool import engine_overrides, engine_pool
from matching.related import Table
from matching.services.policy import related_in

BYTES_A_PERSON = 8_000
MOST_BYTES = 200_000_000
SECONDS_KEPT = 1_800


@dataclass(frozen=True)
class Frozen:
    """The people of a frozen pool as the engine reads them, without any exception from a rule."""

    pool: Pool
    related: Mapping[str, Table]

    def with_overrides(self, rows: Iterable[Sequence[Any]], policy: Policy) -> Pool:
        """Return the pool with the exceptions that managers made up to now."""
        overrides = engine_overrides(rows, [rule.key for rule in policy.rules])
        return replace(self.pool, overrides=overrides) if overrides else self.pool

    @property
    def size(self) -> int:
        """About how many bytes it takes, what the engine remembers of it included."""
        return BYTES_A_PERSON * (len(self.pool.mentees) + len(self.pool.mentors))


@dataclass
class WarmPools:
    """The pools used last, by what they hold; whoever was erased from one makes it another.

    A pool that nobody asked for in half an hour is dropped with the next question.
    """

    most_bytes: int = MOST_BYTES
    kept: OrderedDict[str, tuple[Frozen, float]] = field(default_factory=OrderedDict)

    def of(self, run: PairingRun) -> Frozen:
        """Return the pool of a run; reads no people from the database where it is warm."""
        key = _hash_of(run)
        self._drop_old()
        frozen = self.kept.pop(key)[0] if key in self.kept else thaw(_opened(run))
        self.kept[key] = frozen, time.monotonic()
        while self.kept and sum(one.size for one, _at in self.kept.values()) > self.most_bytes:
            self.kept.popitem(last=False)
        return frozen

    def _drop_old(self) -> None:
        since = time.monotonic() - SECONDS_KEPT
        for key in [key for key, (_pool, at) in self.kept.items() if at < since]:
            del self.kept[key]


def _hash_of(run: PairingRun) -> str:
    """Return what tells frozen pools apart; the database reads the pool, not this process."""
    pool = MD5(Cast("pool_snapshot", TextField()))
    traits = MD5("frozen_traits__words", output_field=TextField())
    return str(PairingRun.objects.filter(pk=run.pk).values_list(pool, traits).get())


def _opened(run: PairingRun) -> dict[str, Any]:
    return {**run.pool_snapshot, "traits": traits_of(run)}


def thaw(snapshot: dict[str, Any]) -> Frozen:
    return Frozen(engine_pool({**snapshot, "overrides": []}), related_in(snapshot))


WARM = WarmPools()
"""The pools of this process."""
